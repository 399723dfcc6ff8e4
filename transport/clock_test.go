package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/transport"
)

// standing is a clock with one timer, which a test rings.
type standing struct {
	now  time.Time
	due  time.Time // zero for never
	ring func()
}

func (c *standing) Now() time.Time { return c.now }

func (c *standing) AfterFunc(d time.Duration, f func()) transport.Timer {
	c.ring = f
	c.Reset(d)
	return c
}

func (c *standing) Reset(d time.Duration) bool {
	c.due = c.now.Add(d)
	return false
}

func (c *standing) Stop() bool {
	c.due = time.Time{}
	return false
}

// pass moves the time on to when something is due.
func (c *standing) pass() {
	c.now = c.due
	c.ring()
}

// What is due at a server is due by its clock alone.
func TestTimeOfAServer(t *testing.T) {
	t.Parallel()
	clock := &standing{now: time.Unix(1_900_000_000, 0)}
	server, err := transport.NewHIDServer(echo, transport.Timed(clock))
	require.NoError(t, err)
	defer server.Close()
	assert.Zero(t, clock.due, "nothing is due yet")
	w := plug(t, server)
	w.say(t, opening)
	<-w.in
	w.say(t, "00000001810100")
	assert.Equal(t, clock.now.Add(600*ms), clock.due)
	assert.Empty(t, w.in)
	clock.pass()
	assert.Equal(t, byte(hid.MessageTimeout), (<-w.in)[7])
	assert.Zero(t, clock.due)
}

// What a request waits for can be known.
func TestStatusOfAServer(t *testing.T) {
	t.Parallel()
	clock := &standing{now: time.Unix(1_900_000_000, 0)}
	server, err := transport.NewHIDServer(stuck, transport.Timed(clock))
	require.NoError(t, err)
	defer server.Close()
	w := plug(t, server)
	w.say(t, opening)
	<-w.in
	assert.Zero(t, server.Status())
	w.say(t, "0000000190000104")
	assert.Equal(t, hid.Processing, server.Status())
	assert.Equal(t, clock.now.Add(100*ms), clock.due, "a keepalive")
	w.say(t, "00000001860008"+"0102030405060708")
	<-w.in
	assert.Zero(t, server.Status(), "given up")
}

func TestStatusOfACard(t *testing.T) {
	t.Parallel()
	clock := &standing{now: time.Unix(1_900_000_000, 0)}
	card, err := transport.NewNFCServer(stuck, transport.NFCServerConfig{Clock: clock})
	require.NoError(t, err)
	defer card.Close()
	card.FieldOn()
	_, err = card.Transmit(t.Context(), []byte{0, 0xA4, 4, 0, 8, 0xA0, 0, 0, 6, 0x47, 0x2F, 0, 1})
	require.NoError(t, err)
	assert.Zero(t, card.Status())
	waits := make(chan []byte, 1)
	began := make(chan struct{})
	go func() {
		close(began)
		response, _ := card.Transmit(t.Context(), []byte{0x80, 0x10, 0x80, 0, 1, 4, 0})
		waits <- response
	}()
	<-began
	require.Eventually(t, func() bool { return card.Status() == nfc.Processing }, time.Minute, ms)
	assert.Equal(t, clock.now.Add(100*ms), clock.due, "told to ask again")
	clock.pass()
	assert.Equal(t, []byte{1, 0x91, 0}, <-waits)
}
