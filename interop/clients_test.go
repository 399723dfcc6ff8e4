//go:build interop

// Package interop_test puts other people's client libraries before our devices.
// README.md tells what the programs are and how they are spoken to.
package interop_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// client is a program that speaks to a device at a unix socket, as README.md has
// it.
type client struct {
	name    string
	command []string
	// previews tells that it knows the managing commands only by the numbers that
	// they had in drafts of CTAP 2.1.
	previews bool
}

// The programs lie where scripts/interop.sh puts them.
var (
	libfido2    = client{"libfido2", []string{"../bin/interop/libfido2"}, true}
	pythonFIDO2 = client{"python-fido2", []string{"../bin/interop/venv/bin/python", "pythonfido2/client.py"}, false}
	clients     = []client{libfido2, pythonFIDO2}
)

func TestMain(m *testing.M) {
	for _, c := range clients {
		if _, err := exec.LookPath(c.command[0]); err != nil {
			fmt.Fprintf(os.Stderr, "%s is missing: run make interop, which builds and fetches it\n", c.command[0])
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// slow is how long a command may take on a machine that has much to do.
const slow = 2 * time.Minute

// answer is what a command told: its status, 0 for success, and values by name.
type answer struct {
	status int
	values map[string]string
}

// run runs one command of a client.
func (c client) run(t testing.TB, socket, command string, arguments ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), slow)
	defer cancel()
	program, err := filepath.Abs(c.command[0])
	require.NoError(t, err)
	words := append(append([]string{}, c.command[1:]...), socket, command)
	cmd := exec.CommandContext(ctx, program, append(words, arguments...)...)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 || log.Len() > 0) {
		require.NoError(t, err, "%s %s %q\n%s%s", c.name, command, arguments, out.String(), log.String())
	}
	got := answer{values: map[string]string{}}
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		if name == "keepalive" {
			value = got.values[name] + value
		}
		got.values[name] = value
	}
	got.status, err = strconv.Atoi(got.values["status"])
	require.NoError(t, err, "%s %s %q\n%s", c.name, command, arguments, log.String())
	return got
}
