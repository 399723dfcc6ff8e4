package vpcd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/transport"
)

// device answers with what it was asked. The request ff takes for ever, and aa is
// answered with more than vpcd carries.
type device struct{ released chan struct{} }

func (d device) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	switch request[0] {
	case 0xFF:
		<-ctx.Done()
		close(d.released)
		return nil, ctx.Err()
	case 0xAA:
		return make([]byte, 65535), nil
	}
	return request, nil
}

// driver is the side of vpcd.
type driver struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (d *driver) say(message string) {
	d.t.Helper()
	raw, err := hex.DecodeString(message)
	require.NoError(d.t, err)
	require.True(d.t, write(d.conn, raw))
}

func (d *driver) hear() string {
	d.t.Helper()
	require.NoError(d.t, d.conn.SetReadDeadline(time.Now().Add(time.Minute)))
	message, err := readMessage(d.in, func() {})
	require.NoError(d.t, err)
	return hex.EncodeToString(message)
}

func (d *driver) ask(message string) string {
	d.t.Helper()
	d.say(message)
	return d.hear()
}

const (
	selecting = "00a4040008a0000006472f000100"
	chosen    = "4649444f5f325f309000"
)

// plug has a card in a reader of our own. accept returns the next connection.
func plug(t *testing.T, of ctap.Transport) (accept func() *driver, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	slot, err := Open("vpcd:" + listener.Addr().String())
	require.NoError(t, err)
	slot.pause = time.Millisecond
	card, err := transport.NewNFCServer(of, transport.NFCServerConfig{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- slot.Serve(ctx, card) }()
	stop = func() {
		cancel()
		assert.NoError(t, <-served)
	}
	t.Cleanup(func() {
		_ = listener.Close()
		cancel()
		card.Close()
	})
	return func() *driver {
		conn, err := listener.Accept()
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		return &driver{t, conn, bufio.NewReader(conn)}
	}, stop
}

func TestConversation(t *testing.T) {
	t.Parallel()
	accept, stop := plug(t, device{})
	d := accept()
	assert.Equal(t, "3b8a80018073c021c0544649444f89", d.ask("04"), "the ATR, before power")
	assert.Equal(t, "6f00", d.ask(selecting), "no power")
	d.say("01")
	assert.Equal(t, chosen, d.ask(selecting))
	assert.Equal(t, "07aa9000", d.ask("801080000207aa00"))
	assert.Equal(t, "3b8a80018073c021c0544649444f89", d.ask("04"))
	assert.Equal(t, "07aa9000", d.ask("801080000207aa00"), "the ATR disturbs nothing")
	assert.Equal(t, "6700", d.ask("60"), "a command of one byte is a command")
	d.say("02")
	assert.Equal(t, "6985", d.ask("801080000207aa00"), "reset")
	assert.Equal(t, chosen, d.ask(selecting))
	d.say("00")
	d.say("01")
	assert.Equal(t, "6985", d.ask("801080000207aa00"), "off and on")
	stop()
	_, err := d.in.ReadByte()
	assert.Error(t, err, "the card is out of the reader")
}

// pcscd may come, go and come back.
func TestVPCDComesBack(t *testing.T) {
	t.Parallel()
	accept, _ := plug(t, device{})
	for _, last := range []string{"", "00a4", "broken"} {
		d := accept()
		d.say("01")
		assert.Equal(t, chosen, d.ask(selecting))
		if last == "broken" {
			_, err := d.conn.Write([]byte{0, 0})
			require.NoError(t, err)
			_, err = d.in.ReadByte()
			assert.Error(t, err, "it breaks the framing and loses the connection")
			continue
		}
		if last != "" {
			d.say(last)
		}
		require.NoError(t, d.conn.Close())
	}
	d := accept()
	assert.Equal(t, "6f00", d.ask(selecting), "without power, whatever was before")
}

// Whoever hangs up in the middle of a request ends it.
func TestTakenAwayMidway(t *testing.T) {
	t.Parallel()
	stuck := device{make(chan struct{})}
	accept, _ := plug(t, stuck)
	d := accept()
	d.say("01")
	assert.Equal(t, chosen, d.ask(selecting))
	d.say("8010000001ff00")
	require.NoError(t, d.conn.Close())
	<-stuck.released
	accept()
}

func TestAnswersThatVPCDCannotCarry(t *testing.T) {
	t.Parallel()
	accept, _ := plug(t, device{})
	d := accept()
	d.say("01")
	assert.Equal(t, chosen, d.ask(selecting))
	d.say("80100000" + "000001aa" + "0000")
	_, err := d.in.ReadByte()
	assert.Error(t, err)
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"vpcd:127.0.0.1:35963", "vpcd:localhost:1", "vpcd:[::1]:35963"} {
		slot, err := Open(at)
		require.NoError(t, err)
		assert.Equal(t, at, slot.Address())
	}
	for _, at := range []string{"", "vpcd", "vpcd:", "vpcd:35963", "vpcd:127.0.0.1", "tcp:127.0.0.1:35963"} {
		_, err := Open(at)
		assert.ErrorContains(t, err, "give it as vpcd:HOST:PORT", at)
	}
	for _, at := range []string{"vpcd:192.0.2.1:35963", "vpcd:example.com:35963"} {
		_, err := Open(at)
		require.ErrorIs(t, err, ErrNotLocal)
		_, err = OpenAnywhere(at)
		require.NoError(t, err)
	}
}

