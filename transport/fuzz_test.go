package transport_test

import (
	"context"
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/transport"
)

// guest is one of several clients that keep to no order.
type guest struct {
	id   byte
	port *transport.HIDPort

	mu      sync.Mutex
	channel hid.Channel
	wrong   []byte // the first report it should not have heard
}

func (g *guest) connect(t *testing.T, s *transport.HIDServer) {
	t.Helper()
	port, err := s.Connect(g.hear)
	require.NoError(t, err)
	g.port = port
}

// hear notes the channel it is given. Every payload it hears must be its own,
// which begins with its number.
func (g *guest) hear(report []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch command := hid.Command(report[4] &^ 0x80); {
	case report[4]&0x80 == 0: // goes on with what was looked at
	case command == hid.CommandInit:
		if report[7] != g.id {
			g.wrong = report
		}
		g.channel = hid.Channel(binary.BigEndian.Uint32(report[15:]))
	case command == hid.CommandPing || command == hid.CommandCBOR:
		if report[7] != g.id && report[7] != byte(0x2d) {
			g.wrong = report
		}
	}
}

// say sends the first report of a message that is said to have count bytes.
func (g *guest) say(channel hid.Channel, command hid.Command, count int) {
	report := make([]byte, 64)
	binary.BigEndian.PutUint32(report, uint32(channel))
	report[4] = byte(command) | 0x80
	binary.BigEndian.PutUint16(report[5:], uint16(count))
	report[7] = g.id
	g.port.Report(report)
}

func (g *guest) on() hid.Channel {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.channel
}

// stuckAt is the length of requests that the device answers only when it is told
// to give up.
const stuckAt = 6

// step does one thing of a script.
func (g *guest) step(t *testing.T, s *transport.HIDServer, what byte, all []*guest) {
	t.Helper()
	switch what % 13 {
	case 0:
		g.say(hid.Broadcast, hid.CommandInit, 8)
	case 1:
		g.say(g.on(), hid.CommandInit, 8)
	case 2:
		g.say(g.on(), hid.CommandPing, 20)
	case 3:
		g.say(g.on(), hid.CommandPing, 100) // of which the rest may never come
	case 4:
		report := make([]byte, 64)
		binary.BigEndian.PutUint32(report, uint32(g.on()))
		g.port.Report(report)
	case 5:
		g.say(g.on(), hid.CommandCBOR, 5)
	case 6:
		g.say(g.on(), hid.CommandCancel, 0)
	case 7:
		g.say(g.on(), hid.CommandLock, 1)
	case 8:
		g.say(all[int(what/13)%len(all)].on(), hid.CommandPing, 100)
	case 9:
		g.port.Report([]byte{what}[:what%2])
	case 10:
		g.port.Close()
		g.connect(t, s)
	case 11:
		s.PowerCycle()
	case 12:
		g.say(g.on(), hid.CommandCBOR, stuckAt)
	}
}

// Whatever several clients send, in whatever order, and however they leave: each
// hears only what is its own, and the device serves the next one.
func FuzzHIDServer(f *testing.F) {
	f.Add([]byte{0, 64, 128, 2, 66, 130, 3, 67, 4, 10, 66})
	f.Add([]byte{0, 64, 5, 69, 6, 11, 2, 64, 7, 66, 10, 0, 8, 72, 9, 12, 66, 6})
	f.Fuzz(func(t *testing.T, script []byte) {
		s, err := transport.NewHIDServer(exchanger(func(ctx context.Context, request []byte) ([]byte, error) {
			if len(request) != stuckAt {
				return request, nil
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}))
		require.NoError(t, err)
		defer s.Close()
		all := []*guest{{id: 1}, {id: 2}, {id: 3}}
		for _, g := range all {
			g.connect(t, s)
		}
		for _, what := range script {
			all[int(what>>6)%len(all)].step(t, s, what&0x3f, all)
		}
		for _, g := range all {
			g.port.Close()
			require.Nil(t, g.wrong, "guest %d", g.id)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c, err := transport.OpenHID(ctx, plug(t, s), zeros{})
		require.NoError(t, err)
		defer c.Close()
		answer, err := c.Ping(ctx, make([]byte, 7609))
		require.NoError(t, err)
		require.Len(t, answer, 7609)
	})
}

// zeros is chance that is none.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
