//go:build interop

package pcsc_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/pcsc"
	"github.com/passkeylab/passkeylab/transport/vpcd"
)

// Where Debian's packages put the daemon and the driver of its virtual reader.
const (
	program = "/usr/sbin/pcscd"
	driver  = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
)

// readerName is what pcscd makes of the name below: one of two slots.
const readerName = "Virtual PCD 00 00"

// daemon is a pcscd of our own with one virtual reader.
type daemon struct {
	socket string
	slot   *vpcd.Slot
}

// startPCSCD starts a pcscd that ends with the test. Its socket is handed to it as
// systemd would do it, since the path of its own is fixed; so it disturbs no other
// pcscd, nor what that keeps in /run.
func startPCSCD(t testing.TB) *daemon {
	t.Helper()
	folder := t.TempDir()
	port := freePorts(t)
	reader := fmt.Sprintf("FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:%d\nLIBPATH %s\nCHANNELID %d\n", port, driver, port)
	configured := filepath.Join(folder, "reader.conf.d")
	require.NoError(t, os.Mkdir(configured, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(configured, "vpcd"), []byte(reader), 0o644))

	d := &daemon{socket: filepath.Join(folder, "pcscd.comm")}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: d.socket})
	require.NoError(t, err)
	handed, err := listener.File()
	require.NoError(t, err)
	defer handed.Close()
	t.Cleanup(func() { _ = listener.Close() })

	var log bytes.Buffer
	script := "LISTEN_FDS=1 LISTEN_PID=$$ exec " + program + " --foreground --config " + configured + disablePolkit(t)
	command := exec.Command("sh", "-c", script)
	if exec.Command("unshare", "--map-root-user", "--mount", "true").Run() == nil {
		command = exec.Command("unshare", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none /run && "+script)
	}
	command.ExtraFiles = []*os.File{handed}
	command.Stdout, command.Stderr = &log, &log
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	d.slot, err = vpcd.Open(fmt.Sprintf("vpcd:127.0.0.1:%d", port))
	require.NoError(t, err)
	return d
}

// disablePolkit is a flag that newer ones need where nobody has logged in.
func disablePolkit(t testing.TB) string {
	t.Helper()
	help, err := exec.Command(program, "--help").CombinedOutput()
	require.NoError(t, err, "%s", help)
	if flag := "--disable-polkit"; strings.Contains(string(help), flag) {
		return " " + flag
	}
	return ""
}

// freePorts returns a port that is free, as the one after it is: vpcd has two
// slots.
func freePorts(t testing.TB) int {
	t.Helper()
	for range 100 {
		first, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		port := first.Addr().(*net.TCPAddr).Port
		second, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1))
		_ = first.Close()
		if err == nil {
			_ = second.Close()
			return port
		}
	}
	t.Fatal("no two ports beside each other are free")
	return 0
}

// card is a device that lies in the reader.
type card struct {
	user  *authenticator.ScriptedUser
	clock *authenticator.ManualClock
	key   *authenticator.Authenticator
	take  func() // takes it out again
}

// birthday is when the clocks of all devices begin.
var birthday = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// insert puts a new device into the reader, and waits until pcscd has seen it.
func (d *daemon) insert(t testing.TB, model authenticator.Model, attend func(authenticator.User) authenticator.User) *card {
	t.Helper()
	c := &card{user: new(authenticator.ScriptedUser), clock: authenticator.NewManualClock(birthday)}
	var err error
	c.key, err = authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: attend(c.user), Clock: c.clock, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	d.serve(t, c, c.key)
	return c
}

func (d *daemon) serve(t testing.TB, c *card, device ctap.Transport) {
	t.Helper()
	server, err := transport.NewNFCServer(device, transport.NFCServerConfig{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- d.slot.Serve(ctx, server) }()
	c.take = sync.OnceFunc(func() {
		cancel()
		assert.NoError(t, <-served)
		server.Close()
	})
	t.Cleanup(c.take)
	d.await(t, true)
}

// await waits until pcscd sees that there is a card, or none.
func (d *daemon) await(t testing.TB, there bool) {
	t.Helper()
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		readers, err := pcsc.Readers(context.Background(), d.socket)
		require.NoError(t, err)
		for _, reader := range readers {
			if reader.Name == readerName {
				assert.Equal(t, there, reader.Card)
				return
			}
		}
		assert.Fail(t, "the reader is missing", "%v", readers)
	}, time.Minute, 50*time.Millisecond)
}
