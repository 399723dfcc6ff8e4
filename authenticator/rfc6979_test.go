package authenticator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plainHMAC is the same by the standard library.
func plainHMAC(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

func TestHMACIsThatOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	key := sha256.Sum256([]byte("key"))
	for _, size := range []int{0, 1, 32, 97, 98, 300} {
		message := []byte(strings.Repeat("m", size))
		sum := hmacSHA256(&key, message)
		assert.Equal(t, plainHMAC(key[:], message), sum[:], "%d bytes", size)
	}
}

// The numbers are k of RFC 6979 §A.2.5 with SHA-256.
func TestNoncesOfTheRFC(t *testing.T) {
	t.Parallel()
	scalar, err := hex.DecodeString(rfc6979Scalar)
	require.NoError(t, err)
	for message, want := range map[string]string{
		"sample": "a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60",
		"test":   "d16b6ae827f17175e040871a1c7ec3500192c4c92677336ec2537acaee0008e0",
	} {
		digest := sha256.Sum256([]byte(message))
		g := newNonces(scalar, digest[:])
		g.draw(func(number []byte) bool {
			assert.Equal(t, want, hex.EncodeToString(number), message)
			return true
		})
	}
}

// A number that does not fit is followed by that of step h.3.
func TestNoncesAfterARefusal(t *testing.T) {
	t.Parallel()
	g := newNonces(make([]byte, 32), make([]byte, 32))
	key, value := g.key[:], g.value[:]
	var want, got [][]byte
	for range 3 {
		value = plainHMAC(key, value)
		want = append(want, value)
		key = plainHMAC(key, value, []byte{0x00})
		value = plainHMAC(key, value)
	}
	g.draw(func(number []byte) bool {
		got = append(got, append([]byte{}, number...))
		return len(got) == len(want)
	})
	assert.Equal(t, want, got)
}

func TestAForkGoesItsOwnWay(t *testing.T) {
	t.Parallel()
	g := newNonces(make([]byte, 32), make([]byte, 32))
	before, fork := g, g.fork()
	assert.Equal(t, before, g, "it takes nothing from the generator")
	assert.Equal(t, plainHMAC(g.key[:], g.value[:], []byte{0x02}), fork.key[:])
	assert.Equal(t, plainHMAC(fork.key[:], g.value[:]), fork.value[:])
}
