package testdata_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/testdata"
)

// material is what all randomness of the ceremonies is derived from.
const material = "WebAuthn test vectors"

// drawn returns the random values of a vector in the order in which they were
// drawn. Its i-th value has salt i.
func drawn(v *testdata.WebAuthnVector) [][]byte {
	r, a := &v.Registration, &v.Authentication
	all := [][]byte{
		r.Challenge, r.PrivateKey, {r.ClientDataFlags}, r.ExtraRandom, r.AAGUID[:], r.CredentialID,
		r.FlagsRandom, r.AttestationKey, r.AttestationSerial,
		a.Challenge, {a.ClientDataFlags}, a.ExtraRandom, a.FlagsRandom,
	}
	there := all[:0]
	for _, value := range all {
		if value != nil {
			there = append(there, value)
		}
	}
	return there
}

// The values of a vector are what its text says they are derived from, so none
// of them is a slip of the pen.
func TestRandomnessIsDerived(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		requireDerived(t, v.Info, drawn(&v))
	}
	ca := attestationCA(t)
	requireDerived(t, ca.Info, [][]byte{ca.Key, ca.SerialNumber})
}

func requireDerived(t *testing.T, info string, values [][]byte) {
	t.Helper()
	for salt, value := range values {
		want, err := hkdf.Key(sha256.New, []byte(material), []byte{byte(salt)}, info, len(value))
		require.NoError(t, err)
		require.Equal(t, want, value, "%s, salt %02x", info, salt)
	}
}

// collected is CollectedClientData with the member that the vectors add, in the
// order of its serialisation (§5.8.1.1).
type collected struct {
	Type        string `json:"type"`
	Challenge   string `json:"challenge"`
	Origin      string `json:"origin"`
	CrossOrigin bool   `json:"crossOrigin"`
	TopOrigin   string `json:"topOrigin,omitempty"`
	ExtraData   string `json:"extraData,omitempty"`
}

// None of the vectors has a character that encoding/json would escape.
func TestClientDataFollows(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		for kind, c := range map[string]*testdata.Ceremony{
			"webauthn.create": &v.Registration.Ceremony, "webauthn.get": &v.Authentication.Ceremony,
		} {
			want, err := json.Marshal(collected{
				kind, base64.RawURLEncoding.EncodeToString(c.Challenge), v.Origin, v.CrossOrigin, v.TopOrigin, c.ExtraData(),
			})
			require.NoError(t, err)
			assert.Equal(t, string(want), string(c.ClientDataJSON), v.Name)
		}
	}
}

// authData is authenticator data (§6.1) up to the counter, which is 0 in every
// vector.
func authData(v *testdata.WebAuthnVector, c *testdata.Ceremony, flags byte) []byte {
	for _, bit := range []struct {
		on  bool
		bit byte
	}{{c.UserVerified, 0x04}, {v.Registration.BackupEligible, 0x08}, {c.BackedUp, 0x10}} {
		if bit.on {
			flags |= bit.bit
		}
	}
	hash := sha256.Sum256([]byte(v.RPID))
	return append(append(hash[:], flags), 0, 0, 0, 0)
}

// attestedData is authenticator data of the registration.
func attestedData(t *testing.T, v *testdata.WebAuthnVector) []byte {
	t.Helper()
	r := &v.Registration
	data := append(authData(v, &r.Ceremony, 0x41), r.AAGUID[:]...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(r.CredentialID)))
	data = append(data, r.CredentialID...)
	key, err := canon.Marshal(coseKey(t, v))
	require.NoError(t, err)
	return append(data, key...)
}

func TestAuthenticatorDataFollows(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		assert.Equal(t, attestedData(t, &v), object(t, &v).AuthData, v.Name)
		assert.Equal(t, authData(&v, &v.Authentication.Ceremony, 0x01), v.Authentication.AuthenticatorData, v.Name)
	}
}
