package desktop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/passkeylab/passkeylab/browser/internal/child"
)

// ErrNoXvfb reports that there is no program to make a display with.
var ErrNoXvfb = errors.New("no Xvfb installed")

// Display is an X display without a screen, drawn into memory by Xvfb.
type Display struct {
	Name   string // as $DISPLAY, such as ":7"
	server *child.Process
}

// StartDisplay starts an Xvfb of that size on a free display number.
func StartDisplay(ctx context.Context, width, height int) (*Display, error) {
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		return nil, ErrNoXvfb
	}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe for the display number: %w", err)
	}
	defer out.Close()
	cmd := exec.Command(path, "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp", "-noreset")
	server, err := child.Start(cmd, in)
	in.Close()
	if err != nil {
		return nil, err
	}
	number, err := readLine(ctx, out)
	if err != nil {
		server.Stop()
		return nil, fmt.Errorf("start of Xvfb: %w; it printed:\n%s", err, server.Output())
	}
	return &Display{Name: ":" + number, server: server}, nil
}

// Stop ends the display.
func (d *Display) Stop() { d.server.Stop() }

// readLine returns the first line that a child writes. The pipe is closed by
// the child's death, which ends the read, or by the caller.
func readLine(ctx context.Context, from io.ReadCloser) (string, error) {
	stop := context.AfterFunc(ctx, func() { from.Close() })
	defer stop()
	line, err := bufio.NewReader(io.LimitReader(from, 4096)).ReadString('\n')
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return strings.TrimSpace(line), err
}
