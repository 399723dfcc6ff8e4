package fault

import (
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// under makes a seam of a change to the policy in force.
func under(change func(*relyingparty.Policy)) relyingparty.Seams {
	return relyingparty.Seams{Policy: func(p relyingparty.Policy) relyingparty.Policy {
		change(&p)
		return p
	}}
}

// downAfter is what a server does that breaks at what it reads: after a response of a
// kind nothing is accepted any more.
func downAfter(kind func(of ceremony.Ceremony, response []byte) bool) relyingparty.Seams {
	down := new(atomic.Bool)
	return both(onCeremonies(ceremony.Seams{Response: func(of ceremony.Ceremony, response []byte) []byte {
		if kind(of, response) {
			down.Store(true)
		}
		return response
	}}), at(refusing(ceremony.ReasonMalformed, func(*ceremony.Verification) bool { return down.Load() }), clientDataSteps...))
}

// lockedAfterFailure is downAfter by what becomes of a login.
func lockedAfterFailure() relyingparty.Seams {
	locked := new(atomic.Bool)
	return both(at(func(_ *ceremony.Verification, run func() error) error {
		err := run()
		if err != nil {
			locked.Store(true)
		}
		return err
	}, ceremony.StepSignature),
		at(refusing(ceremony.ReasonMalformed, func(*ceremony.Verification) bool { return locked.Load() }), clientDataSteps...))
}

// onePasskey is a policy of the site, and what the conformance interface has in its place.
func onePasskey() relyingparty.Seams {
	var mu sync.Mutex
	having := map[string]bool{} // user handles
	seams := under(func(p *relyingparty.Policy) { p.MaxPasskeys = 1 })
	seams.Steps = at(func(v *ceremony.Verification, run func() error) error {
		if err := run(); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		user := string(v.Owner.Handle)
		if having[user] {
			return &ceremony.Refusal{Reason: ceremony.ReasonDuplicateCredential, Cause: errors.New("refused by a fault")}
		}
		if len(having) < longestRecord {
			having[user] = true
		}
		return nil
	}, ceremony.StepUnregistered).Steps
	return seams
}

// large is more than any response needs, in bytes.
const large = 16 << 10

func stateFaults() []Fault {
	site := []ceremony.Door{relyingparty.DoorPages, relyingparty.DoorNative}
	const century = 100 * 365 * 24 * time.Hour
	return []Fault{
		{
			ID: "rp/state/passkeys-unlimited", Spec: "the site's policy (MaxPasskeys)", Doors: site,
			Doc:   "An account may have any number of passkeys.",
			Seams: under(func(p *relyingparty.Policy) { p.MaxPasskeys = math.MaxInt32 }),
		}, {
			ID: "rp/state/one-passkey", Spec: "WebAuthn L3 §4 (user account)", Strict: true,
			Doc:   "An account may have one passkey alone, so that who loses it is locked out.",
			Seams: onePasskey(),
		}, {
			ID: "rp/state/sessions-forever", Spec: "the site's policy (SessionLifetime)", Doors: site,
			Doc:   "Sessions in a browser never end by themselves.",
			Seams: under(func(p *relyingparty.Policy) { p.SessionLifetime = century }),
		}, {
			ID: "rp/state/reset-links-forever", Spec: "the site's policy (ResetLinkLifetime)", Doors: site,
			Doc:   "A mailed link to choose a password is good for ever, or until it is used.",
			Seams: under(func(p *relyingparty.Policy) { p.ResetLinkLifetime = century }),
		}, {
			ID: "rp/state/down-after-unreadable", Spec: "WebAuthn L3 §7.1, §7.2 (a ceremony that fails ends, and no other)", Strict: true,
			Doc:   "Whoever sends a response that cannot be read brings the server down: nothing is accepted afterwards.",
			Seams: downAfter(func(of ceremony.Ceremony, response []byte) bool { return !reads(of, response) }),
		}, {
			ID: "rp/state/down-after-large", Spec: "WebAuthn L3 §7.1, §7.2 (a ceremony that fails ends, and no other)", Strict: true,
			Doc:   "Whoever sends a response of more than 16 KiB brings the server down: nothing is accepted afterwards.",
			Seams: downAfter(func(_ ceremony.Ceremony, response []byte) bool { return len(response) > large }),
		}, {
			ID: "rp/state/locked-after-failure", Spec: "WebAuthn L3 §7.1, §7.2 (a ceremony that fails ends, and no other)", Strict: true,
			Doc:   "A login whose signature does not verify locks everybody out: nothing is accepted afterwards.",
			Seams: lockedAfterFailure(),
		}, {
			ID: "rp/state/sign-up-though-closed", Spec: "the site's policy (SignUp)", Doors: site,
			Doc:   "Strangers can make accounts though signing up is closed.",
			Seams: under(func(p *relyingparty.Policy) { p.SignUp = true }),
		},
	}
}
