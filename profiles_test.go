package passkeylab_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// product adds a device of a profile, and what its user sits at: the device itself,
// or a laptop with the key in it.
func product(lab *passkeylab.Lab, p profile.Profile) (device, at *passkeylab.Device) {
	device = lab.Device("the product", p)
	if p.Kind != profile.SecurityKey {
		return device, device
	}
	at = lab.Laptop("a laptop")
	at.Plug(device)
	at.UserReachesFor(device)
	return device, at
}

// Every product signs up, with its own attestation, and logs in. Where it keeps no passkeys or verifies nobody,
// as far as is known, it does not: from a key the browser turns to the laptop.
func TestEveryProductIsADevice(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			model, err := p.Model()
			require.NoError(t, err)
			// Some attest with certificates of the moment, which verifiers hold to the machine's clock.
			lab := passkeylab.New(t, passkeylab.WithModels(), passkeylab.WithStart(time.Now().Truncate(time.Second)),
				passkeylab.WithPolicy(func(p *relyingparty.Policy) { p.Attestation = ceremony.AttestationDirect }))
			device, at := product(lab, p)
			if model.PIN.Supported {
				device.SetPIN("271828")
			}
			page := lab.Site.OpenOn(at)
			switch p.ID {
			case "android-platform":
				page.BeginSignUp(alice)
				page.CreatePasskeyFails("NotAllowedError")
				return
			case "chromium-virtual", "u2f-key":
				page.SignUp(alice)
				lab.HoldsPasskeys(device, 0)
				lab.HoldsPasskeys(at, 1)
				return
			}
			page.SignUp(alice).LogOut()
			page.LogIn(alice)
			lab.HoldsPasskeys(device, 1)
			made := device.Passkeys()[0]
			assert.Equal(t, []any{model.BackupEligible, model.BackedUp}, []any{made.BackupEligible, made.BackedUp})
			if counter, _ := p.Counter.Value(); counter == profile.CounterZero {
				assert.Zero(t, made.SignCount)
			}
		})
	}
}

// What speaks U2F alone is spoken to in U2F, and that is in the record.
func TestKeyFromBeforeCTAP2(t *testing.T) {
	t.Parallel()
	var entry report.Entry
	require.NoError(t, passkeylab.Rehearse(t.Context(), "u2f", func(lab *passkeylab.Lab) {
		_, at := product(lab, profile.U2FKey)
		lab.Site.OpenOn(at).SignUp(alice)
	}, passkeylab.WithRecord(&entry)))
	var heard []string
	for _, m := range entry.Transcript {
		if m.To == "the product" || m.From == "the product" {
			heard = append(heard, m.Layer+": "+m.Name+" "+m.Status)
		}
	}
	assert.Equal(t, []string{"U2F: U2F_VERSION ", "U2F: U2F_VERSION SW_NO_ERROR"}, heard)
}

// A profile of which no device can be made ends the journey.
func TestProductThatIsNone(t *testing.T) {
	t.Parallel()
	err := passkeylab.Rehearse(t.Context(), "none", func(lab *passkeylab.Lab) {
		lab.Device("a key", profile.Profile{ID: "none", Kind: profile.SecurityKey, CredentialIDBytes: profile.Known(3, "itself")})
	})
	assert.ErrorContains(t, err, "a new device")
	assert.ErrorContains(t, err, "CredentialIDBytes 3")
}
