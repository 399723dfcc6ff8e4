package attestation_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/webauthn"
)

// signing is a credential of an algorithm that was just made, and can sign.
func signing(t testing.TB, alg webauthn.Algorithm) *attestation.Subject {
	t.Helper()
	about := subjectWith(t, alg)
	key, err := attestation.NewKey(secret, "credential", alg)
	require.NoError(t, err)
	about.Time, about.Sign = subject(t).Time, key.Sign
	return about
}

// Formats attest to keys of every algorithm that they know, and have the same defects
// then.
func TestCredentialsOfOtherAlgorithms(t *testing.T) {
	t.Parallel()
	for _, alg := range []webauthn.Algorithm{webauthn.ES384, webauthn.ES512, webauthn.RS256, webauthn.EdDSA} {
		t.Run(alg.String(), func(t *testing.T) {
			t.Parallel()
			about := signing(t, alg)
			for _, k := range kinds(t) {
				if !slices.Contains([]string{"packed", "packed, self", "apple", "android-key"}, k.name) {
					continue
				}
				if k.name == "android-key" && alg == webauthn.EdDSA {
					_, err := k.attester.Attest(about)
					assert.ErrorContains(t, err, "Android's key store has no keys of EdDSA")
					continue
				}
				assert.Empty(t, failures(t, k, about), k.name)
				assert.NoError(t, verify(t, k, about), k.name)
				for _, d := range attestation.Defects() {
					if broken, err := d.Break(k.attester); err == nil {
						bad := k
						bad.attester = broken
						assert.Equal(t, []string{d.Spec}, failures(t, bad, about), "%s of %s", d.ID, k.name)
					}
				}
			}
		})
	}
}

func TestFIDOU2FIsForES256Alone(t *testing.T) {
	t.Parallel()
	a, err := makers().Attester(webauthn.FormatFIDOU2F, attestation.Product{})
	require.NoError(t, err)
	_, err = a.Attest(signing(t, webauthn.ES384))
	assert.ErrorContains(t, err, "ES256 alone")
}

// Whoever attests needs to know the credential, from the authenticator data or, where
// that is broken, from whoever broke it.
func TestSubjectsWithoutACredential(t *testing.T) {
	t.Parallel()
	for _, k := range kinds(t) {
		about := subject(t)
		known := &attestation.Subject{AuthData: about.AuthData[:40], ClientDataHash: about.ClientDataHash, Time: about.Time, Sign: about.Sign}
		var data webauthn.AuthenticatorData
		require.NoError(t, data.Parse(about.AuthData))
		known.Credential = data.Attested
		_, err := k.attester.Attest(known)
		assert.NoError(t, err, k.name)
		for _, cut := range [][]byte{nil, about.AuthData[:37], about.AuthData[:60]} {
			_, err := k.attester.Attest(&attestation.Subject{AuthData: cut, ClientDataHash: about.ClientDataHash, Time: about.Time, Sign: about.Sign})
			if needs := !slices.Contains([]string{"none", "android-safetynet"}, k.name) && (k.attester.Format() != webauthn.FormatPacked || k.name == "packed, self"); needs {
				assert.Error(t, err, k.name)
			}
		}
	}
}
