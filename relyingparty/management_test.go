package relyingparty

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// operator is a program with the operator's token.
func operator(t testing.TB, s *Site) *program {
	t.Helper()
	return newProgram(t, s).bearing(managementToken)
}

// managementError checks the form of an error of the Management API.
func (a answer) managementError(t testing.TB) string {
	t.Helper()
	o := a.json(t)
	assert.Equal(t, float64(a.status), o["statusCode"], a.body)
	assert.Equal(t, http.StatusText(a.status), o["error"], a.body)
	require.NotEmpty(t, o["errorCode"], a.body)
	require.NotEmpty(t, o["message"], a.body)
	require.Len(t, o, 4, a.body)
	return o["message"].(string)
}

func TestConnectionAnswersAsDocumented(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := operator(t, s)
	got := p.get("/api/v2/connections/" + connectionID).json(t)
	assert.Equal(t, object{
		"authentication_methods": object{
			"password": object{"enabled": true, "api_behavior": "required", "signup_behavior": "allow"},
			"passkey":  object{"enabled": true}, "email_otp": object{"enabled": false}, "phone_otp": object{"enabled": false},
		},
		"passkey_options":   object{"challenge_ui": "both", "progressive_enrollment_enabled": true, "local_enrollment_enabled": true},
		"requires_username": false, "disable_signup": false, "enabledDatabaseCustomization": false, "import_mode": false,
		"disable_self_service_change_password": false, "mfa": object{"active": false},
	}, got["options"])
	assert.Equal(t, "auth0", got["strategy"])
	assert.Equal(t, connectionName, got["name"])
	readiness := got["passkey_readiness"].(object)
	assert.Equal(t, true, readiness["ready"])
	assert.Len(t, readiness["checklist"], 10)
	assert.Equal(t, []object{got}, p.get("/api/v2/connections").list(t))
	missing := p.get("/api/v2/connections/con_x")
	assert.Equal(t, http.StatusNotFound, missing.status)
	missing.managementError(t)
}

func TestConnectionPatchTakesEffect(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := operator(t, s)
	on := object{"passkey": object{"enabled": true}}
	a := p.ask(http.MethodPatch, "/api/v2/connections/"+connectionID, object{"options": object{
		"authentication_methods": object{"passkey": object{"enabled": true}, "password": object{"enabled": true, "api_behavior": "optional", "signup_behavior": "block"}},
		"passkey_options":        object{"challenge_ui": "button", "progressive_enrollment_enabled": false, "local_enrollment_enabled": false},
	}})
	require.Equal(t, http.StatusOK, a.status, a.body)
	policy := s.Policy()
	assert.Equal(t, ChallengeButton, policy.ChallengeUI)
	assert.False(t, policy.ProgressiveEnrollment)
	assert.False(t, policy.LocalEnrollment)
	assert.True(t, policy.PasswordOptional)
	line := lastEvent(t, s)
	assert.Equal(t, EventManagement, line.Type)
	assert.Equal(t, &RequestDetails{Method: "patch", Path: "/api/v2/connections/" + connectionID}, line.Details.Request)
	b := visitSite(t, s)
	b.startSignUp("ann@example.com")
	assert.NotContains(t, b.page.body, `id="continue-without-passkey"`)
	assert.Equal(t, "password-not-allowed", b.open(pathSignUpPassword).error())

	a = p.ask(http.MethodPatch, "/api/v2/connections/"+connectionID, object{"options": object{"authentication_methods": on, "disable_signup": true, "disable_self_service_change_password": true}})
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Equal(t, ChallengeBoth, s.Policy().ChallengeUI, "options replace all that there were")
	page := visitSite(t, s).open(pathLogin)
	assert.NotContains(t, page.body, `id="signup"`)
	assert.NotContains(t, page.body, `id="forgot-password"`)
	assert.Equal(t, "signup-not-allowed", b.open(pathSignUp).error())
	assert.Equal(t, problemSignUpOff, b.post("/u/passkey/register/options", nil).refusal(t).Error)

	a = p.ask(http.MethodPatch, "/api/v2/connections/"+connectionID, object{"options": object{}})
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.False(t, s.Policy().Passkeys, "a connection that says nothing of passkeys has none")
	page = b.open(pathLogin)
	assert.Equal(t, "off", page.attribute("data-autofill"))
	assert.NotContains(t, page.body, `id="passkey-button"`)
	assert.Equal(t, problemPasskeysOff, b.post("/u/passkey/login/options", nil).refusal(t).Error)
	assert.Equal(t, "signup-password", b.submit(pathSignUp, "email", "new@example.com").screen())
}

