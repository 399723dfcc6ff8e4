package desktop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/browser/internal/child"
)

// ErrNoDBus reports that there is no program to make a bus with.
var ErrNoDBus = errors.New("no dbus-daemon installed")

// busConfig lets everybody who can open the socket, which is the same user
// only, say everything. It starts no services.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// bus is a private D-Bus and our connection to it.
type bus struct {
	address string
	daemon  *child.Process
	conn    *dbus.Conn
}

// startBus starts a bus whose socket and configuration live in dir.
func startBus(ctx context.Context, dir string) (*bus, error) {
	path, err := exec.LookPath("dbus-daemon")
	if err != nil {
		return nil, ErrNoDBus
	}
	config := dir + "/bus.conf"
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, dir), 0o600); err != nil {
		return nil, fmt.Errorf("configuration of the bus: %w", err)
	}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe for the bus address: %w", err)
	}
	defer out.Close()
	daemon, err := child.Start(exec.Command(path, "--nofork", "--nopidfile", "--config-file="+config, "--print-address=3"), in)
	in.Close()
	if err != nil {
		return nil, err
	}
	b := &bus{daemon: daemon}
	if b.address, err = readLine(ctx, out); err != nil {
		daemon.Stop()
		return nil, fmt.Errorf("start of dbus-daemon: %w; it printed:\n%s", err, daemon.Output())
	}
	if b.conn, err = dbus.Connect(b.address); err != nil {
		daemon.Stop()
		return nil, fmt.Errorf("connect to the private bus: %w", err)
	}
	return b, nil
}

func (b *bus) stop() {
	// The daemon is about to be killed; how the connection ends is no news.
	_ = b.conn.Close()
	b.daemon.Stop()
}
