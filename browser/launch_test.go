package browser

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLaunchSaysWhatToInstall(t *testing.T) {
	// The search for programs depends on PATH, so this test cannot be parallel.
	t.Setenv("PATH", t.TempDir())
	_, err := Launch(testContext(t), Options{})
	assert.True(t, IsMissing(err))
	assert.ErrorContains(t, err, "apt-get install chromium")
	_, err = Launch(testContext(t), Options{Executable: "/no/such/browser"})
	assert.ErrorContains(t, err, "/no/such/browser")
	shell, err := exec.LookPath("/bin/sh")
	require.NoError(t, err)
	_, err = Launch(testContext(t), Options{Executable: shell, Headed: true})
	assert.True(t, IsMissing(err))
	assert.ErrorContains(t, err, "apt-get install xvfb")
}

func TestLaunchReportsAProgramThatIsNoBrowser(t *testing.T) {
	t.Parallel()
	_, err := Launch(testContext(t), Options{Executable: "/bin/false"})
	assert.ErrorContains(t, err, "start /bin/false")
	_, err = Launch(testContext(t), Options{Executable: "/bin/ls"})
	assert.ErrorContains(t, err, "unrecognized option", "what it printed")
	ctx, cancel := context.WithCancel(testContext(t))
	cancel()
	_, err = Launch(ctx, Options{})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, options := range []Options{{}, {Headed: true}} {
		b, err := Launch(testContext(t), options)
		require.NoError(t, err)
		group := b.chromium.Process().Pid
		require.NotEmpty(t, running(t, group), "the browser runs in a group of its own")
		require.NoError(t, b.Close())
		require.NoError(t, b.Close())
		assert.Empty(t, running(t, group))
		assert.NoDirExists(t, b.scratch.Path)
		_, err = b.NewContext(testContext(t), ContextOptions{})
		assert.Error(t, err)
	}
}

// running lists the processes of a group, leaving out those that have ended and
// only wait for the system to forget them.
func running(t *testing.T, group int) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	var found []string
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // ended meanwhile
		}
		// pid (name) state parent group …, where the name may hold anything
		_, rest, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')'):]), " ")
		fields := strings.Fields(rest)
		if len(fields) > 2 && fields[2] == strconv.Itoa(group) && fields[0] != "Z" {
			found = append(found, string(stat))
		}
	}
	return found
}

func TestABrowserThatDiesIsNoticed(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	b, err := Launch(ctx, Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	tab := openTabIn(t, b, "about:blank", ContextOptions{})
	require.NoError(t, b.chromium.Process().Kill())
	assert.Error(t, tab.WaitFunc(ctx, "false"))
	assert.NoError(t, ctx.Err(), "it did not wait for the deadline")
}
