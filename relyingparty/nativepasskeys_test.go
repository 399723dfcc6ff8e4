package relyingparty

import (
	"encoding/base64"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

func TestNativeRegisterAnswersAsDocumented(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	a := newProgram(t, s).post("/passkey/register", object{
		"client_id": "app", "realm": connectionName,
		"user_profile": object{"email": "ann@example.com", "name": "Ann"}, "user_metadata": object{"plan": "free"},
	})
	require.Equal(t, http.StatusOK, a.status, a.body)
	got := a.json(t)
	require.NotEmpty(t, got["auth_session"])
	options := got["authn_params_public_key"].(object)
	assert.Len(t, options["challenge"], 43)
	user := options["user"].(object)
	assert.Len(t, user["id"], 43)
	delete(options, "challenge")
	delete(user, "id")
	assert.Equal(t, object{
		"timeout": 60000.0,
		"rp":      object{"id": "auth.acme.test", "name": "auth.acme.test"},
		"pubKeyCredParams": []any{
			object{"type": "public-key", "alg": -8.0}, object{"type": "public-key", "alg": -7.0}, object{"type": "public-key", "alg": -257.0},
		},
		"authenticatorSelection": object{"residentKey": "required", "userVerification": "preferred"},
		"user":                   object{"name": "ann@example.com", "displayName": "Ann"},
	}, options)
	line := lastEvent(t, s)
	assert.Equal(t, EventPasskeyChallengeStarted, line.Type)
	assert.Equal(t, "register", line.Details.Purpose)
	assert.Equal(t, "ann@example.com", line.User)
	assert.Equal(t, "app", line.ClientID)
	assert.Equal(t, "Phone app", line.ClientName)
}

func TestNativeChallengeAnswersAsDocumented(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	a := newProgram(t, s).post("/passkey/challenge", object{"client_id": "web", "client_secret": "web secret"})
	require.Equal(t, http.StatusOK, a.status, a.body)
	got := a.json(t)
	options := got["authn_params_public_key"].(object)
	assert.Len(t, options["challenge"], 43)
	delete(options, "challenge")
	assert.Equal(t, object{"timeout": 60000.0, "rpId": "auth.acme.test", "userVerification": "preferred"}, options)
	line := lastEvent(t, s)
	assert.Equal(t, EventPasskeyChallengeStarted, line.Type)
	assert.Equal(t, "login", line.Details.Purpose)
}

func TestNativeRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	profile := func(name string, value any) object {
		return object{"client_id": "app", "user_profile": object{"email": "new@example.com", name: value}}
	}
	tooMany := object{}
	for i := range 11 {
		tooMany[string(rune('a'+i))] = "x"
	}
	tests := map[string]struct {
		path   string
		body   object
		host   string
		status int
		code   string
	}{
		"no client":            {"/passkey/challenge", object{}, "", 400, "invalid_request"},
		"unknown client":       {"/passkey/challenge", object{"client_id": "nobody"}, "", 401, "invalid_client"},
		"no secret":            {"/passkey/challenge", object{"client_id": "web"}, "", 401, "invalid_client"},
		"wrong secret":         {"/passkey/register", object{"client_id": "web", "client_secret": "x"}, "", 401, "invalid_client"},
		"grant not given":      {"/passkey/challenge", object{"client_id": "plain"}, "", 400, "invalid_request"},
		"third party":          {"/passkey/challenge", object{"client_id": "foreign"}, "", 400, "invalid_request"},
		"tenant domain":        {"/passkey/challenge", object{"client_id": "app"}, tenantHost, 400, "invalid_request"},
		"unknown realm":        {"/passkey/challenge", object{"client_id": "app", "realm": "x"}, "", 400, "invalid_request"},
		"organization":         {"/passkey/challenge", object{"client_id": "app", "organization": "org_1"}, "", 400, "invalid_request"},
		"member of wrong type": {"/passkey/challenge", object{"client_id": 1}, "", 400, "invalid_request"},
		"no profile":           {"/passkey/register", object{"client_id": "app"}, "", 400, "invalid_request"},
		"no email":             {"/passkey/register", object{"client_id": "app", "user_profile": object{"name": "x"}}, "", 400, "invalid_request"},
		"bad email":            {"/passkey/register", profile("email", "x"), "", 400, "invalid_request"},
		"unknown member":       {"/passkey/register", profile("role", "admin"), "", 400, "invalid_request"},
		"bad phone":            {"/passkey/register", profile("phone_number", "0123"), "", 400, "invalid_request"},
		"bad username":         {"/passkey/register", profile("username", "with space"), "", 400, "invalid_request"},
		"empty name":           {"/passkey/register", profile("name", ""), "", 400, "invalid_request"},
		"long name":            {"/passkey/register", profile("name", longText), "", 400, "invalid_request"},
		"long given name":      {"/passkey/register", profile("given_name", longText[:151]), "", 400, "invalid_request"},
		"long family name":     {"/passkey/register", profile("family_name", longText[:151]), "", 400, "invalid_request"},
		"control in nickname":  {"/passkey/register", profile("nickname", "a\nb"), "", 400, "invalid_request"},
		"picture as script":    {"/passkey/register", profile("picture", "javascript:alert(1)"), "", 400, "invalid_request"},
		"name is a number":     {"/passkey/register", profile("name", 1), "", 400, "invalid_request"},
		"metadata of numbers":  {"/passkey/register", object{"client_id": "app", "user_profile": object{"email": "n@example.com"}, "user_metadata": object{"a": 1}}, "", 400, "invalid_request"},
		"much metadata":        {"/passkey/register", object{"client_id": "app", "user_profile": object{"email": "n@example.com"}, "user_metadata": tooMany}, "", 400, "invalid_request"},
		"user exists":          {"/passkey/register", object{"client_id": "app", "user_profile": object{"email": "TAKEN@example.com"}}, "", 400, "invalid_request"},
	}
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	p.signUp("taken@example.com", nil)
	for name, test := range tests {
		p.host = test.host
		a := p.post(test.path, test.body)
		assert.Equal(t, test.status, a.status, "%s: %s", name, a.body)
		assert.Equal(t, test.code, a.oauthError(t), name)
		line := lastEvent(t, s)
		assert.Equal(t, EventPasskeyChallengeFailed, line.Type, name)
		assert.Equal(t, map[string]string{"/passkey/register": "register", "/passkey/challenge": "login"}[test.path], line.Details.Purpose, name)
		assert.Equal(t, a.json(t)["error_description"], line.Details.Error.Message, name)
	}
}

