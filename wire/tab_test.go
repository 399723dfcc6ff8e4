package wire_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
	"github.com/passkeylab/passkeylab/wire"
)

// credentials answers as it is told. What waits behind an email field is
// answered only by a user who picks.
type credentials struct {
	answer  []byte
	err     error
	picks   bool
	callers []client.Caller // of all other requests, and of those that make a passkey in silence
	signals []string        // methods and arguments
}

func (c *credentials) SignalJSON(_ context.Context, caller client.Caller, method string, options []byte) error {
	c.signals = append(c.signals, method+" "+string(options))
	return &webauthn.DOMException{Name: webauthn.SecurityError} // of which the page takes no notice
}

func (c *credentials) CreateJSON(_ context.Context, caller client.Caller, _ []byte) ([]byte, error) {
	c.callers = append(c.callers, caller)
	return c.answer, c.err
}

func (c *credentials) GetJSON(ctx context.Context, caller client.Caller, _ []byte) ([]byte, error) {
	if caller.Mediation == client.Conditional {
		if !c.picks {
			<-ctx.Done()
			return nil, &webauthn.DOMException{Name: webauthn.AbortError}
		}
		return c.answer, c.err
	}
	c.callers = append(c.callers, caller)
	return c.answer, c.err
}

// zeros is what scripts draw.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// site is a few pages with the hooks of docs/site-hooks.md.
type site struct {
	*httptest.Server
	posted []string // path and body of every POST
	refuse bool     // the verify endpoints say no
	signal any      // and what the page is to tell
}

const head = `<html><head><meta name="csrf-token" content="tok"></head>`

