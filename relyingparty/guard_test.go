package relyingparty

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

func TestForeignRequestsAreRefused(t *testing.T) {
	t.Parallel()
	const path = "/u/passkey/login/options"
	tests := map[string]struct {
		edit   func(*http.Request)
		status int
		key    problemKey
	}{
		"no token":          {func(r *http.Request) { r.Header.Del(csrfHeader) }, http.StatusForbidden, problemSessionEnded},
		"wrong token":       {func(r *http.Request) { r.Header.Set(csrfHeader, "x") }, http.StatusForbidden, problemSessionEnded},
		"foreign origin":    {func(r *http.Request) { r.Header.Set("Origin", "https://evil.test") }, http.StatusForbidden, problemForeignOrigin},
		"opaque origin":     {func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden, problemForeignOrigin},
		"cross-site fetch":  {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden, problemForeignOrigin},
		"same-site fetch":   {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, http.StatusForbidden, problemForeignOrigin},
		"as a form":         {func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, http.StatusUnsupportedMediaType, problemWrongContentType},
		"as plain text":     {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, http.StatusUnsupportedMediaType, problemWrongContentType},
		"own origin":        {func(r *http.Request) { r.Header.Set("Origin", testOrigin) }, http.StatusOK, ""},
		"same-origin fetch": {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }, http.StatusOK, ""},
	}
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.open(pathLogin)
	for name, test := range tests {
		r := b.request(http.MethodPost, path, "application/json", []byte("{}"))
		r.Header.Set(csrfHeader, b.csrf)
		test.edit(r)
		a := b.do(r)
		assert.Equal(t, test.status, a.status, name)
		if test.key != "" {
			assert.Equal(t, test.key, a.refusal(t).Error, name)
		}
	}
	assert.Equal(t, http.StatusForbidden, visitSite(t, s).post(path, nil).status, "without a session")
	b.csrf = "stolen"
	assert.Equal(t, "session-ended", b.submit("/logout").error())
}

func TestHostileBodies(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.open(pathLogin)
	bodies := map[string]struct {
		body   string
		status int
	}{
		"empty":         {"", http.StatusBadRequest},
		"not JSON":      {"<xml/>", http.StatusBadRequest},
		"null":          {"null", http.StatusBadRequest},
		"array":         {"[]", http.StatusBadRequest},
		"wrong types":   {`{"id":1,"rawId":[],"response":"x"}`, http.StatusBadRequest},
		"trailing":      {`{}{}`, http.StatusBadRequest},
		"deeply nested": {strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000), http.StatusBadRequest},
		"too large":     {`{"id":"` + strings.Repeat("A", maxBody) + `"}`, http.StatusRequestEntityTooLarge},
	}
	for name, test := range bodies {
		for _, path := range []string{"/u/passkey/login/verify", "/u/passkey/register/verify"} {
			a := b.post(path, []byte(test.body))
			assert.Equal(t, test.status, a.status, "%s: %s", path, name)
			assert.NotEmpty(t, a.refusal(t).Message)
		}
	}
	tooLarge := b.submit(pathLogin, "email", strings.Repeat("a", maxBody))
	assert.Equal(t, http.StatusRequestEntityTooLarge, tooLarge.status)
	assert.Equal(t, "too-large", tooLarge.error())
	badForm := b.do(b.request(http.MethodPost, pathLogin, "application/x-www-form-urlencoded", []byte("%zz")))
	assert.Equal(t, http.StatusBadRequest, badForm.status)
	assert.Equal(t, http.StatusBadRequest, b.post("/u/passkey/login/options", []byte(`{"mediation":1}`)).status)
}

