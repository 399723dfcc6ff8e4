package relyingparty

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRefusedPasskeysAreExplainedAndLogged walks the site's own path: message for
// the visitor, reason for the driver, line for the operator.
func TestRefusedPasskeysAreExplainedAndLogged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		break_  func(*fakeDevice)
		want    Reason
		message string
	}{
		"signature":    {func(d *fakeDevice) { d.sign = func(s []byte) []byte { s[len(s)-1] ^= 1; return s } }, ReasonSignature, "could not be verified"},
		"RP ID":        {func(d *fakeDevice) { d.rpID = "evil.test" }, ReasonRPIDHash, "belongs to another website"},
		"presence":     {func(d *fakeDevice) { d.flags = flagUV }, ReasonUserPresence, "did not confirm that you are there"},
		"verification": {func(d *fakeDevice) { d.flags = flagUP }, ReasonUserVerification, "did not verify that it is you"},
		"counter":      {func(d *fakeDevice) { d.counter = 2 }, ReasonCounter, "may have been copied"},
		"origin":       {func(d *fakeDevice) { d.origin = "https://auth.acme.example" }, ReasonOrigin, "used on another website"},
		"unknown":      {func(d *fakeDevice) { d.id = []byte("never registered here") }, ReasonUnknownCredential, "not registered here"},
		"handle":       {func(d *fakeDevice) { d.handle = []byte("somebody else") }, ReasonUserHandle, "names another account"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newSite(t)
			b := visitSite(t, s)
			d := newDevice(t, testOrigin, "auth.acme.test")
			d.counter = 5
			b.startSignUp("nina@example.com")
			b.follow(b.register(d))
			b.logOut()
			test.break_(d)

			a := b.logInWith(d)
			assert.Equal(t, http.StatusUnauthorized, a.status)
			refused := a.refusal(t)
			assert.Equal(t, problemPasskeyRefused, refused.Error)
			assert.Equal(t, test.want, refused.Reason)
			assert.Contains(t, refused.Message, "Passkey authentication failed.")
			assert.Contains(t, refused.Message, test.message)
			line := lastEvent(t, s)
			assert.Equal(t, EventLoginFailed, line.Type)
			assert.Equal(t, test.want, line.Details.Error.Reason)
			assert.Equal(t, test.want.Explain(), line.Details.Error.Message)
			assert.Equal(t, "login-id", b.open(pathLogin).screen(), "nobody is logged in")
		})
	}
}

func TestReplayedResponses(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	d := b.signUp("oscar@example.com")
	b.logOut()
	b.open(pathLogin)
	body := d.get(t, b.loginOptions())
	require.Equal(t, http.StatusOK, b.post("/u/passkey/login/verify", body).status)
	b.logOut()

	b.open(pathLogin)
	b.loginOptions()
	assert.Equal(t, ReasonChallengeUsed, b.post("/u/passkey/login/verify", body).refusal(t).Reason)

	unused := d.get(t, b.loginOptions())
	thief := visitSite(t, s)
	thief.open(pathLogin)
	assert.Equal(t, ReasonChallengeUnknown, thief.post("/u/passkey/login/verify", unused).refusal(t).Reason, "another session's challenge")
	clock.advance(s.Policy().ChallengeLifetime + time.Second)
	assert.Equal(t, ReasonChallengeExpired, b.post("/u/passkey/login/verify", unused).refusal(t).Reason)
}

func TestAutofillChallengeLivesLonger(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	d := b.signUp("peggy@example.com")
	b.logOut()
	b.open(pathLogin)
	asked := b.post("/u/passkey/login/options", []byte(`{"mediation":"conditional"}`))
	for range 3 {
		b.loginOptions() // other tabs and the button have challenges of their own
	}
	clock.advance(s.Policy().AutofillLifetime)
	assert.Equal(t, http.StatusOK, b.post("/u/passkey/login/verify", d.get(t, []byte(asked.body))).status)
}

