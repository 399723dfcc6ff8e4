package desktop

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/passkeylab/passkeylab/internal/privatebus"
	"github.com/passkeylab/passkeylab/internal/scratch"
)

// Desktop is a display together with the bus on which programs describe their
// windows.
type Desktop struct {
	Display string // as $DISPLAY, such as ":7"

	scratch  *scratch.Dir
	server   *Display        // nil if the display is the caller's
	bus      *privatebus.Bus // nil if there is no dbus-daemon
	registry *registry
}

// Start prepares a desktop. An empty display starts one of that size; another
// is used as it is and left running by Stop. Without dbus-daemon the desktop
// works, but what is on it cannot be read.
func Start(ctx context.Context, display string, width, height int) (*Desktop, error) {
	dir, err := scratch.Make(os.TempDir(), "passkeylab-desktop-")
	if err != nil {
		return nil, fmt.Errorf("directory for the desktop: %w", err)
	}
	d := &Desktop{Display: display, scratch: dir}
	if err := d.start(ctx, width, height); err != nil {
		d.Stop()
		return nil, err
	}
	return d, nil
}

func (d *Desktop) start(ctx context.Context, width, height int) error {
	if d.Display == "" {
		server, err := StartDisplay(ctx, width, height)
		if err != nil {
			return err
		}
		d.server, d.Display = server, server.Name
	}
	b, err := privatebus.Start(ctx, d.scratch.Path)
	if errors.Is(err, privatebus.ErrNoDBus) {
		return nil
	}
	if err != nil {
		return err
	}
	d.bus = b
	d.registry, err = serveRegistry(b)
	return err
}

// Environ is what a program needs in its environment to appear on the desktop
// and to describe itself there.
func (d *Desktop) Environ() []string {
	env := []string{"DISPLAY=" + d.Display}
	if d.bus != nil {
		env = append(env,
			"DBUS_SESSION_BUS_ADDRESS="+d.bus.Address,
			"AT_SPI_BUS_ADDRESS="+d.bus.Address,
			"ACCESSIBILITY_ENABLED=1")
	}
	return env
}

// Readable reports whether Find can work.
func (d *Desktop) Readable() bool { return d.registry != nil }

// Stop ends what Start started.
func (d *Desktop) Stop() {
	if d.bus != nil {
		d.bus.Stop()
	}
	if d.server != nil {
		d.server.Stop()
	}
	// What cannot be removed is an empty directory among temporary files.
	_ = d.scratch.Remove()
}
