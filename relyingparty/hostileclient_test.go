package relyingparty

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
)

// The hostile client asks every route of the site for what it should not. Everything that
// it does comes of one number.
var (
	hostileSeed   = flag.Uint64("hostile.seed", 1, "what the hostile client's requests come of")
	hostileRounds = flag.Int("hostile.rounds", 12, "how often the hostile client asks each route")
)

// TestHostileClient is short; `go test ./relyingparty -run HostileClient -hostile.rounds 1000
// -hostile.seed 2` is longer and other. It measures memory, and so runs beside no other.
func TestHostileClient(t *testing.T) {
	attack(t, *hostileSeed, *hostileRounds)
}

// payloads are pieces of text that something could take for more than text.
var payloads = []string{
	`'; DROP TABLE users; --`, `' OR '1'='1`, `1) UNION SELECT password FROM users --`, `%' ESCAPE 'x`, `_`, `\`,
	`<zz onload="x">`, `"><zz>`, `'><zz x='`, `</title><zz>`, `javascript:zz`, `{{.CSRF}}`, `${7*7}`, `%s%n%x`,
	"zz\r\nX-Injected: 1\r\n\r\n<zz>", `zz%0d%0aX-Injected:1`, "zz\x00zz", "\xff\xfezz", "\u202ezz\u2028zz", "zz\tzz\x1b[31m",
	`../../../../etc/passwd`, `..%2f..%2f..%2fetc%2fpasswd`, `//evil.test/zz`, `https://evil.test/zz`, `\\evil.test\zz`,
	"", "0", "-1", "9223372036854775808", "1e309", "null", "[]", "{}", "true",
	`a@b.co"<zz>`, "zz@" + strings.Repeat("a", 300) + ".com", strings.Repeat("zz", 2000), "auth0|zz", "passkey|zz", "__proto__",
}

// hostile is one run.
type hostile struct {
	testing.TB
	*rand.Rand
	site    *Site
	log     *lockedBuffer
	actors  []*browser // a stranger, who signs up, who is logged in, who enrols a second factor, and who is asked for one
	good    map[string][]string
	reached map[string]bool // routes that answered something else than that they are not there
	seen    map[int]int     // how many answers there were of each status
	mu      sync.Mutex
}

// lockedBuffer is a log that several requests write.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func newHostile(t testing.TB, seed uint64) *hostile {
	t.Helper()
	h := &hostile{TB: t, Rand: rand.New(rand.NewPCG(seed, 0)), log: new(lockedBuffer), reached: map[string]bool{}, seen: map[int]int{}}
	var key [32]byte
	key[0] = byte(seed)
	var clock *testClock
	h.site, clock = newSite(t, withApplications, withSecondDomain, func(c *Config) {
		c.Random = rand.NewChaCha8(key)
		c.Limits = DefaultLimits()
		c.Limits.Requests.Burst, c.Limits.PasskeyAPI.Burst = 1e9, 1e9
		c.Logger = slog.New(slog.NewTextHandler(h.log, nil))
	})
	stranger, newcomer, user := visitSite(t, h.site), visitSite(t, h.site), visitSite(t, h.site)
	stranger.open(pathLogin)
	newcomer.startSignUp("new@example.com")
	user.signUp("ann@example.com")
	user.open(pathAccount)
	p := newProgram(t, h.site)
	enrols, asked, mfaToken := h.secondFactors(clock, p)
	for _, b := range []*browser{stranger, newcomer, user, enrols, asked} {
		alone := standing(b)
		alone.csrf = b.csrf
		h.actors = append(h.actors, alone)
	}
	u, err := h.site.User("ann@example.com")
	require.NoError(t, err)
	_, tokens := p.signUp("bob@example.com", object{"scope": "openid offline_access " + scopeReadMethods + " " + scopeCreateMethods, "audience": testOrigin + "/me/"})
	p.post("/dbconnections/change_password", object{"client_id": "app", "email": "ann@example.com", "connection": connectionName})
	_, ticket, _ := strings.Cut(h.site.Outbox().All()[0].Links[0], "ticket=")
	h.good = map[string][]string{
		"client_id": {"app", "web", "machine"}, "client_secret": {"web secret", "machine secret"}, "grant_type": grantTexts(), "response_type": {"code"},
		"redirect_uri": {callback}, "code": {codeFor(t, user, nil)}, "code_verifier": {strings.Repeat("v", 43)}, "audience": {testOrigin + "/me/", testOrigin + "/api/v2/"},
		"scope": {"openid", "read:logs"}, "prompt": {"none", "login"}, "realm": {connectionName}, "connection": {connectionName}, "email": {"ann@example.com", "x@example.com"},
		"password": {goodPassword}, "ticket": {ticket}, "id": {u.Passkeys[0].RegistrationID, connectionID, h.site.primary().id, "1", "app", newPasskeyID}, "user": {u.ID},
		"auth_session": {p.beginLogin("app").session}, "refresh_token": {tokens["refresh_token"].(string)}, "q": {"type:ss", "date:[2030-01-01 TO *]"}, "page": {"0"},
		"per_page": {"5"}, "from": {"0"}, "take": {"3"}, "type": {"passkey", "ss"}, "returnTo": {appOrigin + "/bye"}, "state": {"x"}, "name": {"Key"}, "never": {"1"},
		"mfa_token": {mfaToken}, "otp": {"000000"}, "recovery_code": {strings.Repeat("A", recoveryCodeSize)}, "authenticator_types": {challengeOTP, challengeOOB},
		"oob_channels": {"email"}, "challenge_type": {"otp oob"}, "method": {"otp", "recovery-code", "webauthn-platform"}, "recorded": {"1"},
		"mediation": {"conditional"}, "screen": {"account", pages.PlatformChallenge}, "prompt_name": {"login-id"}, "language": {"en"},
		"Authorization": {"Bearer " + managementToken, "Bearer " + tokens["access_token"].(string), "Bearer " + mfaToken, "Basic d2ViOndlYiBzZWNyZXQ="},
	}
	return h
}

