package relyingparty

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

const allMethods = scopeCreateMethods + " " + scopeReadMethods + " " + scopeUpdateMethods + " " + scopeDeleteMethods

// selfServiceUser is a user with one passkey, and a program with a token for the My
// Account API.
func selfServiceUser(t testing.TB, s *Site, email, scope string) (*program, *ceremonytest.Device, object) {
	t.Helper()
	p := newProgram(t, s).with("User-Agent", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36")
	d, got := p.signUp(email, object{"audience": testOrigin + "/me/", "scope": scope})
	return p.bearing(got["access_token"].(string)), d, got
}

// problemOf checks the form of an error of the My Account API and returns its detail.
func (a answer) selfServiceError(t testing.TB) string {
	t.Helper()
	o := a.json(t)
	assert.Equal(t, float64(a.status), o["status"], a.body)
	assert.Equal(t, http.StatusText(a.status), o["title"], a.body)
	assert.Contains(t, o["type"], "https://auth0.com/api-errors#A0E-", a.body)
	require.NotEmpty(t, o["detail"], a.body)
	return o["detail"].(string)
}

func TestSelfServiceListAnswersAsDocumented(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	p, d, got := selfServiceUser(t, s, "ann@example.com", allMethods)
	assert.NotContains(t, got, "id_token", "openid was not asked for")
	assert.Equal(t, 600.0, got["expires_in"])
	assert.Equal(t, []any{testOrigin + "/me/"}, p.claims(got["access_token"])["aud"])
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	k := u.Passkeys[0]
	want := object{
		"id": k.RegistrationID, "type": "passkey", "created_at": "2030-01-01T00:00:00.000Z", "usage": []any{"primary"},
		"identity_user_id": u.ID, "name": "Chrome on macOS", "credential_device_type": "single_device", "credential_backed_up": false,
		"key_id": encode(d.ID), "public_key": encode(k.PublicKey), "user_handle": encode(d.Handle), "transports": []any{"internal"},
		"user_agent": "Chrome 131.0.0 / Mac OS X 10.15.7", "aaguid": "00000000-0000-0000-0000-000000000000", "relying_party_id": "auth.acme.test",
	}
	a := p.get("/me/v1/authentication-methods")
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Equal(t, object{"authentication_methods": []any{want}}, a.json(t))
	assert.Regexp(t, `^passkey\|dev_[A-Za-z0-9_-]{16}$`, k.RegistrationID)

	clock.advance(time.Second)
	login := p.beginLogin("app")
	require.Equal(t, http.StatusOK, p.exchange("app", login, d.Get(t, login.options), nil).status)
	want["last_auth_at"] = "2030-01-01T00:00:01.000Z"
	for _, id := range []string{k.RegistrationID, url.PathEscape(k.RegistrationID)} {
		one := p.get("/me/v1/authentication-methods/" + id)
		require.Equal(t, http.StatusOK, one.status, one.body)
		assert.Equal(t, want, one.json(t))
	}
}

func TestSelfServicePasswordIsAMethod(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	b := visitSite(t, s)
	b.signUpWithPassword("pat@example.com")
	b.open(pathEnrollment)
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	b.follow(b.register(d))
	p := newProgram(t, s)
	login := p.beginLogin("app")
	got := p.exchange("app", login, d.Get(t, login.options), object{"audience": testOrigin + "/me/", "scope": allMethods}).json(t)
	p = p.bearing(got["access_token"].(string))
	all := p.get("/me/v1/authentication-methods").json(t)["authentication_methods"].([]any)
	require.Len(t, all, 2)
	password := all[1].(object)
	assert.Equal(t, "password", password["type"])
	assert.Len(t, password, 5)
	only := p.get("/me/v1/authentication-methods?type=password").json(t)["authentication_methods"].([]any)
	assert.Equal(t, []any{password}, only)
	a := p.ask(http.MethodDelete, "/me/v1/authentication-methods/"+url.PathEscape(password["id"].(string)), nil)
	assert.Equal(t, http.StatusConflict, a.status)
	a.selfServiceError(t)
}

func TestSelfServiceEnrolment(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p, first, _ := selfServiceUser(t, s, "ann@example.com", allMethods)
	begun := p.post("/me/v1/authentication-methods", object{"type": "passkey", "use_exclude_credentials": true})
	require.Equal(t, http.StatusAccepted, begun.status, begun.body)
	assert.Equal(t, testOrigin+"/me/v1/authentication-methods/passkey%7Cnew", begun.header.Get("Location"))
	got := begun.json(t)
	assert.Len(t, got, 2)
	options := got["authn_params_public_key"].(object)
	assert.Equal(t, encode(first.Handle), options["user"].(object)["id"])
	assert.Equal(t, []any{object{"type": "public-key", "id": encode(first.ID), "transports": []any{"internal"}}}, options["excludeCredentials"])

	second := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	second.Flags |= ceremonytest.FlagBE | ceremonytest.FlagBS
	n := begun.native(t)
	response := json.RawMessage(second.Create(t, n.options))
	made := p.post("/me/v1/authentication-methods/passkey|new/verify", object{"auth_session": n.session, "authn_response": response})
	require.Equal(t, http.StatusCreated, made.status, made.body)
	assert.Equal(t, "multi_device", made.json(t)["credential_device_type"])
	assert.Equal(t, true, made.json(t)["credential_backed_up"])
	line := lastEvent(t, s)
	assert.Equal(t, EventPasskeyEnrolled, line.Type)
	assert.Equal(t, "passkey", line.Details.Authenticator.Type)
	assert.Equal(t, "app", line.ClientID)

	again := p.post("/me/v1/authentication-methods/passkey%7Cnew/verify", object{"auth_session": n.session, "authn_response": response})
	assert.Equal(t, http.StatusBadRequest, again.status, "an auth_session is good once")
	assert.Equal(t, EventPasskeyEnrollmentFailed, lastEvent(t, s).Type)

	login := p.beginLogin("app")
	assert.Equal(t, http.StatusOK, p.exchange("app", login, second.Get(t, login.options), nil).status)
}

func TestSelfServiceRenameAndDelete(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p, d, _ := selfServiceUser(t, s, "ann@example.com", allMethods)
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	path := "/me/v1/authentication-methods/" + url.PathEscape(u.Passkeys[0].RegistrationID)
	renamed := p.ask(http.MethodPatch, path, object{"name": " My laptop "})
	require.Equal(t, http.StatusOK, renamed.status, renamed.body)
	assert.Equal(t, "My laptop", renamed.json(t)["name"])
	gone := p.ask(http.MethodDelete, path, nil)
	assert.Equal(t, http.StatusNoContent, gone.status)
	assert.Empty(t, gone.body)
	assert.Equal(t, EventPasskeyRemoved, lastEvent(t, s).Type)
	login := p.beginLogin("app")
	refused := p.exchange("app", login, d.Get(t, login.options), nil)
	assert.Equal(t, http.StatusForbidden, refused.status)
	assert.Equal(t, ceremony.ReasonUnknownCredential, lastEvent(t, s).Details.Error.Reason)
}

func TestSelfServiceRefusals(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p, _, _ := selfServiceUser(t, s, "ann@example.com", allMethods)
	_, other := p.signUp("other@example.com", nil)
	u, err := s.User("other@example.com")
	require.NoError(t, err)
	foreign := url.PathEscape(u.Passkeys[0].RegistrationID)
	const base = "/me/v1/authentication-methods"
	for name, test := range map[string]struct {
		method, path string
		body         any
		status       int
	}{
		"no type":             {http.MethodPost, base, object{}, 400},
		"other type":          {http.MethodPost, base, object{"type": "email"}, 400},
		"unknown member":      {http.MethodPost, base, object{"type": "passkey", "role": 1}, 400},
		"other connection":    {http.MethodPost, base, object{"type": "passkey", "connection": "x"}, 400},
		"other identity":      {http.MethodPost, base, object{"type": "passkey", "identity_user_id": u.ID}, 400},
		"verify of nothing":   {http.MethodPost, base + "/passkey|new/verify", object{}, 400},
		"verify unknown":      {http.MethodPost, base + "/passkey|new/verify", object{"auth_session": "x", "authn_response": object{}}, 400},
		"verify one more":     {http.MethodPost, base + "/passkey|new/verify", object{"auth_session": "x", "authn_response": object{}, "x": 1}, 400},
		"verify another":      {http.MethodPost, base + "/x/verify", object{"auth_session": "x", "authn_response": object{}}, 404},
		"nothing there":       {http.MethodGet, base + "/x", nil, 404},
		"somebody else's":     {http.MethodGet, base + "/" + foreign, nil, 404},
		"rename theirs":       {http.MethodPatch, base + "/" + foreign, object{"name": "mine"}, 404},
		"delete theirs":       {http.MethodDelete, base + "/" + foreign, nil, 404},
		"rename to nothing":   {http.MethodPatch, base + "/x", object{"name": " "}, 400},
		"rename too long":     {http.MethodPatch, base + "/x", object{"name": longText}, 400},
		"rename unknown":      {http.MethodPatch, base + "/x", object{"type": "passkey"}, 400},
		"rename to a control": {http.MethodPatch, base + "/x", object{"name": "a\x00b"}, 400},
	} {
		a := p.ask(test.method, test.path, test.body)
		assert.Equal(t, test.status, a.status, "%s: %s", name, a.body)
		a.selfServiceError(t)
	}
	wrongName := p.ask(http.MethodPatch, base+"/x", object{"name": ""}).json(t)
	assert.Equal(t, []any{object{"detail": wrongName["detail"], "field": "name", "pointer": "/name", "source": "body"}}, wrongName["validation_errors"])
	text := p.send(http.MethodPost, base, "text/plain", []byte("{}"))
	assert.Equal(t, http.StatusUnsupportedMediaType, text.status)
	text.selfServiceError(t)

	for name, token := range map[string]string{"none": "", "garbage": "x.y.z", "for another API": other["access_token"].(string)} {
		asking := newProgram(t, s)
		if token != "" {
			asking = asking.bearing(token)
		}
		a := asking.get(base)
		assert.Equal(t, http.StatusUnauthorized, a.status, name)
		assert.Contains(t, a.header.Get("WWW-Authenticate"), "Bearer", name)
		a.selfServiceError(t)
	}
}

func TestSelfServiceScopes(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	const base = "/me/v1/authentication-methods"
	needs := map[string][]struct{ method, path string }{
		scopeReadMethods:   {{http.MethodGet, base}, {http.MethodGet, base + "/x"}},
		scopeCreateMethods: {{http.MethodPost, base}, {http.MethodPost, base + "/passkey|new/verify"}},
		scopeUpdateMethods: {{http.MethodPatch, base + "/x"}},
		scopeDeleteMethods: {{http.MethodDelete, base + "/x"}},
	}
	for scope := range needs {
		p, _, _ := selfServiceUser(t, s, "user"+scope[:4]+"@example.com", scope)
		for need, routes := range needs {
			for _, r := range routes {
				var body any
				if r.method == http.MethodPost || r.method == http.MethodPatch {
					body = object{}
				}
				a := p.ask(r.method, r.path, body)
				assert.Equal(t, need != scope, a.status == http.StatusForbidden, "%s with %s: %s", r.method, scope, a.body)
				if need != scope {
					assert.Contains(t, a.selfServiceError(t), need)
				}
			}
		}
	}
	p, _, _ := selfServiceUser(t, s, "late@example.com", allMethods)
	clock.advance(selfServiceLifetime + time.Second)
	assert.Equal(t, http.StatusUnauthorized, p.get(base).status, "expired")
}

func TestSelfServiceIsFull(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, withPolicy(func(p *Policy) { p.MaxPasskeys = 1 }))
	p, _, _ := selfServiceUser(t, s, "ann@example.com", allMethods)
	full := p.post("/me/v1/authentication-methods", object{"type": "passkey"})
	assert.Equal(t, http.StatusBadRequest, full.status)
	assert.Contains(t, full.selfServiceError(t), "maximum number of passkeys")
	assert.Equal(t, EventPasskeyEnrollmentFailed, lastEvent(t, s).Type)
	policy := s.Policy()
	policy.Passkeys = false
	require.NoError(t, s.SetPolicy(policy))
	assert.Equal(t, http.StatusForbidden, p.post("/me/v1/authentication-methods", object{"type": "passkey"}).status)
}

