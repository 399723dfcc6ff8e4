package hybrid

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/coder/websocket"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// WebSockets reaches tunnel services as everybody does: by WebSockets over TLS, at
// the names that the domains stand for. The zero value reaches the real ones. Its
// fields must not be changed after the first use.
type WebSockets struct {
	// TLS is how services prove themselves; nil trusts the system's roots.
	TLS *tls.Config

	// Address returns where a host really listens, as "host:port", or "" for the
	// host itself at port 443. The name, and so the certificate, stays that of
	// the domain. nil is "" for all.
	Address func(host string) string
}

var _ Dialer = (*WebSockets)(nil)

// maxRedirects is how often a service may send on.
const maxRedirects = 5

// Dial implements [Dialer].
func (w *WebSockets) Dial(ctx context.Context, domain protocol.Domain, path string, header http.Header) (Conn, http.Header, error) {
	host := domain.Host()
	if host == "" {
		return nil, nil, fmt.Errorf("tunnel domain %d is not assigned", domain)
	}
	sent := header.Clone()
	if sent == nil {
		sent = make(http.Header)
	}
	sent.Set("Origin", "wss://"+host)
	client := w.client()
	ws, response, err := websocket.Dial(ctx, "wss://"+host+path, &websocket.DialOptions{
		HTTPClient: client, HTTPHeader: sent, Subprotocols: []string{protocol.Subprotocol},
	})
	if err != nil {
		return nil, nil, refusal("wss://"+host+path, response, because(ctx, err))
	}
	if ws.Subprotocol() != protocol.Subprotocol {
		return nil, nil, errors.Join(fmt.Errorf("%w: the service does not speak %s", ErrRules, protocol.Subprotocol), ws.CloseNow())
	}
	ws.SetReadLimit(protocol.MaxMessage)
	return &socket{ws}, response.Header, nil
}

// Forget has a service of ours forget a contact ID, so that computers forget the
// links under it. One that it does not know is an [ErrUnlinked].
func (w *WebSockets) Forget(ctx context.Context, domain protocol.Domain, contactID []byte) error {
	url := "https://" + domain.Host() + protocol.ListenContactPath(contactID)
	request, err := http.NewRequestWithContext(ctx, http.MethodDelete, url, nil)
	if err != nil {
		return err
	}
	response, err := w.client().Do(request)
	if err != nil {
		return because(ctx, err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode/100 == 2 {
		return err
	}
	return &RefusedError{URL: url, Status: response.StatusCode}
}

// client is for one connection, so that nothing is kept between them.
func (w *WebSockets) client() *http.Client {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, _, err := net.SplitHostPort(address); err == nil && w.Address != nil {
			if elsewhere := w.Address(host); elsewhere != "" {
				address = elsewhere
			}
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return &http.Client{
		Transport: &http.Transport{DialContext: dial, TLSClientConfig: w.TLS.Clone(), DisableKeepAlives: true},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("the service sends on more than %d times", maxRedirects)
			}
			return nil
		},
	}
}

// refusal tells a service that says no from one that cannot be reached.
func refusal(url string, response *http.Response, err error) error {
	if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
		return &RefusedError{URL: url, Status: response.StatusCode}
	}
	return err
}

// socket is a [Conn].
type socket struct{ ws *websocket.Conn }

func (s *socket) Send(ctx context.Context, message []byte) error {
	if len(message) > protocol.MaxMessage {
		return protocol.ErrTooLong
	}
	return lost(ctx, s.ws.Write(ctx, websocket.MessageBinary, message))
}

func (s *socket) Receive(ctx context.Context) ([]byte, error) {
	kind, message, err := s.ws.Read(ctx)
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		return nil, protocol.ErrTooLong
	case err != nil:
		return nil, lost(ctx, err)
	case kind != websocket.MessageBinary:
		return nil, errors.Join(fmt.Errorf("%w: a text message", ErrRules), s.Close(protocol.CloseUnsupported))
	}
	return message, nil
}

// Close returns nil where the other side is gone already.
func (s *socket) Close(code protocol.CloseCode) error {
	_ = s.ws.Close(websocket.StatusCode(code), "") // fails where it has been closed
	return nil
}

// lost is what the error of a WebSocket means.
func lost(ctx context.Context, err error) error {
	switch code := websocket.CloseStatus(err); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case code >= 0:
		return &ClosedError{protocol.CloseCode(code)}
	}
	return fmt.Errorf("%w: %w", ErrLost, err)
}
