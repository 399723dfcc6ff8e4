package profile_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

var webauthnEpoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// registration is one that every profile grants.
func registration(t *testing.T, p profile.Profile, a *authenticator.Authenticator, user string) (*webauthn.AuthenticatorData, string, map[string]any) {
	t.Helper()
	hash := sha256.Sum256([]byte("client data"))
	req := &ctap.MakeCredentialRequest{
		ClientDataHash: hash[:], RP: ctap.RPEntity{ID: "example.com", Name: "Example"},
		User: ctap.UserEntity{ID: []byte(user), Name: user, DisplayName: user},
	}
	if how, _ := p.UserVerification.Value(); how == profile.VerifiesWhenAsked {
		asked := true
		req.Options = &ctap.Options{UV: &asked}
	}
	for _, alg := range a.Model().Algorithms {
		req.PubKeyCredParams = append(req.PubKeyCredParams, ctap.Parameters{Algorithm: int64(alg), Type: ctap.PublicKey})
	}
	made, err := a.Do(t.Context(), req)
	require.NoError(t, err)
	resp := made.(*ctap.MakeCredentialResponse)
	data, err := webauthn.ParseAuthenticatorData(resp.AuthData)
	require.NoError(t, err)
	var statement map[string]any
	require.NoError(t, cbor.Unmarshal(resp.Statement, &statement))
	return data, resp.Format, statement
}

// What relying parties see of a registration is what the facts say.
func TestRegistrationsShowTheFacts(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		if p.ID == "u2f-key" {
			continue // see below
		}
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			a := device(t, p)
			model := a.Model()
			if model.AlwaysUv == authenticator.FactoryOn {
				return // see TestBioWantsAFinger
			}
			data, format, statement := registration(t, p, a, "alice")
			if want, known := p.AAGUID.Value(); known {
				assert.Equal(t, want, data.Attested.AAGUID, "even where getInfo says another")
			}
			if want, known := p.CredentialIDBytes.Value(); known {
				assert.Len(t, data.Attested.CredentialID, want)
			}
			if want, known := p.BackupEligible.Value(); known {
				assert.Equal(t, want, data.Flags.Has(webauthn.BackupEligible))
			}
			if want, known := p.BackedUp.Value(); known {
				assert.Equal(t, want, data.Flags.Has(webauthn.BackedUp))
			}
			if want, known := p.Algorithms.Value(); known {
				alg, _, err := webauthn.ParseCOSEKey(data.Attested.PublicKey)
				require.NoError(t, err)
				assert.Equal(t, want[0], alg)
			}
			if how, known := p.UserVerification.Value(); known {
				verified := how == profile.VerifiesAlways || how == profile.VerificationClaimed || how == profile.VerifiesWhenAsked
				assert.Equal(t, verified, data.Flags.Has(webauthn.UserVerified))
			}
			compareAttestation(t, p, format, statement)
			compareCounter(t, p, a, data)
		})
	}
}

func compareAttestation(t *testing.T, p profile.Profile, format string, statement map[string]any) {
	t.Helper()
	want, known := p.Attestation.Value()
	if !known {
		return
	}
	for _, d := range p.Differs {
		if d.Fact == "attestation" {
			assert.NotEqual(t, want.Format, format, "attestation does not differ")
			return
		}
	}
	assert.Equal(t, want.Format, format)
	assert.NotContains(t, statement, "x5c", "a maker's key is for somebody else to add")
}

// compareCounter registers again: counters that count the whole device have moved.
func compareCounter(t *testing.T, p profile.Profile, a *authenticator.Authenticator, first *webauthn.AuthenticatorData) {
	t.Helper()
	second, _, _ := registration(t, p, a, "bob")
	switch want, _ := p.Counter.Value(); want {
	case profile.CounterGlobal:
		assert.Greater(t, second.SignCount, first.SignCount)
	case profile.CounterZero, profile.CounterPerCredential:
		assert.Zero(t, first.SignCount)
		assert.Zero(t, second.SignCount)
	}
}

// A key from before CTAP2 registers by U2F.
func TestU2FKeyRegisters(t *testing.T) {
	t.Parallel()
	a := device(t, profile.U2FKey)
	made, err := u2f.Call(t.Context(), a, &u2f.RegisterRequest{Challenge: u2f.Parameter{1}, Application: sha256.Sum256([]byte("example.com"))})
	require.NoError(t, err)
	assert.Len(t, made.KeyHandle, 64)
}

// Fingerprints are how a YubiKey Bio verifies, and it wants one for everything.
func TestBioWantsAFinger(t *testing.T) {
	t.Parallel()
	a := device(t, profile.YubiKeyBio)
	model := a.Model()
	assert.Positive(t, model.Bio.Templates)
	assert.Equal(t, 25, model.Capacity)
	_, err := a.Do(t.Context(), &ctap.MakeCredentialRequest{
		ClientDataHash: make([]byte, 32), RP: ctap.RPEntity{ID: "example.com"}, User: ctap.UserEntity{ID: []byte{1}},
		PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey}},
	})
	assert.ErrorIs(t, err, ctap.PUATRequired)
}
