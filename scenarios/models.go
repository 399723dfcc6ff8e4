package scenarios

import (
	"slices"
	"time"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/webauthn"
)

// asksForModels is the policy of a site that admits models by their metadata.
func asksForModels(lab *passkeylab.Lab, rules ceremony.ModelRules) {
	lab.Site.SetPolicy(func(p *relyingparty.Policy) {
		p.Attestation, p.Models = ceremony.AttestationDirect, &rules
	})
}

// ofModels is what journeys need that ask for models: our client and our devices.
func ofModels() Needs {
	return Needs{Embedded: true, Models: true, Cannot: map[passkeylab.Link]string{passkeylab.CDP: chromiumsOwnMaker}}
}

var models = slices.Concat(attesting(), []Scenario{
	{
		ID:     "models/hardware-only",
		Story:  "The site admits passkeys in hardware alone: it takes those of a YubiKey and of a Windows Hello with a TPM, and refuses one that a provider syncs.",
		Covers: []string{"WebAuthn L3 §7.1 step 24", "WebAuthn L3 §8.2", "WebAuthn L3 §8.3", "FIDO MDS 3.1"},
		Needs:  ofModels(),
		Run: func(lab *passkeylab.Lab) {
			alice, bob, carol := lab.Someone("alice"), lab.Someone("bob"), lab.Someone("carol")
			key := lab.Device("alice's YubiKey", profile.YubiKey54)
			key.SetPIN("2718")
			hello := lab.Device("bob's computer", profile.WindowsHelloHardware)
			synced := lab.Device("carol's phone", profile.ICloudKeychain)
			lab.Certify(key, hello, synced)
			asksForModels(lab, ceremony.ModelRules{HardwareBacked: true})

			laptop := lab.Laptop("alice's laptop")
			laptop.Plug(key)
			laptop.UserReachesFor(key)
			page := lab.Site.OpenOn(laptop)
			page.SignUp(alice).LogOut()
			page.LogIn(alice)
			lab.Site.OpenOn(hello).SignUp(bob)

			page = lab.Site.OpenOn(synced)
			page.BeginSignUp(carol)
			page.CreatePasskeyFails("passkey-enrollment-failure")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventSignUpFailed, carol))
		},
	},
	{
		ID:     "models/enterprise",
		Story:  "A company's keys tell their serial numbers to the company's site alone, and only where its browsers let them; elsewhere they are one of many.",
		Covers: []string{"CTAP 2.3 §7.1", "WebAuthn L3 §5.4.7", "WebAuthn L3 §8.2.1"},
		Needs:  ofModels(),
		Run: func(lab *passkeylab.Lab) {
			alice, bob, carol := lab.Someone("alice"), lab.Someone("bob"), lab.Someone("carol")
			site := lab.Site.RPID()
			ours := lab.CompanyKey("alice's key", "17339872", site)
			other := lab.CompanyKey("bob's key", "17339873", "intranet.other.test")
			atHome := lab.CompanyKey("carol's key", "17339874", site)
			lab.Certify(ours)
			asksForModels(lab, ceremony.ModelRules{})
			lab.Site.SetPolicy(func(p *relyingparty.Policy) { p.Attestation = ceremony.AttestationEnterprise })
			for _, visit := range []struct {
				user    string
				key     *passkeylab.Device
				managed bool
			}{{alice, ours, true}, {bob, other, true}, {carol, atHome, false}} {
				laptop := lab.Laptop("the laptop with " + visit.key.Name())
				if visit.managed {
					laptop.ManagedFor(site)
				}
				laptop.Plug(visit.key)
				laptop.UserReachesFor(visit.key)
				lab.Site.OpenOn(laptop).SignUp(visit.user)
			}
			lab.HasIdentifiedTo(ours, site)
			lab.HasIdentifiedTo(other)
			lab.HasIdentifiedTo(atHome)
		},
	},
	{
		ID:     "models/revoked",
		Story:  "A model that was certified is revoked: who has one already is refused at the next login after the site has heard of it, and nobody signs up with one.",
		Covers: []string{"WebAuthn L3 §7.1 step 24", "FIDO MDS 3.1"},
		Needs:  ofModels(),
		Run: func(lab *passkeylab.Lab) {
			alice, bob := lab.Someone("alice"), lab.Someone("bob")
			first, second := lab.LaptopAttesting("alice's laptop", webauthn.FormatPacked), lab.LaptopAttesting("bob's laptop", webauthn.FormatPacked)
			lab.Certify(first)
			asksForModels(lab, ceremony.ModelRules{})
			page := lab.Site.OpenOn(first)
			page.SignUp(alice).LogOut()
			page.LogIn(alice).LogOut()

			lab.Report(first, mds.Revoked)
			lab.Wait(31 * 24 * time.Hour)
			page.LogInFails("passkey-authentication-failed")
			page = lab.Site.OpenOn(second)
			page.BeginSignUp(bob)
			page.CreatePasskeyFails("passkey-enrollment-failure")
			lab.Site.Log().Has(
				passkeylab.On(relyingparty.EventLoginFailed, alice).With("reason", "model-status"),
				passkeylab.On(relyingparty.EventSignUpFailed, bob).With("reason", "model-status"),
			)
		},
	},
	{
		ID:     "models/unknown",
		Story:  "Of this model nobody has heard: the site refuses it until its metadata have it.",
		Covers: []string{"WebAuthn L3 §7.1 step 24", "FIDO MDS 3.1"},
		Needs:  ofModels(),
		Run: func(lab *passkeylab.Lab) {
			alice := lab.Someone("alice")
			laptop := lab.LaptopAttesting("alice's laptop", webauthn.FormatPacked)
			lab.Certify(lab.Device("somebody else's key", profile.YubiKey54))
			asksForModels(lab, ceremony.ModelRules{})
			page := lab.Site.OpenOn(laptop)
			page.BeginSignUp(alice)
			page.CreatePasskeyFails("passkey-enrollment-failure")
			lab.Site.Log().Has(passkeylab.On(relyingparty.EventSignUpFailed, alice).With("reason", "unknown-model"))
			lab.Certify(laptop)
			lab.Wait(31 * 24 * time.Hour)
			page.SignUp(alice)
		},
	},
})