func TestSelfServiceRefusedPasskey(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p, first, _ := selfServiceUser(t, s, "ann@example.com", allMethods)
	stranger, _, _ := selfServiceUser(t, s, "bob@example.com", allMethods)
	for name, test := range map[string]struct {
		by     *program
		spoil  func(*ceremonytest.Device)
		reason ceremony.Reason
	}{
		"origin":           {p, func(d *ceremonytest.Device) { d.Origin = "https://evil.test" }, ceremony.ReasonOrigin},
		"malformed":        {p, func(d *ceremonytest.Device) { d.Answer = func(m map[string]any) { m["type"] = "x" } }, ceremony.ReasonMalformed},
		"duplicate":        {p, func(d *ceremonytest.Device) { d.ID = first.ID }, ceremony.ReasonDuplicateCredential},
		"somebody else's":  {stranger, func(*ceremonytest.Device) {}, ""},
		"a native sign-up": {nil, func(*ceremonytest.Device) {}, ""},
	} {
		var n native
		if test.by == nil {
			n, test.by = p.beginSignUp("app", "new@example.com"), p
		} else {
			n = p.post("/me/v1/authentication-methods", object{"type": "passkey"}).native(t)
		}
		d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
		test.spoil(d)
		a := test.by.post("/me/v1/authentication-methods/passkey|new/verify", object{"auth_session": n.session, "authn_response": json.RawMessage(d.Create(t, n.options))})
		assert.Equal(t, http.StatusBadRequest, a.status, "%s: %s", name, a.body)
		a.selfServiceError(t)
		assert.Equal(t, EventPasskeyEnrollmentFailed, lastEvent(t, s).Type, name)
		assert.Equal(t, test.reason, lastEvent(t, s).Details.Error.Reason, name)
	}
	// Another application of the same user's may not finish what one began.
	begun := p.post("/me/v1/authentication-methods", object{"type": "passkey"}).native(t)
	login := newProgram(t, s).post("/passkey/challenge", object{"client_id": "web", "client_secret": "web secret"}).native(t)
	got := p.exchange("web", login, first.Get(t, login.options), object{"client_secret": "web secret", "audience": testOrigin + "/me/", "scope": allMethods})
	require.Equal(t, http.StatusOK, got.status, got.body)
	elsewhere := newProgram(t, s).bearing(got.json(t)["access_token"].(string))
	stolen := elsewhere.post("/me/v1/authentication-methods/passkey|new/verify", object{
		"auth_session": begun.session, "authn_response": json.RawMessage(ceremonytest.NewDevice(t, testOrigin, "auth.acme.test").Create(t, begun.options)),
	})
	assert.Equal(t, http.StatusBadRequest, stolen.status, stolen.body)
	assert.Contains(t, stolen.selfServiceError(t), "auth_session")

	// Nor does a session of this API give tokens.
	n := p.post("/me/v1/authentication-methods", object{"type": "passkey"}).native(t)
	a := p.exchange("app", n, ceremonytest.NewDevice(t, testOrigin, "auth.acme.test").Create(t, n.options), nil)
	assert.Equal(t, http.StatusForbidden, a.status)
}

