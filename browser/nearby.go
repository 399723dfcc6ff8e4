package browser

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/labcert"
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

// Nearby is what is around a computer at which phones sign in by QR code: the
// air that carries their adverts, and a tunnel service. Chromium takes the one for
// Bluetooth, and the other for that of the real phones. All of it is private to
// who holds it, so that any number can exist beside each other.
type Nearby struct {
	Air     *bluez.StandIn // what phones advertise here the browser hears
	Service *tunnel.Server // serves at loopback, under the names of real services
	Address string         // of the service, as HOST:PORT

	authority *labcert.Authority
	stop      context.CancelFunc
	served    sync.WaitGroup
	serveErr  error
}

// StartNearby starts a D-Bus daemon and a tunnel service, with a goroutine for the
// latter. ctx limits the start only; Close ends both.
func StartNearby(ctx context.Context) (*Nearby, error) {
	air, err := bluez.StartStandIn(ctx)
	if errors.Is(err, bluez.ErrNoDBus) {
		return nil, &MissingProgramError{
			Program: "dbus-daemon",
			Purpose: "to stand in for Bluetooth",
			Install: "apt-get install dbus-daemon",
		}
	}
	if err != nil {
		return nil, fmt.Errorf("stand-in for Bluetooth: %w", err)
	}
	n := &Nearby{Air: air}
	if err := n.serve(); err != nil {
		return nil, errors.Join(fmt.Errorf("tunnel service: %w", err), air.Close())
	}
	return n, nil
}

// serve starts the tunnel service.
func (n *Nearby) serve() (err error) {
	hosts := tunnelHosts()
	if n.authority, err = labcert.NewAuthority(time.Now(), hosts...); err != nil {
		return err
	}
	certificate, err := n.authority.Issue(time.Now(), hosts...)
	if err != nil {
		return err
	}
	if n.Service, err = tunnel.New(tunnel.Config{Random: rand.Reader}); err != nil {
		return err
	}
	listener, err := tunnel.Listen(net.JoinHostPort("127.0.0.1", "0"))
	if err != nil {
		return err
	}
	n.Address = listener.Addr().String()
	life, stop := context.WithCancel(context.Background())
	n.stop = stop
	n.served.Go(func() {
		n.serveErr = n.Service.Serve(life, listener, &tls.Config{Certificates: []tls.Certificate{certificate.TLS}})
	})
	return nil
}

// tunnelHosts are the names that browsers look for tunnel services at.
func tunnelHosts() (hosts []string) {
	for d := range protocol.Domain(protocol.AssignedDomains) {
		hosts = append(hosts, d.Host())
	}
	return hosts
}

// Options are other options with what a browser needs to find phones here. It has
// windows, because a QR code is shown in one of the browser's own. A tunnel
// service's name leads here whatever the HostRules say.
func (n *Nearby) Options(o Options) Options {
	rules := make([]string, 0, 3)
	for _, host := range tunnelHosts() {
		rules = append(rules, "MAP "+host+" "+n.Address)
	}
	if o.HostRules != "" {
		rules = append(rules, o.HostRules)
	}
	o.Headed = true
	o.HostRules = strings.Join(rules, ",")
	o.Bluetooth = n.Air.Address()
	o.Roots = append(append([]byte(nil), o.Roots...), n.authority.Root()...)
	return o
}

// Dialer reaches the tunnel service as phones and computers in Go do.
func (n *Nearby) Dialer() *hybrid.WebSockets {
	return &hybrid.WebSockets{
		TLS:     &tls.Config{RootCAs: n.authority.Pool(), MinVersion: tls.VersionTLS12},
		Address: func(string) string { return n.Address },
	}
}

// Phone puts a device into a phone that is near. tell, unless nil, is told of each
// step.
func (n *Nearby) Phone(device ctap.Transport, tell func(hybrid.Step)) (*hybrid.Phone, error) {
	return hybrid.NewPhone(hybrid.PhoneConfig{
		Device: device, Advertiser: n.Air, Dialer: n.Dialer(), Random: rand.Reader, Tell: tell,
	})
}

// Close ends what StartNearby started. Browsers here should have ended before.
func (n *Nearby) Close() error {
	n.stop()
	n.served.Wait()
	return errors.Join(n.serveErr, n.Air.Close())
}