var pages = map[string]string{
	"/": head + `<body data-screen="home"><p id="who">  Nobody
		yet </p><a id="next" href="form">on</a><p id="error" data-error=""></p></body>`,
	"/form": head + `<body data-screen="form"><form method="post" action="/sent"><input type="hidden" name="csrf" value="tok">
		<input id="email" name="email" value="before"><input id="never" type="checkbox" name="never" value="1">
		<button id="continue" name="how" value="fast">go</button></form><div hidden><b id="secret">x</b></div>
		<div hidden data-passkeys><button id="create-passkey">make</button></div>
		<ul><li><form method="post" action="/removed"><input type="hidden" name="id" value="1"><button class="button remove">x</button></form></li></ul>
		<p id="error" data-error="" data-cancelled="cancelled!" data-failed="failed!"></p></body>`,
	"/told": `<html><head><meta name="csrf-token" content="tok"><meta name="passkey-signals" content='{"rpId":"acme.test","allAcceptedCredentialIds":[]}'></head>
		<body data-screen="account"></body>`,
	"/upgrade": head + `<body data-screen="home" data-upgrade="due"></body>`,
	"/offer":   head + `<body data-screen="passkey-enrollment" data-upgrade="due"></body>`,
	"/half":    `<html><head><meta name="passkey-signals" content='{"rpId":"acme.test","allAcceptedCredentialIds":null}'></head><body></body>`,
	"/odd":     `<html><head><meta name="passkey-signals" content='{'></head><body></body>`,
	"/factor": head + `<body data-screen="mfa-webauthn-roaming-challenge"><details><summary id="more">more</summary><b id="key">K E Y</b></details>
		<button id="use-passkey" hidden data-passkeys>use</button><p id="error" data-error="" data-cancelled="cancelled!"></p></body>`,
	"/login": head + `<body data-screen="login-id" data-autofill="loading"><input id="email" autocomplete="username webauthn">
		<button id="passkey-button">passkey</button><p id="error" data-error="" data-cancelled="cancelled!"></p></body>`,
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			s.posted = append(s.posted, r.URL.Path+" "+string(body))
			s.answer(w, r)
			return
		}
		page, ok := pages[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusInternalServerError)
		}
		io.WriteString(w, page)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) answer(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/options"):
		if r.Header.Get("X-CSRF-Token") != "tok" || r.Header.Get("Origin") != s.URL {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		io.WriteString(w, `{"publicKey":{"challenge":"AA"}}`)
	case strings.HasSuffix(r.URL.Path, "/verify") && s.refuse:
		w.WriteHeader(http.StatusUnauthorized)
		json.NewEncoder(w).Encode(map[string]any{"error": "no-passkey", "message": "not you", "signal": s.signal})
	case strings.HasSuffix(r.URL.Path, "/verify"):
		io.WriteString(w, `{"redirect":"/"}`)
	default:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func openTab(t *testing.T, s *site, c *credentials, path string) *wire.Tab {
	t.Helper()
	tab, err := wire.New(http.DefaultTransport, c, zeros{})
	require.NoError(t, err)
	t.Cleanup(tab.Close)
	require.NoError(t, tab.Open(t.Context(), s.URL+path))
	return tab
}

func TestReading(t *testing.T) {
	t.Parallel()
	tab := openTab(t, newSite(t), &credentials{}, "/")
	assert.Equal(t, "home", tab.Screen())
	text, err := tab.Text("who")
	require.NoError(t, err)
	assert.Equal(t, "Nobody yet", text)
	assert.Empty(t, tab.Message())
	_, err = tab.Text("nothing")
	assert.ErrorContains(t, err, `no element #nothing on screen "home"`)

	require.NoError(t, tab.Press(t.Context(), "next"))
	assert.Equal(t, "form", tab.Screen())
	assert.True(t, tab.Has("email"))
	assert.False(t, tab.Has("secret"), "hidden by the page")
	assert.True(t, tab.Has("create-passkey"), "hidden until the script finds passkeys supported")
	assert.False(t, tab.Has("nothing"))
	assert.ErrorContains(t, tab.Fill("continue", "x"), "not a field")
	assert.ErrorContains(t, tab.Press(t.Context(), "secret"), "nothing would happen")
}

func TestForms(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		do   func(*wire.Tab) error
		want string
	}{
		{"as the page filled it", func(*wire.Tab) error { return nil }, "csrf=tok&email=before&how=fast"},
		{"typed over", func(tab *wire.Tab) error { return tab.Fill("email", "a&b") }, "csrf=tok&email=a%26b&how=fast"},
		{"emptied", func(tab *wire.Tab) error { return tab.Fill("email", "") }, "csrf=tok&email=&how=fast"},
		{"ticked", func(tab *wire.Tab) error { return tab.Press(context.Background(), "never") }, "csrf=tok&email=before&how=fast&never=1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			tab := openTab(t, s, &credentials{}, "/form")
			require.NoError(t, c.do(tab))
			require.NoError(t, tab.Press(t.Context(), "continue"))
			assert.Equal(t, []string{"/sent " + c.want}, s.posted)
			assert.Equal(t, "home", tab.Screen(), "redirects are followed")
		})
	}
	s := newSite(t)
	tab := openTab(t, s, &credentials{}, "/form")
	require.NoError(t, tab.PressFirst(t.Context(), "remove"))
	assert.Equal(t, []string{"/removed id=1"}, s.posted)
}

