package authenticator

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// fingerprints are of the public key and a signature that the seed 00 01 02 … 1f
// leads to. One that changes breaks a promise: a seed gives the same bytes on
// every machine and with every version of Go and of the libraries.
var fingerprints = map[webauthn.Algorithm]string{
	webauthn.ES256:   "6a6548df3ef28e91",
	webauthn.ESP256:  "9230de886e6fc902",
	webauthn.ES384:   "63bff147d7bcace6",
	webauthn.ESP384:  "a83f716dc26a208f",
	webauthn.ES512:   "f216fceff8c35977",
	webauthn.ESP512:  "734cf235a466a3a1",
	webauthn.ES256K:  "c8f6ff0ff7754eb6",
	webauthn.EdDSA:   "d0cd5ca7eaa32168",
	webauthn.Ed25519: "f0cb58d6b6e20819",
	webauthn.Ed448:   "60c072680f13b07e",
	webauthn.RS256:   "f9a66132e22cd0cf",
	webauthn.PS256:   "323950b325b6b88a",
	webauthn.MLDSA44: "e1ceffe62eed3fef",
	webauthn.MLDSA65: "dd1a894546a6b735",
	webauthn.MLDSA87: "11f5b42716ea3333",
}

// countingSeed is 00 01 02 … 1f.
func countingSeed() Secret {
	secret := make(Secret, seedSize)
	for i := range secret {
		secret[i] = byte(i)
	}
	return secret
}

func TestSeedsGiveTheSameKeysForEver(t *testing.T) {
	t.Parallel()
	for id := range algorithms {
		t.Run(id.String(), func(t *testing.T) {
			t.Parallel()
			k, err := parseKey(id, countingSeed())
			require.NoError(t, err)
			cose, err := k.cose()
			require.NoError(t, err)
			signature, err := k.sign([]byte("message"))
			require.NoError(t, err)
			again, err := k.sign([]byte("message"))
			require.NoError(t, err)
			assert.Equal(t, signature, again)
			sum := sha256.Sum256(append(cose, signature...))
			assert.Equal(t, fingerprints[id], hex.EncodeToString(sum[:8]))
		})
	}
}

// A key in its own form is the key that its seed stands for.
func TestKeysInTheirOwnForm(t *testing.T) {
	t.Parallel()
	for id, size := range map[webauthn.Algorithm]int{
		webauthn.ES384: 48, webauthn.ESP384: 48, webauthn.ES512: 66, webauthn.ESP512: 66,
		webauthn.Ed448: 57, webauthn.RS256: 256, webauthn.PS256: 256,
	} {
		own, err := algorithms[id].expand(countingSeed())
		require.NoError(t, err)
		assert.Len(t, own, size)
		k, err := parseKey(id, own)
		require.NoError(t, err)
		want, err := parseKey(id, countingSeed())
		require.NoError(t, err)
		assert.Equal(t, want.private.Public(), k.private.Public(), "%s", id)
	}
}

