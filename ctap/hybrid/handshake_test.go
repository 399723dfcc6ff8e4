package hybrid_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

// A handshake fails where the sides do not know the same.
func TestHandshakeBetweenStrangers(t *testing.T) {
	t.Parallel()
	psk, client, authenticator := hybrid.PSK{1}, key(t, 1), key(t, 4)
	_, qr, err := hybrid.InitiateQR(psk, client, key(t, 2))
	require.NoError(t, err)
	_, linked, err := hybrid.InitiateLinked(psk, authenticator.PublicKey(), key(t, 2))
	require.NoError(t, err)

	respond := func(psk hybrid.PSK, client byte, message []byte) error {
		_, _, err := hybrid.RespondQR(psk, key(t, client).PublicKey(), key(t, 3), message)
		return err
	}
	respondLinked := func(psk hybrid.PSK, identity byte, message []byte) error {
		_, _, err := hybrid.RespondLinked(psk, key(t, identity), key(t, 3), message)
		return err
	}
	require.NoError(t, respond(psk, 1, qr))
	require.NoError(t, respondLinked(psk, 4, linked))
	changed := append([]byte{}, qr...)
	changed[80] ^= 1
	for name, err := range map[string]error{
		"another advert":             respond(hybrid.PSK{2}, 1, qr),
		"another QR code":            respond(psk, 5, qr),
		"a linked client instead":    respond(psk, 1, linked),
		"a changed message":          respond(psk, 1, changed),
		"too short":                  respond(psk, 1, qr[:80]),
		"too long":                   respond(psk, 1, append(qr[:81:81], 0)),
		"no point":                   respond(psk, 1, append([]byte{4}, make([]byte, 80)...)),
		"another advert, linked":     respondLinked(hybrid.PSK{2}, 4, linked),
		"another authenticator":      respondLinked(psk, 5, linked),
		"a QR code instead":          respondLinked(psk, 4, qr),
		"nothing, linked":            respondLinked(psk, 4, nil),
		"a compressed point, linked": respondLinked(psk, 4, append([]byte{2}, make([]byte, 80)...)),
	} {
		assert.ErrorIs(t, err, hybrid.ErrHandshake, name)
	}
}

// The client takes no answer but that of who knows the same.
func TestHandshakeAnswers(t *testing.T) {
	t.Parallel()
	psk := hybrid.PSK{1}
	for name, spoil := range map[string]func(answer []byte) []byte{
		"changed at its end": func(a []byte) []byte { a[80] ^= 1; return a },
		"too short":          func(a []byte) []byte { return a[:80] },
		"too long":           func(a []byte) []byte { return append(a, 0) },
		"no point":           func(a []byte) []byte { a[64] ^= 1; return a },
		"another's key":      func(a []byte) []byte { copy(a, key(t, 9).PublicKey().Bytes()); return a },
		"none":               func([]byte) []byte { return nil },
	} {
		client, message, err := hybrid.InitiateQR(psk, key(t, 1), key(t, 2))
		require.NoError(t, err)
		answer, _, err := hybrid.RespondQR(psk, key(t, 1).PublicKey(), key(t, 3), message)
		require.NoError(t, err)
		_, err = client.Finish(spoil(answer))
		assert.ErrorIs(t, err, hybrid.ErrHandshake, name)
	}
}

// Every handshake has keys of its own.
func TestHandshakesDiffer(t *testing.T) {
	t.Parallel()
	random := stream(t)
	hashes := map[[32]byte]bool{}
	for range 4 {
		e, err := hybrid.NewKey(random)
		require.NoError(t, err)
		client, message, err := hybrid.InitiateQR(hybrid.PSK{1}, key(t, 1), e)
		require.NoError(t, err)
		answer, _, err := hybrid.RespondQR(hybrid.PSK{1}, key(t, 1).PublicKey(), key(t, 3), message)
		require.NoError(t, err)
		s, err := client.Finish(answer)
		require.NoError(t, err)
		hashes[s.Hash()] = true
	}
	assert.Len(t, hashes, 4)
}
