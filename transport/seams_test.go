package transport_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/transport"
)

// Servers hand the seams of how a device speaks to its state machine.
func TestServersHaveSeams(t *testing.T) {
	t.Parallel()
	seams := nfc.Seams{Said: func(response []byte) []byte { return append([]byte{0xAA}, response...) }}
	present(t, newKey(t, new(authenticator.ScriptedUser)), transport.NFCServerConfig{Seams: []nfc.Seams{seams}}, func(t *testing.T, s *transport.NFCServer) {
		apdus{{selecting, 0, "aa" + chosen}}.play(t, s)
	})
	server, err := transport.NewHIDServer(newKey(t, new(authenticator.ScriptedUser)), transport.Speaking(hid.Seams{Said: func(reports [][]byte) [][]byte {
		return append(reports, reports...)
	}}))
	assert.NoError(t, err)
	defer server.Close()
	said := 0
	port, err := server.Connect(func([]byte) { said++ })
	assert.NoError(t, err)
	reports, err := hid.Split(hid.DefaultReport, hid.Broadcast, hid.CommandInit, make([]byte, 8))
	assert.NoError(t, err)
	port.Report(reports[0])
	assert.Equal(t, 2, said)
}
