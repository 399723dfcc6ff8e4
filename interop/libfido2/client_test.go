//go:build interop

package libfido2_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/workshop"
	"github.com/passkeylab/passkeylab/interop/libfido2"
)

// client is the program that was built of the folder of that name.
var client string

func TestMain(m *testing.M) { os.Exit(workshop.Around(build, m.Run)) }

func build(folder string) (err error) {
	client, err = libfido2.Build(folder)
	return err
}

// slow is how long a command may take on a machine that has much to do.
const slow = 2 * time.Minute

// answer is what a command told: its status, 0 for success, and values by name.
type answer struct {
	status int
	values map[string]string
}

// run runs one command of the client at a socket.
func run(t testing.TB, socket, command string, arguments ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), slow)
	defer cancel()
	cmd := exec.CommandContext(ctx, client, append([]string{socket, command}, arguments...)...)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		require.NoError(t, err, "%s %q\n%s%s", command, arguments, out.String(), log.String())
	}
	got := answer{values: map[string]string{}}
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		got.values[name] = value
	}
	got.status, err = strconv.Atoi(got.values["status"])
	require.NoError(t, err, "%s %q\n%s", command, arguments, log.String())
	return got
}
