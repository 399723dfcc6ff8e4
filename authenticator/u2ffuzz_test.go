package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// Any bytes are answered, and nothing goes unforeseen.
func FuzzExchangeAPDU(f *testing.F) {
	for _, req := range []u2f.Request{
		&u2f.VersionRequest{}, &u2f.RegisterRequest{Challenge: challenge, Application: ourApp}, using(u2f.CheckOnly, []byte("handle")), using(u2f.EnforcePresence, nil),
	} {
		command, err := u2f.EncodeRequest(req)
		require.NoError(f, err)
		f.Add(command)
	}
	f.Add([]byte{0, 3, 0, 0})
	f.Fuzz(func(t *testing.T, command []byte) {
		r := newFuzzRig(t, authenticator.SecurityKey())
		answer, err := r.ExchangeAPDU(t.Context(), command)
		require.NoError(t, err)
		require.NotEqual(t, u2f.Other, statusWord(t, answer))
	})
}