// A second factor is taken away by who has logged in lately, and not by who has found a
// refresh token, or a browser that somebody left logged in.
func TestSelfServiceDeletesASecondFactorAfterALogin(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	own := object{"audience": testOrigin + "/me/", "scope": allMethods + " offline_access"}
	ann := p.enrol(clock, "ann@example.com", own)
	second := func(token any) string {
		t.Helper()
		all := p.bearing(token.(string)).get(pathMethods + "?type=totp").json(t)["authentication_methods"].([]any)
		require.Len(t, all, 1)
		return pathMethods + "/" + url.PathEscape(all[0].(object)["id"].(string))
	}
	path := second(ann.tokens["access_token"])
	clock.advance(lately)
	refreshed := p.post("/oauth/token", object{"grant_type": "refresh_token", "client_id": "app", "refresh_token": ann.tokens["refresh_token"]}).json(t)
	token := refreshed["access_token"].(string)
	clock.advance(time.Second)
	refused := p.bearing(token).ask(http.MethodDelete, path, nil)
	assert.Equal(t, http.StatusUnauthorized, refused.status, "the login was too long ago, however new the token")
	assert.Contains(t, refused.selfServiceError(t), "10 minutes")
	assert.Contains(t, refused.header.Get("WWW-Authenticate"), `error="insufficient_user_authentication"`)
	assert.Contains(t, refused.header.Get("WWW-Authenticate"), `max_age="600"`)
	second(token)

	b := visitSite(t, s)
	b.follow(b.logInWith(ann.device))
	b.submit(pathOTPChallenge, "code", ann.app.code())
	clock.advance(lately + time.Second)
	code := codeFor(t, b, func(q url.Values) {
		q.Set("audience", testOrigin+"/me/")
		q.Set("scope", allMethods)
		q.Set("prompt", "none")
	})
	silent := p.post("/oauth/token", exchangeOf(code)).json(t)["access_token"].(string)
	assert.Equal(t, http.StatusUnauthorized, p.bearing(silent).ask(http.MethodDelete, path, nil).status, "a session of before")

	signer, err := s.signer()
	require.NoError(t, err)
	claims := p.claims(token)
	delete(claims, "auth_time")
	claims["exp"] = clock.Now().Add(time.Hour).Unix()
	mute, err := signer.Sign(claims)
	require.NoError(t, err)
	second(mute)
	assert.Equal(t, http.StatusUnauthorized, p.bearing(mute).ask(http.MethodDelete, path, nil).status, "who knows when")

	mfa := p.stepUpWith("app", ann.device, own)["mfa_token"].(string)
	fresh := p.second(GrantOTP, mfa, object{"otp": ann.app.code()}).json(t)["access_token"].(string)
	clock.advance(lately - time.Second)
	assert.Equal(t, http.StatusNoContent, p.bearing(fresh).ask(http.MethodDelete, path, nil).status)
	assert.Equal(t, EventPasskeyRemoved, lastEvent(t, s).Type)
}
