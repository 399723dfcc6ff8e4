//go:build interop

package python_test

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/control"
	"github.com/passkeylab/passkeylab/transport/socket"
)

// port is a socket whose device can be pulled out.
type port struct {
	socket.Listener
	device *transport.HIDServer
}

func (p port) Serve(ctx context.Context) error { return p.Listener.Serve(ctx, p.device) }

// A robot at the control channel touches the key and switches its power.
func TestController(t *testing.T) {
	t.Parallel()
	python, user := installed(t), new(control.User)
	device, err := authenticator.New(pinKey(t), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: transport.Attend(user), Clock: authenticator.SystemClock{}, Random: rand.Reader,
	})
	require.NoError(t, err)
	server, err := transport.NewHIDServer(device)
	require.NoError(t, err)
	defer server.Close()
	path := filepath.Join(t.TempDir(), "key")
	power := control.NewPower(server)
	_, err = power.Add("unix:"+path, func(at string) (control.Door, error) {
		listener, err := socket.Listen(at)
		return port{listener, server}, err
	})
	require.NoError(t, err)
	listener, err := control.Listen("127.0.0.1:0")
	require.NoError(t, err)
	panel := &control.Panel{User: user, Power: power, Lamp: new(control.Lamp)}
	ctx, stop := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() { assert.NoError(t, power.Run(ctx)) })
	serving.Go(func() { assert.NoError(t, panel.Serve(ctx, listener)) })
	defer serving.Wait()
	defer stop()
	run(t, python, "-B", "controller.py", path, "http://"+listener.Addr().String())
}
