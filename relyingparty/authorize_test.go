package relyingparty

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// network is hosts that know each other by name.
type network map[string]http.Handler

func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	return inProcess{n[r.URL.Host]}.RoundTrip(r)
}

// sampleApp is a web application that logs people in by redirect, as it would be
// written with go-oidc, a client that shares no code with the site.
type sampleApp struct {
	t        testing.TB
	config   oauth2.Config
	verifier *oidc.IDTokenVerifier
	context  context.Context
	pkce     string
	idToken  *oidc.IDToken
	tokens   *oauth2.Token
}

func (a *sampleApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/":
		http.Redirect(w, r, a.config.AuthCodeURL("some state", oidc.Nonce("some nonce"), oauth2.S256ChallengeOption(a.pkce)), http.StatusFound)
	case "/callback":
		require.Equal(a.t, "some state", r.URL.Query().Get("state"))
		var err error
		a.tokens, err = a.config.Exchange(a.context, r.URL.Query().Get("code"), oauth2.VerifierOption(a.pkce))
		require.NoError(a.t, err)
		a.idToken, err = a.verifier.Verify(a.context, a.tokens.Extra("id_token").(string))
		require.NoError(a.t, err)
		require.Equal(a.t, "some nonce", a.idToken.Nonce)
		_, err = w.Write([]byte("the shop of " + a.idToken.Subject))
		require.NoError(a.t, err)
	}
}

// openShop puts up the sample application beside the site, and a browser that reaches
// both.
func openShop(t testing.TB, s *Site, clock *testClock, client string) (*sampleApp, *browser, *oidc.Provider) {
	t.Helper()
	hosts := network{"auth.acme.test": s}
	ctx := oidc.ClientContext(t.Context(), &http.Client{Transport: hosts})
	provider, err := oidc.NewProvider(ctx, testOrigin+"/")
	require.NoError(t, err)
	secret := s.applications[client].Secret
	app := &sampleApp{
		t: t, context: ctx, pkce: oauth2.GenerateVerifier(),
		config: oauth2.Config{
			ClientID: client, ClientSecret: secret, RedirectURL: callback, Endpoint: provider.Endpoint(),
			Scopes: []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess},
		},
		verifier: provider.Verifier(&oidc.Config{ClientID: client, Now: clock.Now}),
	}
	hosts["shop.acme.test"] = app
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return app, &browser{t: t, http: &http.Client{Transport: hosts, Jar: jar}}, provider
}

// visit opens the application.
func (b *browser) visit(address string) answer {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	require.NoError(b.t, err)
	return b.arrived(b.do(r))
}

func TestSampleApplicationLogsInByRedirect(t *testing.T) {
	t.Parallel()
	for _, client := range []string{"app", "web"} {
		s, clock := newSite(t, withApplications)
		app, b, provider := openShop(t, s, clock, client)
		page := b.visit(appOrigin + "/")
		require.Equal(t, "login-id", page.screen(), page.body)
		assert.Contains(t, page.body, s.applications[client].Name, "the page says where one is going")
		assert.Contains(t, page.header.Get("Content-Security-Policy"), "form-action 'self' "+appOrigin+";")

		require.Equal(t, "passkey-enrollment", b.submitTo(pathSignUp, "email", "ann@example.com").screen())
		d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
		shop := b.follow(b.register(d))
		u, err := s.User("ann@example.com")
		require.NoError(t, err)
		assert.Equal(t, "the shop of "+u.ID, shop.body)
		assert.Equal(t, client, lastEvent(t, s).ClientID)
		assert.Equal(t, "ss seacft", codes(t, s))

		var claims struct {
			Email    string `json:"email"`
			AuthTime int64  `json:"auth_time"`
		}
		require.NoError(t, app.idToken.Claims(&claims))
		assert.Equal(t, "ann@example.com", claims.Email)
		assert.Equal(t, clock.Now().Unix(), claims.AuthTime)
		info, err := provider.UserInfo(app.context, oauth2.StaticTokenSource(app.tokens))
		require.NoError(t, err)
		assert.Equal(t, u.ID, info.Subject)
		assert.Equal(t, "ann@example.com", info.Email)

		clock.advance(time.Minute)
		assert.Contains(t, b.visit(appOrigin+"/").body, "the shop of", "who is logged in sees no page")
		b.visit(testOrigin + "/v2/logout?client_id=app&returnTo=" + url.QueryEscape(appOrigin+"/bye"))
		require.Equal(t, "login-id", b.visit(appOrigin+"/").screen())
		login := b.post("/u/passkey/login/verify", d.Get(t, b.loginOptions()))
		assert.Equal(t, "the shop of "+u.ID, b.follow(login).body)
		assert.Equal(t, "ss seacft seacft slo s seacft", codes(t, s))
	}
}

