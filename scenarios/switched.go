package scenarios

import (
	"time"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/webauthn"
)

// copiedKey is a security key that is in use at the site, and a thief at another laptop
// with a copy from before its last logins.
func copiedKey(lab *passkeylab.Lab) (alice string, owner, thief *passkeylab.Page) {
	alice = lab.Someone("alice")
	key := lab.SecurityKey("alice's key")
	owner = lab.Site.OpenOn(withKey(lab, "alice's laptop", key))
	owner.SignUp(alice).LogOut()
	copied := key.Copy("a copy of alice's key")
	for range 2 {
		owner.LogIn(alice).LogOut()
	}
	return alice, owner, lab.Site.OpenOn(withKey(lab, "the thief's laptop", copied))
}

// withKey is a laptop that a key is plugged into, which its user reaches for.
func withKey(lab *passkeylab.Lab, name string, key *passkeylab.Device) *passkeylab.Device {
	laptop := lab.Laptop(name)
	laptop.Plug(key)
	laptop.UserReachesFor(key)
	return laptop
}

// counters are journeys of what policy says of a counter that has gone back.
var counters = []Scenario{
	{
		ID:     "policy/counter-refuse",
		Story:  "A security key was copied, and the copy is behind by two logins: it is refused, the log says why, and the key itself goes on.",
		Covers: []string{"WebAuthn L3 §6.1.1", "WebAuthn L3 §7.2 step 22"},
		Needs:  Needs{Embedded: true, Keys: true},
		Run: func(lab *passkeylab.Lab) {
			alice, owner, thief := copiedKey(lab)
			thief.LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", string(ceremony.ReasonCounter)))
			owner.LogIn(alice)
		},
	},
	{
		ID:     "policy/counter-warn",
		Story:  "The same copy at a site whose policy only warns: it gets in, the log has the warning, and after a change of policy it is refused.",
		Covers: []string{"WebAuthn L3 §6.1.1", "WebAuthn L3 §7.2 step 22"},
		Needs:  Needs{Embedded: true, Keys: true},
		Run: func(lab *passkeylab.Lab) {
			alice, owner, thief := copiedKey(lab)
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.CounterPolicy = ceremony.CounterWarn })
			thief.LogIn(alice).LogOut()
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLogin, alice).With("warning", string(ceremony.ReasonCounter)))
			owner.LogIn(alice).LogOut()
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.CounterPolicy = ceremony.CounterRefuse })
			thief.LogInFails("passkey-authentication-failed")
			owner.LogIn(alice)
		},
	},
}

// switched are journeys of rules for models that change while the site runs.
var switched = []Scenario{
	{
		ID:     "models/rules-switched",
		Story:  "The model of a laptop is revoked, which a site without rules for models does not mind; it gets rules while it runs and refuses the next login, and lets it pass when they are lifted.",
		Covers: []string{"WebAuthn L3 §7.1 step 24", "FIDO MDS 3.1"},
		Needs:  ofModels(),
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			laptop, synced := lab.LaptopAttesting("alice's laptop", webauthn.FormatPacked), lab.Phone("bob's phone")
			lab.Certify(laptop)
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Attestation = ceremony.AttestationDirect })
			page, onPhone := lab.Site.OpenOn(laptop), lab.Site.OpenOn(synced)
			page.SignUp(alice).LogOut()
			onPhone.SignUp(bob).LogOut()
			lab.Report(laptop, mds.Revoked)
			lab.Wait(31 * 24 * time.Hour)
			page.LogIn(alice).LogOut()

			asksForModels(lab, ceremony.ModelRules{})
			page.LogInFails("passkey-authentication-failed")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", "model-status"))
			onPhone.LogIn(bob) // who says nothing of its model, and was admitted before

			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Models = nil })
			page.LogIn(alice)
		},
	},
	{
		ID:     "models/enterprise-switched",
		Story:  "The company's site asks for enterprise attestation from one day to the next, and stops again: keys identify themselves in between alone.",
		Covers: []string{"CTAP 2.3 §7.1", "WebAuthn L3 §5.4.7"},
		Needs:  ofModels(),
		Run: func(lab *passkeylab.Lab) {
			site := lab.Site.RPID()
			for _, visit := range []struct {
				user, serial string
				asks         ceremony.Attestation
				identifies   []string
			}{
				{"alice", "17339872", ceremony.AttestationDirect, nil},
				{"bob", "17339873", ceremony.AttestationEnterprise, []string{site}},
				{"carol", "17339874", ceremony.AttestationNone, nil},
			} {
				user, key := lab.Someone(visit.user), lab.CompanyKey(visit.user+"'s key", visit.serial, site)
				lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Attestation = visit.asks })
				laptop := withKey(lab, visit.user+"'s laptop", key)
				laptop.ManagedFor(site)
				page := lab.Site.OpenOn(laptop)
				page.SignUp(user).LogOut()
				lab.HasIdentifiedTo(key, visit.identifies...)
				page.LogIn(user)
			}
		},
	},
}
