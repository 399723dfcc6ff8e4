package pinuv

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/seed"
)

// The keys that protocol two derives from the shared secret 01 02 .. 20, as two
// public implementations have them.
func TestDerivationOfProtocolTwo(t *testing.T) {
	t.Parallel()
	z := make([]byte, 32)
	for i := range z {
		z[i] = byte(i + 1)
	}
	s, err := derive(2, nil, z)
	require.NoError(t, err)
	assert.Equal(t, "9eb685ea1bd795e05cbfbe28f0ef46f1b89ae3a73161c4d64d1181082e82db67", hex.EncodeToString(s.mac))
	assert.Equal(t, "e56b82398cbb09e2a1b546808a716befa7907d17976b72193c6f909413c73184", hex.EncodeToString(s.key))
}

func TestBothSidesAgree(t *testing.T) {
	t.Parallel()
	for _, protocol := range []int{1, 2} {
		random := seed.Stream(1, "pinuv")
		peer, err := drawKey(random)
		require.NoError(t, err)
		point := peer.PublicKey().Bytes()
		s, x, y, err := Agree(protocol, random, point[1:33], point[33:])
		require.NoError(t, err)

		z, err := peer.ECDH(mustPoint(t, x, y))
		require.NoError(t, err)
		other, err := derive(protocol, random, z)
		require.NoError(t, err)
		assert.Equal(t, s.mac, other.mac)

		plain := bytes.Repeat([]byte{7}, 64)
		sealed := s.Encrypt(plain)
		assert.Len(t, sealed, 64+16*(protocol-1))
		opened, err := other.Decrypt(sealed)
		require.NoError(t, err)
		assert.Equal(t, plain, opened)
		assert.Len(t, s.Authenticate(plain), 16*protocol)
	}
}

func TestDecryptRefusesWhatIsNoBlocks(t *testing.T) {
	t.Parallel()
	for _, protocol := range []int{1, 2} {
		s, err := derive(protocol, nil, make([]byte, 32))
		require.NoError(t, err)
		_, err = s.Decrypt(make([]byte, 17))
		assert.Error(t, err)
	}
	s, err := derive(2, nil, make([]byte, 32))
	require.NoError(t, err)
	_, err = s.Decrypt(make([]byte, 15))
	assert.Error(t, err)
}

func TestAgreeRefusesPointsElsewhere(t *testing.T) {
	t.Parallel()
	_, _, _, err := Agree(2, seed.Stream(1), make([]byte, 32), make([]byte, 32))
	assert.Error(t, err)
}

func mustPoint(t *testing.T, x, y []byte) *ecdh.PublicKey {
	t.Helper()
	p, err := ecdh.P256().NewPublicKey(append(append([]byte{4}, x...), y...))
	require.NoError(t, err)
	return p
}