// secondFactors makes two browsers and a program that wait for a second factor.
func (h *hostile) secondFactors(clock *testClock, p *program) (enrols, asked *browser, mfaToken string) {
	always := func(when SecondFactor) {
		require.NoError(h, h.site.ChangePolicy(func(p *Policy) error { p.SecondFactor = when; return nil }))
	}
	always(SecondFactorAlways)
	defer always(SecondFactorNever)
	enrols, asked = visitSite(h, h.site), visitSite(h, h.site)
	enrols.startSignUp("eve@example.com")
	enrols.open(pathSignUpPassword)
	require.Equal(h, pages.OTPEnrollment, enrols.submit(pathSignUpPassword, "password", goodPassword).screen())
	asked.signUpWithApp(clock, "fay@example.com")
	asked.logOut()
	require.Equal(h, pages.OTPChallenge, asked.logInWithPassword("fay@example.com", goodPassword).screen())
	_, mfaToken = p.signUpStep("gus@example.com", nil)
	return enrols, asked, mfaToken
}

func grantTexts() (all []string) {
	for _, g := range GrantTypes() {
		all = append(all, string(g))
	}
	return all
}

// pick is one of several, and one in is whether something happens that happens so often.
func pick[T any](h *hostile, all []T) T { return all[h.IntN(len(all))] }
func (h *hostile) oneIn(n int) bool     { return h.IntN(n) == 0 }

// value is a good value or a bad one.
func (h *hostile) value(name string) string {
	if good := h.good[name]; good != nil && !h.oneIn(3) {
		return pick(h, good)
	}
	return pick(h, payloads)
}

// names are what the site knows of members, fields and parameters.
var names = []string{
	"client_id", "client_secret", "grant_type", "response_type", "redirect_uri", "code", "code_verifier", "audience", "scope", "prompt", "realm", "connection",
	"email", "password", "ticket", "id", "auth_session", "authn_response", "refresh_token", "token", "q", "page", "per_page", "from", "take", "sort", "type", "returnTo",
	"state", "nonce", "name", "never", "mediation", "screen", "user_profile", "user_metadata", "options", "identifier_first", "custom_login_page_on",
	"relying_party_identifier", "error", "text", "user", "max_age", "login_hint", "screen_hint", "response", "rawId", "include_totals",
	"mfa_token", "otp", "oob_code", "binding_code", "recovery_code", "authenticator_types", "oob_channels", "challenge_type", "authenticator_id", "method", "recorded",
}

func (h *hostile) pairs() (out [][2]string) {
	for range h.IntN(8) {
		name := pick(h, names)
		if h.oneIn(12) {
			name = pick(h, payloads)
		}
		out = append(out, [2]string{name, h.value(name)})
		if h.oneIn(8) {
			out = append(out, [2]string{name, h.value(name)})
		}
	}
	return out
}

func (h *hostile) query() string {
	values := url.Values{}
	for _, p := range h.pairs() {
		values.Add(p[0], p[1])
	}
	if h.oneIn(10) {
		return pick(h, []string{"%zz", ";;&&==", strings.Repeat("a=b&", 300), "page=%00"})
	}
	return values.Encode()
}

