package child

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStopEndsTheWholeGroup(t *testing.T) {
	t.Parallel()
	// The inner shell would outlive the outer one; it holds the output open
	// until it is killed.
	p, err := Start(exec.Command("sh", "-c", "echo started; sh -c 'read forever </dev/zero' & wait"))
	require.NoError(t, err)
	p.Stop()
	p.Stop()
	select {
	case <-p.gone:
	default:
		t.Fatal("something of the group is left")
	}
}

func TestOutputIsKeptToItsEnd(t *testing.T) {
	t.Parallel()
	p, err := Start(exec.Command("sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; echo the end >&2"))
	require.NoError(t, err)
	<-p.gone
	assert.Len(t, p.Output(), outputKept)
	assert.True(t, strings.HasSuffix(p.Output(), "the end\n"))
	p.Stop()
}

func TestStartReportsAMissingProgram(t *testing.T) {
	t.Parallel()
	_, err := Start(exec.Command("/no/such/program"))
	assert.ErrorContains(t, err, "/no/such/program")
}
