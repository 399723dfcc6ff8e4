package browser

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

// Nearby is what is around a computer at which phones sign in by QR code: the
// air that carries their adverts, and a tunnel service. Chromium takes the one for
// Bluetooth, and the other for that of the real phones. All of it is private to
// who holds it, so that any number can exist beside each other.
type Nearby struct {
	Air   *bluez.StandIn // what phones advertise here the browser hears
	Local *tunnel.Local  // the tunnel service, under the names of real ones
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
	local, err := tunnel.StartLocal()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("tunnel service: %w", err), air.Close())
	}
	return &Nearby{Air: air, Local: local}, nil
}

// Options are other options with what a browser needs to find phones here. It has
// windows, because a QR code is shown in one of the browser's own. A tunnel
// service's name leads here whatever the HostRules say.
func (n *Nearby) Options(o Options) Options {
	rules := make([]string, 0, 3)
	for _, host := range tunnel.Hosts() {
		rules = append(rules, "MAP "+host+" "+n.Local.Address)
	}
	if o.HostRules != "" {
		rules = append(rules, o.HostRules)
	}
	o.Headed = true
	o.HostRules = strings.Join(rules, ",")
	o.Bluetooth = n.Air.Address()
	o.Roots = append(append([]byte(nil), o.Roots...), n.Local.Authority.Root()...)
	return o
}

// Dialer reaches the tunnel service as phones and computers in Go do.
func (n *Nearby) Dialer() *hybrid.WebSockets {
	return &hybrid.WebSockets{
		TLS:     n.Local.TLS(),
		Address: func(string) string { return n.Local.Address },
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
	return errors.Join(n.Local.Close(), n.Air.Close())
}
