package authenticators

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

func es256(t *testing.T) (*ecdsa.PrivateKey, cbor.Map) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	point, err := key.PublicKey.Bytes()
	require.NoError(t, err)
	return key, coseKey(point[1:33], point[33:]).With(coseAlg, int64(algES256))
}

func readKey(t *testing.T, m cbor.Map) (publicKey, error) {
	t.Helper()
	item, err := cbor.Decode(cbor.Encode(m))
	require.NoError(t, err)
	return readPublicKey(item)
}

func TestPublicKeys(t *testing.T) {
	t.Parallel()
	private, m := es256(t)
	key, err := readKey(t, m)
	require.NoError(t, err)
	message := []byte("message")
	sum := sha256.Sum256(message)
	signature, err := ecdsa.SignASN1(rand.Reader, private, sum[:])
	require.NoError(t, err)
	assert.True(t, key.verify(message, signature))
	assert.False(t, key.verify([]byte("another"), signature))

	public, secret, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	key, err = readKey(t, cbor.Map{{Key: coseKty, Value: ktyOKP}, {Key: coseAlg, Value: algEdDSA}, {Key: coseCrv, Value: 6}, {Key: coseX, Value: []byte(public)}})
	require.NoError(t, err)
	assert.True(t, key.verify(message, ed25519.Sign(secret, message)))
	assert.False(t, key.verify(message, make([]byte, 64)))

	_, err = readKey(t, m.With(coseAlg, -65000))
	assert.ErrorIs(t, err, errUnknownAlgorithm)
}

func TestPublicKeysThatAreWrong(t *testing.T) {
	t.Parallel()
	_, m := es256(t)
	x, y := bytesIn(m, coseX), bytesIn(m, coseY)
	off := append([]byte{}, y...)
	off[31] ^= 1
	for what, wrong := range map[string]cbor.Map{
		"no alg": m.Without(coseAlg), "no kty": m.Without(coseKty), "no curve": m.Without(coseCrv), "no y": m.Without(coseY),
		"another member": m.With(2, []byte("kid")), "another type": m.With(coseKty, 1), "another curve": m.With(coseCrv, 2),
		"short": m.With(coseX, x[1:]), "long": m.With(coseX, append([]byte{0}, x...)), "compressed": m.With(coseY, true),
		"off the curve": m.With(coseY, off), "at infinity": m.With(coseX, make([]byte, 32)).With(coseY, make([]byte, 32)),
	} {
		_, err := readKey(t, wrong)
		assert.Error(t, err, what)
	}
}
