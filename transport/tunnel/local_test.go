package tunnel_test

import (
	"net/http"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/tunnel"
)

func TestLocal(t *testing.T) {
	t.Parallel()
	l, err := tunnel.StartLocal()
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: l.TLS()}}
	client.Transport.(*http.Transport).TLSClientConfig.ServerName = tunnel.Hosts()[0]
	at := "wss://" + l.Address + "/cable/new/000102030405060708090a0b0c0d0e0f"
	ws, response, err := websocket.Dial(t.Context(), at, &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{"fido.cable"}})
	require.NoError(t, err)
	assert.Len(t, response.Header.Get("X-caBLE-Routing-ID"), 6)
	ended := make(chan error, 1)
	go func() {
		_, _, err := ws.Read(t.Context())
		ended <- err
	}()
	require.NoError(t, l.Close())
	require.Error(t, <-ended)

	_, _, err = websocket.Dial(t.Context(), at, &websocket.DialOptions{HTTPClient: client})
	require.Error(t, err, "it has ended")
}