func TestConnectionPatchRefusals(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := operator(t, s)
	with := func(options object) object {
		methods, _ := options["authentication_methods"].(object)
		if methods == nil {
			methods = object{}
		}
		methods["passkey"] = object{"enabled": true}
		options["authentication_methods"] = methods
		return object{"options": options}
	}
	before := s.Policy()
	for name, test := range map[string]struct {
		body any
		says string
	}{
		"no object":         {object{"options": nil}, "options must be an object"},
		"unknown member":    {object{"name": "x"}, "unknown field"},
		"unknown option":    {with(object{"role": 1}), "unknown field"},
		"wrong type":        {with(object{"import_mode": "yes"}), "import_mode"},
		"challenge UI":      {with(object{"passkey_options": object{"challenge_ui": "x"}}), "ChallengeUI"},
		"API behaviour":     {with(object{"authentication_methods": object{"password": object{"enabled": true, "api_behavior": "x"}}}), "api_behavior"},
		"signup behaviour":  {with(object{"authentication_methods": object{"password": object{"enabled": true, "signup_behavior": "x"}}}), "signup_behavior"},
		"email codes":       {with(object{"authentication_methods": object{"email_otp": object{"enabled": true}}}), "One-time codes"},
		"second factor":     {with(object{"mfa": object{"active": true}}), "Multi-factor"},
		"required username": {with(object{"requires_username": true}), "requires a username"},
		"own database":      {with(object{"enabledDatabaseCustomization": true}), "import_mode"},
		"no password":       {with(object{"authentication_methods": object{"password": object{"enabled": false}}}), "passwords must stay enabled"},
		"no way in":         {object{"options": object{"authentication_methods": object{"password": object{"enabled": false}}}}, "nobody could log in"},
		"no way to sign up": {object{"options": object{"authentication_methods": object{"password": object{"enabled": true, "signup_behavior": "block"}}}}, "nobody a way to sign up"},
	} {
		a := p.ask(http.MethodPatch, "/api/v2/connections/"+connectionID, test.body)
		assert.Equal(t, http.StatusBadRequest, a.status, "%s: %s", name, a.body)
		assert.Contains(t, a.managementError(t), test.says, name)
		line := lastEvent(t, s)
		assert.Equal(t, EventManagementFailed, line.Type, name)
		assert.NotEmpty(t, line.Details.Error.Message, name)
	}
	assert.Equal(t, before, s.Policy())
	for name, options := range map[string]object{
		"flexible identifiers": {"requires_username": true, "attributes": object{"username": object{}}},
		"import":               {"enabledDatabaseCustomization": true, "import_mode": true},
	} {
		a := p.ask(http.MethodPatch, "/api/v2/connections/"+connectionID, with(options))
		assert.Equal(t, http.StatusOK, a.status, "%s: %s", name, a.body)
	}
}

