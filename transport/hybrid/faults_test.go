package hybrid_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// login is one sign-in with the phone, and what both sides end with.
func (r *rig) login(t *testing.T) (phone, computer error) {
	t.Helper()
	r.passkey(t)
	ctx := bounded(t)
	remote, ended, err := r.meet(t, ctx)
	if err == nil {
		_, err = ctap.Call(ctx, remote, assertion())
		require.NoError(t, remote.Close())
	}
	return <-ended, err
}

// Whatever is wrong with whichever message, both sides end, soon, and say why. What
// the phone sends is the handshake's answer, what it is, an update, the answer; the
// computer the handshake, the request, that it is done.
func TestSpoiledMessages(t *testing.T) {
	t.Parallel()
	spoil := map[string]func([]byte) []byte{
		"changed":      func(m []byte) []byte { m[len(m)-1] ^= 1; return m },
		"cut":          func(m []byte) []byte { return m[:len(m)-1] },
		"empty":        func([]byte) []byte { return []byte{} },
		"too long":     func([]byte) []byte { return make([]byte, protocol.MaxMessage+1) },
		"tunnel drops": func([]byte) []byte { return nil },
	}
	for _, c := range []struct {
		from side
		n    int
		what string
		// What both sides end with at a message that cannot be read, where that
		// is an error, and at a tunnel that drops. "" is no error. A phone may have
		// answered before it sees that the computer does not like its update.
		phone, computer               string
		phoneDropped, computerDropped string
	}{
		{computerSide, 0, "the handshake", "handshake failed", "the phone does not answer", "waiting for the computer", "the phone does not answer"},
		{phoneSide, 0, "its answer", somewhere, "handshake failed", somewhere, "the phone does not answer"},
		{phoneSide, 1, "what the phone is", somewhere, "hear what the phone is", somewhere, "hear what the phone is"},
		{phoneSide, 2, "the update", anything, somewhere, anything, somewhere},
		{computerSide, 1, "the request", "waiting for a request", "waiting for the answer", "waiting for a request", "waiting for the answer"},
		{phoneSide, 3, "the answer", "", "waiting for the answer", "", "waiting for the answer"},
		{computerSide, 2, "that it is done", "waiting for a request", "", "", ""},
	} {
		for how, spoil := range spoil {
			t.Run(fmt.Sprintf("%s %s", c.what, how), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t)
					r.service.spoil = func(from side, n int, message []byte) []byte {
						if from == c.from && n == c.n {
							return spoil(message)
						}
						return message
					}
					start := time.Now()
					phone, computer := r.login(t)
					assert.LessOrEqual(t, time.Since(start), 30*time.Second)
					wantPhone, wantComputer := c.phone, c.computer
					if how == "tunnel drops" {
						wantPhone, wantComputer = c.phoneDropped, c.computerDropped
					}
					requireSays(t, phone, wantPhone)
					requireSays(t, computer, wantComputer)
				})
			})
		}
	}
}

const (
	anything  = "*"
	somewhere = "hybrid: " // it is chance at which step a closed tunnel is noticed
)

func requireSays(t *testing.T, err error, says string) {
	t.Helper()
	if says == anything {
		return
	}
	if says == "" {
		require.NoError(t, err)
		return
	}
	require.ErrorContains(t, err, says)
	var where *hybrid.Error
	require.ErrorAs(t, err, &where)
	assert.NotEmpty(t, where.During)
}

// What computers may not say.
func TestComputersThatBreakTheRules(t *testing.T) {
	t.Parallel()
	request, err := ctap.EncodeRequest(assertion())
	require.NoError(t, err)
	for says, break_ := range map[string]func(put func(protocol.FrameType, []byte)){
		"a frame of JSON": func(put func(protocol.FrameType, []byte)) { put(protocol.FrameJSON, []byte("{}")) },
		"a frame of type": func(put func(protocol.FrameType, []byte)) { put(9, nil) },
		"nothing in it":   func(put func(protocol.FrameType, []byte)) { put(protocol.FrameCTAP, nil) },
		"an update":       func(put func(protocol.FrameType, []byte)) { put(protocol.FrameUpdate, nil) },
		"a second request": func(put func(protocol.FrameType, []byte)) {
			put(protocol.FrameCTAP, request)
			put(protocol.FrameCTAP, request)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.passkey(t)
			r.user.Always(authenticator.Ignore)
			s, conn, _, phone := r.byHandComputer(t, protocol.ToldNo)
			putFrame(t, s, conn, protocol.FrameUpdate, []byte{0xa0}) // this they may
			break_(func(kind protocol.FrameType, payload []byte) { putFrame(t, s, conn, kind, payload) })
			requireSays(t, <-phone, says)
			_, err := conn.Receive(t.Context())
			assert.ErrorIs(t, err, hybrid.ErrLost)
		})
	}
}

