package browser

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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
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

// launchAndWait makes a process of this test start a browser, for the test below
// to kill.
const launchAndWait = "BROWSER_TEST_LAUNCH_AND_WAIT"

func TestABrowserEndsWithItsProgram(t *testing.T) {
	if os.Getenv(launchAndWait) != "" {
		b, err := Launch(testContext(t), Options{Headed: true})
		require.NoError(t, err)
		fmt.Println("pid", b.chromium.Process().Pid)
		<-testContext(t).Done()
		return
	}
	t.Parallel()
	program := exec.Command(os.Args[0], "-test.run=^TestABrowserEndsWithItsProgram$")
	program.Env = append(os.Environ(), launchAndWait+"=1", "TMPDIR="+t.TempDir())
	out, err := program.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	var browser int
	for lines := bufio.NewScanner(out); browser == 0 && lines.Scan(); {
		if number, found := strings.CutPrefix(lines.Text(), "pid "); found {
			browser, err = strconv.Atoi(number)
			require.NoError(t, err)
		}
	}
	require.NotZero(t, browser, "the program told its browser")
	alive, err := unix.PidfdOpen(browser, 0)
	require.NoError(t, err)
	defer unix.Close(alive)
	require.NoError(t, program.Process.Kill())
	assert.Error(t, program.Wait())
	// The descriptor becomes readable when the process has ended.
	ready, err := poll([]unix.PollFd{{Fd: int32(alive), Events: unix.POLLIN}}, 10_000)
	require.NoError(t, err)
	assert.Equal(t, 1, ready, "the browser outlived its program by ten seconds")
}

// poll is unix.Poll, again when a signal interrupts it.
func poll(fds []unix.PollFd, milliseconds int) (int, error) {
	for {
		n, err := unix.Poll(fds, milliseconds)
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
