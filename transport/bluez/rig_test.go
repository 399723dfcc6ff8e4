package bluez_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/bluez/standin"
)

// bluetooth is the stand-in and an adapter of it.
func bluetooth(t *testing.T) (*standin.StandIn, *bluez.Adapter) {
	t.Helper()
	s, err := standin.Start(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s, adapterOf(t, s)
}

func adapterOf(t *testing.T, s *standin.StandIn) *bluez.Adapter {
	t.Helper()
	a, err := bluez.Open(t.Context(), s.Address(), "")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	return a
}
