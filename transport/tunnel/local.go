package tunnel

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/labcert"
)

// Local is a tunnel service at a free port of the loopback interface, under the
// names of real services, for who trusts an authority of its own.
type Local struct {
	Server    *Server
	Address   string // HOST:PORT
	Authority *labcert.Authority

	stop   context.CancelFunc
	served sync.WaitGroup
	err    error // why serving ended, after served
}

// Hosts are the names that computers and phones look for tunnel services at.
func Hosts() (hosts []string) {
	for d := range hybrid.Domain(hybrid.AssignedDomains) {
		hosts = append(hosts, d.Host())
	}
	return hosts
}

// StartLocal starts a service, in a goroutine that ends with Close. Certificates are
// good for real time.
func StartLocal() (*Local, error) {
	authority, err := labcert.NewAuthority(time.Now(), Hosts()...)
	if err != nil {
		return nil, err
	}
	certificate, err := authority.Issue(time.Now(), Hosts()...)
	if err != nil {
		return nil, err
	}
	server, err := New(Config{Random: rand.Reader})
	if err != nil {
		return nil, err
	}
	listener, err := Listen(net.JoinHostPort("127.0.0.1", "0"))
	if err != nil {
		return nil, err
	}
	l := &Local{Server: server, Address: listener.Addr().String(), Authority: authority}
	life, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.served.Go(func() {
		l.err = server.Serve(life, listener, &tls.Config{Certificates: []tls.Certificate{certificate.TLS}})
	})
	return l, nil
}

// TLS trusts the service, and nothing else.
func (l *Local) TLS() *tls.Config {
	return &tls.Config{RootCAs: l.Authority.Pool(), MinVersion: tls.VersionTLS12}
}

// Close ends the service with all tunnels.
func (l *Local) Close() error {
	l.stop()
	l.served.Wait()
	return errors.Join(l.err)
}
