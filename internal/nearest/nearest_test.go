package nearest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/internal/nearest"
)

func TestName(t *testing.T) {
	t.Parallel()
	known := []string{"sign-up/passkey", "button/declined", "proxy"}
	for word, want := range map[string]string{
		"sign-up/passkeys": "sign-up/passkey",
		"sign-up/paskey":   "sign-up/passkey",
		"button/decline":   "button/declined",
		"prxoy":            "proxy",
		"zzz":              "",
		"":                 "",
	} {
		assert.Equal(t, want, nearest.Name(word, known), word)
	}
}