// submitTo opens a page and posts its form.
func (b *browser) submitTo(path string, fields ...string) answer {
	b.t.Helper()
	b.open(path)
	return b.submit(path, fields...)
}

func TestPasswordLoginLeadsBackToTheApplication(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	_, b, _ := openShop(t, s, clock, "web")
	b.visit(appOrigin + "/")
	b.submitTo(pathSignUp, "email", "ann@example.com")
	b.open(pathSignUpPassword)
	assert.Contains(t, b.submit(pathSignUpPassword, "password", goodPassword).body, "the shop of")
	b.visit(testOrigin + "/v2/logout")
	b.visit(appOrigin + "/")
	require.Equal(t, "passkey-enrollment", b.logInWithPassword("ann@example.com", goodPassword).screen())
	assert.Contains(t, b.submit(pathEnrollment).body, "the shop of", "after the offer of a passkey")
}

// authorizeQuery is a good request of the public application.
func authorizeQuery(edit func(url.Values)) string {
	sum := sha256.Sum256([]byte(strings.Repeat("v", 43)))
	query := url.Values{
		"client_id": {"app"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid offline_access"}, "state": {"s"},
		"code_challenge": {encode(sum[:])}, "code_challenge_method": {"S256"},
	}
	if edit != nil {
		edit(query)
	}
	return pathAuthorize + "?" + query.Encode()
}

// standing is a browser that follows no redirects.
func standing(b *browser) *browser {
	client := *b.http
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{t: b.t, http: &client, csrf: b.csrf}
}

func (a answer) sentTo(t testing.TB) (string, url.Values) {
	t.Helper()
	require.Contains(t, []int{http.StatusFound, http.StatusSeeOther}, a.status, a.body)
	to, err := url.Parse(a.header.Get("Location"))
	require.NoError(t, err)
	query := to.Query()
	to.RawQuery = ""
	return to.String(), query
}

func TestAuthorizeRefusals(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	b := standing(visitSite(t, s))
	for name, test := range map[string]struct {
		name, value string
		key         string
	}{
		"unknown client":      {"client_id", "x", "unknown-client"},
		"other callback":      {"redirect_uri", "https://evil.test/callback", "callback-mismatch"},
		"callback and more":   {"redirect_uri", callback + "/x", "callback-mismatch"},
		"callback with query": {"redirect_uri", callback + "?x", "callback-mismatch"},
		"callback as spelt":   {"redirect_uri", "https://SHOP.acme.test/callback", "callback-mismatch"},
		"no callback":         {"redirect_uri", "", "callback-mismatch"},
		"long state":          {"state", strings.Repeat("s", maxParameter+1), "too-large"},
	} {
		a := b.open(authorizeQuery(func(q url.Values) { q.Set(test.name, test.value) }))
		assert.GreaterOrEqual(t, a.status, 400, name)
		assert.Equal(t, test.key, a.error(), name)
	}
	for name, test := range map[string]struct {
		edit func(url.Values)
		code string
	}{
		"implicit flow":    {func(q url.Values) { q.Set("response_type", "token") }, "unsupported_response_type"},
		"form post":        {func(q url.Values) { q.Set("response_mode", "form_post") }, "invalid_request"},
		"request object":   {func(q url.Values) { q.Set("request", "x") }, "request_not_supported"},
		"no challenge":     {func(q url.Values) { q.Del("code_challenge") }, "invalid_request"},
		"plain challenge":  {func(q url.Values) { q.Set("code_challenge_method", "plain") }, "invalid_request"},
		"short challenge":  {func(q url.Values) { q.Set("code_challenge", "AAAA") }, "invalid_request"},
		"twice":            {func(q url.Values) { q.Add("scope", "x") }, "invalid_request"},
		"unknown prompt":   {func(q url.Values) { q.Set("prompt", "x") }, "invalid_request"},
		"none and login":   {func(q url.Values) { q.Set("prompt", "none login") }, "invalid_request"},
		"max_age":          {func(q url.Values) { q.Set("max_age", "-1") }, "invalid_request"},
		"audience":         {func(q url.Values) { q.Set("audience", "https://x") }, "access_denied"},
		"connection":       {func(q url.Values) { q.Set("connection", "x") }, "invalid_request"},
		"third party":      {func(q url.Values) { q.Set("client_id", "foreign") }, "unauthorized_client"},
		"nobody logged in": {func(q url.Values) { q.Set("prompt", "none") }, "login_required"},
	} {
		to, query := b.open(authorizeQuery(test.edit)).sentTo(t)
		assert.Equal(t, callback, to, name)
		assert.Equal(t, test.code, query.Get("error"), name)
		assert.NotEmpty(t, query.Get("error_description"), name)
		assert.Equal(t, "s", query.Get("state"), name)
		want := EventLoginFailed
		if strings.Contains(name, "none") || strings.Contains(name, "nobody") {
			want = EventSilentLoginFailed
		}
		assert.Equal(t, want, lastEvent(t, s).Type, name)
	}
}

func TestPromptAndMaxAge(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	b := visitSite(t, s)
	d := b.signUp("ann@example.com")
	still := standing(b)
	code := func(edit func(url.Values)) bool {
		to, query := still.open(authorizeQuery(edit)).sentTo(t)
		return to == callback && query.Get("code") != ""
	}
	set := func(name, value string) func(url.Values) { return func(q url.Values) { q.Set(name, value) } }
	clock.advance(time.Minute)
	assert.True(t, code(nil))
	assert.True(t, code(set("prompt", "none")))
	assert.Equal(t, EventSilentLogin, lastEvent(t, s).Type)
	assert.True(t, code(set("prompt", "consent")))
	assert.True(t, code(set("max_age", "60")))
	assert.False(t, code(set("max_age", "59")))
	to, query := still.open(authorizeQuery(func(q url.Values) { q.Set("max_age", "0"); q.Set("prompt", "none") })).sentTo(t)
	assert.Equal(t, callback, to)
	assert.Equal(t, "login_required", query.Get("error"))

	to, _ = still.open(authorizeQuery(set("prompt", "login"))).sentTo(t)
	assert.Equal(t, pathLogin, to)
	to, _ = still.open(pathResume).sentTo(t)
	assert.Equal(t, pathLogin, to, "not before the login")
	assert.Equal(t, "login-id", b.open(pathLogin).screen(), "although somebody is logged in")
	clock.advance(time.Second)
	var next redirection
	login := b.post("/u/passkey/login/verify", d.Get(t, b.loginOptions()))
	require.Equal(t, http.StatusOK, login.status, login.body)
	require.NoError(t, json.Unmarshal([]byte(login.body), &next))
	to, query = still.open(next.Redirect).sentTo(t)
	assert.Equal(t, callback, to)
	assert.NotEmpty(t, query.Get("code"))
	to, _ = still.open(pathResume).sentTo(t)
	assert.Equal(t, pathHome, to, "once")

	to, _ = standing(visitSite(t, s)).open(authorizeQuery(set("screen_hint", "signup"))).sentTo(t)
	assert.Equal(t, pathSignUp, to)
	hinted := visitSite(t, s).open(authorizeQuery(set("login_hint", "bob@example.com")))
	assert.Contains(t, hinted.body, `value="bob@example.com"`)

	still.open(authorizeQuery(set("prompt", "login")))
	clock.advance(authorizationLifetime + time.Second)
	to, _ = still.open(pathLogin).sentTo(t)
	assert.Equal(t, pathHome, to, "the application has given up by now")
}

func TestLogoutForAnApplication(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	for query, want := range map[string]string{
		"": pathHome, "?client_id=web": pathHome, "?client_id=app": appOrigin + "/bye",
		"?client_id=app&returnTo=" + url.QueryEscape(appOrigin+"/bye"): appOrigin + "/bye",
	} {
		b := visitSite(t, s)
		b.signUp("x" + strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r
			}
			return -1
		}, query) + "@example.com")
		there := sessionOf(t, s, b)
		left := standing(b).open("/v2/logout" + query)
		to, _ := left.sentTo(t)
		assert.Equal(t, want, to)
		assert.Contains(t, left.header.Get("Set-Cookie"), "Max-Age=0")
		_, alive := s.sessions.find(there.token, there.opened, s.Policy())
		assert.False(t, alive, "a kept cookie is worth nothing")
		assert.Equal(t, EventLogout, lastEvent(t, s).Type)
		assert.Contains(t, b.open(pathHome).body, `id="login"`)
	}
	b := visitSite(t, s)
	b.signUp("stays@example.com")
	assert.Equal(t, "return-to-mismatch", b.open("/v2/logout?client_id=app&returnTo=https://evil.test").error())
	for _, asked := range []string{appOrigin + "/byebye", appOrigin + "/bye/x", appOrigin + "/bye?x", appOrigin + ".evil.test/bye", appOrigin} {
		assert.Equal(t, "return-to-mismatch", b.open("/v2/logout?client_id=app&returnTo="+url.QueryEscape(asked)).error(), asked)
	}
	assert.Equal(t, EventLogoutFailed, lastEvent(t, s).Type)
	assert.Equal(t, "return-to-mismatch", lastEvent(t, s).Details.Error.Code)
	assert.Equal(t, "app", lastEvent(t, s).ClientID)
	assert.Equal(t, "return-to-mismatch", b.open("/v2/logout?returnTo="+url.QueryEscape(appOrigin+"/bye")).error())
	assert.Equal(t, "unknown-client", b.open("/v2/logout?client_id=x").error())
	assert.Contains(t, b.open(pathHome).body, "stays@example.com")
}

