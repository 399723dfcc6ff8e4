// Package child runs programs that a session is made of, so that none of them
// outlives the session: each has a process group of its own that
// is killed as a whole, and where the system allows it (Linux) the kernel kills
// it when this program dies.
//
// Chromium itself is started by chromedp; OwnGroup and KillGroup give it the
// same care. The package must never know what the programs are for.
package child

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// killGrace is how long Stop waits for the rest of a killed process group.
const killGrace = 3 * time.Second

// outputKept is how many bytes of what a child printed are kept for errors.
const outputKept = 16 << 10

// Process is a running program with everything it started.
type Process struct {
	cmd    *exec.Cmd
	exited chan struct{} // the program itself has ended
	gone   chan struct{} // nobody holds its output any more: the group has ended
	output tail
	stop   sync.Once
}

// Start runs cmd with its output captured. extra files become its descriptors
// 3 and up. It starts two goroutines; both end with the process.
func Start(cmd *exec.Cmd, extra ...*os.File) (*Process, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe for the output of %s: %w", cmd.Path, err)
	}
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = in, in, extra
	OwnGroup(cmd)
	p := &Process{cmd: cmd, exited: make(chan struct{}), gone: make(chan struct{})}
	started := make(chan error)
	go p.run(started)
	err = <-started
	in.Close()
	if err != nil {
		out.Close()
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	go func() {
		defer close(p.gone)
		defer out.Close()
		// The copy ends when the last holder of the pipe has gone; its error
		// would say no more than that.
		_, _ = io.Copy(&p.output, out)
	}()
	return p, nil
}

// run stays on one thread because the kernel's parent-death signal is tied to
// the thread that forked, not to the program.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	// How a killed program ended is no news; its output is what errors show.
	_ = p.cmd.Wait()
	close(p.exited)
}

// Output is the last part of what the program and its children printed.
func (p *Process) Output() string { return p.output.String() }

// Stop kills what is left of the group and returns when all of it has gone, or
// after a few seconds. Call it more than once if convenient.
func (p *Process) Stop() {
	p.stop.Do(func() {
		KillGroup(p.cmd.Process)
		<-p.exited
		ctx, cancel := context.WithTimeout(context.Background(), killGrace)
		defer cancel()
		select {
		case <-p.gone:
		case <-ctx.Done():
		}
	})
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - outputKept; over > 0 {
		t.kept = append([]byte(nil), t.kept[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}

// FirstLine returns the first line that a child writes into a pipe, such as the
// address that it serves at. The child's death ends the wait, and so does ctx, which
// closes the pipe.
func FirstLine(ctx context.Context, from io.ReadCloser) (string, error) {
	stop := context.AfterFunc(ctx, func() { from.Close() })
	defer stop()
	line, err := bufio.NewReader(io.LimitReader(from, 4096)).ReadString('\n')
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return strings.TrimSpace(line), err
}
