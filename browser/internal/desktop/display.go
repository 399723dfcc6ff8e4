package desktop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/passkeylab/passkeylab/internal/child"
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
	number, err := child.FirstLine(ctx, out)
	if err != nil {
		server.Stop()
		return nil, fmt.Errorf("start of Xvfb: %w; it printed:\n%s", err, server.Output())
	}
	return &Display{Name: ":" + number, server: server}, nil
}

// Stop ends the display.
func (d *Display) Stop() { d.server.Stop() }