func TestNativeAPIFollowsPolicyAndLimits(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.PasskeyAPI = Rate{Burst: 2, Every: time.Minute}
	})
	p := newProgram(t, s)
	for range 2 {
		p.beginLogin("app")
	}
	limited := p.post("/passkey/challenge", object{"client_id": "app"})
	assert.Equal(t, http.StatusTooManyRequests, limited.status)
	assert.Equal(t, "too_many_requests", limited.oauthError(t))
	before := codes(t, s)
	assert.Equal(t, http.StatusTooManyRequests, p.post("/passkey/challenge", object{"client_id": "app"}).status)
	assert.Equal(t, before, codes(t, s), "only the first is logged")
	p.beginSignUp("app", "other@example.com") // has a bucket of its own
	clock.advance(2 * time.Minute)

	policy := s.Policy()
	policy.SignUp = false
	require.NoError(t, s.SetPolicy(policy))
	closed := p.post("/passkey/register", object{"client_id": "app", "user_profile": object{"email": "late@example.com"}})
	assert.Equal(t, http.StatusBadRequest, closed.status)
	policy.Passkeys = false
	require.NoError(t, s.SetPolicy(policy))
	for _, path := range []string{"/passkey/register", "/passkey/challenge"} {
		off := p.post(path, object{"client_id": "app"})
		assert.Equal(t, http.StatusNotFound, off.status)
		assert.Equal(t, "not_found", off.oauthError(t))
	}
}

func TestNativeSignUpAndLogin(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	p := newProgram(t, s)
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	begun := p.beginSignUp("app", "Bea@Example.com")
	_, err := s.User("bea@example.com")
	require.ErrorIs(t, err, ErrNoSuchUser, "no account before the passkey is there")

	a := p.exchange("app", begun, d.Create(t, begun.options), object{"scope": "openid profile email offline_access"})
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Equal(t, "no-store", a.header.Get("Cache-Control"))
	got := a.json(t)
	assert.Equal(t, "Bearer", got["token_type"])
	assert.Equal(t, 86400.0, got["expires_in"])
	assert.NotEmpty(t, got["refresh_token"])
	u, err := s.User("bea@example.com")
	require.NoError(t, err)
	require.Len(t, u.Passkeys, 1)

	now := float64(clock.Now().Unix())
	assert.Equal(t, object{
		"iss": testOrigin + "/", "sub": u.ID, "aud": "app", "iat": now, "exp": now + 36000, "auth_time": now,
		"email": "Bea@Example.com", "email_verified": false, "name": "Bea@Example.com", "nickname": "Bea",
		"updated_at": clock.Now().Format(time.RFC3339),
	}, object(p.claims(got["id_token"])))
	access := object(p.claims(got["access_token"]))
	assert.Len(t, access["jti"], 43)
	delete(access, "jti")
	assert.Equal(t, object{
		"iss": testOrigin + "/", "sub": u.ID, "aud": []any{testOrigin + "/userinfo"}, "azp": "app", "iat": now, "exp": now + 86400,
		"scope": "openid profile email offline_access",
	}, access)

	login := p.beginLogin("app")
	again := p.exchange("app", login, d.Get(t, login.options), nil)
	require.Equal(t, http.StatusOK, again.status, again.body)
	assert.NotContains(t, again.json(t), "refresh_token", "offline_access was not asked for")
	assert.Equal(t, "passkey_challenge_started ss passkey_challenge_started s", codes(t, s))
	line := lastEvent(t, s)
	assert.Equal(t, []string{"phr"}, line.Details.Prompts[0].PerformedAMR)
	assert.Equal(t, "app", line.ClientID)
}

