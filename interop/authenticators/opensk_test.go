//go:build interop

package authenticators_test

import (
	"bufio"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/workshop"
	"github.com/passkeylab/passkeylab/transport/subject"
)

// openSKDeviates are the cases of a MUST that OpenSK fails. docs/conformance-results.md
// tells why.
var openSKDeviates = []string{
	"clientpin/protocol-1/wrong-token",
	"clientpin/protocol-2/wrong-token",
	"hid/abort/request",
	"largeblobs/get/behind-the-end",
}

// OpenSK is reached as whoever develops a key would reach theirs: by CTAPHID reports in a
// stream, and a control channel.
func TestOpenSK(t *testing.T) {
	t.Parallel()
	if os.Getenv(workshop.WithRust) == "" {
		t.Skipf("%s is not set: see docs/interop.md", workshop.WithRust)
	}
	program, err := workshop.Cargo{Name: "opensk", Crate: "opensk", Program: "opensk-device"}.Built()
	require.NoError(t, err)
	command := exec.Command(program)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	var at []string
	for lines := bufio.NewScanner(output); len(at) < 2 && lines.Scan(); {
		at = append(at, lines.Text())
	}
	require.Len(t, at, 2, "the addresses of reports and of the control channel")
	control, err := subject.NewControl(at[1])
	require.NoError(t, err)
	// It gives messages up after 100 ms, which a busy machine may take for one.
	hasty := []string{"hid/timeout/not-at-once"}
	judge(t, &subject.Target{Name: "tcp:" + at[0], Control: control}, nil, hasty, openSKDeviates, 1200)
}
