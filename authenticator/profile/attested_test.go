package profile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Every product attests in its own format, to the last byte as a strict verifier wants
// it, and its metadata lead to who vouches for it.
func TestProductsAttestAsTheyDo(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	makers := attestation.NewMakers([]byte("a lab"), now)
	seen := map[string]bool{}
	for _, p := range profile.All() {
		t.Run(p.ID, func(t *testing.T) {
			model, err := p.AttestedBy(makers)
			require.NoError(t, err)
			if len(model.AttestationFormats) == 0 {
				return // U2F alone
			}
			model.AlwaysUv = authenticator.Lacking // for this device has neither PIN nor finger yet
			verifies := model.UV == authenticator.UVConfigured
			device, err := authenticator.New(model, authenticator.Env{
				Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
				Clock: authenticator.NewManualClock(now), Random: seed.Stream(1),
			})
			require.NoError(t, err)
			answer, err := device.Do(t.Context(), &ctap.MakeCredentialRequest{
				ClientDataHash: make([]byte, 32), RP: ctap.RPEntity{ID: "example.com"}, User: ctap.UserEntity{ID: []byte{1}},
				PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(model.Algorithms[0]), Type: ctap.PublicKey}},
				Options:          &ctap.Options{UV: &verifies},
			})
			require.NoError(t, err)
			made := answer.(*ctap.MakeCredentialResponse)
			roots, err := makers.Roots(made.Format)
			require.NoError(t, err)
			o := webauthn.AttestationObject{Format: made.Format, Statement: made.Statement, AuthData: made.AuthData}
			assert.Empty(t, attestationtest.Failures(o.Marshal(), make([]byte, 32), attestationtest.Policy{Roots: roots, Time: now}))
			known, is := p.Attestation.Value()
			if is {
				assert.Equal(t, known.Format, made.Format)
			}
			seen[made.Format] = true
			if model.AAGUID == (webauthn.AAGUID{}) {
				_, err = profile.Metadata(t.Context(), p.Name, model, makers)
				assert.ErrorContains(t, err, "no AAGUID")
				return
			}
			statement, err := profile.Metadata(t.Context(), p.Name, model, makers)
			require.NoError(t, err)
			assert.Equal(t, is && known.Type != profile.AttestsNothing && known.Type != profile.AttestsSelf,
				len(statement.AttestationRootCertificates) > 0)
		})
	}
	for _, format := range []string{webauthn.FormatPacked, webauthn.FormatTPM, webauthn.FormatAndroidKey, webauthn.FormatApple, webauthn.FormatNone} {
		assert.True(t, seen[format], "no product attests with %s", format)
	}
}
