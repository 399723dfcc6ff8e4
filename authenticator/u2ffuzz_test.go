package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// Any bytes are answered, and nothing goes unforeseen.
func FuzzExchangeAPDU(f *testing.F) {
	f.Fuzz(func(t *testing.T, command []byte) {
		r := newFuzzRig(t, authenticator.SecurityKey())
		answer, err := r.ExchangeAPDU(t.Context(), command)
		require.NoError(t, err)
		require.NotEqual(t, u2f.Other, statusWord(t, answer))
	})
}
