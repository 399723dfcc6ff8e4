package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/transport/socket"
)

// A fault acts on what clients ask, not on what the command itself finds out of the
// device before: a key of U2F that answers everything with success still says that
// it has no CTAP2.
func TestFaultsComeAfterTheDeviceIsLookedAt(t *testing.T) {
	t.Parallel()
	at, stop := runDevice(t, 1, "--listen", "unix:"+filepath.Join(t.TempDir(), "key"), "--profile", "u2f-key", "--fault", "status/always-ok")
	key, err := socket.Dial(t.Context(), at[0])
	require.NoError(t, err)
	assert.Zero(t, key.Info().Capabilities&hid.CanCBOR)
	require.NoError(t, key.Close())
	assert.Equal(t, exitOK, stop())
}
