package uhid

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/transport"
)

// echo is a device that answers with what it was asked, or waits where that
// begins with zero.
type echo struct{}

func (echo) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	if request[0] == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return request, nil
}

// kernel is the other side of /dev/uhid, as a test plays it.
type kernel struct {
	*os.File
	t *testing.T
}

// boot serves a device to a kernel. stop ends that and returns what Serve did.
func boot(t *testing.T, options ...transport.HIDOption) (k *kernel, stop func() error) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	k = &kernel{os.NewFile(uintptr(fds[0]), "kernel"), t}
	t.Cleanup(func() { _ = k.Close() })
	require.NoError(t, k.SetDeadline(time.Now().Add(time.Minute)))
	server, err := transport.NewHIDServer(echo{}, options...)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- (&Device{kernel: os.NewFile(uintptr(fds[1]), Name)}).Serve(ctx, server) }()
	t.Cleanup(cancel)
	return k, func() error {
		cancel()
		return <-ended
	}
}

// hear returns the next event of the device.
func (k *kernel) hear() []byte {
	k.t.Helper()
	e := make([]byte, maxEvent+1)
	n, err := k.Read(e)
	require.NoError(k.t, err)
	return e[:n]
}

// say sends an event with as many zeros after it as the kernel does.
func (k *kernel) say(kind kind, data ...byte) {
	k.t.Helper()
	e := append(binary.NativeEndian.AppendUint32(nil, uint32(kind)), data...)
	_, err := k.Write(append(e, make([]byte, maxEvent-len(e))...))
	require.NoError(k.t, err)
}

// write is a program that writes a report.
func (k *kernel) write(written []byte) {
	data := append(bytes.Clone(written), make([]byte, maxData-len(written))...)
	k.say(output, append(binary.NativeEndian.AppendUint16(data, uint16(len(written))), 1)...)
}

// read is a program that reads a report.
func (k *kernel) read() []byte {
	k.t.Helper()
	e := k.hear()
	require.Equal(k.t, uint32(input), binary.NativeEndian.Uint32(e))
	require.Len(k.t, e[6:], int(binary.NativeEndian.Uint16(e[4:])))
	return e[6:]
}

// Send, Receive and Close make a kernel a link for a client.
func (k *kernel) Send(report []byte) error {
	k.write(append([]byte{0}, report...))
	return nil
}
func (k *kernel) Receive() ([]byte, error) {
	e := make([]byte, maxEvent)
	n, err := k.Read(e)
	if err != nil {
		return nil, err
	}
	return e[6:n], nil
}

func TestCreating(t *testing.T) {
	t.Parallel()
	k, stop := boot(t)
	e := k.hear()
	require.Len(t, e, 4376, "struct uhid_event, whole")
	assert.Equal(t, uint32(11), binary.NativeEndian.Uint32(e))
	assert.Equal(t, "passkeylab security key", string(bytes.TrimRight(e[4:132], "\x00")))
	fields := e[4+128+64+64:]
	size := binary.NativeEndian.Uint16(fields)
	assert.Equal(t, uint16(3), binary.NativeEndian.Uint16(fields[2:]), "on the USB")
	assert.Equal(t, uint32(0x1209), binary.NativeEndian.Uint32(fields[4:]))
	assert.Equal(t, uint32(1), binary.NativeEndian.Uint32(fields[8:]))
	in, out, err := hid.ReadDescriptor(fields[20 : 20+size])
	require.NoError(t, err)
	assert.Equal(t, [2]int{64, 64}, [2]int{in, out})
	require.NoError(t, stop())
	_, err = k.Read(make([]byte, 1))
	require.Error(t, err, "the file is closed, with which the device vanishes")
}

func TestReports(t *testing.T) {
	t.Parallel()
	k, stop := boot(t)
	k.hear()
	k.say(2) // started
	k.say(opened)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := transport.OpenHID(ctx, k, bytes.NewReader(make([]byte, 64)))
	require.NoError(t, err)
	for _, n := range []int{1, 57, 58, 7609} {
		payload := bytes.Repeat([]byte{7}, n)
		for range 3 {
			answer, err := c.Exchange(ctx, payload)
			require.NoError(t, err)
			require.True(t, bytes.Equal(payload, answer))
		}
	}
	require.NoError(t, c.Close())
	_ = stop() // the kernel may have gone first
}

