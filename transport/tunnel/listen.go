package tunnel

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

// ErrNotLocal is why an address is refused that other machines could reach.
var ErrNotLocal = errors.New("other machines could reach that")

// Listen opens HOST:PORT on this machine. Port 0 takes a free one.
func Listen(at string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return nil, fmt.Errorf("%q: give it as HOST:PORT, such as 127.0.0.1:0", at)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s: %w", at, ErrNotLocal)
	}
	return ListenAnywhere(at)
}

// ListenAnywhere is [Listen] without a look at who can reach the address. A tunnel
// service knows no users: whoever reaches it can open tunnels.
func ListenAnywhere(at string) (net.Listener, error) {
	l, err := net.Listen("tcp", at)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = errors.New(strings.TrimPrefix(op.Err.Error(), "bind: "))
		}
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	return l, nil
}

const (
	headerTimeout = 10 * time.Second
	maxHeader     = 16 << 10 // bytes
)

// Serve serves at a listener until ctx ends, which is no error, and then closes
// the server. What is served is HTTP/1.1 over TLS, which every client of a tunnel
// service asks for; without TLS if config is nil.
func (s *Server) Serve(ctx context.Context, l net.Listener, config *tls.Config) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.logger.Handler(), slog.LevelWarn),
	}
	if config != nil {
		config = config.Clone()
		config.NextProtos = []string{"http/1.1"} // a WebSocket takes over its connection
		l = tls.NewListener(l, config)
	}
	stop := context.AfterFunc(ctx, func() { _ = l.Close() }) // which Serve tells of
	defer stop()
	err := server.Serve(l)
	s.Close()          // with a code for who is in a tunnel, or just about to be
	_ = server.Close() // and without for who has not asked for one yet
	if ctx.Err() != nil {
		return nil
	}
	return err
}
