package authenticator

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/big"
	"testing"

	"filippo.io/bigmod"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// rfc6979Scalar is x of RFC 6979 §A.2.5.
const rfc6979Scalar = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"

// order is n of P-256 with a distance added, in 32 bytes.
func order(distance int64) []byte {
	n := new(big.Int).Add(elliptic.P256().Params().N, big.NewInt(distance))
	return n.FillBytes(make([]byte, p256Size))
}

func TestES256OfTheRFC(t *testing.T) {
	t.Parallel()
	scalar, err := hex.DecodeString(rfc6979Scalar)
	require.NoError(t, err)
	k, err := parseKey(webauthn.ES256, scalar)
	require.NoError(t, err)
	for message, want := range map[string]string{
		"sample": "3046" + "022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" +
			"022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
		"test": "3045" + "022100f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367" +
			"0220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
	} {
		signature, err := k.sign([]byte(message))
		require.NoError(t, err)
		assert.Equal(t, want, hex.EncodeToString(signature), message)
	}
}

// signsLikeTheLibrary holds a signature to that of crypto/ecdsa.
func signsLikeTheLibrary(t *testing.T, scalar Secret, message []byte) {
	t.Helper()
	library, refused := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	k, err := parseKey(webauthn.ES256, scalar)
	require.Equal(t, refused == nil, err == nil, "%x: %v", scalar, err)
	if err != nil {
		return
	}
	digest := sha256.Sum256(message)
	want, err := library.Sign(nil, digest[:], crypto.SHA256)
	require.NoError(t, err)
	signature, err := k.sign(message)
	require.NoError(t, err)
	require.Equal(t, want, signature, "scalar %x, message %x", scalar, message)
}

// There are so many that parts of signatures with a byte of zeros in front are
// among them.
func TestES256SignsLikeTheLibrary(t *testing.T) {
	t.Parallel()
	random := seed.Stream(1)
	for i := range 3000 {
		scalar, message := make(Secret, p256Size), make([]byte, i%200)
		_, err := io.ReadFull(random, scalar)
		require.NoError(t, err)
		_, err = io.ReadFull(random, message)
		require.NoError(t, err)
		signsLikeTheLibrary(t, scalar, message)
	}
	one := append(make(Secret, p256Size-1), 1)
	for _, scalar := range []Secret{one, order(-1), order(-2), order(0), order(1), make(Secret, p256Size)} {
		signsLikeTheLibrary(t, scalar, []byte("message"))
	}
}

func FuzzES256SignsLikeTheLibrary(f *testing.F) {
	f.Add([]byte(countingSeed()), []byte("message"))
	f.Add(order(-1), []byte{})
	f.Add(order(0), []byte("message"))
	f.Add(make([]byte, p256Size), []byte("message"))
	f.Fuzz(func(t *testing.T, scalar, message []byte) { signsLikeTheLibrary(t, scalar, message) })
}

func TestScalarsFromOneToTheOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number []byte
		fits   bool
	}{
		{make([]byte, p256Size), false},
		{append(make([]byte, p256Size-1), 1), true},
		{order(-1), true},
		{order(0), false},
		{order(1), false},
	} {
		assert.Equal(t, c.fits, setScalar(bigmod.NewNat(), c.number), "%x", c.number)
	}
}

// scalarOf is a number in the form that attempt takes and changes.
func scalarOf(t *testing.T, x *big.Int) *bigmod.Nat {
	t.Helper()
	n, err := bigmod.NewNat().SetBytes(x.FillBytes(make([]byte, p256Size)), p256Order)
	require.NoError(t, err)
	return n
}

// With e = -r·d the second part of the signature is zero, whatever the nonce.
func TestES256RefusesAZeroInTheSignature(t *testing.T) {
	t.Parallel()
	parsed, err := parseKey(webauthn.ES256, countingSeed())
	require.NoError(t, err)
	k := parsed.private.(p256Key)
	r := bigmod.NewNat()
	require.NoError(t, setBaseX(r, scalarOf(t, big.NewInt(5))))
	e := new(big.Int).Mul(new(big.Int).SetBytes(r.Bytes(p256Order)), new(big.Int).SetBytes(k.scalar[:]))
	e.Mod(e.Neg(e), elliptic.P256().Params().N)
	for distance, refused := range map[int64]bool{0: true, 1: false} {
		signature, err := k.attempt(scalarOf(t, new(big.Int).Xor(e, big.NewInt(distance))), scalarOf(t, big.NewInt(5)), scalarOf(t, big.NewInt(7)))
		require.NoError(t, err)
		assert.Equal(t, refused, signature == nil)
	}
}

func TestTheBlindIsGoneFromTheSignature(t *testing.T) {
	t.Parallel()
	parsed, err := parseKey(webauthn.ES256, countingSeed())
	require.NoError(t, err)
	k := parsed.private.(p256Key)
	var signatures [2][]byte
	for i, blind := range []int64{1, 1234567} {
		signatures[i], err = k.attempt(scalarOf(t, big.NewInt(2)), scalarOf(t, big.NewInt(3)), scalarOf(t, big.NewInt(blind)))
		require.NoError(t, err)
	}
	assert.Equal(t, signatures[0], signatures[1])
}
