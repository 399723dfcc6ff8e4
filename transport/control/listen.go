package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// ErrNotLocal is why an address is refused that other machines could reach.
var ErrNotLocal = errors.New("other machines could reach that")

// Listen opens an address of the loopback interface, HOST:PORT, for
// [Panel.Serve]. Port 0 takes a free one.
func Listen(at string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return nil, fmt.Errorf("%q: give it as HOST:PORT, such as 127.0.0.1:3000", at)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s: %w", at, ErrNotLocal)
	}
	return ListenAnywhere(at)
}

// ListenAnywhere is [Listen] without a look at who can reach the address. There
// are no passwords: whoever reaches a device's control channel has it in hand.
func ListenAnywhere(at string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(at); err != nil {
		return nil, fmt.Errorf("%q: give it as HOST:PORT, such as 127.0.0.1:3000", at)
	}
	return net.Listen("tcp", at)
}

// Bounds on what a client can make a panel wait for and keep.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 16 << 10
)

// Serve answers at a listener until ctx ends, which is no error, and closes it.
func (p *Panel) Serve(ctx context.Context, l net.Listener) error {
	ip := net.ParseIP(hostOf(l.Addr()))
	server := &http.Server{
		Handler: p.handler(ip == nil || !ip.IsLoopback()), BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // of clients that break off
	}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func hostOf(a net.Addr) string {
	host, _, _ := net.SplitHostPort(a.String())
	return host
}
