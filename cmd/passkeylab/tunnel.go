package main

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/passkeylab/passkeylab/internal/labcert"
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

type tunnelVerb struct {
	Listen string `help:"Address to listen on. Only loopback addresses are taken, unless --anywhere. Port 0 takes a free one." default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	CA     string `name:"ca" help:"Serve under the root in this PEM file, which is made if it is missing, with its key beside it. By default the root is made anew each time and written nowhere." type:"path" placeholder:"FILE"`

	Air bool `help:"Also stand in for Bluetooth, on a D-Bus of its own: a browser that is told of it hears phones that are (--bus)."`

	Anywhere bool `help:"Listen on an address that other machines can reach. Whoever reaches a tunnel service can open tunnels."`
}

func (v *tunnelVerb) Run(c *console) (err error) {
	authority, err := v.authority()
	if err != nil {
		return fmt.Errorf("--ca: %w", err)
	}
	cert, err := authority.Issue(time.Now(), tunnel.Hosts()...)
	if err != nil {
		return fmt.Errorf("--ca %s: %w", v.CA, err)
	}
	server, err := tunnel.New(tunnel.Config{Random: rand.Reader, Logger: slog.New(slog.NewTextHandler(c.err, nil))})
	if err != nil {
		return err
	}
	open := tunnel.Listen
	if v.Anywhere {
		open = tunnel.ListenAnywhere
	}
	listener, err := open(v.Listen)
	if errors.Is(err, tunnel.ErrNotLocal) {
		err = fmt.Errorf("%w; use 127.0.0.1, or say --anywhere", err)
	}
	if err != nil {
		return fmt.Errorf("--listen %w", err)
	}
	v.explain(c.out, listener.Addr().String(), cert.SPKI)
	if v.Air {
		air, err := bluez.StartStandIn(c)
		if err != nil {
			return fmt.Errorf("--air: %w", errors.Join(err, listener.Close()))
		}
		defer func() { err = errors.Join(err, air.Close()) }()
		fmt.Fprintf(c.out, "Bluetooth:      DBUS_SYSTEM_BUS_ADDRESS=%s chromium …\n", air.Address())
		fmt.Fprintf(c.out, "a phone:        passkeylab phone --screen --tunnel %s --bus %s%s\n", listener.Addr(), air.Address(), v.trust())
	}
	return server.Serve(c, listener, &tls.Config{Certificates: []tls.Certificate{cert.TLS}})
}

// trust is how a phone is told of the root.
func (v *tunnelVerb) trust() string {
	if v.CA == "" {
		return ""
	}
	return " --ca " + v.CA
}

func (v *tunnelVerb) authority() (*labcert.Authority, error) {
	if v.CA == "" {
		return labcert.NewAuthority(time.Now(), tunnel.Hosts()...)
	}
	return labcert.OpenAuthority(time.Now(), v.CA, tunnel.Hosts()...)
}

// explain says where the service is, and how a browser comes to use it.
func (v *tunnelVerb) explain(out io.Writer, address, pin string) {
	fmt.Fprintf(out, "tunnel service: wss://%s\n", address)
	rules := ""
	for _, host := range tunnel.Hosts() {
		rules += fmt.Sprintf("MAP %s %s,", host, address)
	}
	fmt.Fprintf(out, "to reach it:    chromium --host-resolver-rules=%q\n", rules[:len(rules)-1])
	if v.CA == "" {
		fmt.Fprintf(out, "to trust it:    chromium --user-data-dir=… --ignore-certificate-errors-spki-list=%s\n", pin)
		return
	}
	fmt.Fprintf(out, "to trust it:    certutil -A -d sql:$HOME/.pki/nssdb -n passkeylab -t C,, -i %s\n", v.CA)
	fmt.Fprintf(out, "no more:        certutil -D -d sql:$HOME/.pki/nssdb -n passkeylab\n")
}
