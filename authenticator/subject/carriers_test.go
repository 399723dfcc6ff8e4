package subject_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
)

type carried interface {
	authenticators.Device
	authenticators.Carried
	authenticators.Person
}

func fresh(t *testing.T, model authenticator.Model) carried {
	t.Helper()
	made, err := subject.Target{Model: model}.Fresh(t.Context(), 1)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, made.Close()) })
	return made.(carried)
}

func report(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	require.NoError(t, err)
	return append(raw, make([]byte, 64-len(raw))...)
}

// Minutes pass at once, and whatever is due meanwhile comes at its time.
func TestTimeOfReports(t *testing.T) {
	t.Parallel()
	d := fresh(t, authenticator.SecurityKey())
	reports, err := d.OpenReports(t.Context())
	require.NoError(t, err)
	receive := func(within time.Duration) (string, time.Duration) {
		got, after, err := reports.Receive(t.Context(), within)
		require.NoError(t, err)
		return hex.EncodeToString(got[:min(len(got), 8)]), after
	}
	require.NoError(t, reports.Send(t.Context(), report(t, "ffffffff8600080102030405060708")))
	_, after := receive(time.Second)
	assert.Zero(t, after)
	begun := time.Now()
	none, after := receive(10 * time.Minute)
	assert.Empty(t, none)
	assert.Equal(t, 10*time.Minute, after)
	assert.Less(t, time.Since(begun), time.Minute)

	require.NoError(t, d.Act(t.Context(), authenticators.Ignore))
	require.NoError(t, reports.Send(t.Context(), report(t, "00000001900001"+"0b")))
	for i := range 5 {
		got, after := receive(time.Minute)
		assert.Equal(t, "00000001bb000102", got)
		assert.Equal(t, min(i, 1)*100, int(after.Milliseconds()))
	}
	require.NoError(t, d.Act(t.Context(), authenticators.Approve), "also at the prompt that waits")
	got, _ := receive(time.Minute)
	if got == "00000001bb000101" { // in between
		got, _ = receive(time.Minute)
	}
	assert.Equal(t, "0000000190000100", got)
}

// What has no USB and no NFC is not spoken to by them.
func TestNotCarried(t *testing.T) {
	t.Parallel()
	for _, model := range []authenticator.Model{authenticator.Phone(), authenticator.Laptop()} {
		d := fresh(t, model)
		_, err := d.OpenReports(t.Context())
		require.ErrorIs(t, err, authenticators.ErrNotCarried)
		_, err = d.OpenCard(t.Context())
		require.ErrorIs(t, err, authenticators.ErrNotCarried)
	}
}

func TestTimeOfACard(t *testing.T) {
	t.Parallel()
	d := fresh(t, authenticator.PINKey())
	card, err := d.OpenCard(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, card.Close()) })
	transmit := func(command string) string {
		raw, err := hex.DecodeString(command)
		require.NoError(t, err)
		response, err := card.Transmit(t.Context(), raw)
		require.NoError(t, err)
		return hex.EncodeToString(response)
	}
	assert.Equal(t, "5532465f56329000", transmit("00a4040008a0000006472f000100"))
	require.NoError(t, d.Act(t.Context(), authenticators.Ignore))
	assert.Equal(t, "029100", transmit("80108000010b00"))
	for range 50 {
		assert.Equal(t, "029100", transmit("8011000000"), "asked again after 100 ms")
	}
	assert.Equal(t, "2d9000", transmit("8011110000"))
}