func TestRegisteringACredentialTwice(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	d := visitSite(t, s).signUp("quinn@example.com")
	b := visitSite(t, s)
	b.startSignUp("ruth@example.com")
	assert.Equal(t, ReasonDuplicateCredential, b.register(d).refusal(t).Reason)
	_, err := s.User("ruth@example.com")
	assert.ErrorIs(t, err, ErrNoSuchUser)
}

func TestRefusedRegistrationIsLogged(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	d := newDevice(t, testOrigin, "auth.acme.test")
	d.flags = flagUP
	b.startSignUp("sybil@example.com")
	refused := b.register(d).refusal(t)
	assert.Equal(t, problemEnrollment, refused.Error)
	assert.Equal(t, ReasonUserVerification, refused.Reason)
	assert.Equal(t, EventSignUpFailed, lastEvent(t, s).Type)
	d.flags |= flagUV
	require.Equal(t, "home", b.follow(b.register(d)).screen(), "the page can be tried again")

	d = newDevice(t, testOrigin, "auth.acme.test")
	d.rpID = "evil.test"
	b.open(pathAccount)
	assert.Equal(t, ReasonRPIDHash, b.register(d).refusal(t).Reason)
	assert.Equal(t, EventPasskeyEnrollmentFailed, lastEvent(t, s).Type)
}

func TestCounterRaceHasOneWinner(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	d := newDevice(t, testOrigin, "auth.acme.test")
	d.counter = 5
	b.startSignUp("trent@example.com")
	b.follow(b.register(d))
	u, err := s.User("trent@example.com")
	require.NoError(t, err)

	first, second := visitSite(t, s), visitSite(t, s)
	first.open(pathLogin)
	second.open(pathLogin)
	body := d.get(t, first.loginOptions())
	d.counter--
	same := d.get(t, second.loginOptions())
	require.Equal(t, http.StatusOK, first.post("/u/passkey/login/verify", body).status)
	assert.Equal(t, ReasonCounter, second.post("/u/passkey/login/verify", same).refusal(t).Reason)
	u, err = s.User(u.Email)
	require.NoError(t, err)
	assert.EqualValues(t, 6, u.Passkeys[0].SignCount)
}

func TestCounterPolicyWarnLogsIn(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withPolicy(func(p *Policy) { p.CounterPolicy = CounterWarn }))
	b := visitSite(t, s)
	d := newDevice(t, testOrigin, "auth.acme.test")
	d.counter = 5
	b.startSignUp("ursula@example.com")
	b.follow(b.register(d))
	b.logOut()
	d.counter = 1
	require.Equal(t, http.StatusOK, b.logInWith(d).status)
	assert.Equal(t, ReasonCounter, lastEvent(t, s).Details.Warning)
}

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

func TestBase64HasOneSpelling(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"padded": "AA==", "standard alphabet": "+/+/", "spare bits": "AB", "line break": "AA\n"} {
		var d decoder
		d.bytes("rawId", text)
		assert.ErrorContains(t, d.err, "rawId", name)
	}
}

func TestHostHeader(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	for host, want := range map[string]int{
		"auth.acme.test": http.StatusOK, "AUTH.acme.test": http.StatusOK, "auth.acme.test:443": http.StatusOK,
		"auth.acme.test:80": http.StatusMisdirectedRequest, "evil.test": http.StatusMisdirectedRequest, "": http.StatusMisdirectedRequest,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		assert.Equal(t, want, w.Code, host)
	}
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
	assert.True(t, strings.HasPrefix(w.Header().Get("Set-Cookie"), "session="))
	assert.NotContains(t, w.Header().Get("Set-Cookie"), "Secure")
}

func TestLoginChangesTheSession(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.startSignUp("victor@example.com")
	before := b.csrf
	cookies := func() string {
		r := b.request(http.MethodGet, "/", "", nil)
		return b.http.Jar.Cookies(r.URL)[0].Value
	}
	old := cookies()
	b.follow(b.register(newDevice(t, testOrigin, "auth.acme.test")))
	assert.NotEqual(t, old, cookies())
	assert.NotEqual(t, before, b.csrf)
	_, alive := s.sessions.find(old, s.config.Clock(), time.Hour)
	assert.False(t, alive)
}