// Reports have no numbers: the zero before them is the kernel's, or is not there.
func TestNumbersOfReports(t *testing.T) {
	t.Parallel()
	for _, size := range []int{64, 9} {
		k, stop := boot(t, transport.Reports(size, size))
		k.hear()
		opening := append([]byte{0xff, 0xff, 0xff, 0xff, 0x86, 0, 8}, make([]byte, size-7)...)
		rest := append([]byte{0xff, 0xff, 0xff, 0xff}, make([]byte, size-4)...)
		for _, number := range [][]byte{{0}, nil} { // also before a program is said to have it open
			k.write(append(bytes.Clone(number), opening...))
			for n := range 2 {
				if size < 15 && 2+4*n < 8 {
					rest[4] = byte(n)
					k.write(append(bytes.Clone(number), rest...))
				}
			}
			report := k.read()
			require.Len(t, report, size)
			assert.Equal(t, opening[:4], report[:4])
			assert.Equal(t, byte(0x86), report[4])
			for more := 17 - (size - 7); more > 0; more -= size - 5 {
				k.read()
			}
		}
		require.NoError(t, stop())
	}
}

// When the last program closes the device, what it was at is gone.
func TestClosing(t *testing.T) {
	t.Parallel()
	k, stop := boot(t)
	k.hear()
	k.say(opened)
	k.write(append([]byte{0, 0xff, 0xff, 0xff, 0xff, 0x86, 0, 8}, make([]byte, 57)...))
	channel := k.read()[15:19]
	k.write(append(append(append([]byte{0}, channel...), 0x90, 0, 1, 0), make([]byte, 56)...)) // it waits
	k.say(closed)
	k.say(closed)
	k.say(opened)
	k.write(append(append(append([]byte{0}, channel...), 0x81, 0, 0), make([]byte, 57)...))
	report := k.read()
	for report[4] == 0xbb {
		report = k.read()
	}
	assert.Equal(t, []byte{0xbf, 0, 1, 0x0b}, report[4:8], "nobody has the channel")
	require.NoError(t, stop())
}

func TestControlTransfersAreRefused(t *testing.T) {
	t.Parallel()
	k, stop := boot(t)
	k.hear()
	for ask, reply := range map[kind]kind{getReport: getReportReply, setReport: setReportReply} {
		k.say(ask, 1, 2, 3, 4, 0, 1)
		e := k.hear()
		assert.Equal(t, uint32(reply), binary.NativeEndian.Uint32(e))
		assert.Equal(t, []byte{1, 2, 3, 4}, e[4:8])
		assert.Equal(t, uint16(5), binary.NativeEndian.Uint16(e[8:]))
	}
	require.NoError(t, stop())
}

func TestOpening(t *testing.T) {
	t.Parallel()
	_, err := open(filepath.Join(t.TempDir(), "uhid"))
	require.ErrorContains(t, err, "modprobe uhid")
	file := filepath.Join(t.TempDir(), "uhid")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	d, err := open(file)
	require.NoError(t, err)
	assert.Equal(t, "uhid", d.Address())
	require.NoError(t, d.Close())
	server, err := transport.NewHIDServer(echo{})
	require.NoError(t, err)
	defer server.Close()
	require.ErrorContains(t, d.Serve(t.Context(), server), "creating a device")
}

func FuzzParseEvent(f *testing.F) {
	f.Add(binary.NativeEndian.AppendUint32(nil, uint32(opened)))
	f.Add(append(binary.NativeEndian.AppendUint32(nil, uint32(output)), make([]byte, outputSize)...))
	f.Add(append(binary.NativeEndian.AppendUint32(nil, uint32(getReport)), 1, 2, 3))
	f.Fuzz(func(t *testing.T, raw []byte) {
		server, err := transport.NewHIDServer(echo{})
		require.NoError(t, err)
		defer server.Close()
		e, ok := parseEvent(raw)
		require.LessOrEqual(t, len(e.report), maxData)
		if ok {
			d := &Device{kernel: deaf{}}
			d.handle(e, 64, server)
			d.leave()
		}
	})
}

// deaf is a kernel that takes whatever it is told.
type deaf struct{ *os.File }

func (deaf) Write(p []byte) (int, error) { return len(p), nil }
