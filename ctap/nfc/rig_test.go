package nfc_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// The tests speak in bytes, which they lay out and read without the package.

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// tight is hex without what is there to be read by people.
func tight(s string) string { return strings.ReplaceAll(s, " ", "") }

// pattern is a payload in which every byte tells where it belongs.
func pattern(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i*7 + i>>8)
	}
	return out
}

const (
	selectFIDO = "00 A4 04 00 08 A0000006472F0001 00"
	getInfo    = "80 10 80 00 01 04 00"
	poll       = "80 11 00 00 00"
	cancel     = "80 11 11 00 00"
	more       = "00 C0 00 00 00"
	ms         = time.Millisecond
)

// rig is a card in the field.
type rig struct {
	t testing.TB
	*nfc.Card
	now     time.Time
	request *nfc.Request // handed out last
}

func newRig(t testing.TB, config nfc.CardConfig) *rig {
	t.Helper()
	card, err := nfc.NewCard(config)
	require.NoError(t, err)
	r := &rig{t: t, Card: card, now: time.Unix(1e9, 0)}
	r.FieldOn(r.now)
	return r
}

// newSelected is a rig with the FIDO applet selected.
func newSelected(t testing.TB, config nfc.CardConfig) *rig {
	t.Helper()
	r := newRig(t, config)
	require.NotNil(t, r.Card.Command(r.now, unhex(t, selectFIDO)).Response)
	return r
}

// step is one thing that happens to a card, and what should come of it.
type step struct {
	wait     time.Duration // goes by first
	say      string        // of the reader
	tick     bool
	answer   string // to the request handed out last
	fail     bool
	status   nfc.KeepaliveStatus
	withdraw bool
	off, on  bool // the field

	want    string // response, "" for none
	request string // that is handed out
	u2f     bool
	stop    bool
}

// play runs steps and holds each to what it wants.
func (r *rig) play(steps ...step) {
	r.t.Helper()
	for i, s := range steps {
		r.now = r.now.Add(s.wait)
		got := r.happen(s)
		assert.Equal(r.t, tight(s.want), hex.EncodeToString(got.Response), "step %d: response", i)
		assert.Equal(r.t, s.stop, got.Stop, "step %d: stop", i)
		request, isU2F := "", false
		if got.Request != nil {
			r.request = got.Request
			request, isU2F = hex.EncodeToString(got.Request.Payload), got.Request.U2F
		}
		assert.Equal(r.t, tight(s.request), request, "step %d: request", i)
		assert.Equal(r.t, s.u2f, isU2F, "step %d: U2F", i)
	}
}

func (r *rig) happen(s step) nfc.Outcome {
	r.t.Helper()
	switch {
	case s.say != "":
		return r.Card.Command(r.now, unhex(r.t, s.say))
	case s.answer != "":
		return r.Answer(r.request.ID, unhex(r.t, s.answer))
	case s.fail:
		return r.Fail(r.request.ID)
	case s.status != 0:
		return r.SetStatus(r.request.ID, s.status)
	case s.withdraw:
		return r.Withdraw()
	case s.off:
		return r.FieldOff()
	case s.on:
		r.FieldOn(r.now)
		return nfc.Outcome{}
	}
	require.True(r.t, s.tick, "an empty step")
	return r.Tick(r.now)
}
