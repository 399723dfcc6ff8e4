//go:build linux && (amd64 || arm64)

package usbkey_test

import (
	"context"
	"crypto/rand"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// echo is a device that answers with what it was asked.
type echo struct{}

func (echo) Exchange(_ context.Context, request []byte) ([]byte, error) { return request, nil }

// newDevice is a security key; of its AAGUID the end is the number given, 0 if none
// is.
func newDevice(t testing.TB, numbers ...byte) *authenticator.Authenticator {
	t.Helper()
	model := authenticator.SecurityKey()
	model.AAGUID = [16]byte([]byte("test key number0"))
	for _, n := range numbers {
		model.AAGUID[15] = '0' + n
	}
	device, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: transport.Attend(new(authenticator.ScriptedUser)),
		Clock: authenticator.SystemClock{}, Random: rand.Reader,
	})
	require.NoError(t, err)
	return device
}

// newKey is a key with a device of that number.
func newKey(t testing.TB, numbers ...byte) usbkey.Key {
	t.Helper()
	server, err := transport.NewHIDServer(newDevice(t, numbers...))
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return usbkey.Key{Server: server}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	require.NoError(t, usbkey.Check(t.Context()))
}

func TestTwoKeysAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, newKey(t, 1), newKey(t, 2))
	nodes := p.bus.Nodes()
	for n, at := range nodes {
		assert.Equal(t, "test key number"+string(rune('1'+n)), p.do(t, "info", at))
	}
	there := p.do(t, "keys")
	for _, part := range append(nodes, "F001/hidraw", "F002/hidraw", "250-1/idVendor", "250-2/idVendor") {
		assert.Contains(t, there, part)
	}
	for _, at := range nodes {
		assert.NoFileExists(t, at, "nobody else sees it")
	}
}

// What speaks CTAPHID behind a key need not be ours: it is told of each program, and
// when it has gone.
func TestAKeyOfSomebodyElse(t *testing.T) {
	t.Parallel()
	server := newKey(t).Server
	var mu sync.Mutex
	there := 0
	p := start(t, usbkey.Key{Connect: func(send func([]byte)) (usbkey.Program, error) {
		port, err := server.Connect(send)
		mu.Lock()
		defer mu.Unlock()
		there++
		return &guest{port, func() { mu.Lock(); defer mu.Unlock(); there-- }}, err
	}})
	assert.Equal(t, "test key number0", p.do(t, "info", p.bus.Nodes()[0]))
	assert.Equal(t, "each heard its own", p.do(t, "readers", p.bus.Nodes()[0]))
	require.NoError(t, p.bus.Unplug(0))
	mu.Lock()
	defer mu.Unlock()
	assert.Zero(t, there)
}

// guest is a program that somebody counts.
type guest struct {
	usbkey.Program
	left func()
}

func (g *guest) Close() {
	g.Program.Close()
	g.left()
}

// Every program that opens a key has it to itself, as far as it can tell.
func TestASecondReaderStealsNothing(t *testing.T) {
	t.Parallel()
	p := start(t, newKey(t))
	assert.Equal(t, "each heard its own", p.do(t, "readers", p.bus.Nodes()[0]))
}

// Those who read and write through descriptors of their own share a terminal.
func TestReadingAndWritingApart(t *testing.T) {
	t.Parallel()
	p := start(t, newKey(t))
	assert.Equal(t, "hello", p.do(t, "apart", p.bus.Nodes()[0]))
	assert.Equal(t, "test key number0", p.do(t, "info", p.bus.Nodes()[0]))
}

// The device has room for 64 clients; those that have left are none.
func TestOpeningAndClosing(t *testing.T) {
	t.Parallel()
	p := start(t, newKey(t))
	assert.Equal(t, "test key number0", p.do(t, "churn", p.bus.Nodes()[0], "1000"))
}

func TestUnpluggingAndPlugging(t *testing.T) {
	t.Parallel()
	p := start(t, newKey(t, 1), newKey(t, 2))
	at, other := p.bus.Nodes()[0], p.bus.Nodes()[1]
	before := p.do(t, "keys")
	for range 2 {
		require.Equal(t, "open", p.do(t, "hold", at))
		p.tell(t, "held")
		require.NoError(t, p.bus.Unplug(0))
		assert.Equal(t, "0 true", p.hear(t), "who has it open is hung up on")
		assert.NotContains(t, p.do(t, "keys"), at)
		assert.NotContains(t, p.do(t, "keys"), "250-1")
		assert.Contains(t, p.do(t, "info", at), "no such file")
		assert.Equal(t, "test key number2", p.do(t, "info", other), "the other one stays")
		require.ErrorContains(t, p.bus.Unplug(0), "already")

		require.NoError(t, p.bus.Plug(0))
		assert.Equal(t, before, p.do(t, "keys"))
		assert.Equal(t, "test key number1", p.do(t, "info", at))
		require.ErrorContains(t, p.bus.Plug(0), "already")
	}
	require.ErrorContains(t, p.bus.Plug(2), "no key 2")
	p.end(t)
	require.ErrorIs(t, p.bus.Unplug(1), usbkey.ErrEnded)
}

// Who listens to udev hears of the keys of the bus, and who does so elsewhere does
// not.
func TestNewsOfUdev(t *testing.T) {
	t.Parallel()
	p, other := start(t, newKey(t)), start(t, newKey(t))
	require.NoError(t, p.bus.Unplug(0), "nobody listens yet")
	require.NoError(t, p.bus.Plug(0))
	require.Equal(t, "listening", p.do(t, "listen"))
	require.Equal(t, "listening", other.do(t, "listen"))
	at := p.bus.Nodes()[0]
	require.NoError(t, p.bus.Unplug(0))
	assert.Equal(t, "remove hidraw "+at+" remove hid remove usb remove usb /dev/bus/usb/250/002", p.do(t, "news"))
	require.NoError(t, p.bus.Plug(0))
	assert.Equal(t, "add usb /dev/bus/usb/250/002 add usb add hid add hidraw "+at, p.do(t, "news"))
	require.NoError(t, other.bus.Unplug(0))
	assert.Regexp(t, "^remove hidraw "+at, other.do(t, "news"), "the first that it hears of")
}

func TestHowACommandEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind, number string
		is           syscall.WaitStatus
	}{
		"well":        {"status", "0", 0},
		"status":      {"status", "7", 7 << 8},
		"SIGTERM":     {"signal", "15", 15},
		"SIGKILL":     {"signal", "9", 9},
		"fatal in Go": {"signal", "11", 11},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command("sh", "-c", map[string]string{"status": "exit ", "signal": "kill -$1 $$; exit "}[c.kind]+c.number, "sh", c.number)
			bus, err := usbkey.Start(cmd, newKey(t))
			require.NoError(t, err)
			defer bus.Close()
			_ = cmd.Wait() // the status says it all
			assert.Equal(t, c.is, cmd.ProcessState.Sys().(syscall.WaitStatus)&^0x80, "but for the core file")
		})
	}
}

func TestSignalsArePassedOn(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sh", "-c", `trap 'echo usr1' USR1; trap 'echo term; exit 3' TERM; echo ready; while :; do sleep 1000 & wait $!; done`)
	p := pipes(t, cmd)
	bus, err := usbkey.Start(cmd, newKey(t))
	require.NoError(t, err)
	defer bus.Close()
	require.Equal(t, "ready", p.hear(t))
	require.NoError(t, cmd.Process.Signal(syscall.SIGUSR1))
	require.Equal(t, "usr1", p.hear(t))
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.Equal(t, "term", p.hear(t))
	require.False(t, p.out.Scan(), "nobody is left")
	require.Error(t, cmd.Wait())
	assert.Equal(t, 3, cmd.ProcessState.ExitCode())
}

// What a command leaves behind goes with it, also out of other sessions.
func TestOrphans(t *testing.T) {
	t.Parallel()
	ends := map[string]func(*testing.T, *puppet, context.CancelFunc){
		"the command ends":  func(t *testing.T, p *puppet, _ context.CancelFunc) { require.NoError(t, p.in.Close()) },
		"the context ends":  func(_ *testing.T, _ *puppet, cancel context.CancelFunc) { cancel() },
		"the bus is closed": func(t *testing.T, p *puppet, _ context.CancelFunc) { require.NoError(t, p.bus.Close()) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			cmd := exec.CommandContext(ctx, "/proc/self/exe")
			cmd.Env = append(os.Environ(), childMark+"=1")
			p := pipes(t, cmd)
			var err error
			p.bus, err = usbkey.Start(cmd, newKey(t))
			require.NoError(t, err)
			require.Equal(t, "it runs", p.do(t, "orphan"))
			end(t, p, cancel)
			assert.False(t, p.out.Scan(), "the output ends when nobody has it any more")
			_ = cmd.Wait() // how it ended is as the test is
			require.NoError(t, p.bus.Close())
		})
	}
}

// A command keeps all that it was given, and gets no more.
func TestDescriptors(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sh", "-c", "cat <&3; cat <&5; for n in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && printf $n; done; exit 0")
	cmd.ExtraFiles = []*os.File{written(t, "three "), nil, written(t, "five ")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out strings.Builder
	cmd.Stdout = &out
	bus, err := usbkey.Attach(cmd, newKey(t))
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, bus.Ready(t.Context()))
	require.NoError(t, cmd.Wait())
	require.NoError(t, bus.Close())
	assert.Equal(t, "three five 35", out.String())
}

// written is the reading end of a pipe with a text in it.
func written(t *testing.T, text string) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	_, err = io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// Programs under it can open terminals, which takes more than a node in /dev.
func TestTerminals(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "there", start(t, newKey(t)).do(t, "terminal"))
}

func TestUsedWrongly(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	long := key
	long.Maker = strings.Repeat("x", 101)
	lines := key
	lines.Serial = "1\n2"
	for name, c := range map[string]struct {
		keys   []usbkey.Key
		change func(*exec.Cmd)
		says   string
	}{
		"no key":            {nil, nil, "0 keys: give 1 to 16"},
		"too many":          {make([]usbkey.Key, 17), nil, "17 keys"},
		"no device":         {[]usbkey.Key{key, {}}, nil, "key 2: give it either a Server or Connect"},
		"long name":         {[]usbkey.Key{long}, nil, "key 1: Maker"},
		"two lines":         {[]usbkey.Key{lines}, nil, "key 1: Serial"},
		"no program":        {[]usbkey.Key{key}, func(c *exec.Cmd) { *c = *exec.Command("no-such-program") }, "not found"},
		"program that goes": {[]usbkey.Key{key}, func(c *exec.Cmd) { c.Path = "/no/such/program" }, "starting the command: run /no/such/program"},
		"no directory":      {[]usbkey.Key{key}, func(c *exec.Cmd) { c.Dir = "/no/such/folder" }, "no such file"},
		"another user": {[]usbkey.Key{key}, func(c *exec.Cmd) {
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1}}
		}, "and nothing else"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command("true")
			if c.change != nil {
				c.change(cmd)
			}
			_, err := usbkey.Start(cmd, c.keys...)
			require.ErrorContains(t, err, c.says)
			assert.NotErrorIs(t, err, usbkey.ErrUnavailable)
		})
	}
}
