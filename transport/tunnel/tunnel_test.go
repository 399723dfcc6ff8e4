package tunnel_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

var someID = hybrid.TunnelID{0xAB, 15: 0xCD}

func TestMessagesPassBothWays(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		phone, computer := r.pair(someID)
		for _, n := range []int{0, 1, 81, 8191, 8192, 8193, 30000, hybrid.MaxMessage} {
			send(t, computer, pattern(n))
			assert.Equal(t, pattern(n), append([]byte{}, heard(t, phone)...))
			send(t, phone, pattern(n))
			assert.Equal(t, pattern(n), append([]byte{}, heard(t, computer)...))
		}
	})
}

// Chromium writes hexadecimal digits in upper case, libwebauthn in lower case.
func TestIDsInEitherCase(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		phone, header := r.open("/cable/new/" + strings.ToLower(someID.String()))
		assert.Len(t, header.Values(hybrid.RoutingHeader), 1)
		routing := header.Get(hybrid.RoutingHeader)
		assert.Regexp(t, "^[0-9A-F]{6}$", routing)
		computer, _ := r.open("/cable/connect/" + strings.ToLower(routing) + "/" + someID.String())
		send(t, computer, []byte{1})
		assert.Equal(t, []byte{1}, heard(t, phone))
	})
}

// What a side says before the other has come is kept for it.
func TestEarlyMessagesWait(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		phone, routing := r.newTunnel(someID)
		send(t, phone, pattern(100))
		synctest.Wait()
		computer, _ := r.open(hybrid.ConnectTunnelPath(routing, someID))
		assert.Equal(t, pattern(100), heard(t, computer))
	})
}

func TestTunnelsAreApart(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		var phones, computers []*websocket.Conn
		for i := range byte(20) {
			phone, computer := r.pair(hybrid.TunnelID{i})
			phones, computers = append(phones, phone), append(computers, computer)
		}
		for i := range computers {
			send(t, computers[i], []byte{byte(i)})
		}
		for i := range phones {
			assert.Equal(t, []byte{byte(i)}, heard(t, phones[i]))
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	payload := (&hybrid.Contact{}).Header()
	const id = "AB0000000000000000000000000000CD"
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		_, routing := r.newTunnel(someID)
		other := hybrid.RoutingID{routing[0] ^ 1, routing[1], routing[2]}
		for path, want := range map[string]int{
			"/cable/new/" + id[:30]:                               http.StatusBadRequest,
			"/cable/new/" + id + "00":                             http.StatusBadRequest,
			"/cable/new/" + strings.Repeat("x", 32):               http.StatusBadRequest,
			"/cable/new/" + id:                                    http.StatusConflict,
			"/cable/new/":                                         http.StatusNotFound,
			"/cable/connect/00/" + id:                             http.StatusBadRequest,
			"/cable/connect/" + routing.String() + "/" + id[:30]:  http.StatusBadRequest,
			"/cable/connect/" + routing.String() + "/" + id + "/": http.StatusNotFound,
			hybrid.ConnectTunnelPath(routing, hybrid.TunnelID{1}): http.StatusNotFound,
			hybrid.ConnectTunnelPath(other, someID):               http.StatusConflict,
			"/cable/contact/" + strings.Repeat("A", 2000):         http.StatusBadRequest,
			"/cable/contact/A=":                                   http.StatusBadRequest,
			"/cable/listen/A=":                                    http.StatusBadRequest,
			"/cable":                                              http.StatusNotFound,
		} {
			assert.Equal(t, want, r.refused(path, hybrid.PayloadHeader, payload), path)
		}
		connect := hybrid.ConnectTunnelPath(routing, someID)
		assert.Equal(t, http.StatusForbidden, r.refused(connect, "Origin", "https://evil.example"), "a page")
		r.open(connect, "Origin", "wss://cable.acme.test") // as Chromium does
	})
}

