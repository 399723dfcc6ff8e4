package main

import (
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/control"
)

// askVPCD sends a message as vpcd does, and reads the response.
func askVPCD(t *testing.T, conn net.Conn, message string) string {
	t.Helper()
	raw, err := hex.DecodeString(message)
	require.NoError(t, err)
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(raw))), raw...))
	require.NoError(t, err)
	var head [2]byte
	_, err = io.ReadFull(conn, head[:])
	require.NoError(t, err)
	response := make([]byte, binary.BigEndian.Uint16(head[:]))
	_, err = io.ReadFull(conn, response)
	require.NoError(t, err)
	return hex.EncodeToString(response)
}

// A device in a reader, alone or at a socket too.
func TestDeviceInAReader(t *testing.T) {
	t.Parallel()
	for _, others := range [][]string{nil, {"--listen", "tcp:127.0.0.1:0"}} {
		reader, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer reader.Close()
		at := "vpcd:" + reader.Addr().String()
		addresses, stop := runDevice(t, 1+len(others)/2, append(others, "--listen", at)...)
		assert.Contains(t, addresses, at)
		conn, err := reader.Accept()
		require.NoError(t, err)
		defer conn.Close()
		assert.Equal(t, "3b8a80018073c021c0544649444f89", askVPCD(t, conn, "04"))
		_, err = conn.Write([]byte{0, 1, 1})
		require.NoError(t, err)
		assert.Equal(t, "5532465f56329000", askVPCD(t, conn, "00a4040008a0000006472f000100"))
		assert.Equal(t, "009000", askVPCD(t, conn, "80100000010700"), "authenticatorReset")
		assert.Equal(t, exitOK, stop())
	}
	for address, says := range map[string]string{
		"vpcd:35963":           "give it as vpcd:HOST:PORT",
		"vpcd:192.0.2.1:35963": "use 127.0.0.1, or say --anywhere",
	} {
		got := command(t, "device", "--listen", address)
		assert.Equal(t, exitBroken, got.status)
		assert.Contains(t, got.err, says)
	}
}

func TestPowerOfADeviceInAReader(t *testing.T) {
	t.Parallel()
	for powered, listen := range map[bool][]string{false: {"vpcd:127.0.0.1:1"}, true: {"vpcd:127.0.0.1:1", "tcp:127.0.0.1:0"}} {
		l, err := (&deviceVerb{Listen: listen}).openAt(listen[0], new(control.Clock))
		require.NoError(t, err)
		assert.Equal(t, powered, l.(*cardListener).powered)
	}
}
