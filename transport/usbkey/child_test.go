//go:build linux && (amd64 || arm64)

package usbkey_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// childMark makes a process of this test binary a child: a program that sees keys.
const childMark = "PASSKEYLAB_USBKEY_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childMark) == "" {
		os.Exit(m.Run())
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Fields(lines.Text())
		answer, err := deeds[words[0]](words[1:]...)
		if err != nil {
			answer = "error: " + err.Error()
		}
		fmt.Println(strings.ReplaceAll(answer, "\n", " "))
	}
}

// puppet is a child that does what it is told, a line for each deed.
type puppet struct {
	cmd  *exec.Cmd
	bus  *usbkey.Bus
	in   io.WriteCloser
	out  *bufio.Scanner
	done bool
}

// childCommand is a child that is not started yet.
func childCommand(t testing.TB) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childMark+"=1")
	cmd.Stderr = os.Stderr
	return cmd
}

// pipes are the puppet's strings.
func pipes(t testing.TB, cmd *exec.Cmd) *puppet {
	t.Helper()
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	return &puppet{cmd: cmd, in: in, out: bufio.NewScanner(out)}
}

// start starts a puppet with keys plugged in.
func start(t testing.TB, keys ...usbkey.Key) *puppet {
	t.Helper()
	p := pipes(t, childCommand(t))
	bus, err := usbkey.Start(p.cmd, keys...)
	require.NoError(t, err)
	p.bus = bus
	t.Cleanup(func() { p.end(t) })
	return p
}

// end lets the puppet go.
func (p *puppet) end(t testing.TB) {
	if p.done {
		return
	}
	p.done = true
	require.NoError(t, p.in.Close())
	require.NoError(t, p.cmd.Wait())
	require.NoError(t, p.bus.Close())
}

// do has the puppet do something, and returns what it says.
func (p *puppet) do(t testing.TB, words ...string) string {
	t.Helper()
	p.tell(t, words...)
	return p.hear(t)
}

func (p *puppet) tell(t testing.TB, words ...string) {
	t.Helper()
	_, err := fmt.Fprintln(p.in, strings.Join(words, " "))
	require.NoError(t, err)
}

func (p *puppet) hear(t testing.TB) string {
	t.Helper()
	require.True(t, p.out.Scan(), "the puppet has ended")
	return p.out.Text()
}