func TestNativeProfileIsKept(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	begun := p.post("/passkey/register", object{"client_id": "app", "user_profile": object{
		"email": "cy@example.com", "name": "Cy Young", "given_name": "Cy", "family_name": "Young", "nickname": "cyy",
		"picture": "https://example.com/cy.png", "phone_number": "+15551234567", "username": "cy",
	}, "user_metadata": object{"plan": "free"}}).native(t)
	got := p.exchange("app", begun, d.Create(t, begun.options), nil).json(t)
	claims := p.claims(got["id_token"])
	assert.Equal(t, "Cy Young", claims["name"])
	assert.Equal(t, "https://example.com/cy.png", claims["picture"])
	assert.Equal(t, "Young", claims["family_name"])
}

func TestAuthSessionIsGoodOnce(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	p := newProgram(t, s)
	d, _ := p.signUp("dan@example.com", nil)
	tests := map[string]func() answer{
		"used before": func() answer {
			n := p.beginLogin("app")
			require.Equal(t, http.StatusOK, p.exchange("app", n, d.Get(t, n.options), nil).status)
			return p.exchange("app", n, d.Get(t, n.options), nil)
		},
		"used in vain before": func() answer {
			n := p.beginLogin("app")
			require.NotEqual(t, http.StatusOK, p.exchange("app", n, []byte(`{}`), nil).status)
			return p.exchange("app", n, d.Get(t, n.options), nil)
		},
		"unknown": func() answer {
			n := p.beginLogin("app")
			return p.exchange("app", native{n.options, "made up"}, d.Get(t, n.options), nil)
		},
		"of another application": func() answer {
			n := p.beginLogin("app")
			return p.exchange("web", n, d.Get(t, n.options), object{"client_secret": "web secret"})
		},
		"of another challenge": func() answer {
			first, second := p.beginLogin("app"), p.beginLogin("app")
			return p.exchange("app", first, d.Get(t, second.options), nil)
		},
		"expired": func() answer {
			n := p.beginLogin("app")
			response := d.Get(t, n.options)
			clock.advance(s.Policy().ChallengeLifetime + time.Millisecond)
			return p.exchange("app", n, response, nil)
		},
	}
	for name, test := range tests {
		a := test()
		assert.Equal(t, http.StatusForbidden, a.status, "%s: %s", name, a.body)
		assert.Equal(t, "invalid_grant", a.oauthError(t), name)
		assert.Equal(t, EventLoginFailed, lastEvent(t, s).Type, name)
	}
}

func TestTokenRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	tests := map[string]struct {
		body   object
		status int
		code   string
	}{
		"nothing":             {object{}, 400, "invalid_request"},
		"no client":           {object{"grant_type": GrantPasskey}, 400, "invalid_request"},
		"unknown client":      {object{"grant_type": GrantPasskey, "client_id": "x"}, 401, "invalid_client"},
		"unknown grant":       {object{"grant_type": "password", "client_id": "app"}, 400, "unsupported_grant_type"},
		"grant not given":     {object{"grant_type": GrantPasskey, "client_id": "plain"}, 403, "unauthorized_client"},
		"no session":          {object{"grant_type": GrantPasskey, "client_id": "app", "authn_response": object{}}, 400, "invalid_request"},
		"no response":         {object{"grant_type": GrantPasskey, "client_id": "app", "auth_session": "x"}, 400, "invalid_request"},
		"unknown audience":    {object{"grant_type": GrantPasskey, "client_id": "app", "auth_session": "x", "authn_response": object{}, "audience": "https://x"}, 403, "access_denied"},
		"management for user": {object{"grant_type": GrantPasskey, "client_id": "app", "auth_session": "x", "authn_response": object{}, "audience": testOrigin + "/api/v2/"}, 403, "access_denied"},
		"unknown realm":       {object{"grant_type": GrantPasskey, "client_id": "app", "auth_session": "x", "authn_response": object{}, "realm": "x"}, 400, "invalid_request"},
	}
	for name, test := range tests {
		a := p.post("/oauth/token", test.body)
		assert.Equal(t, test.status, a.status, "%s: %s", name, a.body)
		assert.Equal(t, test.code, a.oauthError(t), name)
	}
	unauthorised := p.post("/oauth/token", object{"grant_type": GrantPasskey, "client_id": "x"})
	assert.Contains(t, unauthorised.header.Get("WWW-Authenticate"), "Basic")
}

