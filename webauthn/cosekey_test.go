package webauthn_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"math/big"
	"testing"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// coseCases has an entry for each algorithm. Those of one kind share a key.
var coseCases = []struct {
	alg  webauthn.Algorithm
	name string
	kind string
	head string // of the COSE_Key, up to the first bytes of the key itself
	size int    // of the COSE_Key
}{
	{webauthn.ES256, "ES256", "P-256", "a5 01 02 03 26 20 01 21 58 20", 77},
	{webauthn.ESP256, "ESP256", "P-256", "a5 01 02 03 28 20 01 21 58 20", 77},
	{webauthn.ES384, "ES384", "P-384", "a5 01 02 03 38 22 20 02 21 58 30", 110},
	{webauthn.ESP384, "ESP384", "P-384", "a5 01 02 03 38 32 20 02 21 58 30", 110},
	{webauthn.ES512, "ES512", "P-521", "a5 01 02 03 38 23 20 03 21 58 42", 146},
	{webauthn.ESP512, "ESP512", "P-521", "a5 01 02 03 38 33 20 03 21 58 42", 146},
	{webauthn.ES256K, "ES256K", "secp256k1", "a5 01 02 03 38 2e 20 08 21 58 20", 78},
	{webauthn.EdDSA, "EdDSA", "Ed25519", "a4 01 01 03 27 20 06 21 58 20", 42},
	{webauthn.Ed25519, "Ed25519", "Ed25519", "a4 01 01 03 32 20 06 21 58 20", 42},
	{webauthn.Ed448, "Ed448", "Ed448", "a4 01 01 03 38 34 20 07 21 58 39", 68},
	{webauthn.RS256, "RS256", "RSA", "a4 01 03 03 39 01 00 20 59 01 00", 272},
	{webauthn.PS256, "PS256", "RSA", "a4 01 03 03 38 24 20 59 01 00", 271},
	{webauthn.MLDSA44, "ML-DSA-44", "ML-DSA-44", "a3 01 07 03 38 2f 20 59 05 20", 1322},
	{webauthn.MLDSA65, "ML-DSA-65", "ML-DSA-65", "a3 01 07 03 38 30 20 59 07 a0", 1962},
	{webauthn.MLDSA87, "ML-DSA-87", "ML-DSA-87", "a3 01 07 03 38 31 20 59 0a 20", 2602},
}

// publicKeys returns a key of each kind.
func publicKeys(t testing.TB) map[string]crypto.PublicKey {
	t.Helper()
	keys := make(map[string]crypto.PublicKey)
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		k, err := ecdsa.GenerateKey(curve, rand.Reader)
		require.NoError(t, err)
		keys[curve.Params().Name] = &k.PublicKey
	}
	k1, err := secp256k1.GeneratePrivateKey()
	require.NoError(t, err)
	keys["secp256k1"] = k1.PubKey()
	keys["Ed25519"], _, err = ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	keys["Ed448"], _, err = ed448.GenerateKey(rand.Reader)
	require.NoError(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	keys["RSA"] = &rsaKey.PublicKey
	for _, parameters := range []mldsa.Parameters{mldsa.MLDSA44(), mldsa.MLDSA65(), mldsa.MLDSA87()} {
		k, err := mldsa.GenerateKey(parameters)
		require.NoError(t, err)
		keys[parameters.String()] = k.PublicKey()
	}
	return keys
}

func TestCOSEKeyRoundTrip(t *testing.T) {
	t.Parallel()
	keys := publicKeys(t)
	for _, c := range coseCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.name, c.alg.String())
			raw, err := webauthn.EncodeCOSEKey(c.alg, keys[c.kind])
			require.NoError(t, err)
			require.NoError(t, canon.Check(raw))
			head := unhex(t, c.head)
			assert.Equal(t, head, raw[:len(head)])
			assert.Len(t, raw, c.size)

			alg, key, err := webauthn.ParseCOSEKey(raw)
			require.NoError(t, err)
			assert.Equal(t, c.alg, alg)
			assert.IsType(t, keys[c.kind], key)
			again, err := webauthn.EncodeCOSEKey(alg, key)
			require.NoError(t, err)
			assert.Equal(t, raw, again, "the same key comes back")
			for kind, other := range keys {
				if kind != c.kind {
					_, err := webauthn.EncodeCOSEKey(c.alg, other)
					assert.ErrorContains(t, err, c.name+" does not use", "%s must not take a key of %s", c.name, kind)
				}
			}
		})
	}
	_, err := webauthn.EncodeCOSEKey(webauthn.ES256, "a string")
	assert.ErrorContains(t, err, "no encoding for string")
}

