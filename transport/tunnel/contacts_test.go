package tunnel_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// newRequest is a request for a WebSocket that no connection is behind.
func newRequest(path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==", "Sec-WebSocket-Protocol": hybrid.Subprotocol,
	} {
		r.Header.Set(name, value)
	}
	return r
}

var (
	contactID = []byte("the phone of somebody")
	payload   = &hybrid.Contact{LinkID: [8]byte{1}, Nonce: [16]byte{2}, Hint: "ga"}
)

// A client that is linked gets through to a phone that listens.
func TestContact(t *testing.T) {
	t.Parallel()
	for name, signals := range map[string]bool{"with a signal": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
				listening, _ := r.open(hybrid.ListenContactPath(contactID))
				headers := []string{hybrid.PayloadHeader, payload.Header()}
				if signals {
					headers = append(headers, hybrid.SignalHeader, "true")
				}
				computer, answer := r.open(hybrid.ContactTunnelPath(contactID), headers...)
				assert.Equal(t, signals, answer.Get(hybrid.SignalHeader) == "true")
				summons, err := hybrid.DecodeSummons(heard(t, listening))
				require.NoError(t, err)
				assert.Equal(t, payload, summons.Contact)

				send(t, computer, []byte{7}) // which need not wait for the phone
				phone, _ := r.open(hybrid.ConnectTunnelPath(summons.Routing, summons.Tunnel))
				if signals {
					assert.Equal(t, []byte{hybrid.Connected}, heard(t, computer))
				}
				assert.Equal(t, []byte{7}, heard(t, phone))
				send(t, phone, []byte{8})
				assert.Equal(t, []byte{8}, heard(t, computer))
			})
		})
	}
}

// A phone that is away finds those who still wait when it is back.
func TestContactWhileThePhoneIsAway(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		listening, _ := r.open(hybrid.ListenContactPath(contactID))
		require.NoError(t, listening.CloseNow())
		synctest.Wait()
		header := []string{hybrid.PayloadHeader, payload.Header()}
		gone, _ := r.open(hybrid.ContactTunnelPath(contactID), header...)
		patient, _ := r.open(hybrid.ContactTunnelPath(contactID), header...)
		require.NoError(t, gone.CloseNow())
		<-time.After(time.Minute)

		listening, _ = r.open(hybrid.ListenContactPath(contactID))
		summons, err := hybrid.DecodeSummons(heard(t, listening))
		require.NoError(t, err)
		phone, _ := r.open(hybrid.ConnectTunnelPath(summons.Routing, summons.Tunnel))
		send(t, phone, []byte{1})
		assert.Equal(t, []byte{1}, heard(t, patient))
		send(t, listening, []byte("it has nothing to say"))
		assert.Equal(t, hybrid.ClosePolicy, closing(t, listening))
	})
}

func TestDeadContacts(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		call := func() int {
			return r.refused(hybrid.ContactTunnelPath(contactID), hybrid.PayloadHeader, payload.Header())
		}
		forget := func() int {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "http://cable.acme.test"+hybrid.ListenContactPath(contactID), nil)
			require.NoError(t, err)
			response, err := r.http.Do(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			return response.StatusCode
		}
		assert.Equal(t, http.StatusGone, call(), "it never was there")
		assert.Equal(t, http.StatusGone, forget())
		listening, _ := r.open(hybrid.ListenContactPath(contactID))
		assert.Equal(t, http.StatusConflict, r.refused(hybrid.ListenContactPath(contactID)), "only one listens")
		synctest.Wait()
		assert.Equal(t, http.StatusNoContent, forget())
		assert.Equal(t, hybrid.CloseNormal, closing(t, listening))
		assert.Equal(t, http.StatusGone, call(), "it has unlinked everybody")
	})
}

func TestClientPayload(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		r.open(hybrid.ListenContactPath(contactID))
		path, good := hybrid.ContactTunnelPath(contactID), payload.Header()
		assert.Equal(t, http.StatusBadRequest, r.refused(path))
		assert.Equal(t, http.StatusBadRequest, r.refused(path, hybrid.PayloadHeader, "zz"))
		assert.Equal(t, http.StatusBadRequest, r.refused(path, hybrid.PayloadHeader, good, hybrid.PayloadHeader, good))
	})
}

func TestRoomForContacts(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{Contacts: 2}, func(t *testing.T, r *rig) {
		first, _ := r.open(hybrid.ListenContactPath([]byte{1}))
		r.open(hybrid.ListenContactPath([]byte{2}))
		assert.Equal(t, http.StatusServiceUnavailable, r.refused(hybrid.ListenContactPath([]byte{3})))
		require.NoError(t, first.CloseNow())
		synctest.Wait()
		for range 8 {
			r.open(hybrid.ContactTunnelPath([]byte{1}), hybrid.PayloadHeader, payload.Header())
		}
		assert.Equal(t, http.StatusServiceUnavailable, r.refused(hybrid.ContactTunnelPath([]byte{1}), hybrid.PayloadHeader, payload.Header()))
	})
}
