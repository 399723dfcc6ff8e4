package relyingparty

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

const (
	secondHost   = "login.bmce.test"
	secondOrigin = "https://" + secondHost
)

// withSecondDomain adds a domain of another company.
func withSecondDomain(c *Config) { c.Domains = append(c.Domains, CustomDomain{Host: secondHost}) }

// visitDomain is a visitor of another domain than that of BaseURL.
func visitDomain(t testing.TB, s *Site, origin string) *browser {
	t.Helper()
	b := visitSite(t, s)
	b.base = origin
	return b
}

// Each domain has its own origin and RP ID, and users enrol for each by itself.
func TestPasskeysOfTwoDomains(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withSecondDomain)
	first, second := visitSite(t, s), visitDomain(t, s, secondOrigin)
	first.startSignUp("ann@example.com")
	first.open(pathSignUpPassword)
	require.Equal(t, "home", first.submit(pathSignUpPassword, "password", goodPassword).screen())
	here := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	first.open(pathAccount)
	require.Equal(t, "account", first.follow(first.register(here)).screen())

	// There is a passkey already, but none for this domain.
	require.Equal(t, "passkey-enrollment", second.logInWithPassword("ann@example.com", goodPassword).screen())
	asked := second.post("/u/passkey/register/options", nil)
	assert.Contains(t, asked.body, `"rp":{"id":"`+secondHost+`"`)
	assert.NotContains(t, asked.body, "excludeCredentials", "what the device has for another RP ID is no reason to make none")
	there := ceremonytest.NewDevice(t, secondOrigin, secondHost)
	require.Equal(t, "home", second.follow(second.register(there)).screen())

	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	require.Len(t, u.Passkeys, 2)
	assert.Equal(t, []string{"auth.acme.test", secondHost}, []string{u.Passkeys[0].RPID, u.Passkeys[1].RPID})

	account := first.open(pathAccount)
	assert.Equal(t, 1, strings.Count(account.body, "data-elsewhere"))
	assert.Contains(t, account.body, "For another address: "+secondHost)
	assert.Contains(t, second.open(pathAccount).body, "For another address: auth.acme.test")

	first.logOut()
	second.logOut()
	assert.Equal(t, http.StatusOK, first.logInWith(here).status)
	assert.Equal(t, http.StatusOK, second.logInWith(there).status)

	// It can be removed from where it cannot be used.
	second.open(pathAccount)
	require.Equal(t, "account", second.submit("/account/passkeys/remove", "id", u.Passkeys[0].RegistrationID).screen())
	first.logOut()
	assert.Equal(t, ceremony.ReasonUnknownCredential, first.logInWith(here).refusal(t).Reason)
}

// A client that lets a passkey be used under another RP ID than its own gets nowhere.
func TestPasskeyOfAnotherDomainIsRefused(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withSecondDomain)
	d := visitSite(t, s).signUp("ann@example.com")
	second := visitDomain(t, s, secondOrigin)

	d.Origin = secondOrigin
	refused := second.logInWith(d)
	assert.Equal(t, http.StatusUnauthorized, refused.status)
	assert.Equal(t, ceremony.ReasonRPID, refused.refusal(t).Reason)
	assert.Contains(t, refused.refusal(t).Message, "another address of this site")
	d.RPID = secondHost // the signature is good, and the RP ID is the right one
	assert.Equal(t, ceremony.ReasonRPID, second.logInWith(d).refusal(t).Reason)
	line := lastEvent(t, s)
	assert.Equal(t, EventLoginFailed, line.Type)
	assert.Equal(t, "ann@example.com", line.User)
	assert.Equal(t, "The passkey was registered for the RP ID auth.acme.test; it is login.bmce.test here.", line.Details.Error.Message)
}

// What a browser has of one domain is worth nothing at another.
func TestDomainsShareNoSessions(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withSecondDomain)
	first := visitSite(t, s)
	first.signUp("ann@example.com")
	home, err := url.Parse(testOrigin)
	require.NoError(t, err)
	cookie := first.http.Jar.Cookies(home)[0]

	second := visitDomain(t, s, secondOrigin)
	r := second.request(http.MethodGet, pathAccount, "", nil)
	r.AddCookie(cookie)
	assert.Equal(t, "login-id", second.do(r).screen())

	r = second.request(http.MethodPost, "/logout", "application/x-www-form-urlencoded", []byte("csrf="+first.csrf))
	r.AddCookie(cookie)
	assert.Equal(t, "session-ended", second.do(r).error())
	r = second.request(http.MethodPost, "/logout", "application/x-www-form-urlencoded", []byte("csrf="+second.csrf))
	r.Header.Set("Origin", testOrigin)
	assert.Equal(t, "foreign-origin", second.do(r).error(), "the other domain is another website")
	assert.Contains(t, first.open(pathHome).body, "ann@example.com")
}

