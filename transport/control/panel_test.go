package control_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/transport/control"
)

// desk is a panel and what it controls.
type desk struct {
	*control.Panel
	journal *journal
}

func newDesk() *desk {
	j := new(journal)
	return &desk{&control.Panel{
		User: new(control.User), Power: control.NewPower(j), Lamp: new(control.Lamp),
		Erase:  func(context.Context) error { j.note("erase"); return nil },
		Report: func(results []byte) { j.note(string(results)) },
	}, j}
}

// ask sends a request and returns the status and the body.
func (d *desk) ask(method, path, body string, headers ...string) (int, string) {
	r := httptest.NewRequest(method, "http://127.0.0.1:3000"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func (d *desk) mustAsk(t *testing.T, method, path string) control.Status {
	t.Helper()
	code, body := d.ask(method, path, "")
	require.Equal(t, http.StatusOK, code, body)
	var s control.Status
	require.NoError(t, json.Unmarshal([]byte(body), &s))
	return s
}

func TestStatus(t *testing.T) {
	t.Parallel()
	d := newDesk()
	_, err := d.Power.Add("udp:1", d.journal.opener(nil))
	require.NoError(t, err)
	d.Lamp.Wink()
	d.User.SetManner(manual)
	go func() {
		_, _ = d.User.Answer(t.Context(), authenticator.Prompt{Kind: authenticator.ConfirmNew, Verify: true})
	}()
	want := control.Status{
		Power: "on", Doors: []string{"udp:1!"}, Touch: "manual", Winks: 1,
		Waiting: []control.Waiting{{For: "confirm new passkey", Verify: true}},
	}
	assert.Equal(t, want, d.mustAsk(t, "GET", "/prompt"))
	assert.Equal(t, want, d.mustAsk(t, "GET", "/"))
	assert.Equal(t, want, d.mustAsk(t, "GET", "/status"))
	want.Waiting, want.Power, want.Doors, want.WrongFinger = []control.Waiting{}, "off", []string{}, 3
	d.mustAsk(t, "POST", "/touch/press")
	d.mustAsk(t, "POST", "/wrong-finger/3")
	assert.Equal(t, want, d.mustAsk(t, "POST", "/power/off"))

	code, text := d.ask("GET", "/help", "")
	assert.Equal(t, http.StatusOK, code)
	assert.NotContains(t, text, "{$}", "that is how the server's patterns end")
	for _, way := range []string{"GET  /  ", "POST /touch/press ", "GET  /{port}/power/{to} ", "POST /conformance/results "} {
		assert.Contains(t, text, way)
	}
}

// The five addresses that python-fido2's tests know of a controller, in the order
// in which they use them.
func TestPythonFIDO2Controller(t *testing.T) {
	t.Parallel()
	d := newDesk()
	d.mustAsk(t, "GET", "/")
	assert.Equal(t, "manual", d.mustAsk(t, "GET", "/usb1/touch/off").Touch)
	assert.Equal(t, "off", d.mustAsk(t, "GET", "/usb1/power/off").Power)
	assert.Equal(t, "on", d.mustAsk(t, "GET", "/usb1/power/on").Power)
	answers := make(chan error, 1)
	go func() {
		_, err := d.User.Answer(t.Context(), confirm)
		answers <- err
	}()
	d.mustAsk(t, "GET", "/prompt")
	d.mustAsk(t, "GET", "/usb1/touch/off")
	d.mustAsk(t, "GET", "/usb1/touch/on")
	require.NoError(t, <-answers)
	d.mustAsk(t, "GET", "/usb12/touch/on")
	d.mustAsk(t, "GET", "/usb12/touch/off")
	for _, bad := range []string{"/usb1/touch/up", "/usb/touch/on", "/usbx/power/on", "/pci1/power/off", "/usb1/power/cycle"} {
		code, body := d.ask("GET", bad, "")
		assert.Equal(t, http.StatusBadRequest, code, bad)
		assert.Contains(t, body, "/usbN/touch/on", bad)
	}
}

// What the FIDO Alliance's tools send is answered when it has been done.
func TestConformanceAutomation(t *testing.T) {
	t.Parallel()
	d := newDesk()
	d.User.SetManner(manual)
	answers := make(chan error, 1)
	go func() {
		_, err := d.User.Answer(t.Context(), confirm)
		answers <- err
	}()
	d.mustAsk(t, "POST", "/conformance/userpresence")
	require.NoError(t, <-answers)
	d.mustAsk(t, "POST", "/conformance/powercycle")
	assert.Equal(t, []string{"off", "on"}, d.journal.read())

	code, _ := d.ask("GET", "/conformance/results", "")
	assert.Equal(t, http.StatusNotFound, code)
	const results = `{"allTestsSelected":true,"passedTestsCount":3,"failedTestsCount":1,"failedTests":["P-1 <b>"]}`
	code, _ = d.ask("POST", "/conformance/results", results)
	assert.Equal(t, http.StatusOK, code)
	told := d.journal.read()
	assert.JSONEq(t, results, told[len(told)-1])
	code, kept := d.ask("GET", "/conformance/results", "")
	assert.Equal(t, http.StatusOK, code)
	assert.JSONEq(t, results, kept)

	code, body := d.ask("POST", "/conformance/results", "all went well")
	assert.Equal(t, http.StatusBadRequest, code)
	assert.Contains(t, body, "no JSON")
	code, _ = d.ask("POST", "/conformance/results", `"`+strings.Repeat("x", 1<<20)+`"`)
	assert.Equal(t, http.StatusRequestEntityTooLarge, code)
	_, again := d.ask("GET", "/conformance/results", "")
	assert.Equal(t, kept, again)
}

func TestDeedsThatFail(t *testing.T) {
	t.Parallel()
	d := newDesk()
	for _, c := range []struct {
		method, path string
		code         int
		says         string
	}{
		{"POST", "/touch/softly", http.StatusBadRequest, "give auto, manual, refuse"},
		{"POST", "/wrong-finger/-1", http.StatusBadRequest, "how often"},
		{"POST", "/wrong-finger/1001", http.StatusBadRequest, "how often"},
		{"POST", "/clock/forward/11m", http.StatusNotImplemented, "cannot be moved"},
		{"POST", "/power/half", http.StatusBadRequest, "give on, off or cycle"},
		{"GET", "/power/off", http.StatusMethodNotAllowed, ""},
		{"PUT", "/power/off", http.StatusMethodNotAllowed, ""},
		{"HEAD", "/usb1/power/off", http.StatusMethodNotAllowed, ""},
		{"GET", "/nothing", http.StatusNotFound, ""},
	} {
		code, body := d.ask(c.method, c.path, "")
		assert.Equal(t, c.code, code, c.path)
		assert.Contains(t, body, c.says, c.path)
	}
	assert.Empty(t, d.journal.read())

	d.mustAsk(t, "POST", "/touch/refuse")
	code, _ := d.ask("POST", "/touch/tap", "")
	assert.Equal(t, http.StatusConflict, code)
	d.mustAsk(t, "POST", "/reset")
	assert.Equal(t, []string{"off", "erase", "on"}, d.journal.read())
	d.Erase = func(context.Context) error { return errors.New("the disk is full") }
	code, body := d.ask("POST", "/reset", "")
	assert.Equal(t, http.StatusInternalServerError, code)
	assert.Contains(t, body, "the disk is full")
	d.Erase = nil
	code, _ = d.ask("POST", "/reset", "")
	assert.Equal(t, http.StatusBadRequest, code)
}

func TestTimeIsMoved(t *testing.T) {
	t.Parallel()
	d := newDesk()
	d.Clock = new(control.Clock)
	before := time.Now()
	d.mustAsk(t, "POST", "/clock/forward/11m")
	assert.GreaterOrEqual(t, d.Clock.Now().Sub(before), 11*time.Minute)
	for _, by := range []string{"-1s", "25h", "nonsense", "11"} {
		code, body := d.ask("POST", "/clock/forward/"+by, "")
		assert.Equal(t, http.StatusBadRequest, code, by)
		assert.Contains(t, body, "how far", by)
	}
}

// No page can drive a device, whatever it makes a browser send.
func TestWebPagesAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk()
	for _, headers := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", ""},
		{"Referer", "https://evil.example/"},
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", ""},
		{"Sec-Fetch-Site", "none", "Sec-Fetch-Site", "cross-site"},
	} {
		for _, path := range []string{"GET /usb1/power/off", "POST /power/off", "GET /status"} {
			method, path, _ := strings.Cut(path, " ")
			code, body := d.ask(method, path, "", headers...)
			assert.Equal(t, http.StatusForbidden, code, "%v", headers)
			assert.Contains(t, body, "web pages cannot drive a device")
		}
	}
	assert.True(t, d.Power.IsOn())
	code, _ := d.ask("GET", "/status", "", "Sec-Fetch-Site", "none")
	assert.Equal(t, http.StatusOK, code, "typed into the address bar")
}

