package relyingparty

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/printable"
)

// TestSecurityIsDocumented holds the tests that docs/security.md names to those there are.
func TestSecurityIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/security.md")
	require.NoError(t, err)
	namesTests(t, string(text))
	number := regexp.MustCompile(`^\| [0-9]+\.[0-9]+\.[0-9]+`)
	rows := 0
	for _, row := range strings.Split(string(text), "\n") {
		if number.MatchString(row) {
			rows++
			assert.Regexp(t, "\\.Test|\\.Fuzz|does not hold", row, "the row names no test and no reason")
		}
	}
	assert.Greater(t, rows, 40)
}

// A wrong password costs as many hashes, and reads the same, whether or not there is an
// account, and whether or not that has a password.
func TestUnknownUsersCostTheSame(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	var hashes atomic.Int32
	work := s.passwords.work
	s.passwords.work = func(password string, salt []byte, c PasswordCost) []byte {
		hashes.Add(1)
		return work(password, salt, c)
	}
	visitSite(t, s).signUpWithPassword("with@example.com")
	visitSite(t, s).signUp("without@example.com")
	for _, password := range []string{"wrong", "", strings.Repeat("x", maxPassword+1)} {
		var costs []int32
		var said []string
		for _, email := range []string{"with@example.com", "without@example.com", "nobody@example.com"} {
			before := hashes.Load()
			said = append(said, visitSite(t, s).logInWithPassword(email, password).error())
			costs = append(costs, hashes.Load()-before)
		}
		assert.Equal(t, []int32{costs[0], costs[0], costs[0]}, costs)
		assert.Equal(t, []string{said[0], said[0], said[0]}, said)
		if password == "wrong" {
			assert.Equal(t, "wrong-credentials", said[0])
			assert.Equal(t, int32(1), costs[0])
			assert.Equal(t, EventLoginFailedUser, lastEvent(t, s).Type, "the operator knows")
		}
	}
}

func TestPasswordCost(t *testing.T) {
	t.Parallel()
	assert.Equal(t, PasswordCost{MemoryKiB: 19 * 1024, Passes: 2, Threads: 1}, DefaultPasswordCost())
	p, err := newPasswords(DefaultPasswordCost(), rand.Reader)
	require.NoError(t, err)
	first, err := p.hash("secret")
	require.NoError(t, err)
	second, err := p.hash("secret")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(first, "$argon2id$v=19$m=19456,t=2,p=1$"))
	assert.NotEqual(t, first, second, "each has a salt of its own")
	parts := strings.Split(first, "$")
	for i, size := range map[int]int{4: 16, 5: 32} {
		raw, err := base64.RawStdEncoding.DecodeString(parts[i])
		require.NoError(t, err)
		assert.Len(t, raw, size)
	}
}

// countingRandom tells how much chance was drawn for a secret.
type countingRandom struct {
	from io.Reader
	size atomic.Int64
}

func (r *countingRandom) Read(p []byte) (int, error) {
	r.size.Add(int64(len(p)))
	return r.from.Read(p)
}

// Everything that opens something by being known is 256 bits of chance.
func TestSecretsAreUnguessable(t *testing.T) {
	t.Parallel()
	random := &countingRandom{from: rand.Reader}
	s, _ := newSite(t, withApplications, func(c *Config) { c.Random = random })
	drawn := func(draw func() (string, error)) {
		t.Helper()
		before := random.size.Load()
		secret, err := draw()
		require.NoError(t, err)
		raw, err := base64.RawURLEncoding.DecodeString(secret)
		require.NoError(t, err)
		assert.Len(t, raw, 32)
		assert.GreaterOrEqual(t, random.size.Load()-before, int64(32))
	}
	p, b := newProgram(t, s), visitSite(t, s)
	b.signUp("ann@example.com")
	home, err := url.Parse(testOrigin)
	require.NoError(t, err)
	drawn(func() (string, error) { // session and CSRF token
		other := visitSite(t, s)
		other.open(pathLogin)
		assert.Len(t, other.csrf, 43)
		return other.http.Jar.Cookies(home)[0].Value, nil
	})
	drawn(func() (string, error) { return p.beginLogin("app").session, nil })
	drawn(func() (string, error) { return codeFor(t, b, nil), nil })
	drawn(func() (string, error) {
		b.submitTo("/u/reset-password/request", "email", "ann@example.com")
		_, ticket, _ := strings.Cut(s.Outbox().To("ann@example.com")[0].Links[0], "ticket=")
		return ticket, nil
	})
	drawn(func() (string, error) {
		tokens := p.post("/oauth/token", exchangeOf(codeFor(t, b, nil)))
		return tokens.json(t)["refresh_token"].(string), nil
	})
}

