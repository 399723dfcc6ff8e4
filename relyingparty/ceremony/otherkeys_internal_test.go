package ceremony

import (
	"bytes"
	"testing"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type coseMembers = map[int]any

func encodedKey(t testing.TB, key coseMembers) []byte {
	t.Helper()
	out, err := cbor.Marshal(key)
	require.NoError(t, err)
	return out
}

// Keys that go-webauthn leaves to us verify what their halves signed, and nothing else.
func TestOtherKeys(t *testing.T) {
	t.Parallel()
	seed := bytes.Repeat([]byte{7}, ed448.SeedSize)
	edwards := ed448.NewKeyFromSeed(seed)
	lattice, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), seed[:mldsa.PrivateKeySize])
	require.NoError(t, err)
	message := []byte("what is signed")
	byLattice, err := lattice.SignDeterministic(message, nil)
	require.NoError(t, err)
	point, public := []byte(edwards[ed448.SeedSize:]), lattice.PublicKey().Bytes()
	for name, row := range map[string]struct {
		key       coseMembers
		signature []byte
		good      bool
	}{
		"Ed448":                       {coseMembers{1: 1, 3: -53, -1: 7, -2: point}, ed448.Sign(edwards, message, ""), true},
		"ML-DSA-44":                   {coseMembers{1: 7, 3: -48, -1: public}, byLattice, true},
		"Ed448, signature cut":        {coseMembers{1: 1, 3: -53, -1: 7, -2: point}, ed448.Sign(edwards, message, "")[1:], false},
		"ML-DSA-44, signature cut":    {coseMembers{1: 7, 3: -48, -1: public}, byLattice[1:], false},
		"Ed448, of another curve":     {coseMembers{1: 1, 3: -53, -1: 6, -2: point}, ed448.Sign(edwards, message, ""), false},
		"Ed448, a byte short":         {coseMembers{1: 1, 3: -53, -1: 7, -2: point[1:]}, ed448.Sign(edwards, message, ""), false},
		"Ed448, with a member more":   {coseMembers{1: 1, 2: point, 3: -53, -1: 7, -2: point}, ed448.Sign(edwards, message, ""), false},
		"ML-DSA-44, a byte short":     {coseMembers{1: 7, 3: -48, -1: public[1:]}, byLattice, false},
		"ML-DSA-44, with the private": {coseMembers{1: 7, 3: -48, -1: public, -2: seed[:32]}, byLattice, false},
		"ML-DSA-44, said to be of 65": {coseMembers{1: 7, 3: -49, -1: public}, byLattice, false},
		"ML-DSA-44, of type OKP":      {coseMembers{1: 1, 3: -48, -1: public}, byLattice, false},
	} {
		cose := encodedKey(t, row.key)
		err := CheckPublicKey(cose)
		if err == nil {
			err = verifySignature(cose, message, row.signature)
		}
		assert.Equal(t, row.good, err == nil, "%s: %v", name, err)
		assert.Error(t, verifySignature(cose, message[1:], row.signature), name)
	}
}

func FuzzReadOtherKey(f *testing.F) {
	for _, key := range []coseMembers{{1: 1, 3: -53, -1: 7, -2: make([]byte, ed448.PublicKeySize)}, {1: 7, 3: -48, -1: make([]byte, 1312)}, {}} {
		f.Add(encodedKey(f, key))
	}
	f.Fuzz(func(t *testing.T, cose []byte) {
		if key, err := readOtherKey(cose); err == nil {
			key.verify([]byte("message"), cose)
		}
	})
}
