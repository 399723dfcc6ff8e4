//go:build interop

package pcsc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/pcsc"
)

// A round trip through pcscd and vpcd; the same without them is in package
// transport.
func BenchmarkGetInfo(b *testing.B) {
	d := startPCSCD(b)
	d.insert(b, authenticator.SecurityKey(), transport.Attend)
	card, err := pcsc.Open(b.Context(), d.socket, readerName)
	require.NoError(b, err)
	client, err := transport.OpenNFC(b.Context(), card, nfc.ReaderConfig{Extended: true})
	require.NoError(b, err)
	defer client.Close()
	for b.Loop() {
		_, err := ctap.Call(b.Context(), client, new(ctap.GetInfoRequest))
		require.NoError(b, err)
	}
}
