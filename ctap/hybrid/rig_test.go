package hybrid_test

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/seed"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// stream is randomness that is the same in every run.
func stream(t testing.TB) *rand.ChaCha8 { return seed.Stream(seed.Named(t.Name())) }

// key is a scalar of 32 times the same byte.
func key(t testing.TB, b byte) *ecdh.PrivateKey {
	t.Helper()
	return scalar(t, bytes.Repeat([]byte{b}, 32))
}

// sessions are both sides of a handshake after a QR code.
func sessions(t testing.TB) (client, authenticator *hybrid.Session) {
	t.Helper()
	psk := hybrid.PSK{1}
	initiator, message, err := hybrid.InitiateQR(psk, key(t, 1), key(t, 2))
	require.NoError(t, err)
	answer, authenticator, err := hybrid.RespondQR(psk, key(t, 1).PublicKey(), key(t, 3), message)
	require.NoError(t, err)
	client, err = initiator.Finish(answer)
	require.NoError(t, err)
	return client, authenticator
}

// linking is linking information that a client would take.
func linking(t testing.TB) *hybrid.Linking {
	t.Helper()
	l := &hybrid.Linking{ContactID: []byte("contact"), LinkID: [8]byte{1}, Secret: [32]byte{2}, Name: "Alice's phone"}
	require.NoError(t, l.Sign(key(t, 5), key(t, 1).PublicKey(), [32]byte{7}))
	return l
}