// A computer may ask in the tunnel for what it was told.
func TestGetInfoInATunnel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		s, conn, _, phone := r.byHandComputer(t, protocol.Untold)
		putFrame(t, s, conn, protocol.FrameCTAP, []byte{byte(ctap.CommandGetInfo)})
		info := new(ctap.GetInfoResponse)
		require.NoError(t, ctap.DecodeResponse(take(t, s, conn)[1:], info))
		assert.Equal(t, []string{"hybrid", "internal"}, info.Transports)
		require.NoError(t, conn.Close(protocol.CloseNormal))
		require.NoError(t, <-phone, "whoever was answered may leave in any way")
	})
}

// What phones may not say, when they are connected and when they are asked.
func TestPhonesThatBreakTheRules(t *testing.T) {
	t.Parallel()
	good := (&protocol.Hello{Info: []byte{0xa0}}).Encode()
	for says, c := range map[string]struct {
		hello []byte
		then  func(put func(protocol.FrameType, []byte))
	}{
		"the first one":       {[]byte("hello"), nil},
		"no CTAP":             {(&protocol.Hello{Features: []string{"dc"}}).Encode(), nil},
		"a frame of JSON":     {good, func(put func(protocol.FrameType, []byte)) { put(protocol.FrameJSON, []byte("{}")) }},
		"a frame of shutdown": {good, func(put func(protocol.FrameType, []byte)) { put(protocol.FrameShutdown, nil) }},
		"a frame of type 7":   {good, func(put func(protocol.FrameType, []byte)) { put(7, nil) }},
		"an answer to nothing": {good, func(put func(protocol.FrameType, []byte)) {
			put(protocol.FrameCTAP, []byte{0})
			put(protocol.FrameCTAP, []byte{0})
		}},
		"an update": {good, func(put func(protocol.FrameType, []byte)) { put(protocol.FrameUpdate, []byte{0x80}) }},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			code, err := r.computer.Show("")
			require.NoError(t, err)
			go func() {
				s, conn := r.byHandPhone(t, code.Text())
				put(t, s, conn, c.hello)
				if c.then != nil {
					c.then(func(kind protocol.FrameType, payload []byte) { putFrame(t, s, conn, kind, payload) })
				}
			}()
			remote, err := code.Connect(bounded(t))
			if c.then != nil {
				require.NoError(t, err)
				synctest.Wait()
				_, err = ctap.Call(t.Context(), remote, assertion())
				require.NoError(t, remote.Close())
			}
			requireSays(t, err, says)
		})
	}
}

// Phones of before 2022 send frames without types.
func TestPhonesOfRevision0(t *testing.T) {
	t.Parallel()
	for _, revision := range []protocol.Revision{protocol.Revision0, protocol.Revision0Short} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			code, err := r.computer.Show("")
			require.NoError(t, err)
			go func() {
				s, conn := r.byHandPhone(t, code.Text())
				put(t, s, conn, (&protocol.Hello{Info: []byte{0xa0}, Revision: revision}).Encode())
				request := take(t, s, conn)
				assert.Equal(t, byte(ctap.CommandSelection), request[0])
				put(t, s, conn, []byte{byte(ctap.OK)})
				_, err := conn.Receive(t.Context())
				assert.ErrorIs(t, err, hybrid.ErrLost)
			}()
			remote, err := code.Connect(bounded(t))
			require.NoError(t, err)
			_, err = ctap.Call(t.Context(), remote, &ctap.SelectionRequest{})
			require.NoError(t, err)
			require.NoError(t, remote.Close())
		})
	}
}

