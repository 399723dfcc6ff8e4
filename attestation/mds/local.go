package mds

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// ErrNotLocal is why an address is refused that other machines could reach.
var ErrNotLocal = errors.New("other machines could reach that")

// Local is a service at an address of the loopback interface.
type Local struct {
	*Service
	URL string // "http://127.0.0.1:PORT"

	server *http.Server
	served sync.WaitGroup
	err    error // why serving ended, after served
}

// Time limits of the server, so that no client can hold a connection for ever.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
)

// StartLocal serves at HOST:PORT, port 0 taking a free one, in a goroutine that ends
// with Close. Config.URL is filled in. Without a TLS configuration it is plain HTTP,
// which is enough: all that is served is signed, or is a certificate.
func StartLocal(at string, c Config, secure *tls.Config) (*Local, error) {
	l, err := listen(at)
	if err != nil {
		return nil, err
	}
	scheme := "http"
	if secure != nil {
		scheme, l = "https", tls.NewListener(l, secure)
	}
	c.URL = scheme + "://" + l.Addr().String()
	service, err := New(c)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	local := &Local{Service: service, URL: c.URL, server: &http.Server{
		Handler: service, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
	}}
	local.served.Go(func() { local.err = local.server.Serve(l) })
	return local, nil
}

func listen(at string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return nil, fmt.Errorf("mds: %q: give it as HOST:PORT, such as 127.0.0.1:0", at)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("mds: %s: %w", at, ErrNotLocal)
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		return nil, fmt.Errorf("mds: %w", err)
	}
	return l, nil
}

// Close ends serving.
func (l *Local) Close() error {
	err := l.server.Close()
	l.served.Wait()
	if !errors.Is(l.err, http.ErrServerClosed) {
		err = errors.Join(err, l.err)
	}
	return err
}
