package subject_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/socket"
	"github.com/passkeylab/passkeylab/transport/subject"
)

// served is a device behind a socket, with a clock that stands.
type served struct {
	name   string
	device *authenticator.Authenticator
	clock  *authenticator.ManualClock
}

func serve(t *testing.T) served {
	t.Helper()
	clock := authenticator.NewManualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	device, err := authenticator.New(authenticator.PINKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: clock, Random: seed.Stream(1, "served"),
	})
	require.NoError(t, err)
	server, err := transport.NewHIDServer(device)
	require.NoError(t, err)
	listener, err := socket.Listen("unix:" + filepath.Join(t.TempDir(), "key"))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() { _ = listener.Serve(ctx, server) })
	t.Cleanup(func() { stop(); serving.Wait(); server.Close() })
	return served{listener.Address(), device, clock}
}

func ask(t *testing.T, d authenticators.Device, request ...byte) ctap.Status {
	t.Helper()
	answer, err := d.Exchange(t.Context(), request)
	require.NoError(t, err)
	require.NotEmpty(t, answer)
	return ctap.Status(answer[0])
}

// Without a control channel a device is reset once something may be left in it, and
// not before.
func TestResetByTheDevice(t *testing.T) {
	t.Parallel()
	s := serve(t)
	target := &subject.Target{Name: s.name}
	fresh := func() (authenticators.Device, error) {
		made, err := target.Fresh(t.Context(), 1)
		if err != nil {
			return nil, err
		}
		return made.(authenticators.Device), nil
	}
	d, err := fresh()
	require.NoError(t, err)
	assert.Equal(t, ctap.OK, ask(t, d, byte(ctap.CommandGetInfo)))
	s.clock.Advance(time.Hour) // from now on it refuses to be reset

	d, err = fresh()
	require.NoError(t, err, "questions leave nothing behind")
	ask(t, d, byte(ctap.CommandMakeCredential), 0xA0)
	_, err = fresh()
	require.ErrorIs(t, err, subject.ErrNeedsPower)

	replugged := 0
	target.Replug = func(context.Context) error {
		replugged++
		s.device.PowerCycle()
		return nil
	}
	d, err = fresh()
	require.NoError(t, err)
	assert.Equal(t, 1, replugged)
	require.NoError(t, d.Close())
	require.NoError(t, d.Close(), "again")

	target.Replug = func(context.Context) error { return errors.New("nobody came") }
	s.clock.Advance(time.Hour)
	ask(t, mustFresh(t, target), byte(ctap.CommandMakeCredential), 0xA0)
	_, err = fresh()
	require.ErrorContains(t, err, "nobody came")
}

func mustFresh(t *testing.T, target *subject.Target) authenticators.Device {
	t.Helper()
	made, err := target.Fresh(t.Context(), 1)
	require.NoError(t, err)
	return made.(authenticators.Device)
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	target := &subject.Target{Name: "unix:" + filepath.Join(t.TempDir(), "nothing")}
	_, err := target.Fresh(ctx, 1)
	assert.ErrorContains(t, err, "no such file")
}

// Reports and APDUs that ask leave nothing behind either; those that make do.
func TestTracesBelowMessages(t *testing.T) {
	t.Parallel()
	s := serve(t)
	target := &subject.Target{Name: s.name}
	say := func(d authenticators.Device, request string) {
		reports, err := d.(authenticators.Carried).OpenReports(t.Context())
		require.NoError(t, err)
		defer reports.Close()
		exchange := func(text string) []byte {
			raw, err := hex.DecodeString(text)
			require.NoError(t, err)
			require.NoError(t, reports.Send(t.Context(), append(raw, make([]byte, 64-len(raw))...)))
			answer, _, err := reports.Receive(t.Context(), time.Minute)
			require.NoError(t, err)
			require.Len(t, answer, 64)
			return answer
		}
		channel := exchange("ffffffff8600080102030405060708")[15:19]
		assert.Equal(t, byte(0x90), exchange(hex.EncodeToString(channel) + request)[4])
	}
	d := mustFresh(t, target)
	_, err := d.(authenticators.Carried).OpenCard(t.Context())
	require.ErrorIs(t, err, authenticators.ErrNotCarried)
	assert.Equal(t, ctap.OK, ask(t, d, byte(ctap.CommandGetInfo)), "the connection is there still")
	say(d, "90000104") // getInfo
	s.clock.Advance(time.Hour)
	d = mustFresh(t, target)
	say(d, "90000201A0") // makeCredential, of nothing
	_, err = target.Fresh(t.Context(), 1)
	require.ErrorIs(t, err, subject.ErrNeedsPower)
}