func TestPrerequisitesOutsideTheConnection(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, func(c *Config) { c.RPID = "acme.test" })
	p := operator(t, s)
	for path, bad := range map[string][]object{
		"/api/v2/prompts":     {{"universal_login_experience": "classic"}, {"identifier_first": false}, {"universal_login_experience": "x"}, {"x": 1}},
		"/api/v2/clients/app": {{"custom_login_page_on": true}, {"x": 1}},
	} {
		for _, body := range bad {
			a := p.ask(http.MethodPatch, path, body)
			assert.Equal(t, http.StatusBadRequest, a.status, "%v", body)
			a.managementError(t)
		}
	}
	off := p.ask(http.MethodPatch, "/api/v2/connections/"+connectionID, object{"options": object{}})
	require.Equal(t, http.StatusOK, off.status)
	require.Equal(t, http.StatusOK, p.ask(http.MethodPatch, "/api/v2/prompts", object{"universal_login_experience": "classic", "identifier_first": false}).status)
	require.Equal(t, http.StatusOK, p.ask(http.MethodPatch, "/api/v2/clients/app", object{"custom_login_page_on": true}).status)
	assert.Equal(t, object{"universal_login_experience": "classic", "identifier_first": false}, p.get("/api/v2/prompts").json(t))
	assert.Equal(t, true, p.get("/api/v2/clients/web").json(t)["custom_login_page_on"])
	assert.NotContains(t, p.get("/api/v2/clients/web").body, "web secret")
	assert.Equal(t, http.StatusNotFound, p.get("/api/v2/clients/x").status)
	assert.Equal(t, http.StatusNotFound, p.ask(http.MethodPatch, "/api/v2/clients/x", object{}).status)

	on := p.ask(http.MethodPatch, "/api/v2/connections/"+connectionID, object{"options": object{"authentication_methods": object{"passkey": object{"enabled": true}}}})
	says := on.managementError(t)
	for _, reason := range []string{"New Universal Login", "Identifier First", "custom login page"} {
		assert.Contains(t, says, reason)
	}
	readiness := p.get("/api/v2/connections/" + connectionID).json(t)["passkey_readiness"].(object)
	assert.Equal(t, false, readiness["ready"])
	unmet := 0
	for _, r := range readiness["checklist"].([]any) {
		if r.(object)["met"] == false {
			unmet++
			assert.NotEmpty(t, r.(object)["reason"])
		}
	}
	assert.Equal(t, 4, unmet, "and the RP ID is a bare domain")
}

func TestManagementTokens(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	api := testOrigin + "/api/v2/"
	grant := func(more object) answer {
		body := object{"grant_type": "client_credentials", "client_id": "machine", "client_secret": "machine secret", "audience": api}
		for k, v := range more {
			body[k] = v
		}
		return p.post("/oauth/token", body)
	}
	got := grant(object{"scope": "read:logs"})
	require.Equal(t, http.StatusOK, got.status, got.body)
	assert.Equal(t, EventExchangeClientCredentials, lastEvent(t, s).Type)
	token := got.json(t)["access_token"].(string)
	assert.Equal(t, "machine@clients", p.claims(token)["sub"])
	assert.NotContains(t, got.json(t), "id_token")
	assert.Equal(t, http.StatusOK, p.bearing(token).get("/api/v2/logs").status)
	denied := p.bearing(token).get("/api/v2/connections")
	assert.Equal(t, http.StatusForbidden, denied.status)
	assert.Contains(t, denied.managementError(t), scopeReadConnections)
	everything := grant(nil).json(t)["access_token"].(string)
	assert.Equal(t, http.StatusOK, p.bearing(everything).get("/api/v2/connections").status)

	for name, more := range map[string]object{"no audience": {"audience": ""}, "other audience": {"audience": testOrigin + "/me/"}, "unknown scope": {"scope": "delete:tenant"}} {
		a := grant(more)
		assert.Equal(t, http.StatusForbidden, a.status, name)
		assert.Equal(t, "access_denied", a.oauthError(t), name)
		assert.Equal(t, EventExchangeClientCredentialsFailed, lastEvent(t, s).Type, name)
	}
	assert.Equal(t, http.StatusForbidden, p.post("/oauth/token", object{"grant_type": "client_credentials", "client_id": "app", "audience": api}).status)

	_, user := p.signUp("ann@example.com", nil)
	for name, token := range map[string]string{"none": "", "of a user": user["access_token"].(string), "wrong": managementToken + "x", "another end": managementToken[:len(managementToken)-1] + "X", "the beginning": managementToken[:len(managementToken)-1]} {
		asking := p
		if token != "" {
			asking = p.bearing(token)
		}
		for _, r := range s.apiTable() {
			if r.kind != management {
				continue
			}
			method, path := cutPattern(r.pattern)
			a := asking.send(method, path, "application/json", []byte("{}"))
			assert.Equal(t, http.StatusUnauthorized, a.status, "%s %s with token %s", method, path, name)
			a.managementError(t)
		}
	}
	closed, _ := newSite(t, withApplications, func(c *Config) { c.ManagementToken = "" })
	assert.Equal(t, http.StatusUnauthorized, newProgram(t, closed).with("Authorization", "Bearer ").get("/api/v2/logs").status)
}

