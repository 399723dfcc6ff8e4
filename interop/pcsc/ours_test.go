//go:build interop

package pcsc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/pcsc"
)

// Our own client, through the pcscd that is not ours, in every form.
func TestOurClient(t *testing.T) {
	t.Parallel()
	d := startPCSCD(t)
	d.insert(t, authenticator.SecurityKey(), transport.Attend)
	for name, form := range map[string]nfc.ReaderConfig{"short": {}, "extended": {Extended: true}, "held": {Hold: true}} {
		c, err := pcsc.Open(t.Context(), d.socket, readerName)
		require.NoError(t, err)
		assert.Equal(t, nfc.ATR(), c.Reader().ATR)
		client, err := transport.OpenNFC(t.Context(), c, form)
		require.NoError(t, err, name)
		info, err := ctap.Call(t.Context(), client, &ctap.GetInfoRequest{})
		require.NoError(t, err)
		assert.Contains(t, info.Transports, "nfc")
		answer, err := client.Exchange(t.Context(), make([]byte, info.MaxMsgSize))
		require.NoError(t, err)
		assert.Len(t, answer, 1, "command 0 is none")
		answer, err = client.Exchange(t.Context(), make([]byte, info.MaxMsgSize+1))
		require.NoError(t, err)
		assert.Equal(t, []byte{byte(ctap.RequestTooLarge)}, answer)
		version, err := u2f.Call(t.Context(), client, new(u2f.VersionRequest))
		require.NoError(t, err)
		assert.Equal(t, u2f.V2, version.Version)
		_, err = ctap.Call(t.Context(), client, new(ctap.SelectionRequest))
		require.NoError(t, err)
		require.NoError(t, client.Close())
	}
}

func TestCardTakenFromOurClient(t *testing.T) {
	t.Parallel()
	d := startPCSCD(t)
	key := d.insert(t, authenticator.SecurityKey(), transport.Attend)
	key.user.Always(authenticator.Ignore)
	card, err := pcsc.Open(t.Context(), d.socket, readerName)
	require.NoError(t, err)
	client, err := transport.OpenNFC(t.Context(), card, nfc.ReaderConfig{})
	require.NoError(t, err)
	failed := make(chan error, 1)
	go func() {
		_, err := ctap.Call(t.Context(), client, new(ctap.SelectionRequest))
		failed <- err
	}()
	require.NoError(t, key.user.AwaitAsked(t.Context(), 1))
	key.take()
	select {
	case err := <-failed:
		require.Error(t, err)
		require.NotErrorAs(t, err, new(ctap.Status), "the card said nothing")
	case <-time.After(time.Minute):
		t.Fatal("it waits for a card that is gone")
	}
	require.NoError(t, client.Close())
	d.await(t, false)
	_, err = pcsc.Open(t.Context(), d.socket, readerName)
	require.ErrorIs(t, err, pcsc.NoCard)
}

// A device without a button: the reader's field is the touch, and a new one is to
// be had by taking the power away.
func TestTapAtAReader(t *testing.T) {
	t.Parallel()
	d := startPCSCD(t)
	d.insert(t, authenticator.SecurityKey(), transport.Tap)
	card, err := pcsc.Open(t.Context(), d.socket, readerName)
	require.NoError(t, err)
	defer card.Close()
	require.NoError(t, card.Reset(t.Context()))
	for range 2 {
		client, err := transport.OpenNFC(t.Context(), noCloser{card}, nfc.ReaderConfig{})
		require.NoError(t, err)
		_, err = ctap.Call(t.Context(), client, new(ctap.SelectionRequest))
		require.NoError(t, err)
		_, err = ctap.Call(t.Context(), client, new(ctap.SelectionRequest))
		require.ErrorIs(t, err, ctap.UserActionTimeout, "it was used")
		require.NoError(t, client.Close())
		require.NoError(t, card.Reset(t.Context()))
	}
}

// noCloser is a card that outlives its client.
type noCloser struct{ transport.Card }
