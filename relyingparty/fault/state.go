package fault

import (
	"math"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty"
)

// under makes a seam of a change to the policy in force.
func under(change func(*relyingparty.Policy)) relyingparty.Seams {
	return relyingparty.Seams{Policy: func(p relyingparty.Policy) relyingparty.Policy {
		change(&p)
		return p
	}}
}

func stateFaults() []Fault {
	site := []relyingparty.Door{relyingparty.DoorPages, relyingparty.DoorNative}
	const century = 100 * 365 * 24 * time.Hour
	return []Fault{
		{
			ID: "rp/state/passkeys-unlimited", Spec: "the site's policy (MaxPasskeys)", Doors: site,
			Doc:   "An account may have any number of passkeys.",
			Seams: under(func(p *relyingparty.Policy) { p.MaxPasskeys = math.MaxInt32 }),
		}, {
			ID: "rp/state/one-passkey", Spec: "WebAuthn L3 §4 (user account)", Doors: site, Strict: true,
			Doc:   "An account may have one passkey alone, so that who loses it is locked out.",
			Seams: under(func(p *relyingparty.Policy) { p.MaxPasskeys = 1 }),
		}, {
			ID: "rp/state/sessions-forever", Spec: "the site's policy (SessionLifetime)", Doors: site,
			Doc:   "Sessions in a browser never end by themselves.",
			Seams: under(func(p *relyingparty.Policy) { p.SessionLifetime = century }),
		}, {
			ID: "rp/state/reset-links-forever", Spec: "the site's policy (ResetLinkLifetime)", Doors: site,
			Doc:   "A mailed link to choose a password is good for ever, or until it is used.",
			Seams: under(func(p *relyingparty.Policy) { p.ResetLinkLifetime = century }),
		}, {
			ID: "rp/state/sign-up-though-closed", Spec: "the site's policy (SignUp)", Doors: site,
			Doc:   "Strangers can make accounts though signing up is closed.",
			Seams: under(func(p *relyingparty.Policy) { p.SignUp = true }),
		},
	}
}
