//go:build interop

package libfido2_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/socket"
)

// key is a security key at a unix socket, for libfido2 to use.
type key struct {
	t      *testing.T
	device *authenticator.Authenticator
	user   *authenticator.ScriptedUser
	socket string
	log    *refusals
}

// plain is a key with a PIN and no fingerprint reader.
var plain = authenticator.PINKey

// each runs a test with a device of its own for every PIN/UV auth protocol.
// libfido2 takes protocol two where there is a choice, so that there is none.
func each(t *testing.T, model func() authenticator.Model, test func(*key)) {
	t.Parallel()
	for _, p := range []pinuv.Protocol{pinuv.One, pinuv.Two} {
		t.Run(fmt.Sprintf("protocol %d", p), func(t *testing.T) {
			t.Parallel()
			m := model()
			m.Protocols = []pinuv.Protocol{p}
			if p == pinuv.One { // of which FIDO_2_3 does not allow that it is the only one
				m.Versions = slices.DeleteFunc(m.Versions, func(v string) bool { return v == ctap.VersionFIDO23 })
			}
			test(newKey(t, m))
		})
	}
}

// newKey serves a device.
func newKey(t *testing.T, model authenticator.Model) *key {
	t.Helper()
	k := &key{t: t, user: new(authenticator.ScriptedUser), socket: filepath.Join(t.TempDir(), "key"), log: new(refusals)}
	device, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: transport.Attend(k.user), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, t.Name()),
	}, authenticator.Seams{Refused: k.log.note})
	require.NoError(t, err)
	k.device = device
	server, err := transport.NewHIDServer(device)
	require.NoError(t, err)
	listener, err := socket.Listen("unix:" + k.socket)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- listener.Serve(ctx, server) }()
	t.Cleanup(func() {
		cancel()
		server.Close()
		assert.NoError(t, <-served)
	})
	return k
}

// ok runs a command that must succeed, and returns what it told.
func (k *key) ok(command string, arguments ...string) map[string]string {
	k.t.Helper()
	got := run(k.t, k.socket, command, arguments...)
	require.Zero(k.t, got.status, "%s %q: %v\nthe device refused: %s", command, arguments, got.values, k.log)
	return got.values
}

// refused runs a command that must fail with a status of the device.
func (k *key) refused(want ctap.Status, command string, arguments ...string) {
	k.t.Helper()
	got := run(k.t, k.socket, command, arguments...)
	require.Equal(k.t, want, ctap.Status(got.status), "%s %q: %v\nthe device refused: %s", command, arguments, got.values, k.log)
}

// refusals are the reasons that the device had, which do not travel.
type refusals struct {
	mu   sync.Mutex
	last string
}

func (r *refusals) note(_ ctap.Request, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = err.Error()
}

// String returns the last one.
func (r *refusals) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == "" {
		return "nothing"
	}
	return r.last
}
