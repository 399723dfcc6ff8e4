package hidg

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/transport"
)

type echo struct{}

func (echo) Exchange(_ context.Context, request []byte) ([]byte, error) { return request, nil }

// pipes are the two directions of a file.
type pipes struct {
	io.ReadCloser
	io.WriteCloser
}

func (p pipes) Close() error { return errors.Join(p.ReadCloser.Close(), p.WriteCloser.Close()) }

// host is the machine at the other end of the cable.
type host struct {
	pipes
	size int
}

func (h host) Send(report []byte) error {
	_, err := h.Write(report)
	return err
}

func (h host) Receive() ([]byte, error) {
	report := make([]byte, h.size)
	_, err := io.ReadFull(h, report)
	return report, err
}

func (h host) ReportSizes() (in, out int) { return h.size, h.size }

// cable returns the two ends of a connection.
func cable(t *testing.T, size int) (device pipes, h host) {
	t.Helper()
	fromHost, toDevice, err := os.Pipe()
	require.NoError(t, err)
	fromDevice, toHost, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() {
		for _, f := range []*os.File{fromHost, toDevice, fromDevice, toHost} {
			_ = f.Close()
		}
	})
	return pipes{fromHost, toHost}, host{pipes{fromDevice, toDevice}, size}
}

// board is a machine with two device controllers.
func board(configfs tree, file io.ReadWriteCloser) machine {
	return machine{
		configfs: configfs,
		sys: fstest.MapFS{
			"class/udc/fe980000.usb/state": {}, "class/udc/ff000000.usb/state": {},
			"dev/char/241:0/uevent": {Data: []byte("MAJOR=241\nMINOR=0\nDEVNAME=hidg0\n")},
		},
		open: func(name string) (io.ReadWriteCloser, error) {
			if name != "hidg0" || file == nil {
				return nil, os.ErrPermission
			}
			return file, nil
		},
	}
}

func TestServing(t *testing.T) {
	t.Parallel()
	for _, size := range []int{64, 32} {
		configfs := newStandIn(t)
		file, h := cable(t, size)
		key, err := newKey(board(configfs, file), "hidg")
		require.NoError(t, err)
		assert.Equal(t, "hidg", key.Address())
		server, err := transport.NewHIDServer(echo{}, transport.Reports(size, size))
		require.NoError(t, err)
		defer server.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- key.Serve(ctx, server) }()

		c, err := transport.OpenHID(ctx, h, bytes.NewReader(make([]byte, 8)))
		require.NoError(t, err)
		payload := bytes.Repeat([]byte{7}, hid.Capacity(size))
		answer, err := c.Exchange(ctx, payload)
		require.NoError(t, err)
		require.True(t, bytes.Equal(payload, answer))

		for name, want := range map[string]string{
			"idVendor": "0x1209", "idProduct": "0x0001", "UDC": "fe980000.usb\n",
			"strings/0x409/product": "security key", "configs/c.1/strings/0x409/configuration": "FIDO",
			"functions/hid.usb0/report_length": map[int]string{64: "64", 32: "32"}[size],
			"functions/hid.usb0/report_desc":   string(hid.Descriptor(size, size)),
			"configs/c.1/hid.usb0/protocol":    "0",
		} {
			held, err := configfs.Read(root + "/" + name)
			require.NoError(t, err)
			assert.Equal(t, want, held, name)
		}
		cancel()
		require.NoError(t, <-ended)
		assert.Empty(t, configfs.left(t), "nothing stays behind")
		_, err = file.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrClosed)
	}
}

// A host that reads nothing costs nobody anything but its reports.
func TestAHostThatDoesNotRead(t *testing.T) {
	t.Parallel()
	file, h := cable(t, 64)
	key, err := newKey(board(newStandIn(t), file), "hidg:ff000000.usb")
	require.NoError(t, err)
	server, err := transport.NewHIDServer(echo{})
	require.NoError(t, err)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- key.Serve(ctx, server) }()
	opening := append([]byte{0xff, 0xff, 0xff, 0xff, 0x86, 0, 8}, make([]byte, 57)...)
	for range 5000 {
		require.NoError(t, h.Send(opening))
	}
	cancel()
	require.NoError(t, <-ended)
}

func TestGadgetsThatFail(t *testing.T) {
	t.Parallel()
	server, err := transport.NewHIDServer(echo{})
	require.NoError(t, err)
	defer server.Close()
	for _, refuses := range []string{root, root + "/idVendor", config, function + "/report_desc"} {
		configfs := newStandIn(t)
		configfs.refuses = refuses
		key, err := newKey(board(configfs, nil), "hidg")
		require.NoError(t, err)
		require.ErrorContains(t, key.Serve(t.Context(), server), "making the gadget", refuses)
		assert.Empty(t, configfs.left(t), refuses)
	}
	configfs := newStandIn(t)
	key, err := newKey(board(configfs, nil), "hidg")
	require.NoError(t, err)
	require.ErrorContains(t, key.Serve(t.Context(), server), "opening the gadget's reports")
	assert.Empty(t, configfs.left(t))

	file, h := cable(t, 64)
	key.at.open = func(string) (io.ReadWriteCloser, error) { return file, nil }
	require.NoError(t, h.Close())
	require.ErrorIs(t, key.Serve(t.Context(), server), io.EOF)
	assert.Empty(t, configfs.left(t))
}

// What a process left behind that was killed is removed, unless it is plugged in.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	configfs := newStandIn(t)
	require.NoError(t, build(configfs, "fe980000.usb", 64, 64))
	require.ErrorIs(t, build(configfs, "fe980000.usb", 64, 64), errInUse)
	require.NoError(t, configfs.Write(udc, "\n"))
	require.NoError(t, build(configfs, "ff000000.usb", 8, 8))
	held, err := configfs.Read(udc)
	require.NoError(t, err)
	assert.Equal(t, "ff000000.usb\n", held)
	require.NoError(t, tear(configfs))
	require.NoError(t, tear(configfs), "nothing to remove is no error")
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, says := range map[string]string{
		"hidg:": "give it as hidg", "hidraw": "give it as hidg", "hidg:usb9": "no such device controller", "hidg:../tty": "no such device controller",
	} {
		_, err := newKey(board(nil, nil), address)
		assert.ErrorContains(t, err, says, address)
	}
	_, err := newKey(machine{sys: fstest.MapFS{}}, "hidg")
	require.ErrorContains(t, err, "no device controller")
	key, err := newKey(board(nil, nil), "hidg:ff000000.usb")
	require.NoError(t, err)
	assert.Equal(t, "hidg:ff000000.usb", key.Address())
	require.NoError(t, key.Close())
}