// What proxies write about the client is for the site's own proxy to be believed in, and
// there is none.
func TestForwardedHeadersAreNotBelieved(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	for _, header := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host", "X-Original-URL", "X-HTTP-Method-Override"} {
		a := p.with(header, "203.0.113.7").post("/passkey/challenge", object{"client_id": "app"})
		require.Equal(t, http.StatusOK, a.status, header)
		assert.Equal(t, "192.0.2.1", lastEvent(t, s).IP, header)
	}
	p.with("X-Forwarded-Host", "evil.test").post("/dbconnections/change_password",
		object{"client_id": "app", "email": "ann@example.com", "connection": connectionName})
	visitSite(t, s).signUp("ann@example.com")
	p.with("X-Forwarded-Host", "evil.test").post("/dbconnections/change_password",
		object{"client_id": "app", "email": "ann@example.com", "connection": connectionName})
	assert.True(t, strings.HasPrefix(s.Outbox().To("ann@example.com")[0].Links[0], testOrigin+"/"))
}

// A cookie that somebody has kept is worth nothing after the logout.
func TestLogoutEndsTheSession(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.signUp("ann@example.com")
	home, err := url.Parse(testOrigin)
	require.NoError(t, err)
	kept := b.http.Jar.Cookies(home)[0]
	b.open(pathHome)
	out := b.request(http.MethodPost, "/logout", "application/x-www-form-urlencoded", []byte("csrf="+b.csrf))
	gone := standing(b).do(out).header.Get("Set-Cookie")
	assert.Contains(t, gone, "Max-Age=0", "the browser forgets it, too")

	thief := visitSite(t, s)
	r := thief.request(http.MethodGet, pathAccount, "", nil)
	r.AddCookie(kept)
	assert.Equal(t, "login-id", thief.do(r).screen())
}