// path is a route's, with values for its wildcards, and sometimes another spelling.
func (h *hostile) path(pattern string) string {
	path := regexp.MustCompile(`\{([a-z$]+)\}`).ReplaceAllStringFunc(pattern, func(w string) string {
		if w == "{$}" {
			return ""
		}
		return url.PathEscape(h.value(strings.Trim(w, "{}")))
	})
	if h.oneIn(8) {
		path += pick(h, []string{"/", "//", "/..", "/%2e%2e/", "%00", "/" + url.PathEscape(pick(h, payloads)), ";x=y", "%"})
	}
	return path
}

// body is one that the route could want, or not.
func (h *hostile) body(k kind, csrf string) (contentType string, body []byte) {
	contentType = "application/json"
	if k == form || k == authentication && h.oneIn(2) {
		contentType = "application/x-www-form-urlencoded"
	}
	switch {
	case h.oneIn(12):
		return contentType, bytes.Repeat([]byte(pick(h, []string{"a", "{", "[", "\x00", "\xff"})), pick(h, []int{1, 1000, maxBody + 1}))
	case contentType != "application/json":
		values := url.Values{csrfField: {csrf}}
		for _, p := range h.pairs() {
			values.Add(p[0], p[1])
		}
		body = []byte(values.Encode())
	default:
		body = h.object(2)
	}
	if h.oneIn(10) {
		contentType = pick(h, []string{"", "text/plain", "application/json; charset=utf-16", "multipart/form-data; boundary=x", ";", "application/xml", "application/x-www-form-urlencoded;;"})
	}
	if h.oneIn(12) && len(body) > 1 {
		body = body[:h.IntN(len(body))]
	}
	return contentType, body
}

// object is a JSON object, of which members may come twice.
func (h *hostile) object(depth int) []byte {
	out := []byte("{")
	for i, p := range h.pairs() {
		if i > 0 {
			out = append(out, ',')
		}
		name, _ := json.Marshal(p[0])
		value, _ := json.Marshal(p[1])
		if h.oneIn(4) {
			value = []byte(pick(h, []string{"1", "-0", "1e400", "null", "true", "[]", "{}", `["zz"]`, strings.Repeat("[", 200) + strings.Repeat("]", 200)}))
		}
		if depth > 0 && h.oneIn(5) {
			value = h.object(depth - 1)
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}')
}

var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions, http.MethodTrace, "FOO", "get"}

// request is one to a route.
func (h *hostile) request(to route) *http.Request {
	method, pattern, _ := strings.Cut(to.pattern, " ")
	if h.oneIn(6) {
		method = pick(h, methods)
	}
	b := pick(h, h.actors)
	var contentType string
	var body []byte
	if method != http.MethodGet && method != http.MethodHead {
		contentType, body = h.body(to.kind, b.csrf)
	}
	target, err := url.Parse(testOrigin)
	require.NoError(h, err)
	target.Opaque = "//" + target.Host + h.path(pattern)
	target.RawQuery = h.query()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, testOrigin, bytes.NewReader(body))
	r.Method, r.URL, r.Host, r.RemoteAddr = method, target, target.Host, "192.0.2.1:1"
	if parsed, err := url.ParseRequestURI(target.RequestURI()); err == nil { // as a server reads it
		r.URL = parsed
	} else {
		r.URL = &url.URL{Path: "/"}
	}
	for _, c := range b.http.Jar.Cookies(&url.URL{Scheme: "https", Host: target.Host, Path: "/"}) {
		r.AddCookie(c)
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set(csrfHeader, b.csrf)
	if to.kind.api() && !h.oneIn(3) {
		r.Header.Set("Authorization", h.value("Authorization"))
	}
	h.spoilHeaders(r)
	return r
}

func (h *hostile) spoilHeaders(r *http.Request) {
	if h.oneIn(6) {
		r.Host = pick(h, []string{secondHost, tenantHost, "evil.test", "", "auth.acme.test:443", "auth.acme.test:80", "<zz>"})
	}
	for range h.IntN(3) {
		name := pick(h, []string{"Origin", "Sec-Fetch-Site", "User-Agent", "Referer", "Cookie", "Last-Event-Id", "X-Forwarded-Host", "Accept", "Range", "If-None-Match",
			"Content-Encoding", "Transfer-Encoding", "Authorization", csrfHeader, "X-Http-Method-Override", "Access-Control-Request-Headers", "Accept-Language"})
		value := pick(h, payloads)
		if h.oneIn(3) {
			value = pick(h, []string{appOrigin, testOrigin, "null", "cross-site", "same-origin", "session=x; __Host-session=x; __Host-session=y", "bytes=0-0", "gzip"})
		}
		r.Header.Set(name, value)
	}
}