func TestSessionsExpire(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	b.signUp("walter@example.com")
	clock.advance(s.Policy().SessionLifetime)
	require.Equal(t, "account", b.open(pathAccount).screen(), "each visit keeps it alive")
	clock.advance(s.Policy().SessionLifetime + time.Second)
	assert.Equal(t, "login-id", b.open(pathAccount).screen())
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.PasswordErrors = Rate{Burst: 3, Every: time.Minute}
		c.Limits.ResetMails = Rate{Burst: 2, Every: time.Minute}
	})
	b := visitSite(t, s)
	b.signUpWithPassword("xena@example.com")
	b.logOut()
	for range 3 {
		require.Equal(t, "wrong-credentials", b.logInWithPassword("xena@example.com", "nope").error())
	}
	assert.Equal(t, "too-many-failures", b.logInWithPassword("XENA@example.com", goodPassword).error(), "even the right one")
	assert.Equal(t, "too-many-failures", b.logInWithPassword("xena@example.com", "nope").error())
	clock.advance(time.Minute)
	assert.Equal(t, "passkey-enrollment", b.logInWithPassword("xena@example.com", goodPassword).screen())
	b.logOut()
	assert.Equal(t, "ss slo fp fp fp limit_wc s slo", codes(t, s), "one line for the limit")

	b.open("/u/reset-password/request")
	for range 2 {
		require.Equal(t, "reset-password-email", b.submit("/u/reset-password/request", "email", "xena@example.com").screen())
	}
	assert.Equal(t, "too-many-email", b.submit("/u/reset-password/request", "email", "xena@example.com").error())
	assert.Len(t, s.Outbox().To("xena@example.com"), 2)
}

func TestAddressLimit(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.Requests = Rate{Burst: 2, Every: time.Second}
	})
	b := visitSite(t, s)
	b.open(pathLogin)
	b.loginOptions()
	b.loginOptions()
	for range 3 {
		assert.Equal(t, problemTooManyRequests, b.post("/u/passkey/login/options", nil).refusal(t).Error)
	}
	assert.Equal(t, "limit_mu", codes(t, s))
	clock.advance(time.Second)
	b.loginOptions()
}