// A request that is no WebSocket of ours takes no seat and leaves nothing behind.
func TestRequestsThatAreNoWebSockets(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		get := func(method, path string, headers ...string) int {
			request, err := http.NewRequestWithContext(t.Context(), method, "http://cable.acme.test"+path, nil)
			require.NoError(t, err)
			for i := 0; i < len(headers); i += 2 {
				request.Header.Set(headers[i], headers[i+1])
			}
			response, err := r.http.Do(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			return response.StatusCode
		}
		offer := []string{"Sec-WebSocket-Protocol", "other, fido.cable"}
		assert.Equal(t, http.StatusBadRequest, get("GET", hybrid.NewTunnelPath(someID)), "no subprotocol")
		assert.Equal(t, http.StatusUpgradeRequired, get("GET", hybrid.NewTunnelPath(someID), offer...))
		assert.Equal(t, http.StatusMethodNotAllowed, get("POST", hybrid.NewTunnelPath(someID), offer...))
		assert.Equal(t, http.StatusMethodNotAllowed, get("HEAD", hybrid.NewTunnelPath(someID), append(offer, "Connection", "upgrade", "Upgrade", "websocket")...))
		assert.Equal(t, http.StatusUpgradeRequired, get("GET", hybrid.ListenContactPath([]byte{1}), offer...))
		assert.Equal(t, http.StatusGone, r.refused(hybrid.ContactTunnelPath([]byte{1}), hybrid.PayloadHeader, (&hybrid.Contact{}).Header()))

		phone, routing := r.newTunnel(someID)
		connect := hybrid.ConnectTunnelPath(routing, someID)
		assert.Equal(t, http.StatusUpgradeRequired, get("GET", connect, offer...))
		computer, _ := r.open(connect)
		send(t, computer, []byte{1})
		assert.Equal(t, []byte{1}, heard(t, phone))
	})
}

// Whoever is first has the seat.
func TestTwoJoinOneTunnel(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		phone, routing := r.newTunnel(someID)
		var won, lost atomic.Int32
		for range 10 {
			go func() {
				computer, response, err := r.dial(hybrid.ConnectTunnelPath(routing, someID))
				if err == nil {
					won.Add(1)
					send(t, computer, []byte{9})
				} else if response.StatusCode == http.StatusConflict {
					lost.Add(1)
				}
			}()
		}
		assert.Equal(t, []byte{9}, heard(t, phone))
		synctest.Wait()
		assert.EqualValues(t, 1, won.Load())
		assert.EqualValues(t, 9, lost.Load())
	})
}

func TestLeaving(t *testing.T) {
	t.Parallel()
	hangUp := func(conn *websocket.Conn) { _ = conn.CloseNow() }
	leave := func(conn *websocket.Conn) { _ = conn.Close(websocket.StatusNormalClosure, "") }
	for name, c := range map[string]struct {
		leave func(*websocket.Conn)
		want  hybrid.CloseCode
	}{"in good order": {leave, hybrid.CloseNormal}, "lost": {hangUp, hybrid.CloseLost}} {
		for side, of := range map[string]func(phone, computer *websocket.Conn) (leaves, stays *websocket.Conn){
			"phone":    func(p, c *websocket.Conn) (*websocket.Conn, *websocket.Conn) { return p, c },
			"computer": func(p, c *websocket.Conn) (*websocket.Conn, *websocket.Conn) { return c, p },
		} {
			t.Run(side+" "+name, func(t *testing.T) {
				t.Parallel()
				inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
					phone, routing := r.newTunnel(someID)
					computer, _ := r.open(hybrid.ConnectTunnelPath(routing, someID))
					leaves, stays := of(phone, computer)
					send(t, leaves, []byte("farewell"))
					assert.Equal(t, "farewell", string(heard(t, stays)))
					go c.leave(leaves)
					assert.Equal(t, c.want, closing(t, stays))
					synctest.Wait()
					assert.Equal(t, http.StatusNotFound, r.refused(hybrid.ConnectTunnelPath(routing, someID)))
					r.pair(someID)
				})
			})
		}
	}
}

// A phone that leaves before anybody has joined takes its tunnel along.
func TestLeavingAnEmptyTunnel(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		phone, routing := r.newTunnel(someID)
		require.NoError(t, phone.CloseNow())
		synctest.Wait()
		assert.Equal(t, http.StatusNotFound, r.refused(hybrid.ConnectTunnelPath(routing, someID)))
	})
}