// What the bench does is what the control channel is asked for.
func TestControl(t *testing.T) {
	t.Parallel()
	s := serve(t)
	var mu sync.Mutex
	var asked []string
	refuse := ""
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.Method+" "+r.URL.Path)
		if r.URL.Path == refuse {
			w.WriteHeader(http.StatusConflict)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": "not now"})
		}
	}))
	t.Cleanup(panel.Close)
	control, err := subject.NewControl(strings.TrimPrefix(panel.URL, "http://"))
	require.NoError(t, err)
	target := &subject.Target{Name: s.name, Control: control}

	d := mustFresh(t, target)
	require.NoError(t, d.(authenticators.Power).PowerCycle(t.Context()))
	assert.Equal(t, ctap.OK, ask(t, d, byte(ctap.CommandGetInfo)), "the device is there again")
	person := d.(authenticators.Person)
	for _, act := range []authenticators.Act{authenticators.Approve, authenticators.Decline, authenticators.Ignore} {
		require.NoError(t, person.Act(t.Context(), act))
	}
	require.NoError(t, person.Miss(t.Context(), 3))
	require.NoError(t, person.AwaitPrompt(t.Context()))
	_, canWait := d.(authenticators.Clock)
	assert.False(t, canWait, "time there is everybody's")
	assert.Equal(t, []string{
		"POST /touch/auto", "POST /wrong-finger/0", "POST /reset", "POST /clock/forward/0s", "POST /clock/forward/nonsense",
		"POST /power/cycle", "POST /touch/auto", "POST /touch/refuse", "POST /touch/manual", "POST /wrong-finger/3", "GET /prompt",
	}, asked)

	refuse = "/reset"
	_, err = target.Fresh(t.Context(), 1)
	require.ErrorContains(t, err, "the control channel refuses /reset: not now")
}

// What a device has no way to do is told apart from what went wrong, and no wrong finger
// is needed before a device without a reader is as fresh from the factory.
func TestControlLacks(t *testing.T) {
	t.Parallel()
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/touch/refuse" || strings.HasPrefix(r.URL.Path, "/wrong-finger/") {
			w.WriteHeader(http.StatusNotImplemented)
		}
	}))
	t.Cleanup(panel.Close)
	control, err := subject.NewControl(panel.URL)
	require.NoError(t, err)
	person := mustFresh(t, &subject.Target{Name: serve(t).name, Control: control}).(authenticators.Person)
	require.NoError(t, person.Act(t.Context(), authenticators.Ignore))
	require.ErrorIs(t, person.Act(t.Context(), authenticators.Decline), errors.ErrUnsupported)
	require.ErrorIs(t, person.Miss(t.Context(), 1), errors.ErrUnsupported)
}

// Where the channel can move the time, cases can, and who is told nothing meanwhile is
// not told again to approve.
func TestControlMovesTheTime(t *testing.T) {
	t.Parallel()
	s := serve(t)
	var mu sync.Mutex
	var asked []string
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.URL.Path)
		if by, is := strings.CutPrefix(r.URL.Path, "/clock/forward/"); is {
			if _, err := time.ParseDuration(by); err != nil {
				w.WriteHeader(http.StatusBadRequest)
			}
		}
	}))
	t.Cleanup(panel.Close)
	control, err := subject.NewControl(panel.URL)
	require.NoError(t, err)
	target := &subject.Target{Name: s.name, Control: control}
	for range 2 {
		d := mustFresh(t, target)
		require.Implements(t, (*authenticators.Clock)(nil), d)
		require.NoError(t, d.(authenticators.Clock).Pass(t.Context(), 11*time.Minute))
	}
	require.NoError(t, mustFresh(t, target).(authenticators.Person).Miss(t.Context(), 1))
	mustFresh(t, target)
	assert.Equal(t, []string{
		"/touch/auto", "/wrong-finger/0", "/reset", "/clock/forward/0s", "/clock/forward/nonsense", "/clock/forward/11m0s",
		"/reset", "/clock/forward/11m0s",
		"/reset", "/wrong-finger/1",
		"/touch/auto", "/wrong-finger/0", "/reset",
	}, asked)
}

func TestControlChannelsByName(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"127.0.0.1:3000", "http://localhost:3000", "http://127.0.0.1:3000/"} {
		_, err := subject.NewControl(good)
		assert.NoError(t, err, good)
	}
	for _, bad := range []string{"", "https://example.com", "://", "%"} {
		_, err := subject.NewControl(bad)
		assert.Error(t, err, bad)
	}
}