func TestUnknownPagesAndMethods(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	nowhere := b.open("/nowhere")
	assert.Equal(t, http.StatusNotFound, nowhere.status)
	assert.Equal(t, "error", nowhere.screen())
	assert.Equal(t, http.StatusMethodNotAllowed, b.submit("/account").status)
	assert.Equal(t, http.StatusNotFound, b.open("/static/x/style.css").status)
	assert.Equal(t, http.StatusOK, b.open("/log").status)
	closed, _ := newSite(t, func(c *Config) { c.Operator = false })
	assert.Equal(t, http.StatusNotFound, visitSite(t, closed).open("/log").status)
	assert.Equal(t, http.StatusNotFound, visitSite(t, closed).open("/outbox").status)
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
	assert.Equal(t, "a b", clean("a\r\n b\x00\xff"))
	assert.Len(t, clean(strings.Repeat("x", 1000)), 256)
}

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edit func(*Config)
		want string
	}{
		"no clock":        {func(c *Config) { c.Clock = nil }, "Clock and Config.Random are required"},
		"no URL":          {func(c *Config) { c.BaseURL = "" }, "is not an origin"},
		"URL with a path": {func(c *Config) { c.BaseURL = "https://acme.test/login" }, "is not an origin"},
		"IP address":      {func(c *Config) { c.BaseURL = "http://127.0.0.1:8080" }, "need a domain name"},
		"foreign RP ID":   {func(c *Config) { c.RPID = "other.test" }, "nor a suffix"},
		"public suffix":   {func(c *Config) { c.BaseURL, c.RPID = "https://shop.co.uk", "co.uk" }, "public suffix"},
		"challenge UI":    {func(c *Config) { c.Policy = DefaultPolicy(); c.Policy.ChallengeUI = "none" }, "Policy.ChallengeUI"},
		"no passkeys":     {func(c *Config) { c.Policy = DefaultPolicy(); c.Policy.MaxPasskeys = 0 }, "Policy.MaxPasskeys"},
		"limits":          {func(c *Config) { c.Limits = DefaultLimits(); c.Limits.Requests.Burst = 0 }, "Limits.Requests"},
		"sessions":        {func(c *Config) { c.Limits = DefaultLimits(); c.Limits.Sessions = 0 }, "Limits.Sessions"},
		"password cost":   {func(c *Config) { c.PasswordCost = PasswordCost{MemoryKiB: 1} }, "PasswordCost"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Config{BaseURL: testOrigin, Clock: newClock().Now, Random: rand.Reader}
			test.edit(&c)
			_, err := New(c)
			require.ErrorContains(t, err, test.want)
		})
	}
	suffix, _ := newSite(t, func(c *Config) { c.RPID = "acme.test" })
	assert.Equal(t, "acme.test", suffix.RPID())
	bad := suffix.Policy()
	bad.UserVerification = "maybe"
	require.ErrorContains(t, suffix.SetPolicy(bad), "UserVerification")
	assert.Equal(t, VerificationRequired, suffix.Policy().UserVerification, "the old policy stays")
}

func TestPasswordHashes(t *testing.T) {
	t.Parallel()
	p, err := newPasswords(LabPasswordCost(), rand.Reader)
	require.NoError(t, err)
	hash, err := p.hash("secret")
	require.NoError(t, err)
	assert.True(t, p.matches(hash, "secret"))
	assert.False(t, p.matches(hash, "Secret"))
	assert.False(t, p.matches("", ""), "no password matches none")
	for _, broken := range []string{"x", "$argon2id$v=18$m=8,t=1,p=1$AA$AA", "$argon2id$v=19$m=0,t=0,p=0$AA$AA", "$argon2id$v=19$m=8,t=1,p=1$!$AA"} {
		assert.False(t, p.matches(broken, "secret"), broken)
	}
	stronger, err := newPasswords(PasswordCost{MemoryKiB: 16, Passes: 2, Threads: 1}, rand.Reader)
	require.NoError(t, err)
	assert.True(t, stronger.matches(hash, "secret"), "hashes carry their own cost")
}

// FuzzSite sends hostile bodies to every form and exchange: none may panic or be an
// internal error.
func FuzzSite(f *testing.F) {
	s, _ := newSite(f, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.Requests.Burst = math.MaxInt32 // or only the limit would be tried
	})
	b := visitSite(f, s)
	d := b.signUp("fuzz@example.com")
	b.logOut()
	b.open(pathLogin)
	f.Add(uint8(0), d.get(f, b.loginOptions()))
	f.Add(uint8(1), []byte(`{"mediation":"conditional"}`))
	f.Add(uint8(4), []byte("email=alice%40example.com"))
	f.Add(uint8(5), []byte("password=%ff%00&ticket=x"))
	var posts []route
	for _, r := range s.table() {
		if r.kind != page {
			posts = append(posts, r)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		b := &browser{t: t, http: b.http, csrf: b.csrf}
		to := posts[int(which)%len(posts)]
		path := strings.TrimPrefix(to.pattern, "POST ")
		contentType := "application/json"
		if to.kind == form {
			contentType = "application/x-www-form-urlencoded"
			body = append([]byte("csrf="+b.csrf+"&"), body...)
		}
		r := b.request(http.MethodPost, path, contentType, body)
		r.Header.Set(csrfHeader, b.csrf)
		if a := b.do(r); a.status >= 500 {
			t.Fatalf("%s: %d", path, a.status)
		}
	})
}