// Nobody there is no reason to give up, nor to hang.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	at := listener.Addr().String()
	require.NoError(t, listener.Close())
	slot, err := Open("vpcd:" + at)
	require.NoError(t, err)
	card, err := transport.NewNFCServer(device{}, transport.NFCServerConfig{})
	require.NoError(t, err)
	defer card.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.NoError(t, slot.Serve(ctx, card))
}

// Any bytes on a stream are messages, or end the connection.
func FuzzStream(f *testing.F) {
	framed := func(messages ...string) (all []byte) {
		for _, m := range messages {
			raw, _ := hex.DecodeString(strings.ReplaceAll(m, " ", ""))
			all = append(all, 0, byte(len(raw)))
			all = append(all, raw...)
		}
		return all
	}
	f.Add(framed("04", "01", selecting, "80108000010400", "00"))
	f.Add(framed("01", selecting, "9010800002aabb", "02", "8011000000"))
	f.Add([]byte{0, 0})
	f.Add([]byte{0xFF, 0xFF, 1})
	f.Fuzz(func(t *testing.T, said []byte) {
		if bytes.Contains(said, []byte{0xFF}) {
			return // the device would take for ever
		}
		card, err := transport.NewNFCServer(device{}, transport.NFCServerConfig{})
		require.NoError(t, err)
		defer card.Close()
		ours, theirs := net.Pipe()
		served := make(chan struct{})
		go func() {
			converse(t.Context(), theirs, card)
			close(served)
		}()
		heard := make(chan struct{})
		go func() {
			defer close(heard)
			for {
				if _, err := readMessage(ours, func() {}); err != nil {
					return
				}
			}
		}()
		_, _ = ours.Write(said)
		require.NoError(t, ours.Close())
		<-served
		<-heard
		_, err = card.Transmit(t.Context(), []byte{0})
		require.ErrorIs(t, err, transport.ErrNoField)
	})
}

// A vpcd that sends the length of a message by itself is not kept waiting for the
// system to acknowledge it, which takes 40 ms each time.
func TestLengthsThatComeByThemselves(t *testing.T) {
	t.Parallel()
	accept, _ := plug(t, device{})
	d := accept()
	require.NoError(t, d.conn.(*net.TCPConn).SetNoDelay(false))
	start := time.Now()
	const times = 50
	for range times {
		_, err := d.conn.Write([]byte{0, 1})
		require.NoError(t, err)
		_, err = d.conn.Write([]byte{askATR})
		require.NoError(t, err)
		d.hear()
	}
	if runtime.GOOS == "linux" {
		assert.Less(t, time.Since(start), times*20*time.Millisecond)
	}
}
