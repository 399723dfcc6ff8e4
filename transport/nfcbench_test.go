package transport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
)

// BenchmarkNFCGetInfo is a round trip through the APDUs of both sides, in one
// process.
func BenchmarkNFCGetInfo(b *testing.B) {
	device, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, b.Name()),
	})
	require.NoError(b, err)
	server, err := transport.NewNFCServer(device, transport.NFCServerConfig{})
	require.NoError(b, err)
	defer server.Close()
	server.FieldOn()
	for name, form := range map[string]nfc.ReaderConfig{"short": {}, "extended": {Extended: true}} {
		b.Run(name, func(b *testing.B) {
			client, err := transport.OpenNFC(b.Context(), server, form)
			require.NoError(b, err)
			defer client.Close()
			b.ReportAllocs()
			for b.Loop() {
				_, err := ctap.Call(b.Context(), client, new(ctap.GetInfoRequest))
				require.NoError(b, err)
			}
		})
	}
}