func TestCeremonies(t *testing.T) {
	t.Parallel()
	declined := &webauthn.DOMException{Name: webauthn.NotAllowedError}
	odd := &webauthn.DOMException{Name: webauthn.ConstraintError}
	cases := []struct {
		name, page, press string
		with              credentials
		refuse            bool
		screen, key, says string
	}{
		{name: "a passkey is made", page: "/form", press: "create-passkey", with: credentials{answer: []byte(`{}`)}, screen: "home"},
		{name: "making is declined", page: "/form", press: "create-passkey", with: credentials{err: declined}, screen: "form", key: "NotAllowedError", says: "cancelled!"},
		{name: "making fails oddly", page: "/form", press: "create-passkey", with: credentials{err: odd}, screen: "form", key: "ConstraintError", says: "failed!"},
		{name: "a login", page: "/login", press: "passkey-button", with: credentials{answer: []byte(`{}`)}, screen: "home"},
		{name: "a login is declined", page: "/login", press: "passkey-button", with: credentials{err: declined}, screen: "login-id", key: "NotAllowedError", says: "cancelled!"},
		{name: "a login is refused", page: "/login", press: "passkey-button", with: credentials{answer: []byte(`{}`)}, refuse: true, screen: "login-id", key: "no-passkey", says: "not you"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.refuse = c.refuse
			tab := openTab(t, s, &c.with, c.page)
			require.NoError(t, tab.Press(t.Context(), c.press))
			assert.Equal(t, c.screen, tab.Screen())
			assert.Equal(t, c.key, tab.ErrorKey())
			assert.Equal(t, c.says, tab.Message())
			require.NotEmpty(t, c.with.callers)
			assert.Equal(t, s.URL, c.with.callers[0].Origin)
		})
	}
}

func TestAutofill(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := openTab(t, s, &credentials{answer: []byte(`{}`), picks: true}, "/login")
	assert.True(t, tab.OffersAutofill())
	require.NoError(t, tab.AwaitAutofill(t.Context()))
	assert.Equal(t, "home", tab.Screen())
	assert.False(t, tab.OffersAutofill())
	assert.ErrorIs(t, tab.AwaitAutofill(t.Context()), wire.ErrNoAutofill)

	waiting := openTab(t, s, &credentials{}, "/login")
	short, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, waiting.AwaitAutofill(short), context.Canceled)
	require.NoError(t, waiting.Open(t.Context(), "/"), "leaving the page ends the request")
	assert.False(t, waiting.OffersAutofill())
}

// A page that has something to tell authenticators does so; a list that the site
// withholds is not told as an empty one.
func TestSignals(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := new(credentials)
	openTab(t, s, c, "/told")
	told := `{"rpId":"acme.test","allAcceptedCredentialIds":[]}`
	assert.Equal(t, []string{"signalCurrentUserDetails " + told, "signalAllAcceptedCredentials " + told}, c.signals)

	c = new(credentials)
	openTab(t, s, c, "/half")
	assert.Len(t, c.signals, 1)
	openTab(t, s, c, "/odd")
	openTab(t, s, c, "/form")
	assert.Len(t, c.signals, 1)
}

// Only a passkey that the site does not know is one that the device need not keep.
func TestUnknownPasskeysAreTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.refuse = true
	c := &credentials{answer: []byte(`{"id":"Zm9v"}`)}
	tab := openTab(t, s, c, "/login")
	require.NoError(t, tab.Press(t.Context(), "passkey-button"))
	assert.Empty(t, c.signals)
	s.signal = map[string]string{"rpId": "acme.test", "credentialId": "Zm9v"}
	require.NoError(t, tab.Press(t.Context(), "passkey-button"))
	assert.Equal(t, []string{`signalUnknownCredential {"credentialId":"Zm9v","rpId":"acme.test"}`}, c.signals)
}

// The site is told of passkeys that will not come, so that it waits for none.
func TestGivenUpRegistrations(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := openTab(t, s, &credentials{err: &webauthn.DOMException{Name: webauthn.NotAllowedError}}, "/form")
	require.NoError(t, tab.Press(t.Context(), "create-passkey"))
	require.Len(t, s.posted, 2)
	assert.Equal(t, `/u/passkey/register/abandon {"challenge":"AA","error":"NotAllowedError"}`, s.posted[1])
	assert.Equal(t, "NotAllowedError", tab.ErrorKey())
}