// madeForTheMoment are formats with a certificate or a time of their own in each
// statement. Their verifiers look at the machine's clock, whatever the lab's says.
var madeForTheMoment = []string{webauthn.FormatAndroidKey, webauthn.FormatAndroidSafetyNet, webauthn.FormatApple, webauthn.FormatCompound}

// attesting has a journey for each format of attestation statements.
func attesting() []Scenario {
	formats := []struct{ format, section, story string }{
		{webauthn.FormatPacked, "§8.2", "A laptop attests by the certificate of its batch; the site asks for that, verifies it and lets its owner in."},
		{webauthn.FormatTPM, "§8.3", "A laptop's TPM attests to the passkey; the site asks for that, verifies it and lets its owner in."},
		{webauthn.FormatAndroidKey, "§8.4", "A device's Android Keystore attests to the passkey; the site asks for that, verifies it and lets its owner in."},
		{webauthn.FormatAndroidSafetyNet, "§8.5", "SafetyNet, as older Android phones have it, attests to the passkey; the site asks for that, verifies it and lets its owner in."},
		{webauthn.FormatFIDOU2F, "§8.6", "A device attests as U2F keys do; the site asks for that, verifies it and lets its owner in."},
		{webauthn.FormatApple, "§8.8", "Apple's anonymous attestation vouches for the passkey; the site asks for that, verifies it and lets its owner in."},
		{webauthn.FormatCompound, "§8.9", "A device attests in two ways at once; the site asks for that, verifies both and lets its owner in."},
	}
	all := make([]Scenario, len(formats))
	for i, f := range formats {
		needs := ofModels()
		needs.RealTime = slices.Contains(madeForTheMoment, f.format)
		all[i] = Scenario{
			ID: "attestation/" + f.format, Story: f.story, Covers: []string{"WebAuthn L3 " + f.section, "WebAuthn L3 §7.1 step 22"}, Needs: needs,
			Run: func(lab *passkeylab.Lab) {
				alice := lab.Someone("alice")
				laptop := lab.LaptopAttesting("alice's laptop", f.format)
				lab.Certify(laptop)
				rules := ceremony.ModelRules{}
				if f.format == webauthn.FormatCompound { // go-webauthn wants the model to make each part's format by itself
					rules.Except = []ceremony.ModelCheck{ceremony.CheckFormats}
				}
				asksForModels(lab, rules)
				page := lab.Site.OpenOn(laptop)
				page.SignUp(alice).LogOut()
				page.LogIn(alice)
				lab.HoldsPasskeys(laptop, 1)
			},
		}
	}
	return all
}