// send hands a request over and holds the answer to what all answers have.
func (h *hostile) send(to route, r *http.Request) {
	asked := fmt.Sprintf("%s %s at %q", r.Method, r.URL.RequestURI(), r.Host)
	if strings.HasPrefix(r.URL.Path, "/log/stream") {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Millisecond)
		defer cancel()
		r = r.WithContext(ctx)
	}
	recorder := httptest.NewRecorder()
	began := time.Now()
	h.site.ServeHTTP(recorder, r)
	if took := time.Since(began); took > 20*time.Second {
		h.Errorf("%s took %v", asked, took)
	}
	a := recorder.Result()
	checkAnswer(h, h.site, asked, a, recorder.Body.Bytes())
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen[a.StatusCode/100]++
	if a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusMethodNotAllowed && a.StatusCode != http.StatusMisdirectedRequest {
		h.reached[to.pattern] = true
	}
}

// raw are payloads as they must not come back in a page.
var raw = regexp.MustCompile(`(?i)<zz|"\s*>\s*<zz|=\s*["']?javascript:zz`)

// checkAnswer holds an answer to what every answer of the site has.
func checkAnswer(t assert.TestingT, s *Site, asked string, a *http.Response, body []byte) {
	header := a.Header
	if a.StatusCode >= 500 {
		assert.Fail(t, "an internal error", "%s: %d %s", asked, a.StatusCode, body)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy":      "default-src 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "publickey-credentials-get=(self)",
		"Strict-Transport-Security":    "max-age=31536000; includeSubDomains",
	} {
		assert.Contains(t, header.Get(name), want, "%s: %s", asked, name)
	}
	policy := header.Get("Content-Security-Policy")
	assert.Contains(t, policy, "frame-ancestors 'none'", asked)
	assert.Contains(t, policy, "base-uri 'none'", asked)
	assert.NotContains(t, policy, "unsafe", asked)
	if cache := header.Get("Cache-Control"); cache != "public, max-age=31536000, immutable" {
		assert.Equal(t, "no-store", cache, asked)
	}
	assert.Empty(t, header.Get("X-Injected"), asked)
	for name, values := range header {
		for _, v := range values {
			assert.False(t, strings.ContainsAny(v, "\r\n\x00"), "%s: header %s is %q", asked, name, v)
		}
	}
	for _, c := range a.Cookies() {
		assert.Equal(t, "__Host-session", c.Name, asked)
		assert.True(t, c.HttpOnly && c.Secure && c.SameSite == http.SameSiteLaxMode && c.Path == "/" && c.Domain == "", asked)
	}
	checkLocation(t, s, asked, header.Get("Location"))
	checkBody(t, asked, a, body)
}

// checkLocation wants answers to lead to the site itself or to where applications want them.
func checkLocation(t assert.TestingT, s *Site, asked, location string) {
	if location == "" || strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//") && !strings.HasPrefix(location, `/\`) {
		return
	}
	allowed := []string{callback, appOrigin + "/bye"}
	for _, d := range s.domains {
		allowed = append(allowed, d.origin+"/")
	}
	assert.True(t, slices.ContainsFunc(allowed, func(to string) bool { return strings.HasPrefix(location, to) }), "%s leads to %q", asked, location)
}

func checkBody(t assert.TestingT, asked string, a *http.Response, body []byte) {
	kind := a.Header.Get("Content-Type")
	switch {
	case len(body) == 0:
	case strings.HasPrefix(kind, "text/html"):
		assert.Equal(t, "text/html; charset=utf-8", kind, asked)
		assert.NotRegexp(t, raw, string(body), asked)
	case kind == "application/json":
		assert.True(t, json.Valid(body), "%s: %s", asked, body)
	default:
		assert.True(t, slices.ContainsFunc([]string{"text/plain; charset=utf-8", eventsOfText, "text/css", "text/javascript", "image/png"}, func(k string) bool {
			return strings.HasPrefix(kind, k)
		}), "%s: %q", asked, kind)
	}
	for _, word := range []string{"goroutine ", "SQLITE", "sqlite", "syntax error", "pq:", "/usr/local/go", ".go:"} {
		assert.NotContains(t, string(body), word, asked)
	}
}

