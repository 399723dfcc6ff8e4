//go:build !windows && !darwin

package pcsc

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/transport"
)

// pcscd is a stand-in that lays out its messages without the package.
type pcscd struct {
	t        *testing.T
	socket   string
	minor    uint32 // of the protocol
	card     transport.Card
	names    []string // of readers; the first has the card
	statuses map[uint32]uint32
	over     int    // announces so much more of a response than it sends, and hangs up
	major    uint32 // of the protocol
	hangsUp  uint32 // at this command

	mu    sync.Mutex
	calls []uint32
}

func start(t *testing.T, d *pcscd) *pcscd {
	t.Helper()
	d.t, d.socket = t, filepath.Join(t.TempDir(), "pcscd")
	d.major, d.minor = cmp.Or(d.major, 4), cmp.Or(d.minor, 4)
	listener, err := net.Listen("unix", d.socket)
	require.NoError(t, err)
	var clients sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	clients.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			clients.Go(func() {
				defer conn.Close()
				defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
				for d.serve(ctx, conn) {
				}
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = listener.Close()
		clients.Wait()
	})
	return d
}

// said returns the commands that came since it was asked last.
func (d *pcscd) said() []uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	calls := d.calls
	d.calls = nil
	return calls
}

// sizes are those of the structures in C.
var sizes = map[uint32]uint32{1: 12, 2: 8, 4: 152, 5: 24, 6: 12, 9: 32, 0x11: 12, 0x12: 0}

func (d *pcscd) serve(ctx context.Context, conn net.Conn) bool {
	var head [8]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return false
	}
	size, command := binary.NativeEndian.Uint32(head[:]), binary.NativeEndian.Uint32(head[4:])
	d.mu.Lock()
	d.calls = append(d.calls, command)
	status := d.statuses[command]
	delete(d.statuses, command) // once
	d.mu.Unlock()
	if !assert.Equal(d.t, sizes[command], size, "command %x", command) {
		return false
	}
	if command == d.hangsUp {
		return false
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(conn, body); err != nil {
		return false
	}
	put := func(at int, value uint32) { binary.NativeEndian.PutUint32(body[at:], value) }
	switch command {
	case 1:
		put(4, 0x1234)
	case 2, 6:
	case 5:
		put(16, 2)
	case 4:
		put(140, 77)
		put(144, 2)
	case 9:
		return d.transmit(ctx, conn, body, status)
	case 0x11:
		if binary.NativeEndian.Uint32(body) != d.major || binary.NativeEndian.Uint32(body[4:]) != d.minor {
			status = 0x8010001E
		}
		put(0, d.major)
		put(4, d.minor)
	case 0x12:
		body = d.states()
		_, err := conn.Write(body)
		return err == nil
	}
	put(len(body)-4, status)
	_, err := conn.Write(body)
	return err == nil
}

func (d *pcscd) states() []byte {
	all := make([]byte, 16*184)
	for i, name := range d.names {
		at := all[i*184:]
		copy(at, name)
		binary.NativeEndian.PutUint32(at[132:], 0x2) // absent
		if i == 0 && d.card != nil {
			binary.NativeEndian.PutUint32(at[132:], 0x34)
			n := copy(at[140:], unhex(d.t, "3B8A80018073C021C0544649444F89"))
			binary.NativeEndian.PutUint32(at[176:], uint32(n))
		}
	}
	return all
}

func (d *pcscd) transmit(ctx context.Context, conn net.Conn, body []byte, status uint32) bool {
	sent := make([]byte, binary.NativeEndian.Uint32(body[12:]))
	if _, err := io.ReadFull(conn, sent); err != nil {
		return false
	}
	assert.Equal(d.t, uint32(77), binary.NativeEndian.Uint32(body), "the card's handle")
	assert.Equal(d.t, uint32(2), binary.NativeEndian.Uint32(body[4:]), "T=1")
	var response []byte
	if status == 0 {
		var err error
		if response, err = d.card.Transmit(ctx, sent); err != nil {
			return false
		}
	}
	binary.NativeEndian.PutUint32(body[24:], uint32(len(response)+d.over))
	binary.NativeEndian.PutUint32(body[28:], status)
	_, err := conn.Write(append(body, response...))
	return err == nil && d.over == 0
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// echo is a device that answers with what it was asked.
type echo struct{}

func (echo) Exchange(_ context.Context, request []byte) ([]byte, error) { return request, nil }

// card is a device in the field of a reader.
func card(t testing.TB, device ctap.Transport) *transport.NFCServer {
	t.Helper()
	server, err := transport.NewNFCServer(device, transport.NFCServerConfig{})
	require.NoError(t, err)
	server.FieldOn()
	t.Cleanup(server.Close)
	return server
}