func TestParseKeyRefuses(t *testing.T) {
	t.Parallel()
	order := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)).Bytes() // above every order of 256 bits
	primes, err := expandRSA(countingSeed())
	require.NoError(t, err)
	twice := append(append(Secret{}, primes[:128]...), primes[:128]...)
	even := append(Secret{}, primes...)
	even[127] &^= 1
	small := append(Secret{}, primes...)
	small[0], small[128] = 1, 1
	for _, c := range []struct {
		name   string
		alg    webauthn.Algorithm
		secret Secret
		why    string
	}{
		{"not implemented", -65535, countingSeed(), "RS1 is not implemented"},
		{"nothing", webauthn.ES256, nil, "ES256: has 0 bytes, want 32"},
		{"a byte too few", webauthn.EdDSA, make(Secret, 31), "EdDSA: has 31 bytes, want 32"},
		{"a byte too many", webauthn.ES256K, make(Secret, 33), "has 33 bytes, want 32"},
		{"between seed and scalar", webauthn.ES384, make(Secret, 47), "has 47 bytes, want 48"},
		{"between seed and scalar", webauthn.ES512, make(Secret, 65), "has 65 bytes, want 66"},
		{"between seed and key", webauthn.Ed448, make(Secret, 56), "has 56 bytes, want 57"},
		{"no ML-DSA seed", webauthn.MLDSA65, make(Secret, 64), "ML-DSA-65"},
		{"zero", webauthn.ES256, make(Secret, 32), "ES256"},
		{"zero", webauthn.ES256K, make(Secret, 32), "not within 1 to the order"},
		{"above the order", webauthn.ES256K, order, "not within 1 to the order"},
		{"above the order", webauthn.ES512, bytes.Repeat([]byte{0xff}, 66), "ES512"},
		{"RSA of 1024 bits", webauthn.RS256, make(Secret, 128), "has 128 bytes, want two primes of equal length"},
		{"RSA of more than 4096 bits", webauthn.PS256, bytes.Repeat([]byte{0xff}, 514), "the modulus has 4112 bits"},
		{"primes of unequal length", webauthn.RS256, make(Secret, 257), "has 257 bytes"},
		{"primes that are zero", webauthn.RS256, make(Secret, 256), "the modulus has 0 bits, want 2048"},
		{"short primes", webauthn.RS256, small, "bits, want 2048"},
		{"one prime twice", webauthn.RS256, twice, "RS256"},
		{"an even number", webauthn.PS256, even, "PS256"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseKey(c.alg, c.secret)
			assert.ErrorContains(t, err, c.why)
		})
	}
}

func TestDrawKeyGivesUpOnABrokenSource(t *testing.T) {
	t.Parallel()
	_, _, err := drawKey(bytes.NewReader(nil), webauthn.ES384)
	assert.ErrorIs(t, err, io.EOF)
	_, _, err = drawKey(bytes.NewReader(make([]byte, 1<<12)), webauthn.ES256)
	assert.ErrorContains(t, err, "seed.Stream")
}

func TestSeedsThatGiveNoKey(t *testing.T) {
	t.Parallel()
	candidates := 0
	_, err := expandTo("P-384", 48, func(Secret) bool { candidates++; return false })(countingSeed())
	assert.ErrorContains(t, err, "it gives no key")
	assert.Equal(t, maxDraws, candidates)
}

// The salt of PS256 comes from key and message: crypto/rsa must go on using what
// it is given, or a run no longer repeats.
func TestPSSSaltIsDerived(t *testing.T) {
	t.Parallel()
	k, err := parseKey(webauthn.PS256, countingSeed())
	require.NoError(t, err)
	one, err := k.sign([]byte("one"))
	require.NoError(t, err)
	other, err := k.sign([]byte("other"))
	require.NoError(t, err)
	assert.NotEqual(t, one, other)
	digest := sha256.Sum256([]byte("one"))
	private := k.private.plain().(*rsa.PrivateKey)
	random, err := rsa.SignPSS(rand.Reader, private, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: 32})
	require.NoError(t, err)
	assert.NotEqual(t, random, one, "a random salt gives another signature")
}

func TestRSAPrimes(t *testing.T) {
	t.Parallel()
	own, err := expandRSA(countingSeed())
	require.NoError(t, err)
	for _, half := range []Secret{own[:128], own[128:]} {
		p := new(big.Int).SetBytes(half)
		assert.True(t, p.ProbablyPrime(20))
		assert.Equal(t, byte(0xc0), half[0]&0xc0, "the product has full length")
		rest := new(big.Int).Mod(p, big.NewInt(rsaExponent))
		assert.NotEqual(t, big.NewInt(1), rest, "the exponent has an inverse")
	}
}

func TestWrapRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	c := &Credential{RPID: "example.com", Algorithm: webauthn.ES384, PrivateKey: make(Secret, 48)}
	_, err := wrap(seed.Stream(1), make(Secret, deviceSecret), rpIDHash(c.RPID), c, 64)
	assert.ErrorContains(t, err, "has 48 bytes, want 32", "cut off, it would open as another key")
}
