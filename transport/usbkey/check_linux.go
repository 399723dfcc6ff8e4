//go:build amd64 || arm64

package usbkey

import (
	"context"
	"errors"
	"os/exec"

	"github.com/passkeylab/passkeylab/transport"
)

// silent is a device that nobody asks anything.
type silent struct{}

func (silent) Exchange(context.Context, []byte) ([]byte, error) { return nil, errors.ErrUnsupported }

// Check finds out whether this machine can do it, by plugging a key into a process
// that looks at it. The error is what [Start] would return. It takes some ten
// milliseconds.
func Check(ctx context.Context) error {
	server, err := transport.NewHIDServer(silent{})
	if err != nil {
		return err
	}
	defer server.Close()
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Path = "" // the warden tries the key, and starts nothing
	b, err := Start(cmd, Key{Server: server})
	if err != nil {
		return err
	}
	defer b.Close()
	reply, ok := <-b.replies
	_ = b.control.Close() // it may go
	err = cmd.Wait()
	if ok && reply.Failure != nil {
		return b.refused(reply.Failure)
	}
	return err
}
