package transport_test

import (
	"context"
	"encoding/hex"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/transport"
)

// present runs a test at a device that is held to a reader.
func present(t *testing.T, device ctap.Transport, config transport.NFCServerConfig, test func(*testing.T, *transport.NFCServer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, err := transport.NewNFCServer(device, config)
		require.NoError(t, err)
		defer server.Close()
		server.FieldOn()
		test(t, server)
	})
}

// openNFC returns a client of a card.
func openNFC(t *testing.T, card transport.Card, config nfc.ReaderConfig) *transport.NFCClient {
	t.Helper()
	c, err := transport.OpenNFC(t.Context(), card, config)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// apdus is a dialogue of commands and the responses that they should have, each
// after a time.
type apdus []struct {
	say   string
	after time.Duration
	want  string
}

func (d apdus) play(t *testing.T, card transport.Card) {
	t.Helper()
	for i, turn := range d {
		command, err := hex.DecodeString(turn.say)
		require.NoError(t, err)
		start := time.Now()
		response, err := card.Transmit(t.Context(), command)
		require.NoError(t, err)
		assert.Equal(t, turn.want, hex.EncodeToString(response), "turn %d", i)
		assert.Equal(t, turn.after, time.Since(start), "turn %d", i)
	}
}

const (
	selecting = "00a4040008a0000006472f000100"
	chosen    = "5532465f56329000"
	choosing  = "80108000010b00" // authenticatorSelection
	polling   = "8011000000"
)

// cardFunc is a card that is a function.
type cardFunc func(ctx context.Context, command []byte) ([]byte, error)

func (f cardFunc) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	return f(ctx, command)
}