func TestHosts(t *testing.T) {
	t.Parallel()
	for host, want := range map[string][2]bool{ // on this machine alone, from anywhere
		"127.0.0.1:3000": {true, true}, "127.0.0.1": {true, true}, "localhost:3000": {true, true}, "LOCALHOST": {true, true}, "[::1]:3000": {true, true}, "[::1]": {true, true},
		"192.0.2.1:3000": {false, true}, "[2001:db8::1]:3000": {false, true}, "device:3000": {false, true},
		"evil.example:3000": {}, "127.0.0.1.evil.example": {}, "localhost.evil.example": {}, "": {}, ":3000": {}, "localhost.:3000": {},
	} {
		d := newDesk()
		local, anywhere := serve(t, d.Panel, "127.0.0.1:0"), serve(t, d.Panel, "0.0.0.0:0")
		for i, at := range []string{local, anywhere} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+at+"/status", nil)
			require.NoError(t, err)
			r.Host = host
			if host == "" {
				r.Host = "evil.example"
			}
			resp, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, want[i], resp.StatusCode == http.StatusOK, "%q at %s", host, at)
		}
	}
}

// serve serves a panel until the test ends, and returns where it is reached.
func serve(t *testing.T, p *control.Panel, at string) string {
	t.Helper()
	l, err := control.ListenAnywhere(at)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-ended)
	})
	return strings.Replace(l.Addr().String(), "[::]", "127.0.0.1", 1)
}

