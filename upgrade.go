package passkeylab

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/webauthn"
)

// SavePassword has the provider keep the password by which user logs in at the lab's
// site, as somebody does who says yes when the app on the device asks. From then on it
// is filled in whenever they log in with it on one of the cloud's devices. A site may
// then ask for a passkey beside it (conditional create()), and a provider that does
// such things makes one without asking, unless [provider.Account.AllowUpgrades] says
// that the user does not want that.
func (c *Cloud) SavePassword(d *Device, user string) {
	c.lab.t.Helper()
	c.Member(d).SavePassword(c.lab.Site.base.String(), user)
	c.lab.record.step(fmt.Sprintf("%s keeps the password of %s", c.name, user), nil)
}

// fillsPassword has the password manager on the device fill in what it keeps for a
// user at a site.
func (d *Device) fillsPassword(origin, user string) {
	if d.cloud == nil || !d.cloud.members[d].FillPassword(origin, user) {
		return
	}
	d.lab.record.step(fmt.Sprintf("%s fills in the password of %s", d.cloud.name, user), nil)
}

// consents is what the browser on the device knows of a user's consent to passkeys made
// in silence.
func (d *Device) consents(caller client.Caller, user webauthn.UserEntity) bool {
	return d.cloud != nil && d.cloud.members[d].MayUpgrade(caller.Origin, user.Name)
}

// silently makes a passkey on the device without asking anybody. It goes by no
// protocol: the provider's app and its passkeys are in one place.
func (d *Device) silently(ctx context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
	made, err := d.authenticator.MakeSilently(ctx, req)
	m := report.Message{
		From: theClient, To: d.name, Layer: layerWebAuthn, Name: "makes a passkey in silence",
		Decoded: fmt.Sprintf("for %s at %s", req.User.Name, req.RP.ID),
	}
	var status ctap.Status
	if errors.As(err, &status) {
		m.Status = status.String()
	}
	d.lab.record.message(m)
	return made, err
}

// Arrives waits until the page shows a screen to which it leads by itself, without
// anybody pressing anything.
func (p *Page) Arrives(screen string) {
	p.lab.t.Helper()
	p.do("arrive at "+screen, func(ctx context.Context) error { return p.tab.arrive(ctx, screen) })
	p.Expect(screen)
}

// Upgraded waits until the site's attempt to get a passkey in silence is over, and
// checks that it has got one.
func (p *Page) Upgraded() { p.lab.t.Helper(); p.upgrade("done") }

// NotUpgraded waits until the site's attempt to get a passkey in silence is over, and
// checks that it has not got one, and shows no error.
func (p *Page) NotUpgraded() {
	p.lab.t.Helper()
	p.upgrade("failed", "unsupported")
	if v := p.look(); v.Message != "" {
		p.lab.fail("a passkey in silence", "no error is shown", v.String())
	}
}

func (p *Page) upgrade(want ...string) {
	p.lab.t.Helper()
	var got string
	p.lab.must("waiting for a passkey in silence", p.lab.within(func(ctx context.Context) (err error) {
		got, err = p.tab.upgrade(ctx)
		return err
	}))
	what := fmt.Sprintf("the attempt to make a passkey in silence ends as %v", want)
	if !slices.Contains(want, got) {
		p.lab.fail(what, what, fmt.Sprintf("it is %q", got))
	}
	p.step(what, false)
}