func TestClosingTheServer(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
		phone, computer := r.pair(someID)
		alone, _ := r.newTunnel(hybrid.TunnelID{1})
		listener, _ := r.open(hybrid.ListenContactPath([]byte{1}))
		synctest.Wait() // they are the server's, and no requests any more
		go r.stop()
		for _, conn := range []*websocket.Conn{phone, computer, alone} {
			assert.Equal(t, hybrid.CloseLost, closing(t, conn))
		}
		assert.Equal(t, hybrid.CloseNormal, closing(t, listener))
		synctest.Wait()
		recorder := newRecorder()
		r.ServeHTTP(recorder, newRequest(hybrid.NewTunnelPath(someID)))
		assert.Equal(t, http.StatusServiceUnavailable, recorder.Code)
	})
}

func TestConfigNeedsRandomness(t *testing.T) {
	t.Parallel()
	_, err := tunnel.New(tunnel.Config{})
	require.ErrorContains(t, err, "Random")
	s, err := tunnel.New(tunnel.Config{Random: strings.NewReader("ab")})
	require.NoError(t, err)
	recorder := newRecorder()
	s.ServeHTTP(recorder, newRequest(hybrid.NewTunnelPath(someID)))
	assert.Equal(t, http.StatusInternalServerError, recorder.Code)
}

// The clock of a tunnel stands still for nobody.
func TestTimeLimits(t *testing.T) {
	t.Parallel()
	limits := tunnel.Limits{Wait: 10 * time.Second, Idle: time.Minute, Life: 3 * time.Minute}
	inBubble(t, limits, func(t *testing.T, r *rig) {
		start := time.Now()
		alone, routing := r.newTunnel(someID)
		send(t, alone, []byte{1})
		assert.Equal(t, hybrid.ClosePolicy, closing(t, alone), "nobody came")
		assert.Equal(t, limits.Wait, time.Since(start))
		synctest.Wait()
		assert.Equal(t, http.StatusNotFound, r.refused(hybrid.ConnectTunnelPath(routing, someID)))

		phone, computer := r.pair(someID)
		start = time.Now()
		<-time.After(50 * time.Second)
		send(t, computer, []byte{1})
		heard(t, phone)
		go closing(t, phone)
		assert.Equal(t, hybrid.ClosePolicy, closing(t, computer), "both are silent")
		assert.Equal(t, 50*time.Second+limits.Idle, time.Since(start))

		synctest.Wait()
		phone, computer = r.pair(someID)
		start = time.Now()
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for computer.Write(t.Context(), websocket.MessageBinary, []byte{1}) == nil {
				<-time.After(time.Second)
			}
		}()
		assert.Equal(t, hybrid.ClosePolicy, closing(t, phone), "it is old")
		assert.Equal(t, limits.Life, time.Since(start))
		require.NoError(t, computer.CloseNow())
		<-stopped
	})
}

func TestWhatIsNotCarried(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind    websocket.MessageType
		message []byte
		want    hybrid.CloseCode
	}{
		"text":     {websocket.MessageText, []byte("hello"), hybrid.CloseUnsupported},
		"too long": {websocket.MessageBinary, make([]byte, hybrid.MaxMessage+1), hybrid.CloseTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, tunnel.Limits{}, func(t *testing.T, r *rig) {
				phone, computer := r.pair(someID)
				go func() { _ = computer.Write(t.Context(), c.kind, c.message) }()
				told := make(chan hybrid.CloseCode)
				go func() { told <- closing(t, phone) }()
				assert.Equal(t, c.want, closing(t, computer))
				assert.Equal(t, hybrid.ClosePolicy, <-told)
			})
		})
	}
}

func TestFloods(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{Messages: 10}, func(t *testing.T, r *rig) {
		phone, computer := r.pair(someID)
		go func() {
			for range 11 {
				_ = computer.Write(t.Context(), websocket.MessageBinary, nil)
			}
		}()
		for range 10 {
			assert.Empty(t, heard(t, phone))
		}
		go closing(t, phone)
		assert.Equal(t, hybrid.ClosePolicy, closing(t, computer))
	})
}

// A side that does not read holds its own tunnel up, and that not for ever.
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	inBubble(t, tunnel.Limits{Write: 10 * time.Second}, func(t *testing.T, r *rig) {
		_, computer := r.pair(someID)
		phone2, computer2 := r.pair(hybrid.TunnelID{2})
		start := time.Now()
		send(t, computer, make([]byte, hybrid.MaxMessage))
		send(t, computer2, []byte{1})
		assert.Equal(t, []byte{1}, heard(t, phone2))
		assert.Zero(t, time.Since(start))
		assert.Equal(t, hybrid.CloseLost, closing(t, computer))
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}
