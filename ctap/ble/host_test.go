package ble_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/ble"
)

func newHost(t testing.TB) *ble.Host {
	t.Helper()
	h, err := ble.NewHost(20)
	require.NoError(t, err)
	return h
}

// What becomes of a request for getInfo, notification by notification. The last
// event is held.
func TestNotifications(t *testing.T) {
	t.Parallel()
	broken := ble.ErrProtocol
	done := func(payload ...byte) ble.Event { return ble.Event{Heard: true, Done: true, Payload: payload} }
	for name, c := range map[string]struct {
		notified []string
		want     ble.Event
		err      error
	}{
		"an answer":                      {[]string{"83 0002 00a0"}, done(0, 0xa0), nil},
		"in fragments":                   {[]string{"83 0003 00", "00 01", "01 02"}, done(0, 1, 2), nil},
		"the first fragment":             {[]string{"83 0003 00"}, ble.Event{Heard: true}, nil},
		"still processing":               {[]string{"82 0001 01"}, ble.Event{Heard: true, Keepalive: ble.Processing}, nil},
		"a touch is needed":              {[]string{"82 0001 01", "82 0001 02"}, ble.Event{Heard: true, Keepalive: ble.UserNeeded}, nil},
		"an answer after keepalives":     {[]string{"82 0001 02", "83 0001 00"}, done(0), nil},
		"an error":                       {[]string{"bf 0001 06"}, done(), ble.Busy},
		"a left-over continuation":       {[]string{"05 01"}, ble.Event{}, nil},
		"an error without a code":        {[]string{"bf 0000"}, done(), broken},
		"a keepalive of two bytes":       {[]string{"82 0002 0101"}, done(), broken},
		"an answer to something else":    {[]string{"81 0000"}, done(), broken},
		"nothing":                        {[]string{""}, done(), broken},
		"an initial fragment cut short":  {[]string{"83 00"}, done(), broken},
		"a continuation without data":    {[]string{"83 0003 00", "00"}, done(), broken},
		"a fragment left out":            {[]string{"83 0003 00", "01 01"}, done(), broken},
		"more than announced":            {[]string{"83 0003 00", "00 010203"}, done(), broken},
		"more than announced, at once":   {[]string{"83 0001 0000"}, done(), broken},
		"a message inside of a message":  {[]string{"83 0003 00", "82 0001 01"}, done(), broken},
		"what comes after it has ended":  {[]string{"83 0001 00", "83 0001 00"}, ble.Event{}, nil},
		"what comes after it has failed": {[]string{"bf 0001 01", "00 0000"}, ble.Event{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			fragments, err := h.Send(ble.CommandMsg, []byte{4})
			require.NoError(t, err)
			require.Equal(t, [][]byte{{0x83, 0, 1, 4}}, fragments)
			var got ble.Event
			for _, value := range c.notified {
				got, err = h.Notified(unhex(t, value))
			}
			assert.Equal(t, c.want, got)
			if c.err == nil {
				assert.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, c.err)
			}
		})
	}
}

func TestHostSends(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	fragments, err := h.Send(ble.CommandPing, pattern(50))
	require.NoError(t, err)
	assert.Equal(t, message(20, 1, pattern(50)), fragments)
	assert.Equal(t, []byte{0xBE, 0, 0}, h.Cancel())
	_, err = h.Send(ble.CommandMsg, pattern(ble.MaxMessage+1))
	require.Error(t, err)
	_, err = ble.NewHost(19)
	require.ErrorIs(t, err, ble.ErrProtocol)
	event, err := newHost(t).Notified([]byte{0x83, 0, 1, 0})
	require.NoError(t, err)
	assert.Zero(t, event, "nothing was asked")
}
