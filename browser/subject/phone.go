package subject

import (
	"context"

	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// phone has the judge's authenticator in it.
type phone struct {
	nearby *browser.Nearby
	device *clients.Device
	pulse  *pulse
}

var _ ctap.Transport = (*phone)(nil)

// scan reads a QR code, and stays until the browser has finished. What goes wrong shows
// in what the page gets.
func (p *phone) scan(ctx context.Context, code string) {
	there, err := p.nearby.Phone(p, func(hybrid.Step) { p.pulse.beat(false) })
	if err != nil {
		return
	}
	_ = there.Scan(ctx, code)
}

// Exchange implements [ctap.Transport].
func (p *phone) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	p.pulse.beat(true)
	defer p.pulse.beat(false)
	return p.device.Exchange(ctx, request)
}