// A passkey as a second factor is asked for by its screen, and the site is told where none
// comes.
func TestSecondFactors(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := &credentials{err: &webauthn.DOMException{Name: webauthn.NotAllowedError}}
	tab := openTab(t, s, c, "/factor")
	require.NoError(t, tab.Press(t.Context(), "more"))
	text, err := tab.Text("key")
	require.NoError(t, err)
	assert.Equal(t, "K E Y", text)
	require.NoError(t, tab.Press(t.Context(), "use-passkey"))
	assert.Equal(t, "NotAllowedError", tab.ErrorKey())
	assert.Equal(t, "cancelled!", tab.Message())
	c.answer, c.err = []byte(`{}`), nil
	require.NoError(t, tab.Press(t.Context(), "use-passkey"))
	assert.Equal(t, "home", tab.Screen())
	const screen = `"screen":"mfa-webauthn-roaming-challenge"}`
	assert.Equal(t, []string{
		`/u/mfa-webauthn/options {` + screen, `/u/mfa-webauthn/abandon {"error":"NotAllowedError",` + screen,
		`/u/mfa-webauthn/options {` + screen, `/u/mfa-webauthn/verify {}`,
	}, s.posted)
}

// A passkey in silence is asked for as such, and where none comes of it the page shows
// nothing.
func TestUpgrades(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := &credentials{answer: []byte(`{}`)}
	tab := openTab(t, s, c, "/upgrade")
	assert.Equal(t, "done", tab.Upgrade())
	assert.Equal(t, "home", tab.Screen())
	assert.Equal(t, []client.Caller{{Origin: s.URL, Mediation: client.Conditional}}, c.callers)
	assert.Equal(t, []string{`/u/passkey/register/options {"mediation":"conditional","screen":"home"}`, `/u/passkey/register/verify {}`}, s.posted)
	require.NoError(t, tab.Open(t.Context(), "/"))
	assert.Empty(t, tab.Upgrade())

	tab = openTab(t, s, c, "/offer")
	assert.Equal(t, "home", tab.Screen(), "what was offered is there")

	s.posted = nil
	tab = openTab(t, s, &credentials{err: &webauthn.DOMException{Name: webauthn.NotAllowedError}}, "/offer")
	assert.Equal(t, "failed", tab.Upgrade())
	assert.Equal(t, "passkey-enrollment", tab.Screen())
	assert.Empty(t, tab.Message())
	assert.Equal(t, `/u/passkey/register/abandon {"challenge":"AA","error":"NotAllowedError"}`, s.posted[1])
}

func TestBrokenSites(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab, err := wire.New(http.DefaultTransport, &credentials{}, zeros{})
	require.NoError(t, err)
	assert.ErrorContains(t, tab.Open(t.Context(), "/relative"), "no address to begin with")
	assert.ErrorContains(t, tab.Open(t.Context(), s.URL+"/broken"), "500")
	_, err = tab.Text("x")
	assert.Error(t, err)
	s.Close()
	assert.Error(t, tab.Open(t.Context(), s.URL))
}

// Whatever a site sends, reading and pressing end without a panic.
func FuzzPage(f *testing.F) {
	for _, page := range pages {
		f.Add(page)
	}
	f.Add(`<body data-autofill="x"><input autocomplete="username webauthn"><a id="next" href="::">`)
	f.Fuzz(func(t *testing.T, page string) {
		tab, err := wire.New(canned(page), &credentials{err: &webauthn.DOMException{Name: webauthn.NotAllowedError}}, zeros{})
		require.NoError(t, err)
		defer tab.Close()
		if tab.Open(t.Context(), "https://site.test/") != nil {
			return
		}
		for _, id := range []string{"next", "continue", "create-passkey", "passkey-button", "never", "keep-note", "read-note"} {
			_ = tab.Fill(id, "x")
			_ = tab.Press(t.Context(), id)
			tab.Has(id)
		}
		_ = tab.Message() + tab.ErrorKey() + tab.Screen()
	})
}

// canned answers every request with one page.
type canned string

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(c))), Request: r}, nil
}
