//go:build interop

package exec_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/workshop"
)

// passkeylab is the program that was built of this tree. Everybody may run it.
var passkeylab string

func TestMain(m *testing.M) {
	os.Exit(workshop.Around(func(folder string) (err error) {
		passkeylab, err = workshop.Passkeylab(folder)
		return err
	}, m.Run))
}

// slow is how long a program may take on a machine that has much to do.
const slow = 2 * time.Minute

// nobody is the user that has no rights anywhere.
const nobody = 65534

// key is a virtual key. What it remembers is kept from one program to the next.
type key struct {
	t      *testing.T
	folder string // for whatever programs leave; its owner is who runs them
	flags  []string
	user   uint32
}

// newKey returns a key for programs that the user of this test runs.
func newKey(t *testing.T, flags ...string) *key {
	t.Helper()
	folder := t.TempDir()
	return &key{t: t, folder: folder, flags: append([]string{"--store", filepath.Join(folder, "key.store")}, flags...), user: uint32(os.Getuid())}
}

// asNobody returns a key for programs of a user without any rights. Where the
// test has none itself it is the same.
func asNobody(t *testing.T, flags ...string) *key {
	t.Helper()
	if os.Getuid() != 0 {
		return newKey(t, flags...)
	}
	folder, err := os.MkdirTemp("", "passkeylab-nobody-") // t.TempDir lies in a folder of root
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	require.NoError(t, os.Chown(folder, nobody, nobody))
	return &key{t: t, folder: folder, flags: append([]string{"--store", filepath.Join(folder, "key.store")}, flags...), user: nobody}
}

// outcome is how a program ended.
type outcome struct {
	status   int
	out, err string
}

// run runs a program under `passkeylab exec`. Without a terminal it reads what it
// would ask a person, PINs above all, from input.
func (k *key) run(input string, program ...string) outcome {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), slow)
	defer cancel()
	arguments := append(append([]string{"exec"}, k.flags...), append([]string{"--"}, program...)...)
	cmd := exec.CommandContext(ctx, passkeylab, arguments...)
	var out, log bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &log
	cmd.Dir = k.folder
	cmd.Env = append(os.Environ(), "HOME="+k.folder)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: k.credential()}
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(k.t, err, "%q\n%s%s", arguments, out.String(), log.String())
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), log.String()}
}

func (k *key) credential() *syscall.Credential {
	if os.Getuid() != 0 || k.user == 0 {
		return nil
	}
	return &syscall.Credential{Uid: k.user, Gid: k.user}
}

// ok runs a program that must succeed, and returns what it printed.
func (k *key) ok(input string, program ...string) string {
	k.t.Helper()
	got := k.run(input, program...)
	require.Zero(k.t, got.status, "%q\n%s%s", program, got.out, got.err)
	return got.out
}

// fails runs a program that must fail and say why.
func (k *key) fails(why, input string, program ...string) {
	k.t.Helper()
	got := k.run(input, program...)
	require.NotZero(k.t, got.status, "%q\n%s%s", program, got.out, got.err)
	require.Contains(k.t, got.out+got.err, why, "%q", program)
}

// write makes a file for programs, and returns its path.
func (k *key) write(name, content string) string {
	k.t.Helper()
	path := filepath.Join(k.folder, name)
	require.NoError(k.t, os.WriteFile(path, []byte(content), 0o600))
	if k.credential() != nil {
		require.NoError(k.t, os.Chown(path, int(k.user), int(k.user)))
	}
	return path
}

// read returns what a program wrote.
func (k *key) read(name string) string {
	k.t.Helper()
	content, err := os.ReadFile(filepath.Join(k.folder, name))
	require.NoError(k.t, err)
	return string(content)
}

// fields are the words of a line.
func fields(line string) []string { return strings.Fields(line) }