// Tokens name the domain that they were given on, and are good there.
func TestTokensOfTwoDomains(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, withSecondDomain)
	first, second := newProgram(t, s), newProgram(t, s)
	second.host = secondHost
	d := ceremonytest.NewDevice(t, secondOrigin, secondHost)
	begun := second.beginSignUp("app", "ann@example.com")
	assert.Contains(t, string(begun.options), `"rp":{"id":"`+secondHost+`","name":"`+secondHost+`"}`)
	a := second.exchange("app", begun, d.Create(t, begun.options), object{"scope": "openid " + scopeReadMethods, "audience": secondOrigin + "/me/"})
	require.Equal(t, http.StatusOK, a.status, a.body)
	token := a.json(t)["access_token"].(string)
	assert.Equal(t, secondOrigin+"/", second.claims(token)["iss"])
	at := func(p *program) *program {
		with := p.bearing(token)
		with.host = p.host
		return with
	}
	mine := at(second).get(pathMethods)
	require.Equal(t, http.StatusOK, mine.status, mine.body)
	assert.Equal(t, secondHost, mine.json(t)["authentication_methods"].([]any)[0].(object)["relying_party_id"])
	assert.Equal(t, http.StatusUnauthorized, at(first).get(pathMethods).status)
	assert.Equal(t, http.StatusUnauthorized, at(first).get("/userinfo").status)
	assert.Equal(t, secondOrigin+"/", second.get("/.well-known/openid-configuration").json(t)["issuer"])

	// A ceremony that was begun on one domain cannot be finished on the other.
	login := second.beginLogin("app")
	a = first.exchange("app", login, d.Get(t, login.options), nil)
	assert.Equal(t, http.StatusForbidden, a.status)
	assert.Equal(t, ceremony.ReasonRPID, lastEvent(t, s).Details.Error.Reason)
}

// An application under a registrable suffix uses the passkeys of the site, if its origin
// is allowed.
func TestApplicationsUnderARegistrableSuffix(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, func(c *Config) { c.RPID = "acme.test" })
	p := newProgram(t, s)
	d := ceremonytest.NewDevice(t, appOrigin, "acme.test")
	begun := p.beginSignUp("app", "ann@example.com")
	require.Equal(t, http.StatusOK, p.exchange("app", begun, d.Create(t, begun.options), nil).status)
	for origin, want := range map[string]int{appOrigin: http.StatusOK, testOrigin: http.StatusOK, "https://other.acme.test": http.StatusForbidden} {
		d.Origin = origin
		login := p.beginLogin("app")
		a := p.exchange("app", login, d.Get(t, login.options), nil)
		assert.Equal(t, want, a.status, origin)
	}
	assert.Equal(t, ceremony.ReasonOrigin, func() ceremony.Reason {
		d.Origin = "https://other.acme.test"
		login := p.beginLogin("app")
		p.exchange("app", login, d.Get(t, login.options), nil)
		return lastEvent(t, s).Details.Error.Reason
	}())
}

func TestDomainsHaveThePortOfTheSite(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, func(c *Config) {
		c.BaseURL = "http://localhost:8080"
		c.Domains = []CustomDomain{{Host: "shop.localhost"}, {Host: "other.localhost:9090"}, {Host: "plain.localhost:80"}}
	})
	var hosts []string
	for _, d := range s.Domains() {
		hosts = append(hosts, d.Host)
	}
	assert.Equal(t, []string{"localhost:8080", "shop.localhost:8080", "other.localhost:9090", "plain.localhost"}, hosts)
	assert.Equal(t, "shop.localhost", s.Domains()[1].RPID)
}

func TestDomainsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		domains []CustomDomain
		want    string
	}{
		"no host":               {[]CustomDomain{{Host: ""}}, "is no host"},
		"a path":                {[]CustomDomain{{Host: "login.bmce.test/x"}}, "is no host"},
		"twice":                 {[]CustomDomain{{Host: secondHost}, {Host: "LOGIN.bmce.test:443"}}, "is there twice"},
		"that of BaseURL":       {[]CustomDomain{{Host: "auth.acme.test"}}, "is there twice"},
		"the tenant's":          {[]CustomDomain{{Host: tenantHost}}, "is there twice"},
		"RP ID of somebody":     {[]CustomDomain{{Host: secondHost, RPID: "acme.test"}}, "neither the host"},
		"RP ID that is no name": {[]CustomDomain{{Host: secondHost, RPID: "test"}}, "public suffix"},
		"an address":            {[]CustomDomain{{Host: "192.0.2.1"}}, "IP address"},
	} {
		config := Config{BaseURL: testOrigin, Clock: newClock().Now, Random: zeros{}, PasswordCost: LabPasswordCost(), TenantDomain: tenantHost, Domains: c.domains}
		_, err := New(config)
		assert.ErrorContains(t, err, c.want, name)
	}
}

