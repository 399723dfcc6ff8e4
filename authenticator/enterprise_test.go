package authenticator_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// makersKey is an attestation key whose certificate is only a name.
func makersKey(certificate string) *authenticator.AttestationKey {
	return &authenticator.AttestationKey{Algorithm: webauthn.ES256, Private: bytes.Repeat([]byte{7}, 32), Certificates: [][]byte{[]byte(certificate)}}
}

// Step 9 of makeCredential (CTAP 2.3 §6.1.2, §7.1) and step 19 after it.
func TestEnterpriseAttestation(t *testing.T) {
	t.Parallel()
	none, vendor := authenticator.EnterpriseFeatures{}, authenticator.EnterpriseFeatures{RPIDs: []string{"example.com"}}
	platform := authenticator.EnterpriseFeatures{Platform: true}
	both := authenticator.EnterpriseFeatures{RPIDs: []string{"example.com"}, Platform: true}
	elsewhere := func(r *ctap.MakeCredentialRequest) { r.RP.ID = "other.example" }
	noAttestation := func(r *ctap.MakeCredentialRequest) { r.AttestationFormatsPreference = []string{webauthn.FormatNone} }
	for _, c := range []struct {
		name    string
		able    authenticator.EnterpriseFeatures
		enabled bool
		asked   uint64
		change  func(*ctap.MakeCredentialRequest)
		want    ctap.Status
		granted bool
	}{
		{name: "9.1: not capable", able: none, enabled: true, asked: 1, want: ctap.InvalidParameter},
		{name: "9.1: not enabled", able: both, asked: 1, want: ctap.InvalidParameter},
		{name: "9.1: comes before the value", able: both, asked: 3, want: ctap.InvalidParameter},
		{name: "9.2.1: neither 1 nor 2", able: both, enabled: true, asked: 3, want: ctap.InvalidOption},
		{name: "9.2.1: zero", able: both, enabled: true, asked: 0, want: ctap.InvalidOption},
		{name: "9.2.2: vendor-facilitated, listed", able: vendor, enabled: true, asked: 1, granted: true},
		{name: "9.2.2: vendor-facilitated alone also serves 2", able: vendor, enabled: true, asked: 2, granted: true},
		{name: "9.2.3: vendor-facilitated, not listed", able: vendor, enabled: true, asked: 1, change: elsewhere},
		{name: "9.2.2: platform-managed", able: platform, enabled: true, asked: 2, change: elsewhere, granted: true},
		{name: "9.2.3: platform-managed does not serve 1", able: platform, enabled: true, asked: 1},
		{name: "9.2.2: both, listed", able: both, enabled: true, asked: 1, granted: true},
		{name: "9.2.3: both, 1, not listed", able: both, enabled: true, asked: 1, change: elsewhere},
		{name: "9.2.2: both, 2, not listed", able: both, enabled: true, asked: 2, change: elsewhere, granted: true},
		{name: "19: whoever wants no attestation stays unknown", able: both, enabled: true, asked: 1, change: noAttestation},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			model := keyOf(func(m *authenticator.Model) { m.Enterprise = c.able })
			if c.able.Platform || len(c.able.RPIDs) > 0 {
				model.Enterprise.Key = makersKey("one device")
			}
			r := newRig(t, model)
			require.NoError(t, r.store.Commit(t.Context(), authenticator.Change{Settings: &authenticator.Settings{Enterprise: c.enabled}}))
			req := creation(func(r *ctap.MakeCredentialRequest) { r.EnterpriseAttestation = &c.asked })
			if c.change != nil {
				c.change(req)
			}
			made, err := ctap.Call(t.Context(), r, req)
			require.Equal(t, c.want, ctap.StatusOf(err), "%v", err)
			if err != nil {
				return
			}
			assert.Equal(t, c.granted, made.EnterpriseAttestation, "epAtt")
			var statement webauthn.PackedStatement
			require.NoError(t, canon.Unmarshal(made.Statement, &statement))
			assert.Equal(t, c.granted, len(statement.X5C) > 0)
		})
	}
}

// Step 19: which format is chosen.
func TestAttestationFormats(t *testing.T) {
	t.Parallel()
	packed, u2f, none := webauthn.FormatPacked, webauthn.FormatFIDOU2F, webauthn.FormatNone
	for _, c := range []struct {
		name      string
		has, asks []string
		algorithm webauthn.Algorithm
		want      string
	}{
		{"the usual one", []string{packed, u2f}, nil, webauthn.ES256, packed},
		{"the first asked for", []string{packed, u2f}, []string{"tpm", u2f, packed}, webauthn.ES256, u2f},
		{"none of those asked for", []string{packed, u2f}, []string{"tpm"}, webauthn.ES256, packed},
		{"exactly none", []string{packed, u2f}, []string{none}, webauthn.ES256, none},
		{"exactly none, of one", []string{packed}, []string{none}, webauthn.ES256, none},
		{"none among others is skipped", []string{packed}, []string{none, packed}, webauthn.ES256, packed},
		{"one alone has no choice", []string{packed}, []string{u2f}, webauthn.ES256, packed},
		{"U2F speaks of ES256 only", []string{u2f, packed}, []string{u2f}, webauthn.EdDSA, packed},
		{"and says nothing rather than something wrong", []string{u2f}, nil, webauthn.EdDSA, none},
		{"a device that never attests", []string{none}, []string{packed}, webauthn.ES256, none},
	} {
		model := keyOf(func(m *authenticator.Model) {
			m.AttestationFormats, m.Attestation = c.has, makersKey("many devices")
		})
		made, _ := newRig(t, model).create(withAlgorithm(c.algorithm), func(r *ctap.MakeCredentialRequest) { r.AttestationFormatsPreference = c.asks })
		assert.Equal(t, c.want, made.Format, c.name)
	}
}