// Adverts of others, of other times and of no sense are passed over. One that was
// sent before, to the same QR code, leads into a tunnel that is closed.
func TestAdvertsOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		code, err := r.computer.Show("")
		require.NoError(t, err)
		qr, err := protocol.ParseQR(code.Text())
		require.NoError(t, err)
		unassigned := qr.Root().EIDKey().Seal(protocol.EID{14: 2})
		reserved := qr.Root().EIDKey().Seal(protocol.EID{0: 1})
		others := protocol.FromQR([16]byte{9}).EIDKey().Seal(protocol.EID{})
		for _, decoy := range [][]byte{{}, make([]byte, 20), make([]byte, 300), others[:], unassigned[:], reserved[:]} {
			_, err := r.air.Advertise(t.Context(), protocol.ServiceUUID, decoy)
			require.NoError(t, err)
		}
		phone := make(chan error, 1)
		go func() { phone <- r.phone.Scan(bounded(t), code.Text()) }()
		remote, err := code.Connect(bounded(t))
		require.NoError(t, err)
		require.NoError(t, remote.Close())
		require.Error(t, <-phone) // it was asked for nothing
	})
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		code, err := r.computer.Show("")
		require.NoError(t, err)
		var overheard []byte
		go func() {
			_ = r.air.Scan(bounded(t), func(data []byte) { overheard = data })
		}()
		walking, walk := context.WithCancel(t.Context())
		phone := make(chan error, 1)
		go func() { phone <- r.phone.Scan(walking, code.Text()) }()
		synctest.Wait()
		walk()
		require.ErrorIs(t, <-phone, context.Canceled)

		_, err = r.air.Advertise(t.Context(), protocol.ServiceUUID, overheard)
		require.NoError(t, err)
		again, stop := context.WithCancel(t.Context())
		go func() { phone <- r.phone.Scan(again, code.Text()) }()
		_, err = code.Connect(bounded(t))
		// Which advert is heard first is chance; either ends both sides.
		if err != nil {
			requireSays(t, err, "the handshake")
		}
		stop()
		require.Error(t, <-phone)
	})
}

// Everybody who is near hears everybody, and takes only what is meant for it.
func TestSeveralInOneRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		one := newRig(t)
		other := newRig(t, func(p *hybrid.PhoneConfig, c *hybrid.ComputerConfig) {
			p.Advertiser, p.Dialer, p.Random = &one.air, &one.service, rand.Reader
			c.Scanner, c.Dialer, c.Random = &one.air, &one.service, rand.Reader
		})
		one.passkey(t)
		other.passkey(t)
		var sign sync.WaitGroup
		for _, pair := range []struct {
			computer *hybrid.Computer
			phone    *hybrid.Phone
		}{{one.computer, other.phone}, {other.computer, one.phone}, {one.computer, one.phone}} {
			sign.Go(func() {
				code, err := pair.computer.Show("")
				assert.NoError(t, err)
				phone := make(chan error, 1)
				go func() { phone <- pair.phone.Scan(bounded(t), code.Text()) }() // or waits for its turn
				remote, err := code.Connect(bounded(t))
				if !assert.NoError(t, err) {
					return
				}
				_, err = ctap.Call(t.Context(), remote, assertion())
				assert.NoError(t, err)
				assert.NoError(t, remote.Close())
				assert.NoError(t, <-phone)
			})
		}
		sign.Wait()
	})
}

// The time in a QR code is told and nothing else.
func TestClocksThatDiffer(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-100 * 365 * 24 * time.Hour, 24 * time.Hour, 100 * 365 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, func(_ *hybrid.PhoneConfig, c *hybrid.ComputerConfig) {
				c.Now = func() time.Time { return time.Now().Add(skew) }
			})
			phone, computer := r.login(t)
			require.NoError(t, phone)
			require.NoError(t, computer)
		})
	}
}

// What a tunnel service can do wrong.
func TestTunnelServices(t *testing.T) {
	t.Parallel()
	for says, header := range map[string]http.Header{
		"gave 0 routing IDs": {}, "gave 2 routing IDs": {http.CanonicalHeaderKey(protocol.RoutingHeader): {"ABCDEF", "ABCDEF"}},
		"a routing ID of 4 characters": {http.CanonicalHeaderKey(protocol.RoutingHeader): {"ABCD"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.service.header = header
			code, err := r.computer.Show("")
			require.NoError(t, err)
			err = r.phone.Scan(t.Context(), code.Text())
			requireSays(t, err, says)
			assert.ErrorIs(t, err, hybrid.ErrRules)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		code, err := r.computer.Show("")
		require.NoError(t, err)
		qr, err := protocol.ParseQR(code.Text())
		require.NoError(t, err)
		nowhere := qr.Root().EIDKey().Seal(protocol.EID{})
		_, err = r.air.Advertise(t.Context(), protocol.ServiceUUID, nowhere[:])
		require.NoError(t, err)
		_, err = code.Connect(t.Context())
		requireSays(t, err, "joining the phone's tunnel")
		var refused *hybrid.RefusedError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, http.StatusNotFound, refused.Status)
		assert.NotErrorIs(t, err, hybrid.ErrUnlinked)
	})
}

func TestCodesThatAreNone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	requireSays(t, r.phone.Scan(t.Context(), "https://example.org"), "not a FIDO QR code")
	key, err := protocol.NewKey(rand.Reader)
	require.NoError(t, err)
	requireSays(t, r.phone.Scan(t.Context(), (&protocol.QR{Key: key.PublicKey()}).Text()), "knows 0 of the assigned tunnel domains")
}