// TestES256KeysAreSpelledAsCanonicalCBOR holds the layout by hand to the encoder.
func TestES256KeysAreSpelledAsCanonicalCBOR(t *testing.T) {
	t.Parallel()
	raw := sampleKey(t)
	var members map[int]any
	require.NoError(t, canon.Unmarshal(raw, &members))
	again, err := canon.Marshal(members)
	require.NoError(t, err)
	assert.Equal(t, []byte(raw), again)

	point, ok := webauthn.AppendES256Point([]byte("before"), raw)
	require.True(t, ok)
	_, key, err := webauthn.ParseCOSEKey(raw)
	require.NoError(t, err)
	want, err := key.(*ecdsa.PublicKey).Bytes()
	require.NoError(t, err)
	assert.Equal(t, append([]byte("before"), want...), point)
	for i := range 10 {
		other := append(canon.Raw(nil), raw...)
		other[i] ^= 1
		_, ok := webauthn.AppendES256Point(nil, other)
		assert.False(t, ok, "byte %d differs", i)
	}
	_, ok = webauthn.AppendES256Point(nil, raw[1:])
	assert.False(t, ok)
}

// members are those of a COSE_Key.
type members map[any]any

func TestCOSEKeyRefuses(t *testing.T) {
	t.Parallel()
	keys := publicKeys(t)
	for _, c := range []struct {
		name  string
		alg   webauthn.Algorithm
		spoil func(members)
		why   string
	}{
		{"ES256 on another curve", webauthn.ES256, func(m members) { m[-1] = 2 }, "ES256 does not go with curve 2"},
		{"ESP256 on another curve", webauthn.ESP256, func(m members) { m[-1] = 3 }, "ESP256 does not go with curve 3"},
		{"ESP256 without a curve", webauthn.ESP256, func(m members) { delete(m, -1) }, "does not go with curve"},
		{"ES256K on P-256", webauthn.ES256K, func(m members) { m[-1] = 1 }, "ES256K does not go with curve 1"},
		{"EdDSA with Ed448", webauthn.Ed448, func(m members) { m[3] = -8 }, "EdDSA does not go with curve 7"},
		{"Ed25519 with Ed448", webauthn.Ed25519, func(m members) { m[-1] = 7 }, "Ed25519 does not go with curve 7"},
		{"Ed448 with Ed25519", webauthn.EdDSA, func(m members) { m[3] = -53 }, "Ed448 does not go with curve 6"},
		{"a curve that is text", webauthn.ES256, func(m members) { m[-1] = "P-256" }, "curve P-256"},
		{"EdDSA with an EC2 key", webauthn.ES256, func(m members) { m[3] = -8 }, "EdDSA does not go with"},
		{"an EC2 key that says OKP", webauthn.ES256, func(m members) { m[1] = 1 }, "of key type OKP"},
		{"a symmetric key", webauthn.ES256, func(m members) { m[1] = 4 }, "key type 4 is not known"},
		{"no key type", webauthn.ES256, func(m members) { delete(m, 1) }, "key type 0 is not known"},
		{"no algorithm", webauthn.ES256, func(m members) { delete(m, 3) }, "COSE algorithm 0"},
		{"an unknown algorithm", webauthn.RS256, func(m members) { m[3] = -65535 }, "needs RS256 or PS256"},
		{"a compressed point", webauthn.ES256, func(m members) { m[-3] = true }, "-3"},
		{"a point off the curve", webauthn.ES384, func(m members) { m[-3] = make([]byte, 48) }, "P384"},
		{"a point off secp256k1", webauthn.ES256K, func(m members) { m[-3] = make([]byte, 32) }, "not on secp256k1 curve"},
		{"a short coordinate", webauthn.ES512, func(m members) { m[-2] = make([]byte, 65) }, "coordinates of 65 and 66 bytes, want 66"},
		{"a long coordinate", webauthn.ES256K, func(m members) { m[-3] = make([]byte, 33) }, "coordinates of 32 and 33 bytes, want 32"},
		{"a short Ed25519 key", webauthn.EdDSA, func(m members) { m[-2] = make([]byte, 31) }, "31 bytes, EdDSA has 32"},
		{"a short Ed448 key", webauthn.Ed448, func(m members) { m[-2] = make([]byte, 56) }, "56 bytes, Ed448 has 57"},
		{"an ML-DSA key of another size", webauthn.MLDSA44, func(m members) { m[3] = -49 }, "1312 bytes, ML-DSA-65 has 1952"},
		{"an AKP key of no algorithm of it", webauthn.MLDSA44, func(m members) { m[3] = -7 }, "needs an ML-DSA algorithm"},
		{"an AKP key that is a number", webauthn.MLDSA44, func(m members) { m[-1] = 1 }, "and a public key"},
		{"a modulus of 2040 bits", webauthn.RS256, func(m members) { m[-1] = m[-1].([]byte)[:255] }, "modulus of 255 bytes"},
		{"a modulus beyond 8192 bits", webauthn.PS256, func(m members) { m[-1] = make([]byte, 1025) }, "modulus of 1025 bytes"},
		{"an even modulus", webauthn.RS256, func(m members) { m[-1].([]byte)[255] &^= 1 }, "odd"},
		{"a modulus with a zero before", webauthn.RS256, func(m members) { m[-1] = append([]byte{0}, m[-1].([]byte)...) }, "leading zeros"},
		{"no exponent", webauthn.RS256, func(m members) { delete(m, -2) }, "exponent of 0"},
		{"exponent 1", webauthn.RS256, func(m members) { m[-2] = []byte{1} }, "within 3"},
		{"an even exponent", webauthn.RS256, func(m members) { m[-2] = []byte{4} }, "odd"},
		{"an exponent with a zero before", webauthn.RS256, func(m members) { m[-2] = []byte{0, 1, 0, 1} }, "leading zeros"},
		{"an exponent of 32 bits", webauthn.RS256, func(m members) { m[-2] = []byte{0x80, 0, 0, 1} }, "within 3"},
		{"an exponent of 40 bits", webauthn.RS256, func(m members) { m[-2] = []byte{1, 0, 0, 0, 1} }, "exponent of 5"},
		{"the private key too", webauthn.ES256, func(m members) { m[-4] = make([]byte, 32) }, "more members"},
		{"a key identifier", webauthn.EdDSA, func(m members) { m[2] = []byte{1} }, "more members"},
		{"key_ops", webauthn.RS256, func(m members) { m[4] = []int{2} }, "more members"},
		{"a label that is text", webauthn.MLDSA44, func(m members) { m["x"] = 1 }, "more members"},
		{"a y that OKP does not have", webauthn.Ed25519, func(m members) { m[-3] = make([]byte, 32) }, "more members"},
		{"more than is read", webauthn.ES256, func(m members) { m[-5] = make([]byte, 4096) }, "at most 4096 are read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var kind string
			for _, known := range coseCases {
				if known.alg == c.alg {
					kind = known.kind
				}
			}
			raw, err := webauthn.EncodeCOSEKey(c.alg, keys[kind])
			require.NoError(t, err)
			var labels map[int]any
			require.NoError(t, canon.Unmarshal(raw, &labels))
			m := make(members)
			for label, value := range labels {
				m[label] = value
			}
			c.spoil(m)
			raw, err = canon.Marshal(m)
			require.NoError(t, err)
			_, key, err := webauthn.ParseCOSEKey(raw)
			assert.ErrorContains(t, err, c.why)
			assert.Nil(t, key)
		})
	}
	for name, bad := range map[string][]byte{"no CBOR": {0xff}, "empty map": {0xa0}, "cut off": sampleKey(t)[:10], "nothing": nil} {
		_, _, err := webauthn.ParseCOSEKey(bad)
		assert.Error(t, err, name)
	}
}

// A key that parses has one spelling, and is of the type that is promised.
func FuzzParseCOSEKey(f *testing.F) {
	keys := publicKeys(f)
	for _, c := range coseCases {
		raw, err := webauthn.EncodeCOSEKey(c.alg, keys[c.kind])
		require.NoError(f, err)
		f.Add(raw)
	}
	raw, err := webauthn.EncodeCOSEKey(webauthn.PS256, &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 8191, 1), E: 3})
	require.NoError(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, data []byte) {
		alg, key, err := webauthn.ParseCOSEKey(data)
		if err != nil {
			require.Nil(t, key)
			return
		}
		again, err := webauthn.EncodeCOSEKey(alg, key)
		require.NoError(t, err)
		require.Equal(t, data, again)
		require.NotContains(t, alg.String(), "COSE algorithm", "only known algorithms have keys")
	})
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	var digits []byte
	for _, c := range []byte(text) {
		if c != ' ' {
			digits = append(digits, c)
		}
	}
	raw, err := hex.DecodeString(string(digits))
	require.NoError(t, err)
	return raw
}
