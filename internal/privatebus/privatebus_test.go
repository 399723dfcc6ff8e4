package privatebus

import (
	"os"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnybodyWithTheAddressMaySpeak(t *testing.T) {
	t.Parallel()
	b, err := Start(t.Context(), t.TempDir())
	require.NoError(t, err)
	defer b.Stop()
	taken, err := b.Conn.RequestName("org.example.Lab", dbus.NameFlagDoNotQueue)
	require.NoError(t, err)
	assert.Equal(t, dbus.RequestNameReplyPrimaryOwner, taken)

	program, err := dbus.Connect(b.Address)
	require.NoError(t, err)
	defer program.Close()
	var owner string
	require.NoError(t, program.BusObject().Call("org.freedesktop.DBus.GetNameOwner", 0, "org.example.Lab").Store(&owner))
	assert.Equal(t, b.Conn.Names()[0], owner)
}

func TestStopEndsConnections(t *testing.T) {
	t.Parallel()
	b, err := Start(t.Context(), t.TempDir())
	require.NoError(t, err)
	program, err := dbus.Connect(b.Address)
	require.NoError(t, err)
	b.Stop()
	<-program.Context().Done()
	_, err = dbus.Connect(b.Address)
	require.Error(t, err)
}

func TestABusNeedsItsFolder(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), t.TempDir()+"/gone")
	require.ErrorIs(t, err, os.ErrNotExist)
}
