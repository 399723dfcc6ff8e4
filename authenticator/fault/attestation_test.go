package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Each fault has a device make a statement that fails the step it names, and no
// device of another kind notices.
func TestAttestationFaults(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	makers := attestation.NewMakers([]byte("a lab"), now)
	faults := attestationFaults()
	require.NotEmpty(t, faults)
	for _, format := range []string{webauthn.FormatApple, webauthn.FormatAndroidKey, webauthn.FormatNone} {
		model := authenticator.Laptop()
		attester, err := makers.Attester(format, attestation.Product{AAGUID: model.AAGUID, Level: attestation.TrustedEnvironment})
		require.NoError(t, err)
		roots, err := makers.Roots(format)
		require.NoError(t, err)
		model.AttestationFormats, model.Attesters = []string{format}, []attestation.Attester{attester}
		device, err := authenticator.New(model, authenticator.Env{
			Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.NewManualClock(now), Random: seed.Stream(1),
		})
		require.NoError(t, err)
		for i, d := range attestation.Defects() {
			detach := device.Attach(faults[i].Seams)
			made, err := ctap.Call(t.Context(), device, &ctap.MakeCredentialRequest{
				ClientDataHash: make([]byte, 32), RP: ctap.RPEntity{ID: "example.com"}, User: ctap.UserEntity{ID: []byte{1}},
				PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey}},
			})
			detach()
			require.NoError(t, err, faults[i].ID)
			o := webauthn.AttestationObject{Format: made.Format, Statement: made.Statement, AuthData: made.AuthData}
			failed := attestationtest.Failures(o.Marshal(), make([]byte, 32), attestationtest.Policy{Roots: roots, Time: now})
			if d.Format == format {
				assert.Equal(t, []string{faults[i].Spec}, failed, faults[i].ID)
				assert.Regexp(t, "^attestation/"+format+"-[a-z0-9-]+$", faults[i].ID)
			} else {
				assert.Empty(t, failed, "%s of another format", faults[i].ID)
			}
		}
	}
}
