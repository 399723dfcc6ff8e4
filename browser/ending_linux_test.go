package browser

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

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
	// Its other processes may write into their profile for a moment longer.
	scratch, err := os.MkdirTemp("", "browser")
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.Eventually(t, func() bool { return os.RemoveAll(scratch) == nil }, 10*time.Second, 10*time.Millisecond)
	})
	program := exec.Command(os.Args[0], "-test.run=^TestABrowserEndsWithItsProgram$")
	program.Env = append(os.Environ(), launchAndWait+"=1", "TMPDIR="+scratch)
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