func attack(t *testing.T, seed uint64, rounds int) {
	t.Helper()
	t.Logf("the seed is %d", seed)
	h := newHostile(t, seed)
	routes := slices.Concat(h.site.table(), h.site.apiTable(), h.site.operatorTable(), []route{{"GET " + pages.StaticPath + "{id}/style.css", page, nil}})
	before := heap()
	for range rounds {
		for _, to := range routes {
			r := h.request(to)
			if h.oneIn(5) { // the same twice at once
				again := r.Clone(r.Context())
				body, _ := bodyOf(r)
				r.Body, again.Body = body(), body()
				var both sync.WaitGroup
				both.Go(func() { h.send(to, r) })
				both.Go(func() { h.send(to, again) })
				both.Wait()
				continue
			}
			h.send(to, r)
		}
	}
	grown := heap() - before
	assert.Less(t, grown, int64(64<<20)+int64(rounds)<<16, "the memory grows")
	h.checkLogs()
	for status := 2; status <= 4; status++ {
		assert.Greater(t, h.seen[status], rounds, "answers with %dxx: %v", status, h.seen)
	}
	if rounds >= 12 {
		for _, to := range routes {
			assert.True(t, h.reached[to.pattern] || strings.HasPrefix(to.pattern, "GET "+pages.StaticPath) || to.pattern == "GET /" || to.pattern == "GET /u/reset-password/error", "%s was not reached", to.pattern)
		}
	}
}

// bodyOf returns what makes a body over and over again.
func bodyOf(r *http.Request) (func() *rewound, error) {
	var text bytes.Buffer
	_, err := text.ReadFrom(r.Body)
	return func() *rewound { return &rewound{bytes.NewReader(text.Bytes())} }, err
}

type rewound struct{ *bytes.Reader }

func (*rewound) Close() error { return nil }

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// checkLogs wants lines to be lines, and nobody to have got in who was not let.
func (h *hostile) checkLogs() {
	for _, line := range strings.Split(strings.TrimSuffix(h.log.text.String(), "\n"), "\n") {
		assert.True(h, strings.HasPrefix(line, "time="), line)
		assert.NotContains(h, line, "panicked", line)
		assert.NotContains(h, line, "level=ERROR", line)
	}
	events, err := h.site.Events(0)
	require.NoError(h, err)
	for _, e := range events {
		assert.Equal(h, printable.Only(e.User+e.UserAgent), e.User+e.UserAgent)
		assert.LessOrEqual(h, len(e.UserAgent), 256)
		text, err := json.Marshal(e.Details)
		require.NoError(h, err)
		assert.Less(h, len(text), 4096)
	}
	users, err := h.site.Users()
	require.NoError(h, err)
	for _, u := range users {
		assert.LessOrEqual(h, len(u.Passkeys), h.site.Policy().MaxPasskeys)
	}
}

// TestHeadersOfEveryAnswer asks each route as it wants to be asked, and for what is not
// there, and holds each answer to what all have.
func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	h := newHostile(t, 1)
	ask := func(method, path, host string, edit func(*http.Request)) *http.Response {
		r := httptest.NewRequestWithContext(t.Context(), method, testOrigin+path, nil)
		r.Host, r.RemoteAddr = host, "192.0.2.1:1"
		if edit != nil {
			edit(r)
		}
		recorder := httptest.NewRecorder()
		h.site.ServeHTTP(recorder, r)
		a := recorder.Result()
		checkAnswer(t, h.site, method+" "+path+" at "+host, a, recorder.Body.Bytes())
		return a
	}
	for _, r := range slices.Concat(h.site.table(), h.site.apiTable(), h.site.operatorTable()) {
		method, path := cutPattern(strings.ReplaceAll(r.pattern, "{$}", ""))
		if path == "/log/stream" {
			path += "?from=x"
		}
		for _, method := range []string{method, http.MethodHead, http.MethodPut, http.MethodOptions} {
			ask(method, path, "auth.acme.test", nil)
		}
	}
	home := ask(http.MethodGet, "/", "auth.acme.test", nil)
	assert.Equal(t, http.StatusOK, home.StatusCode)
	assert.Equal(t, http.StatusMisdirectedRequest, ask(http.MethodGet, "/", "evil.test", nil).StatusCode)
	assert.Equal(t, http.StatusNotFound, ask(http.MethodGet, "/nowhere", "auth.acme.test", nil).StatusCode)
	assert.Equal(t, http.StatusNotFound, ask(http.MethodGet, pages.StaticPath+"x/style.css", "auth.acme.test", nil).StatusCode)
	assert.Equal(t, http.StatusOK, ask(http.MethodGet, styleOf(t, h.site), "auth.acme.test", nil).StatusCode)
}

// styleOf is the path of the style sheet.
func styleOf(t testing.TB, s *Site) string {
	t.Helper()
	return regexp.MustCompile(pages.StaticPath + `[^"]+style\.css`).FindString(visitSite(t, s).open("/").body)
}