// What waits ends with the panel.
func TestStoppingAPanel(t *testing.T) {
	t.Parallel()
	d, begun := newDesk(), make(chan struct{})
	d.Erase = func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}
	l, err := control.Listen("127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Serve(ctx, l) }()
	left := make(chan error, 1)
	go func() {
		resp, err := http.Post("http://"+l.Addr().String()+"/reset", "", nil)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		left <- err
	}()
	<-begun
	cancel()
	require.NoError(t, <-ended)
	<-left
	require.ErrorContains(t, d.Serve(t.Context(), l), "closed")
}

func TestListening(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:0", "example.com:0"} {
		_, err := control.Listen(at)
		require.ErrorIs(t, err, control.ErrNotLocal, at)
	}
	for _, at := range []string{"", "3000", "127.0.0.1"} {
		for _, listen := range []func(string) (l io.Closer, err error){
			func(at string) (io.Closer, error) { return control.Listen(at) },
			func(at string) (io.Closer, error) { return control.ListenAnywhere(at) },
		} {
			_, err := listen(at)
			require.ErrorContains(t, err, "give it as HOST:PORT", at)
		}
	}
	for _, at := range []string{"127.0.0.1:0", "localhost:0"} {
		l, err := control.Listen(at)
		require.NoError(t, err)
		require.NoError(t, l.Close())
	}
}