// Neither log holds what opens an account, and a line is a line whatever strangers write.
func TestLogsHoldNoSecretsAndKeepTheirLines(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s, _ := newSite(t, withApplications, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	b, p := visitSite(t, s), newProgram(t, s)
	b.signUpWithPassword("ann@example.com")
	secrets := []string{goodPassword, b.csrf, "web secret", "s3cret of nobody", managementToken}
	home, err := url.Parse(testOrigin)
	require.NoError(t, err)
	secrets = append(secrets, b.http.Jar.Cookies(home)[0].Value)
	code := codeFor(t, b, nil)
	tokens := p.post("/oauth/token", exchangeOf(code)).json(t)
	p.post("/oauth/token", exchangeOf(code))
	secrets = append(secrets, code, tokens["access_token"].(string), tokens["refresh_token"].(string), strings.Repeat("v", 43))
	p.bearing(tokens["access_token"].(string)).get("/api/v2/logs")
	p.post("/passkey/challenge", object{"client_id": "web", "client_secret": "s3cret of nobody"})
	operator(t, s).ask(http.MethodPatch, "/api/v2/prompts", object{"x": 1})
	b.submitTo("/u/reset-password/request", "email", "ann@example.com")
	_, ticket, _ := strings.Cut(s.Outbox().To("ann@example.com")[0].Links[0], "ticket=")
	b.open(pathReset + "?ticket=" + ticket)
	b.submit(pathReset, "ticket", ticket, "password", "weak password")
	secrets = append(secrets, ticket, "weak password")

	forged := "x\r\ntime=2030-01-01 level=INFO msg=forged \x1b[31m\u2028"
	p.with("User-Agent", "agent\tforged \u2028").post("/passkey/challenge", object{"client_id": forged})
	p.post("/oauth/token", object{"grant_type": forged, "client_id": "app"})
	visitSite(t, s).open("/u/reset-password/error?error=" + url.QueryEscape(forged))
	visitSite(t, s).open("/" + url.PathEscape(forged))
	visitSite(t, s).open("/v2/logout?client_id=app&returnTo=" + url.QueryEscape(forged))
	const turned = "ann\u202e\u200b@example.com" // is an address, as far as its form goes
	visitSite(t, s).submitTo("/u/reset-password/request", "email", turned)
	require.Equal(t, "ann@example.com", lastEvent(t, s).User)
	operator(t, s).ask(http.MethodPatch, "/api/v2/clients/"+url.PathEscape(forged), object{})
	require.Equal(t, EventManagementFailed, lastEvent(t, s).Type)
	operator(t, s).ask(http.MethodDelete, "/api/v2/users/"+strings.Repeat("x", 300)+"/authentication-methods", nil)

	events, err := s.Events(0)
	require.NoError(t, err)
	var tenant strings.Builder
	for _, e := range events {
		tenant.WriteString(e.User + e.UserAgent + e.Description)
		if e.Details.Error != nil {
			tenant.WriteString(e.Details.Error.Message)
		}
		if e.Details.Request != nil {
			assert.Equal(t, printable.Line(e.Details.Request.Path), e.Details.Request.Path)
		}
		assert.Equal(t, printable.Only(e.User+e.UserAgent), e.User+e.UserAgent)
	}
	for _, secret := range secrets {
		assert.NotContains(t, log.String(), secret)
		assert.NotContains(t, tenant.String(), secret)
	}
	for _, line := range strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n") {
		assert.True(t, strings.HasPrefix(line, "time="), line)
		assert.NotContains(t, line, "\x1b")
	}
}

// Pages have no scripts, handlers or styles of their own, and scripts keep nothing.
func TestNothingIsInlineAndNothingIsKept(t *testing.T) {
	t.Parallel()
	templates, err := filepath.Glob("internal/pages/templates/*.html")
	require.NoError(t, err)
	require.NotEmpty(t, templates)
	inline := regexp.MustCompile(`(?i)<script[^>]*>[^<\s]|<style|\sstyle=|\son[a-z]+=|javascript:`)
	for _, file := range templates {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotRegexp(t, inline, string(source), file)
	}
	scripts, err := filepath.Glob("internal/pages/static/*.js")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	unsafe := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|sessionStorage|indexedDB|document\.cookie|postMessage`)
	for _, file := range scripts {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotRegexp(t, unsafe, string(source), file)
	}
}

// No handler but those of the two logs shows what belongs to somebody without asking who
// it is: every API route wants a token, a secret or nothing that is anybody's.
func TestAPIsAskWhoItIs(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	open := map[string]bool{"GET /.well-known/jwks.json": true, "GET /.well-known/openid-configuration": true}
	for _, r := range s.apiTable() {
		method, path := cutPattern(r.pattern)
		a := p.send(method, path, "application/json", []byte("{}"))
		if !open[r.pattern] {
			assert.GreaterOrEqual(t, a.status, 400, r.pattern)
		}
		assert.Equal(t, "no-store", a.header.Get("Cache-Control"), r.pattern)
		assert.Equal(t, "application/json", a.header.Get("Content-Type"), r.pattern)
	}
}