func TestRefusedNativePasskeys(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil  func(*ceremonytest.Device)
		status int
		code   string
		reason ceremony.Reason
	}{
		"signature": {func(d *ceremonytest.Device) { d.Sign = func(s []byte) []byte { s[len(s)-1] ^= 1; return s } }, 403, "invalid_grant", ceremony.ReasonSignature},
		"presence":  {func(d *ceremonytest.Device) { d.Flags = 0 }, 403, "invalid_grant", ceremony.ReasonUserPresence},
		"origin":    {func(d *ceremonytest.Device) { d.Origin = "https://evil.test" }, 403, "invalid_grant", ceremony.ReasonOrigin},
		"unknown":   {func(d *ceremonytest.Device) { d.ID = []byte("never registered") }, 403, "invalid_grant", ceremony.ReasonUnknownCredential},
		"malformed": {func(d *ceremonytest.Device) { d.Answer = func(m map[string]any) { m["type"] = "x" } }, 400, "invalid_request", ceremony.ReasonMalformed},
	}
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	for name, test := range tests {
		d, _ := p.signUp(name+"@example.com", nil)
		n := p.beginLogin("app")
		test.spoil(d)
		a := p.exchange("app", n, d.Get(t, n.options), nil)
		assert.Equal(t, test.status, a.status, "%s: %s", name, a.body)
		assert.Equal(t, test.code, a.oauthError(t), name)
		assert.Equal(t, test.reason, lastEvent(t, s).Details.Error.Reason, name)
		assert.Equal(t, EventLoginFailed, lastEvent(t, s).Type, name)
	}

	first, second := p.beginSignUp("app", "twice@example.com"), p.beginSignUp("app", "twice@example.com")
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	require.Equal(t, http.StatusOK, p.exchange("app", first, d.Create(t, first.options), nil).status)
	a := p.exchange("app", second, ceremonytest.NewDevice(t, testOrigin, "auth.acme.test").Create(t, second.options), nil)
	assert.Equal(t, http.StatusBadRequest, a.status)
	assert.Equal(t, EventSignUpFailed, lastEvent(t, s).Type)
	third := p.beginSignUp("app", "third@example.com")
	a = p.exchange("app", third, d.Create(t, third.options), nil)
	assert.Equal(t, http.StatusForbidden, a.status)
	assert.Equal(t, ceremony.ReasonDuplicateCredential, lastEvent(t, s).Details.Error.Reason)
}

func TestPasskeysOfAnApplicationsOrigins(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	d := ceremonytest.NewDevice(t, "android:apk-key-hash:abc", "auth.acme.test")
	begun := p.beginSignUp("app", "eve@example.com")
	require.Equal(t, http.StatusOK, p.exchange("app", begun, d.Create(t, begun.options), nil).status)

	asWeb := p.with("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("web:web+secret")))
	login := asWeb.post("/passkey/challenge", object{"client_id": "web"}).native(t)
	a := asWeb.exchange("web", login, d.Get(t, login.options), nil)
	assert.Equal(t, http.StatusForbidden, a.status, "that origin is the other application's")
	assert.Equal(t, ceremony.ReasonOrigin, lastEvent(t, s).Details.Error.Reason)

	b := visitSite(t, s)
	assert.Equal(t, ceremony.ReasonOrigin, b.logInWith(d).refusal(t).Reason, "nor does the site take it")
}

// The APIs of one application are not another's to ask for.
func TestAudiencesAreAnApplicationsOwn(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	d, got := p.signUp("ann@example.com", object{"audience": "https://api.acme.test", "scope": "openid read:orders"})
	assert.Equal(t, []any{"https://api.acme.test", testOrigin + "/userinfo"}, p.claims(got["access_token"])["aud"])
	for client, audience := range map[string]string{"app": "https://api.acme.test.evil", "web": "https://api.acme.test"} {
		secret := map[string]string{"web": "web secret"}[client]
		begun := p.post("/passkey/challenge", object{"client_id": client, "client_secret": secret}).native(t)
		a := p.exchange(client, begun, d.Get(t, begun.options), object{"client_secret": secret, "audience": audience})
		assert.Equal(t, http.StatusForbidden, a.status, client)
		assert.Equal(t, "access_denied", a.oauthError(t), client)
	}
}
