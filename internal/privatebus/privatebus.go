// Package privatebus starts a D-Bus of one's own, for programs that are told its
// address and for nobody else.
//
// It owns the daemon and a connection to it. It must never know what is said there.
package privatebus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/godbus/dbus/v5"

	"github.com/passkeylab/passkeylab/internal/child"
)

// ErrNoDBus reports that there is no program to make a bus with.
var ErrNoDBus = errors.New("no dbus-daemon installed")

// config lets everybody who can open the socket, which is the same user only, say
// everything. It starts no services.
const config = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
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

// Bus is a private D-Bus.
type Bus struct {
	// Address is what programs are told, such as by $DBUS_SYSTEM_BUS_ADDRESS.
	Address string
	// Conn is a connection of ours. It ends with the bus.
	Conn   *dbus.Conn
	daemon *child.Process
}

// Start starts a bus whose socket and configuration live in dir. ctx limits the
// start only. The bus lives until Stop, or until this process ends.
func Start(ctx context.Context, dir string) (*Bus, error) {
	path, err := exec.LookPath("dbus-daemon")
	if err != nil {
		return nil, ErrNoDBus
	}
	file := dir + "/bus.conf"
	if err := os.WriteFile(file, fmt.Appendf(nil, config, dir), 0o600); err != nil {
		return nil, fmt.Errorf("configuration of the bus: %w", err)
	}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe for the bus address: %w", err)
	}
	defer out.Close()
	daemon, err := child.Start(exec.Command(path, "--nofork", "--nopidfile", "--config-file="+file, "--print-address=3"), in)
	in.Close()
	if err != nil {
		return nil, err
	}
	b := &Bus{daemon: daemon}
	if b.Address, err = child.FirstLine(ctx, out); err != nil {
		daemon.Stop()
		return nil, fmt.Errorf("start of dbus-daemon: %w; it printed:\n%s", err, daemon.Output())
	}
	if b.Conn, err = dbus.Connect(b.Address); err != nil {
		daemon.Stop()
		return nil, fmt.Errorf("connect to the private bus: %w", err)
	}
	return b, nil
}

// Stop ends the bus.
func (b *Bus) Stop() {
	// The daemon is about to be killed; how the connection ends is no news.
	_ = b.Conn.Close()
	b.daemon.Stop()
}