// zeros is a source of no chance at all.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestCustomDomainsAnswerAsDocumented(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, withSecondDomain, func(c *Config) { c.RPID = "acme.test" })
	p := operator(t, s)
	all := p.get("/api/v2/custom-domains").list(t)
	require.Len(t, all, 2)
	id := all[1]["custom_domain_id"].(string)
	assert.Regexp(t, `^cd_[0-9a-f]{16}$`, id)
	assert.Equal(t, object{
		"custom_domain_id": id, "domain": secondHost, "primary": false, "is_default": false, "status": "ready",
		"type": "self_managed_certs", "relying_party_identifier": nil,
	}, all[1])
	assert.Equal(t, "acme.test", all[0]["relying_party_identifier"])
	assert.Equal(t, true, all[0]["primary"])
	path := "/api/v2/custom-domains/" + id
	assert.Equal(t, all[1], p.get(path).json(t))
	for name, test := range map[string]struct {
		path   string
		body   object
		status int
	}{
		"unknown domain": {"/api/v2/custom-domains/cd_x", object{"relying_party_identifier": nil}, 404},
		"nothing":        {path, object{}, 400},
		"empty":          {path, object{"relying_party_identifier": ""}, 400},
		"a number":       {path, object{"relying_party_identifier": 1}, 400},
		"unknown member": {path, object{"relying_party_identifier": nil, "domain": "x"}, 400},
		"of somebody":    {path, object{"relying_party_identifier": "acme.test"}, 400},
		"public suffix":  {path, object{"relying_party_identifier": "test"}, 400},
		"suffix":         {path, object{"relying_party_identifier": "bmce.test"}, 200},
		"back":           {path, object{"relying_party_identifier": nil}, 200},
	} {
		a := p.ask(http.MethodPatch, test.path, test.body)
		assert.Equal(t, test.status, a.status, "%s: %s", name, a.body)
		if test.status != http.StatusOK {
			a.managementError(t)
		}
	}
}

// A change of RP ID leaves the passkeys for the old one behind: on record, shown,
// removable, told of, and refused.
func TestChangeOfRPID(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p, b := operator(t, s), visitSite(t, s)
	b.signUpWithPassword("ann@example.com")
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	b.open(pathAccount)
	b.follow(b.register(d))
	path := "/api/v2/custom-domains/" + domainID("auth.acme.test")
	a := p.ask(http.MethodPatch, path, object{"relying_party_identifier": "acme.test"})
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Equal(t, "acme.test", s.RPID())
	line := lastEvent(t, s)
	assert.Equal(t, EventManagement, line.Type)
	assert.Equal(t, &RelyingPartyDetails{Domain: "auth.acme.test", From: "auth.acme.test", To: "acme.test", Unusable: 1}, line.Details.RelyingParty)

	assert.Contains(t, b.open(pathAccount).body, "For another address: auth.acme.test")
	b.logOut()
	b.open(pathLogin)
	options := b.loginOptions()
	assert.Contains(t, string(options), `"rpId":"acme.test"`)
	refused := b.post("/u/passkey/login/verify", d.Get(t, options))
	assert.Equal(t, ceremony.ReasonRPID, refused.refusal(t).Reason)

	checklist := func() Requirement {
		all := s.Readiness()
		return all[len(all)-1]
	}
	assert.Equal(t, "Passkeys cannot be used any more: 1 for auth.acme.test. Their users have to enrol again.", checklist().Reason)
	assert.Equal(t, "passkey-enrollment", b.logInWithPassword("ann@example.com", goodPassword).screen(), "a new one is offered")
	anew := ceremonytest.NewDevice(t, testOrigin, "acme.test")
	require.Equal(t, "home", b.follow(b.register(anew)).screen())
	b.logOut()
	require.Equal(t, http.StatusOK, b.logInWith(anew).status)

	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	methods := p.get("/api/v2/users/" + url.PathEscape(u.ID) + "/authentication-methods").list(t)
	assert.Equal(t, "auth.acme.test", methods[0]["relying_party_identifier"])
	assert.Equal(t, "acme.test", methods[1]["relying_party_identifier"])
	b.open(pathAccount)
	b.submit("/account/passkeys/remove", "id", u.Passkeys[0].RegistrationID)
	assert.True(t, checklist().Met)

	require.NoError(t, s.SetRPID("auth.acme.test", ""))
	assert.Equal(t, ceremony.ReasonRPID, b.logInWith(anew).refusal(t).Reason, "and back")
	assert.Equal(t, []CustomDomain{{Host: "auth.acme.test", RPID: "auth.acme.test"}}, s.Domains())
	require.ErrorIs(t, s.SetRPID("nobody.test", ""), ErrNoSuchDomain)
	require.ErrorContains(t, s.SetRPID("auth.acme.test", "bmce.test"), "neither the host")
}