// A request that an application made long ago is not answered by a login of today.
func TestAuthorizationWaitsForAWhile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after  time.Duration
		leads  string
		screen string
	}{"an hour": {authorizationLifetime, pathResume, ""}, "more": {authorizationLifetime + time.Second, pathHome, "home"}} {
		s, clock := newSite(t, withApplications)
		d := visitSite(t, s).signUp("ann@example.com")
		b := visitSite(t, s)
		require.Equal(t, "login-id", b.open(authorizeQuery(nil)).screen())
		clock.advance(test.after)
		b.open(pathLogin)
		var to redirection
		answered := b.post("/u/passkey/login/verify", d.Get(t, b.loginOptions()))
		require.NoError(t, json.Unmarshal([]byte(answered.body), &to), answered.body)
		assert.Equal(t, test.leads, to.Redirect, name)
	}
}

// A hint is an address that somebody logs in with, or nothing.
func TestLoginHints(t *testing.T) {
	t.Parallel()
	for hint, shown := range map[string]string{"ann@example.com": "ann@example.com", "Your account is locked": "", "<b>@x": "", "": ""} {
		s, _ := newSite(t, withApplications)
		b := visitSite(t, s)
		page := b.open(authorizeQuery(func(q url.Values) { q.Set("login_hint", hint) }))
		require.Equal(t, "login-id", page.screen())
		typed := regexp.MustCompile(`name="email"[^>]*`).FindString(page.body)
		require.NotEmpty(t, typed)
		assert.Equal(t, shown != "", strings.Contains(typed, `value="`+shown+`"`) && shown != "", hint)
		assert.NotContains(t, page.body, "is locked")
	}
}