// TestManagementScopes asks each route with every scope but its own, and with that alone.
// The scopes are those that the documentation names for each.
func TestManagementScopes(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	tokenOf := func(scopes []string) string {
		a := p.post("/oauth/token", object{"grant_type": "client_credentials", "client_id": "machine", "client_secret": "machine secret",
			"audience": testOrigin + "/api/v2/", "scope": strings.Join(scopes, " ")})
		require.Equal(t, http.StatusOK, a.status, a.body)
		return a.json(t)["access_token"].(string)
	}
	what := regexp.MustCompile(`^/api/v2/(connections|prompts|clients|custom-domains|guardian|users-by-email|users|logs)`)
	asked := 0
	for _, r := range s.apiTable() {
		if r.kind != management {
			continue
		}
		method, path := cutPattern(r.pattern)
		of := map[string]string{"connections": "connections", "prompts": "prompts", "clients": "clients", "custom-domains": "custom_domains",
			"guardian": "mfa_policies", "users-by-email": "users", "users": "users", "logs": "logs"}[what.FindStringSubmatch(path)[1]]
		does := map[string]string{http.MethodGet: "read", http.MethodPost: "create", http.MethodPatch: "update", http.MethodPut: "update", http.MethodDelete: "delete"}[method]
		if strings.Contains(path, "/authentication-methods") {
			of = "authentication_methods"
		}
		own := does + ":" + of
		others := slices.DeleteFunc(slices.Clone(managementScopes), func(s string) bool { return s == own })
		require.Len(t, others, len(managementScopes)-1, own)
		denied := p.bearing(tokenOf(others)).send(method, path, "application/json", []byte("{}"))
		assert.Equal(t, http.StatusForbidden, denied.status, "%s with all but %s", r.pattern, own)
		assert.Contains(t, denied.managementError(t), own, r.pattern)
		let := p.bearing(tokenOf([]string{own})).send(method, path, "application/json", []byte("{}")).status
		assert.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, let, "%s with %s alone", r.pattern, own)
		asked++
	}
	assert.Greater(t, asked, 20)
}

// cutPattern splits a route's pattern into a method and a path that fits it.
func cutPattern(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "x")
}

func TestChangePasswordAPI(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.ResetMails.Burst = 1
	})
	p := newProgram(t, s)
	visitSite(t, s).signUpWithPassword("ann@example.com")
	ask := func(email string) answer {
		return p.post("/dbconnections/change_password", object{"client_id": "app", "email": email, "connection": connectionName})
	}
	for _, email := range []string{"ann@example.com", "nobody@example.com"} {
		a := ask(email)
		assert.Equal(t, http.StatusOK, a.status, a.body)
		assert.Equal(t, changePasswordSent, a.body)
	}
	assert.Len(t, s.Outbox().To("ann@example.com"), 1)
	assert.Empty(t, s.Outbox().To("nobody@example.com"))
	assert.Equal(t, "ss scpr fcpr", codes(t, s))
	assert.Equal(t, "app", lastEvent(t, s).ClientID, "who asked")
	limited := ask("ann@example.com")
	assert.Equal(t, http.StatusTooManyRequests, limited.status)
	assert.Equal(t, "too_many_requests", limited.oauthError(t))
	for name, test := range map[string]struct {
		body   object
		status int
	}{
		"unknown client":     {object{"client_id": "x", "email": "a@example.com", "connection": connectionName}, 401},
		"no connection":      {object{"client_id": "app", "email": "a@example.com"}, 400},
		"unknown connection": {object{"client_id": "app", "email": "a@example.com", "connection": "x"}, 400},
		"no email":           {object{"client_id": "app", "connection": connectionName}, 400},
	} {
		a := p.post("/dbconnections/change_password", test.body)
		assert.Equal(t, test.status, a.status, name)
		a.oauthError(t)
	}
}
