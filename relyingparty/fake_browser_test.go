package relyingparty

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

const testOrigin = "https://auth.acme.test"

// testClock is a clock that tests set forward.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock {
	return &testClock{now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newSite starts a site in memory on which passwords cost nothing.
func newSite(t testing.TB, edit ...func(*Config)) (*Site, *testClock) {
	t.Helper()
	clock := newClock()
	config := Config{
		BaseURL:      testOrigin,
		Operator:     true,
		PasswordCost: LabPasswordCost(),
		Clock:        clock.Now,
		Random:       rand.Reader,
	}
	for _, f := range edit {
		f(&config)
	}
	if config.Data == "" {
		config.Data = elsewhere(t)
	}
	s, err := New(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s, clock
}

func withPolicy(edit func(*Policy)) func(*Config) {
	return func(c *Config) {
		c.Policy = DefaultPolicy()
		edit(&c.Policy)
	}
}

// browser is a visitor without a browser: it keeps cookies, follows redirects and
// finds the CSRF token in pages, and talks to the site without a network.
type browser struct {
	t    testing.TB
	base string // origin that it asks; "" for testOrigin
	http *http.Client
	csrf string
	page answer // the last page
}

// answer is what the site said.
type answer struct {
	status int
	path   string
	body   string
	header http.Header
}

func (a answer) screen() string { return a.attribute("data-screen") }
func (a answer) error() string  { return a.attribute("data-error") }

func (a answer) attribute(name string) string {
	found := regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(a.body)
	if found == nil {
		return ""
	}
	return found[1]
}

func (a answer) refusal(t testing.TB) refusal {
	t.Helper()
	var r refusal
	require.NoError(t, json.Unmarshal([]byte(a.body), &r), a.body)
	return r
}

// inProcess carries requests straight to a handler.
type inProcess struct{ to http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.RemoteAddr = "192.0.2.1:1234"
	recorder := httptest.NewRecorder()
	p.to.ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request = r
	return response, nil
}

func visitSite(t testing.TB, s *Site) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &browser{t: t, http: &http.Client{Transport: inProcess{s}, Jar: jar}}
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	response, err := b.http.Do(r)
	require.NoError(b.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return answer{response.StatusCode, response.Request.URL.RequestURI(), string(body), response.Header}
}

func (b *browser) request(method, path, contentType string, body []byte) *http.Request {
	b.t.Helper()
	r, err := http.NewRequest(method, cmp.Or(b.base, testOrigin)+path, bytes.NewReader(body))
	require.NoError(b.t, err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36")
	return r
}

// open loads a page and remembers its CSRF token.
func (b *browser) open(path string) answer {
	b.t.Helper()
	return b.arrived(b.do(b.request(http.MethodGet, path, "", nil)))
}

func (b *browser) arrived(a answer) answer {
	b.page = a
	if found := regexp.MustCompile(`name="csrf-token" content="([^"]*)"`).FindStringSubmatch(a.body); found != nil {
		b.csrf = found[1]
	}
	return a
}

// submit posts a form and follows where it leads.
func (b *browser) submit(path string, fields ...string) answer {
	b.t.Helper()
	values := url.Values{"csrf": {b.csrf}}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return b.arrived(b.do(b.request(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(values.Encode()))))
}

// post sends JSON as the page's script does.
func (b *browser) post(path string, body []byte) answer {
	b.t.Helper()
	r := b.request(http.MethodPost, path, "application/json", body)
	r.Header.Set(csrfHeader, b.csrf)
	return b.do(r)
}

// follow opens the page that a ceremony's answer leads to.
func (b *browser) follow(a answer) answer {
	b.t.Helper()
	require.Equal(b.t, http.StatusOK, a.status, a.body)
	var to redirection
	require.NoError(b.t, json.Unmarshal([]byte(a.body), &to))
	return b.open(to.Redirect)
}

// startSignUp gets to the screen that offers a passkey.
func (b *browser) startSignUp(email string) {
	b.t.Helper()
	b.open(pathSignUp)
	require.Equal(b.t, "passkey-enrollment", b.submit(pathSignUp, "email", email).screen())
}

// register runs the registration ceremony on the present page.
func (b *browser) register(d *ceremonytest.Device) answer {
	b.t.Helper()
	asked := b.post("/u/passkey/register/options", []byte(`{"screen":"`+b.page.screen()+`"}`))
	require.Equal(b.t, http.StatusOK, asked.status, asked.body)
	return b.post("/u/passkey/register/verify", d.Create(b.t, []byte(asked.body)))
}

// signUp makes an account with a passkey.
func (b *browser) signUp(email string) *ceremonytest.Device {
	b.t.Helper()
	d := ceremonytest.NewDevice(b.t, testOrigin, "auth.acme.test")
	b.startSignUp(email)
	require.Equal(b.t, "home", b.follow(b.register(d)).screen())
	require.Contains(b.t, b.page.body, email)
	return d
}

const goodPassword = "Correct-horse-7"

// signUpWithPassword makes an account without a passkey.
func (b *browser) signUpWithPassword(email string) {
	b.t.Helper()
	b.startSignUp(email)
	b.open(pathSignUpPassword)
	require.Equal(b.t, "home", b.submit(pathSignUpPassword, "password", goodPassword).screen())
}

// logInWith runs the authentication ceremony on a fresh login page.
func (b *browser) logInWith(d *ceremonytest.Device) answer {
	b.t.Helper()
	b.open(pathLogin)
	return b.post("/u/passkey/login/verify", d.Get(b.t, b.loginOptions()))
}

func (b *browser) loginOptions() []byte {
	b.t.Helper()
	asked := b.post("/u/passkey/login/options", nil)
	require.Equal(b.t, http.StatusOK, asked.status, asked.body)
	return []byte(asked.body)
}

// logInWithPassword goes through both screens.
func (b *browser) logInWithPassword(email, password string) answer {
	b.t.Helper()
	b.open(pathLogin)
	require.Equal(b.t, "login-password", b.submit(pathLogin, "email", email).screen())
	return b.submit(pathLoginPassword, "password", password)
}

func (b *browser) logOut() {
	b.t.Helper()
	b.open(pathHome)
	require.Contains(b.t, b.submit("/logout").body, `id="login"`)
}

// codes lists the tenant log by its codes.
func codes(t testing.TB, s *Site) string {
	t.Helper()
	events, err := s.Events(0)
	require.NoError(t, err)
	var out []string
	for _, e := range events {
		out = append(out, string(e.Type))
	}
	return strings.Join(out, " ")
}

func lastEvent(t testing.TB, s *Site) Event {
	t.Helper()
	events, err := s.Events(0)
	require.NoError(t, err)
	require.NotEmpty(t, events)
	return events[len(events)-1]
}
