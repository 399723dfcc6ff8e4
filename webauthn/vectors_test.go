package webauthn_test

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/testdata"
	"github.com/passkeylab/passkeylab/webauthn"
)

func eachVector(t *testing.T, check func(*testing.T, *testdata.WebAuthnVector)) {
	t.Helper()
	all, err := testdata.WebAuthnVectors()
	require.NoError(t, err)
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			check(t, &v)
		})
	}
}

// Client data serialises as the vectors have it. A member that nobody knows comes
// after all that we write (§5.8.1.1), so that §5.8.1.2 still finds its prefix.
func TestClientDataOfVectors(t *testing.T) {
	t.Parallel()
	eachVector(t, func(t *testing.T, v *testdata.WebAuthnVector) {
		for kind, c := range map[string]*testdata.Ceremony{
			webauthn.ClientDataCreate: &v.Registration.Ceremony, webauthn.ClientDataGet: &v.Authentication.Ceremony,
		} {
			want := &webauthn.ClientData{
				Type: kind, Challenge: c.Challenge, Origin: v.Origin, CrossOrigin: v.CrossOrigin, TopOrigin: v.TopOrigin,
			}
			got, err := webauthn.ParseClientData(c.ClientDataJSON)
			require.NoError(t, err)
			assert.Equal(t, want, got)

			text := want.Marshal()
			if extra := c.ExtraData(); extra != "" {
				text = append(text[:len(text)-1], `,"extraData":"`+extra+`"}`...)
			}
			assert.Equal(t, string(c.ClientDataJSON), string(text))
		}
	})
}

// Attestation objects and authenticator data read as what they were made of, and
// come out byte for byte as they went in.
func TestBinaryOfVectors(t *testing.T) {
	t.Parallel()
	eachVector(t, func(t *testing.T, v *testdata.WebAuthnVector) {
		r := &v.Registration
		object, err := webauthn.ParseAttestationObject(r.AttestationObject)
		require.NoError(t, err)
		assert.Equal(t, v.Format, object.Format)
		assert.Equal(t, r.AttestationObject, object.Marshal())

		made := authDataOf(t, v, object.AuthData, &r.Ceremony)
		require.NotNil(t, made.Attested)
		assert.Equal(t, webauthn.AAGUID(r.AAGUID), made.Attested.AAGUID)
		assert.Equal(t, r.CredentialID, made.Attested.CredentialID)
		assert.Nil(t, authDataOf(t, v, v.Authentication.AuthenticatorData, &v.Authentication.Ceremony).Attested)
	})
}

func authDataOf(t *testing.T, v *testdata.WebAuthnVector, raw []byte, c *testdata.Ceremony) *webauthn.AuthenticatorData {
	t.Helper()
	data, err := webauthn.ParseAuthenticatorData(raw)
	require.NoError(t, err)
	assert.Equal(t, raw, data.Marshal())
	assert.Equal(t, sha256.Sum256([]byte(v.RPID)), data.RPIDHash)
	assert.Zero(t, data.SignCount)
	assert.True(t, data.Flags.Has(webauthn.UserPresent))
	assert.Equal(t, c.UserVerified, data.Flags.Has(webauthn.UserVerified))
	assert.Equal(t, v.Registration.BackupEligible, data.Flags.Has(webauthn.BackupEligible))
	assert.Equal(t, c.BackedUp, data.Flags.Has(webauthn.BackedUp))
	return data
}

func TestKeysOfVectors(t *testing.T) {
	t.Parallel()
	eachVector(t, func(t *testing.T, v *testdata.WebAuthnVector) {
		object, err := webauthn.ParseAttestationObject(v.Registration.AttestationObject)
		require.NoError(t, err)
		data, err := webauthn.ParseAuthenticatorData(object.AuthData)
		require.NoError(t, err)
		alg, key, err := webauthn.ParseCOSEKey(data.Attested.PublicKey)
		require.NoError(t, err)
		assert.Equal(t, webauthn.Algorithm(v.Algorithm), alg)
		again, err := webauthn.EncodeCOSEKey(alg, key)
		require.NoError(t, err)
		assert.Equal(t, []byte(data.Attested.PublicKey), again)
	})
}
