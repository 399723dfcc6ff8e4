package totp

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The vectors of RFC 6238 Appendix B for SHA-1 have eight digits, the last six of which
// are those of six.
func TestVectors(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		assert.Equal(t, code, Code(secret, Step(time.Unix(at, 0))), at)
	}
}

func TestCodesAroundNow(t *testing.T) {
	t.Parallel()
	secret, now := []byte("12345678901234567890"), time.Unix(1111111111, 0)
	here := Step(now)
	for off, good := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		step, ok := Match(secret, Code(secret, here+off), now, 0)
		assert.Equal(t, good, ok, off)
		if good {
			assert.Equal(t, here+off, step)
		}
	}
	_, ok := Match(secret, Code(secret, here), now, here)
	assert.False(t, ok, "a code is good once")
	_, ok = Match(secret, Code(secret, here-1), now, here)
	assert.False(t, ok, "and so are those before it")
	_, ok = Match(secret, "", now, 0)
	assert.False(t, ok)
}

func TestURI(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(URI("Acme & Sons", "ann@example.com", []byte("12345678901234567890")))
	require.NoError(t, err)
	assert.Equal(t, "/Acme & Sons:ann@example.com", u.Path)
	assert.Equal(t, "totp", u.Host)
	assert.Equal(t, url.Values{
		"secret": {"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}, "issuer": {"Acme & Sons"}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"},
	}, u.Query())
}