func TestHostHeader(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	for host, want := range map[string]int{
		"auth.acme.test": http.StatusOK, "AUTH.acme.test": http.StatusOK, "auth.acme.test:443": http.StatusOK,
		"auth.acme.test:80": http.StatusMisdirectedRequest, "evil.test": http.StatusMisdirectedRequest, "": http.StatusMisdirectedRequest,
		"evil-auth.acme.test": http.StatusMisdirectedRequest, "evil.auth.acme.test": http.StatusMisdirectedRequest,
		"auth.acme.test.evil.test": http.StatusMisdirectedRequest, "auth.acme.test.": http.StatusMisdirectedRequest,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		assert.Equal(t, want, w.Code, host)
		if want != http.StatusOK {
			assert.Contains(t, w.Body.String(), "It is at "+testOrigin+".", host)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/api/v2/logs", nil)
	r.Host = "evil.test"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	assert.Equal(t, http.StatusMisdirectedRequest, w.Code)
	assert.Contains(t, w.Body.String(), `"statusCode":421`)
}

func TestHeadersAndCookies(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	a := visitSite(t, s).open("/")
	policy := a.header.Get("Content-Security-Policy")
	assert.Contains(t, policy, "default-src 'none'")
	assert.Contains(t, policy, "frame-ancestors 'none'")
	assert.NotContains(t, policy, "unsafe")
	assert.NotContains(t, a.body, "<style")
	assert.NotContains(t, a.body, " style=")
	assert.NotContains(t, a.body, " onclick=")
	assert.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
	assert.Equal(t, "same-origin", a.header.Get("Referrer-Policy"))
	assert.Contains(t, a.header.Get("Permissions-Policy"), "publickey-credentials-get=(self)")
	assert.Equal(t, "no-store", a.header.Get("Cache-Control"))
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"__Host-session=", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		assert.Contains(t, cookie, want)
	}
	plain, _ := newSite(t, func(c *Config) { c.BaseURL = "http://localhost:8080" })
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "localhost:8080"
	w := httptest.NewRecorder()
	plain.ServeHTTP(w, r)
	assert.True(t, strings.HasPrefix(w.Header().Get("Set-Cookie"), "session-8080="), "another site on localhost may have one, too")
	assert.NotContains(t, w.Header().Get("Set-Cookie"), "Secure")
}

func TestUnknownPagesAndMethods(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	nowhere := b.open("/nowhere")
	assert.Equal(t, http.StatusNotFound, nowhere.status)
	assert.Equal(t, "error", nowhere.screen())
	for path, method := range map[string]string{"/account": http.MethodPost, "/logout": http.MethodPut, "/nowhere": http.MethodDelete} {
		a := b.do(b.request(method, path, "", nil))
		assert.Equal(t, http.StatusMethodNotAllowed, a.status, path)
		assert.Equal(t, "wrong-method", a.error(), path)
		assert.NotEmpty(t, a.header.Get("Allow"), path)
	}
	assert.Equal(t, http.StatusNotFound, b.open("/static/x/style.css").status)
	assert.Equal(t, http.StatusOK, b.open("/log").status)
	closed, _ := newSite(t, func(c *Config) { c.Operator = false })
	assert.Equal(t, http.StatusNotFound, visitSite(t, closed).open("/log").status)
	assert.Equal(t, http.StatusNotFound, visitSite(t, closed).open("/outbox").status)
}

// TestUnknownPathsOfTheAPIs answers programs in the form of the API that they are at.
func TestUnknownPathsOfTheAPIs(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	for _, c := range []struct {
		method, path string
		status       int
		has          []string
	}{
		{http.MethodGet, "/api/v2/nothing", 404, []string{`"statusCode":404`, `"message"`}},
		{http.MethodPut, "/api/v2/connections", 405, []string{`"statusCode":405`}},
		{http.MethodGet, "/me/v1/nothing", 404, []string{`"status":404`, `"title"`, `"detail"`}},
		{http.MethodPut, "/me/v1/authentication-methods", 405, []string{`"status":405`}},
		{http.MethodGet, "/oauth/token", 404, []string{`"error":`, `"error_description"`}},
		{http.MethodGet, "/passkey/nothing", 404, []string{`"error":"not_found"`}},
		{http.MethodPost, "/oauth/nothing", 405, []string{`"error":`}},
	} {
		a := p.ask(c.method, c.path, nil)
		assert.Equal(t, c.status, a.status, c.path)
		assert.Equal(t, "application/json", a.header.Get("Content-Type"), c.path)
		for _, has := range c.has {
			assert.Contains(t, a.body, has, c.path)
		}
		assert.Empty(t, a.header.Get("Set-Cookie"), c.path)
	}
}

func TestPagesThatNeedALogin(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	for path, want := range map[string]string{
		pathAccount: "login-id", pathLocalEnrollment: "login-id", pathEnrollment: "signup-id",
		pathSignUpPassword: "signup-id", pathLoginPassword: "login-id",
	} {
		assert.Equal(t, want, b.open(path).screen(), path)
	}
	assert.Equal(t, "session-ended", b.submit("/account/passkeys/remove", "id", "x").error())
	assert.Equal(t, problemNotSigningUp, b.post("/u/passkey/register/options", nil).refusal(t).Error)
	b.signUp("yves@example.com")
	for _, path := range []string{pathLogin, pathSignUp, pathLoginPassword} {
		assert.Equal(t, "home", b.open(path).screen(), path)
	}
}

func TestPanicIsContained(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s, _ := newSite(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	r := httptest.NewRequest(http.MethodGet, testOrigin+"/", nil)
	w := httptest.NewRecorder()
	s.guarded(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret detail") })).ServeHTTP(w, r)
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.NotContains(t, w.Body.String(), "secret detail")
	assert.Contains(t, log.String(), "secret detail")
}

func TestHostileTextIsInert(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.open(pathLogin)
	r := b.request(http.MethodPost, pathLogin, "application/x-www-form-urlencoded", []byte("csrf="+b.csrf+"&email=%3Cscript%3E%00%0A@x"))
	a := b.do(r)
	assert.NotContains(t, a.body, "<script>")
	b.open(pathSignUp)
	b.submit(pathSignUp, "email", "zed+<b>@example.com")
}

func TestInternalErrorsTellNothing(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s, _ := newSite(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	b := visitSite(t, s)
	b.startSignUp("alice@example.com")
	require.NoError(t, s.Close())

	page := b.open("/log")
	assert.Equal(t, http.StatusInternalServerError, page.status)
	assert.Equal(t, "internal", page.error())
	b.open(pathSignUpPassword)
	form := b.submit(pathSignUpPassword, "password", goodPassword)
	assert.Equal(t, http.StatusInternalServerError, form.status)
	exchange := b.post("/u/passkey/register/options", nil)
	assert.Equal(t, problemInternal, exchange.refusal(t).Error)
	for _, a := range []answer{page, form, exchange} {
		assert.NotContains(t, a.body, "database")
		assert.NotContains(t, a.body, "sql")
	}
	assert.Contains(t, log.String(), "database is closed")
}

func TestOperatorPages(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	assert.Contains(t, b.open("/log").body, "Nothing has happened yet.")
	assert.Contains(t, b.open("/outbox").body, "No mail has been sent yet.")
	b.signUpWithPassword("alice@example.com")
	b.open("/u/reset-password/request")
	b.submit("/u/reset-password/request", "email", "alice@example.com")

	log := b.open("/log").body
	assert.Less(t, strings.Index(log, `data-type="scpr"`), strings.Index(log, `data-type="ss"`), "newest first")
	assert.Contains(t, b.open("/outbox").body, s.Outbox().To("alice@example.com")[0].Links[0])
}

func TestRefusalsAreReadable(t *testing.T) {
	t.Parallel()
	bare := &ceremony.Refusal{Reason: ceremony.ReasonCounter}
	require.EqualError(t, bare, "ceremony: refused (counter-regression): "+ceremony.ReasonCounter.Explain())
	p := failBecause(problemPasskeyRefused, &ceremony.Refusal{Reason: ceremony.ReasonMalformed, Cause: &protocol.Error{Details: "what", DevInfo: "where"}})
	assert.ErrorContains(t, p, "passkey-authentication-failed")
	assert.ErrorContains(t, p, "what: where")
	assert.ErrorContains(t, fail(problemInternal), "internal")
	for key, w := range words {
		assert.NotEmpty(t, w.text, key)
		assert.GreaterOrEqual(t, w.status, 400, key)
	}
}

// The token of a form is in its body: addresses are kept in histories and logs.
func TestFormTokensInAddressesAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.signUp("ann@example.com")
	b.open(pathHome)
	a := standing(b).do(b.request(http.MethodPost, "/logout?csrf="+url.QueryEscape(b.csrf), "application/x-www-form-urlencoded", nil))
	assert.Equal(t, http.StatusForbidden, a.status)
	assert.Equal(t, "account", b.open(pathAccount).screen())
}