// A ceremony that was begun before a change of RP ID comes to nothing after it.
func TestCeremonyAcrossAChangeOfRPID(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	d := b.signUp("ann@example.com")
	b.logOut()
	b.open(pathLogin)
	options := b.loginOptions()
	other := visitSite(t, s)
	other.startSignUp("bob@example.com")
	asked := other.post("/u/passkey/register/options", nil)
	require.NoError(t, s.SetRPID("auth.acme.test", "acme.test"))
	assert.Equal(t, http.StatusUnauthorized, b.post("/u/passkey/login/verify", d.Get(t, options)).status)
	made := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test").Create(t, []byte(asked.body))
	assert.Equal(t, http.StatusBadRequest, other.post("/u/passkey/register/verify", made).status)
}

func TestImportForAnyDomainOfTheSite(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, withSecondDomain)
	p := operator(t, s)
	newProgram(t, s).signUp("ann@example.com", nil)
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	path := "/api/v2/users/" + url.PathEscape(u.ID) + "/authentication-methods"
	d := ceremonytest.NewDevice(t, secondOrigin, secondHost)
	d.Handle = u.Passkeys[0].ID
	body := object{"type": "passkey", "key_id": encode(d.ID), "public_key": encode(d.PublicKey(t)), "credential_device_type": "single_device"}
	body["relying_party_identifier"] = "nobody.test"
	assert.Equal(t, http.StatusBadRequest, p.post(path, body).status)
	body["relying_party_identifier"] = secondHost
	a := p.post(path, body)
	require.Equal(t, http.StatusCreated, a.status, a.body)
	assert.Equal(t, secondHost, a.json(t)["relying_party_identifier"])
	d.Handle = nil
	assert.Equal(t, http.StatusOK, visitDomain(t, s, secondOrigin).logInWith(d).status)
}

// Passkeys that an earlier run left for another RP ID are told of.
func TestRPIDConfiguredAnew(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "site.db")
	s, _ := newSite(t, func(c *Config) { c.Data = file })
	visitSite(t, s).signUp("ann@example.com")
	require.NoError(t, s.Close())
	s, _ = newSite(t, func(c *Config) { c.Data, c.RPID = file, "acme.test" })
	all := s.Readiness()
	assert.Contains(t, all[len(all)-1].Reason, "1 for auth.acme.test")
	assert.False(t, all[len(all)-1].Required)
}

// What the Management API changes holds in the next run, unless that says something else.
func TestRPIDOutlivesTheSite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "site.db")
	open := func(rpID string) *Site {
		s, _ := newSite(t, withApplications, func(c *Config) { c.Data, c.RPID = file, rpID })
		return s
	}
	path := "/api/v2/custom-domains/" + domainID("auth.acme.test")
	s := open("")
	require.Equal(t, http.StatusOK, operator(t, s).ask(http.MethodPatch, path, object{"relying_party_identifier": "acme.test"}).status)
	require.NoError(t, s.SetRPID("auth.acme.test", ""), "not kept")
	require.NoError(t, s.Close())
	s = open("")
	assert.Equal(t, "acme.test", s.RPID())
	require.NoError(t, s.Close())
	s = open("auth.acme.test")
	assert.Equal(t, "auth.acme.test", s.RPID(), "the configuration comes first")
	require.NoError(t, s.Close())
	s = open("")
	require.Equal(t, http.StatusOK, operator(t, s).ask(http.MethodPatch, path, object{"relying_party_identifier": nil}).status)
	other := open("")
	assert.Equal(t, "auth.acme.test", other.RPID())
	require.Equal(t, http.StatusOK, operator(t, s).ask(http.MethodPatch, path, object{"relying_party_identifier": "acme.test"}).status)
	require.NoError(t, other.followOnce())
	assert.Equal(t, "acme.test", other.RPID(), "sites on one database follow each other")
}

// An account has room for so many passkeys, for whichever domain they are.
func TestPasskeysOfAllDomainsCount(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withSecondDomain, withPolicy(func(p *Policy) { p.MaxPasskeys = 1 }))
	first, second := visitSite(t, s), visitDomain(t, s, secondOrigin)
	first.startSignUp("ann@example.com")
	first.open(pathSignUpPassword)
	first.submit(pathSignUpPassword, "password", goodPassword)
	first.open(pathAccount)
	require.Equal(t, "account", first.follow(first.register(ceremonytest.NewDevice(t, testOrigin, "auth.acme.test"))).screen())
	second.logInWithPassword("ann@example.com", goodPassword)
	second.open(pathAccount)
	asked := second.post("/u/passkey/register/options", []byte(`{"screen":"account"}`))
	assert.Equal(t, problemTooManyPasskeys, asked.refusal(t).Error)
}
