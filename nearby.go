package passkeylab

import (
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

// nearby is what phones and computers have between them where no real browser is
// the computer: air, and a tunnel service.
type nearby struct {
	air   hybrid.Air
	local *tunnel.Local
}

// startNearby starts what is around the computers of the lab. Labs do not share it:
// those of the same seed would draw the same tunnels.
func (l *Lab) startNearby() (*nearby, error) {
	local, err := tunnel.StartLocal()
	if err != nil {
		return nil, err
	}
	l.t.Cleanup(func() {
		if err := local.Close(); err != nil {
			l.t.Errorf("closing the tunnel service: %v", err)
		}
	})
	return &nearby{local: local}, nil
}

func (n *nearby) dialer() *hybrid.WebSockets {
	return &hybrid.WebSockets{TLS: n.local.TLS(), Address: func(string) string { return n.local.Address }}
}

// computer is the client's side in the browser on a device.
func (n *nearby) computer(d *Device) (*hybrid.Computer, error) {
	return hybrid.NewComputer(hybrid.ComputerConfig{Scanner: &n.air, Dialer: n.dialer(), Random: d.random, Now: d.lab.now})
}

// phone puts a device into a phone, which draws from the chance of d.
func (n *nearby) phone(d *Device) func(ctap.Transport, func(hybrid.Step)) (*hybrid.Phone, error) {
	return func(device ctap.Transport, tell func(hybrid.Step)) (*hybrid.Phone, error) {
		return hybrid.NewPhone(hybrid.PhoneConfig{Device: device, Advertiser: &n.air, Dialer: n.dialer(), Random: d.random, Tell: tell})
	}
}

func (l *Lab) now() time.Time { return l.clock.Now() }
