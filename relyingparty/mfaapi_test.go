package relyingparty

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/totp"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// TestPasskeyThenOTP goes the whole way: sign-up, enrolment, login, tokens.
func TestPasskeyThenOTP(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	d, token := p.signUpStep("ann@example.com", object{"scope": "openid offline_access"})
	assert.Equal(t, "[]", p.bearing(token).get("/mfa/authenticators").body)

	got := p.associate(token, otpAlone)
	assert.Equal(t, "otp", got["authenticator_type"])
	assert.Regexp(t, `^totp\|dev_`, got["id"])
	uri, err := url.Parse(got["barcode_uri"].(string))
	require.NoError(t, err)
	assert.Equal(t, got["secret"], uri.Query().Get("secret"))
	assert.Equal(t, "/Acme:ann@example.com", uri.Path)
	require.Len(t, got["recovery_codes"], 1)
	assert.Regexp(t, `^[A-Z2-9]{24}$`, got["recovery_codes"].([]any)[0])
	assert.Equal(t, "[]", p.bearing(token).get("/mfa/authenticators").body, "not before it is confirmed")

	app := newApp6(t, clock, got["secret"])
	assert.Equal(t, "invalid_grant", p.second(GrantOTP, token, object{"otp": "000000"}).oauthError(t))
	a := p.second(GrantOTP, token, object{"otp": app.code()})
	require.Equal(t, http.StatusOK, a.status, a.body)
	tokens := a.json(t)
	assert.NotEmpty(t, tokens["refresh_token"])
	assert.NotContains(t, p.claims(tokens["id_token"]), "amr", "as the product's MFA API")
	assert.NotContains(t, tokens, "recovery_code")
	assert.Equal(t, "ss gd_start_enroll gd_auth_failed gd_enrollment_complete gd_auth_succeed sepkotpft", codes(t, s)[len("passkey_challenge_started "):])

	needs := p.stepUpWith("app", d, nil)
	assert.Equal(t, "mfa_required", needs["error"])
	assert.Equal(t, "Multifactor authentication required", needs["error_description"])
	assert.Equal(t, object{"challenge": []any{object{"type": "otp"}, object{"type": "recovery-code"}}}, needs["mfa_requirements"])
	token = needs["mfa_token"].(string)
	listed := p.bearing(token).get("/mfa/authenticators").list(t)
	require.Len(t, listed, 2)
	assert.Equal(t, object{"id": got["id"], "authenticator_type": "otp", "active": true}, listed[0])
	assert.Equal(t, "recovery-code", listed[1]["authenticator_type"])
	asked := p.post("/mfa/challenge", object{"client_id": "app", "mfa_token": token, "challenge_type": "otp"})
	assert.JSONEq(t, `{"challenge_type":"otp"}`, asked.body)
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	assert.Zero(t, u.Logins, "nobody is logged in before the second factor")
	require.Equal(t, http.StatusOK, p.second(GrantOTP, token, object{"otp": app.code()}).status)
	u, err = s.User("ann@example.com")
	require.NoError(t, err)
	assert.Equal(t, 1, u.Logins)
}

func TestCodesOfAnAppAreGoodOnce(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	ann := p.enrol(clock, "ann@example.com", nil)
	first, second := p.stepUpWith("app", ann.device, nil)["mfa_token"].(string), p.stepUpWith("app", ann.device, nil)["mfa_token"].(string)
	code := ann.app.code()
	require.Equal(t, http.StatusOK, p.second(GrantOTP, first, object{"otp": code}).status)
	again := p.second(GrantOTP, second, object{"otp": code})
	assert.Equal(t, http.StatusForbidden, again.status)
	assert.Contains(t, again.body, "Invalid otp_code.")
	spent := p.second(GrantOTP, first, object{"otp": ann.app.code()})
	assert.Equal(t, http.StatusUnauthorized, spent.status, "the mfa_token is good once, too")
	assert.Contains(t, spent.body, "Malformed mfa_token")

	_, waits := s.stepUps.get(first)
	assert.False(t, waits)

	for off, status := range map[int64]int{-2: http.StatusForbidden, 2: http.StatusForbidden} {
		late := totp.Code(ann.app.secret, totp.Step(clock.Now())+off)
		assert.Equal(t, status, p.second(GrantOTP, second, object{"otp": late}).status, off)
	}
}

// The code that confirmed an app is used up: whoever saw it typed logs in with it no more.
func TestCodeOfAnEnrolmentIsUsedUp(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	d, token := p.signUpStep("ann@example.com", nil)
	app := newApp6(t, clock, p.associate(token, otpAlone)["secret"])
	code := app.code()
	require.Equal(t, http.StatusOK, p.second(GrantOTP, token, object{"otp": code}).status)
	next := p.stepUpWith("app", d, nil)["mfa_token"].(string)
	assert.Equal(t, http.StatusForbidden, p.second(GrantOTP, next, object{"otp": code}).status, "at a login by the API")
	assert.Equal(t, http.StatusOK, p.second(GrantOTP, next, object{"otp": app.code()}).status)

	b := visitSite(t, s)
	b.startSignUp("bob@example.com")
	b.open(pathSignUpPassword)
	b.submit(pathSignUpPassword, "password", goodPassword)
	app, _ = b.enrolApp(clock)
	b.submit(pathRecoveryEnrollment, "recorded", "1")
	b.logOut()
	b.logInWithPassword("bob@example.com", goodPassword)
	used := totp.Code(app.secret, totp.Step(clock.Now()))
	assert.Equal(t, "invalid-code", b.submit(pathOTPChallenge, "code", used).error(), "at a login on the pages")
}

// TestFactorScopes asks each route of the MFA API with every scope but its own, and with
// that alone.
func TestFactorScopes(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withSecondFactor, func(c *Config) { c.Policy.SecondFactor = SecondFactorNever })
	scopes := []string{scopeEnroll, scopeReadFactor, scopeDropFactor}
	for i, route := range []struct{ method, path, scope string }{
		{http.MethodPost, "/mfa/associate", "enroll"},
		{http.MethodGet, "/mfa/authenticators", "read:authenticators"},
		{http.MethodDelete, "/mfa/authenticators/x", "remove:authenticators"},
	} {
		var body any
		if route.method == http.MethodPost {
			body = otpAlone
		}
		ask := func(n int, scope ...string) answer {
			p := newProgram(t, s)
			_, got := p.signUp(fmt.Sprintf("user%d-%d@example.com", i, n), object{"audience": testOrigin + "/mfa/", "scope": strings.Join(scope, " ")})
			return p.bearing(got["access_token"].(string)).ask(route.method, route.path, body)
		}
		others := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return s == route.scope })
		denied := ask(0, others...)
		assert.Equal(t, http.StatusForbidden, denied.status, route)
		assert.Contains(t, denied.body, route.scope, route)
		let := ask(1, route.scope).status
		assert.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, let, route)
	}
}

func TestStepUpExpires(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	ann := p.enrol(clock, "ann@example.com", nil)
	token := p.stepUpWith("app", ann.device, nil)["mfa_token"].(string)
	clock.advance(s.Policy().FactorLifetime)
	late := p.second(GrantOTP, token, object{"otp": ann.app.code()})
	assert.Equal(t, http.StatusUnauthorized, late.status)
	assert.Equal(t, "expired_token", late.oauthError(t))
	assert.Equal(t, http.StatusUnauthorized, p.bearing(token).get("/mfa/authenticators").status)
}

func TestOneTimeCodesByMail(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	d, token := p.signUpStep("ann@example.com", nil)
	got := p.associate(token, object{"authenticator_types": []string{"oob"}, "oob_channels": []string{"email"}})
	assert.Equal(t, "oob", got["authenticator_type"])
	assert.Equal(t, "email", got["oob_channel"])
	assert.Equal(t, "prompt", got["binding_method"])
	code := mailedTo(t, s, "ann@example.com")
	require.Len(t, code, 6)
	require.Equal(t, http.StatusOK, p.second(GrantOOB, token, object{"oob_code": got["oob_code"], "binding_code": code}).status)

	challenge := func(token string) object {
		a := p.post("/mfa/challenge", object{"client_id": "app", "mfa_token": token, "challenge_type": "oob otp"})
		require.Equal(t, http.StatusOK, a.status, a.body)
		return a.json(t)
	}
	token = p.stepUpWith("app", d, nil)["mfa_token"].(string)
	other := p.stepUpWith("app", d, nil)["mfa_token"].(string)
	old := challenge(token)
	oldCode := mailedTo(t, s, "ann@example.com")
	asked := challenge(token)
	code = mailedTo(t, s, "ann@example.com")
	challenge(other)
	for name, wrong := range map[string]object{
		"the code before":     {"oob_code": old["oob_code"], "binding_code": oldCode},
		"of another request":  {"oob_code": old["oob_code"], "binding_code": code},
		"of another mail":     {"oob_code": asked["oob_code"], "binding_code": mailedTo(t, s, "ann@example.com")},
		"with another token":  {"oob_code": asked["oob_code"], "binding_code": code, "mfa_token": other},
		"nothing like a code": {"oob_code": asked["oob_code"], "binding_code": "x"},
	} {
		a := p.second(GrantOOB, token, wrong)
		assert.Equal(t, http.StatusForbidden, a.status, name)
		assert.Contains(t, a.body, "Invalid binding_code.", name)
	}
	good := object{"oob_code": asked["oob_code"], "binding_code": code}
	require.Equal(t, http.StatusOK, p.second(GrantOOB, token, good).status)

	asked = challenge(other)
	code = mailedTo(t, s, "ann@example.com")
	clock.advance(s.Policy().MailedCodeLifetime + time.Second)
	assert.Equal(t, http.StatusForbidden, p.second(GrantOOB, other, object{"oob_code": asked["oob_code"], "binding_code": code}).status, "too late")
}

func TestMailsOfCodesAreLimited(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	_, token := p.signUpStep("ann@example.com", nil)
	byMail := object{"authenticator_types": []string{"oob"}, "oob_channels": []string{"email"}}
	for range DefaultLimits().FactorMails.Burst {
		p.associate(token, byMail)
	}
	for range 3 {
		assert.Equal(t, http.StatusTooManyRequests, p.bearing(token).post("/mfa/associate", byMail).status)
	}
	elsewhere := object{"authenticator_types": []string{"oob"}, "oob_channels": []string{"email"}, "email": "other@example.com"}
	assert.Equal(t, http.StatusTooManyRequests, p.bearing(token).post("/mfa/associate", elsewhere).status, "whoever gets them")
	assert.Empty(t, s.Outbox().To("other@example.com"))
	assert.Len(t, s.Outbox().To("ann@example.com"), DefaultLimits().FactorMails.Burst)
	assert.Equal(t, EventFactorLimited, lastOf(t, s, EventFactorLimited).Type)
	clock.advance(DefaultLimits().FactorMails.Every)
	p.associate(token, byMail)
}

func TestRecoveryCodeIsReplaced(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	ann := p.enrol(clock, "ann@example.com", nil)
	token := p.stepUpWith("app", ann.device, nil)["mfa_token"].(string)
	wrong := p.second(GrantRecoveryCode, token, object{"recovery_code": "AAAAAAAAAAAAAAAAAAAAAAAA"})
	assert.Equal(t, http.StatusForbidden, wrong.status)
	assert.Contains(t, wrong.body, "MFA Authorization rejected.")
	a := p.second(GrantRecoveryCode, token, object{"recovery_code": ann.recovery})
	require.Equal(t, http.StatusOK, a.status, a.body)
	next := a.json(t)["recovery_code"].(string)
	assert.NotEqual(t, ann.recovery, next)
	token = p.stepUpWith("app", ann.device, nil)["mfa_token"].(string)
	assert.Equal(t, http.StatusForbidden, p.second(GrantRecoveryCode, token, object{"recovery_code": ann.recovery}).status, "it is used up")
	assert.Equal(t, http.StatusOK, p.second(GrantRecoveryCode, token, object{"recovery_code": next[:4] + "-" + next[4:]}).status)
}

func TestGuessesOfCodesAreLimited(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	ann := p.enrol(clock, "ann@example.com", nil)
	most := DefaultLimits().FactorErrors.Burst
	for i := range most {
		token := p.stepUpWith("app", ann.device, nil)["mfa_token"].(string) // a new one makes no difference
		grant, member := GrantOTP, "otp"
		if i%2 == 1 {
			grant, member = GrantRecoveryCode, "recovery_code"
		}
		require.Equal(t, http.StatusForbidden, p.second(grant, token, object{member: "000000"}).status)
	}
	token := p.stepUpWith("app", ann.device, nil)["mfa_token"].(string)
	for range 3 {
		a := p.second(GrantOTP, token, object{"otp": ann.app.code()})
		assert.Equal(t, http.StatusTooManyRequests, a.status, "the right one, too")
		clock.advance(-totp.Period)
	}
	assert.Equal(t, http.StatusTooManyRequests, p.second(GrantRecoveryCode, token, object{"recovery_code": ann.recovery}).status)
	clock.advance(DefaultLimits().FactorErrors.Every + totp.Period)
	token = p.stepUpWith("app", ann.device, nil)["mfa_token"].(string)
	assert.Equal(t, http.StatusOK, p.second(GrantOTP, token, object{"otp": ann.app.code()}).status)
}

// Codes of mails are guessed no more often than others, and the right one is too late then.
func TestGuessesOfMailedCodesAreLimited(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	_, token := p.signUpStep("ann@example.com", nil)
	got := p.associate(token, object{"authenticator_types": []string{"oob"}, "oob_channels": []string{"email"}})
	code := mailedTo(t, s, "ann@example.com")
	guess := func(code string) int {
		return p.second(GrantOOB, token, object{"oob_code": got["oob_code"], "binding_code": code}).status
	}
	for range DefaultLimits().FactorErrors.Burst {
		require.Equal(t, http.StatusForbidden, guess("wrong"))
	}
	assert.Equal(t, http.StatusTooManyRequests, guess(code))
	assert.Equal(t, EventFactorLimited, lastEvent(t, s).Type)
	clock.advance(DefaultLimits().FactorErrors.Every)
	assert.Equal(t, http.StatusForbidden, guess(code), "it has run out by then")
}

// A code that was mailed to an address confirms that address, and no app that was begun
// with in its place.
func TestMailedCodesConfirmTheirAddressAlone(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	_, token := p.signUpStep("ann@example.com", nil)
	mailed := p.associate(token, object{"authenticator_types": []string{"oob"}, "oob_channels": []string{"email"}})
	app := newApp6(t, clock, p.associate(token, otpAlone)["secret"])
	a := p.second(GrantOOB, token, object{"oob_code": mailed["oob_code"], "binding_code": mailedTo(t, s, "ann@example.com")})
	assert.Equal(t, http.StatusForbidden, a.status, a.body)
	assert.Equal(t, "[]", p.bearing(token).get("/mfa/authenticators").body)
	assert.Equal(t, http.StatusOK, p.second(GrantOTP, token, object{"otp": app.code()}).status)
}

// TestMFATokenOpensNothingElse holds the token of a first factor to what it is for.
func TestMFATokenOpensNothingElse(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	ann := p.enrol(clock, "ann@example.com", nil)
	token := p.stepUpWith("app", ann.device, nil)["mfa_token"].(string)
	enrol := p.bearing(token).post("/mfa/associate", otpAlone)
	assert.Equal(t, http.StatusForbidden, enrol.status, "who has a factor shows it first")
	assert.Contains(t, enrol.body, "User is already enrolled.")
	id := p.bearing(token).get("/mfa/authenticators").list(t)[0]["id"].(string)
	assert.Equal(t, http.StatusForbidden, p.bearing(token).ask(http.MethodDelete, "/mfa/authenticators/"+url.PathEscape(id), nil).status)
	assert.Equal(t, http.StatusUnauthorized, p.bearing(token).get("/userinfo").status)
	for name, body := range map[string]object{
		"another application": {"client_id": "web", "client_secret": "web secret", "otp": ann.app.code()},
		"no token":            {"mfa_token": "", "otp": "000000"},
		"a made up one":       {"mfa_token": "x", "otp": "000000"},
		"no code":             {},
	} {
		a := p.second(GrantOTP, token, body)
		assert.Contains(t, []int{http.StatusUnauthorized, http.StatusBadRequest}, a.status, name)
	}
	for _, body := range []object{
		{"client_id": "app", "challenge_type": "otp"}, {"client_id": "app", "mfa_token": "x"}, {"client_id": "nobody", "mfa_token": token},
		{"client_id": "app", "mfa_token": token, "challenge_type": "oob"}, {"client_id": "app", "mfa_token": token, "authenticator_id": "totp|dev_x"},
	} {
		assert.Contains(t, []int{http.StatusUnauthorized, http.StatusBadRequest}, p.post("/mfa/challenge", body).status, body)
	}
	bob, bobs := p.signUpStep("bob@example.com", nil)
	assert.Equal(t, "association_required", p.post("/mfa/challenge", object{"client_id": "app", "mfa_token": bobs}).oauthError(t))
	assert.NotNil(t, bob)
	for _, body := range []object{
		{}, {"authenticator_types": []string{"sms"}}, {"authenticator_types": []string{"oob"}, "oob_channels": []string{"sms"}},
		{"authenticator_types": []string{"oob"}, "oob_channels": []string{"email"}, "email": "nonsense"},
	} {
		assert.Equal(t, http.StatusBadRequest, p.bearing(bobs).post("/mfa/associate", body).status, body)
	}
}

// TestSecondFirstFactor has two programs enrol the first factor of one account: the later
// one has to show that of the earlier.
func TestSecondFirstFactor(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	d, thief := p.signUpStep("ann@example.com", nil)
	stolen := newApp6(t, clock, p.associate(thief, otpAlone)["secret"])
	own := p.stepUpWith("app", d, nil)["mfa_token"].(string)
	app := newApp6(t, clock, p.associate(own, otpAlone)["secret"])
	require.Equal(t, http.StatusOK, p.second(GrantOTP, own, object{"otp": app.code()}).status)
	assert.Equal(t, http.StatusForbidden, p.second(GrantOTP, thief, object{"otp": stolen.code()}).status)
	assert.Equal(t, http.StatusOK, p.second(GrantOTP, thief, object{"otp": app.code()}).status)
}

// TestMFAAudience adds, lists and removes factors with an access token.
func TestMFAAudience(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor, func(c *Config) { c.Policy.SecondFactor = SecondFactorNever })
	p := newProgram(t, s)
	mfa := object{"audience": testOrigin + "/mfa/", "scope": "enroll read:authenticators remove:authenticators"}
	d, tokens := p.signUp("ann@example.com", mfa)
	assert.EqualValues(t, 600, tokens["expires_in"])
	access := tokens["access_token"].(string)
	added := p.associate(access, otpAlone)
	app := newApp6(t, clock, added["secret"])
	require.Equal(t, http.StatusOK, p.second(GrantOTP, access, object{"otp": app.code()}).status)
	p.associate(access, object{"authenticator_types": []string{"oob"}, "oob_channels": []string{"email"}, "email": "other@example.com"})
	assert.Len(t, p.bearing(access).get("/mfa/authenticators").list(t), 2, "the address is not confirmed yet")

	needs := p.stepUpWith("app", d, mfa)
	a := p.second(GrantOTP, needs["mfa_token"].(string), object{"otp": app.code()})
	require.Equal(t, http.StatusOK, a.status, "for this API whoever has a second factor needs it")
	begun := p.beginLogin("app")
	assert.Equal(t, http.StatusOK, p.exchange("app", begun, d.Get(t, begun.options), nil).status, "and for no other")

	path := "/mfa/authenticators/" + url.PathEscape(added["id"].(string))
	assert.Equal(t, http.StatusNotFound, p.bearing(access).ask(http.MethodDelete, "/mfa/authenticators/totp%7Cdev_x", nil).status)
	assert.Equal(t, http.StatusNoContent, p.bearing(access).ask(http.MethodDelete, path, nil).status)
	assert.Equal(t, EventPasskeyRemoved, lastEvent(t, s).Type)
	assert.Equal(t, "[]", p.bearing(access).get("/mfa/authenticators").body, "the recovery code goes with the last one")
	narrow := p.stepUpNothing(d, object{"audience": testOrigin + "/mfa/", "scope": "read:authenticators"})
	assert.Equal(t, http.StatusForbidden, p.bearing(narrow).post("/mfa/associate", otpAlone).status)
	assert.Equal(t, http.StatusUnauthorized, p.get("/mfa/authenticators").status)
	enrolling := p.stepUpNothing(d, object{"audience": testOrigin + "/mfa/", "scope": "enroll"})
	app = newApp6(t, clock, p.associate(enrolling, otpAlone)["secret"])
	a = p.second(GrantOTP, enrolling, object{"otp": app.code()})
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Equal(t, "enroll", a.json(t)["scope"], "good for what the token was good for")
	sent := standing(visitSite(t, s)).open(authorizeQuery(func(q url.Values) { q.Set("audience", testOrigin+"/mfa/") }))
	assert.Contains(t, sent.header.Get("Location"), "error=access_denied")
}

// TestPolicyOfSecondFactors looks at who is asked.
func TestPolicyOfSecondFactors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit  func(*Policy)
		asked bool
	}{
		"always":          {func(p *Policy) {}, true},
		"passkey is both": {func(p *Policy) { p.PasskeySuffices = true }, false},
		"never":           {func(p *Policy) { p.SecondFactor = SecondFactorNever }, false},
	} {
		s, _ := newSite(t, withSecondFactor, func(config *Config) { c.edit(&config.Policy) })
		p := newProgram(t, s)
		d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
		begun := p.beginSignUp("app", "ann@example.com")
		a := p.exchange("app", begun, d.Create(t, begun.options), nil)
		assert.Equal(t, c.asked, a.status == http.StatusForbidden, "%s: %s", name, a.body)
	}
}

// TestSecondFactorsRace uses one code, and one recovery code, for many logins at once.
func TestSecondFactorsRace(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.FactorErrors.Burst = 100
	})
	p := newProgram(t, s)
	ann := p.enrol(clock, "ann@example.com", nil)
	for grant, more := range map[GrantType]object{GrantOTP: {"otp": ann.app.code()}, GrantRecoveryCode: {"recovery_code": ann.recovery}} {
		const logins = 8
		statuses := make(chan int, logins)
		for range logins {
			token := p.stepUpWith("app", ann.device, nil)["mfa_token"].(string)
			go func() { statuses <- p.second(grant, token, more).status }()
		}
		won := 0
		for range logins {
			if <-statuses == http.StatusOK {
				won++
			}
		}
		assert.Equal(t, 1, won, grant)
	}
}

// TestAStepUpIsOverForWhoHasFoundIt has a request find a login that another one has just
// completed.
func TestAStepUpIsOverForWhoHasFoundIt(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	ann := p.enrol(clock, "ann@example.com", nil)
	token := p.stepUpWith("app", ann.device, nil)["mfa_token"].(string)
	found, _ := s.stepUps.get(token)
	require.Equal(t, http.StatusOK, p.second(GrantOTP, token, object{"otp": ann.app.code()}).status)
	s.stepUps.put(token, found)
	assert.Equal(t, http.StatusUnauthorized, p.second(GrantRecoveryCode, token, object{"recovery_code": ann.recovery}).status)
}

// TestSecondFactorsInTheDatabase reads what is kept of them.
func TestSecondFactorsInTheDatabase(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	ann := newProgram(t, s).enrol(clock, "ann@example.com", nil)
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	held, err := s.store.Authenticators(u.ID)
	require.NoError(t, err)
	require.Len(t, held, 2)
	assert.Equal(t, ann.app.secret, held[0].Secret)
	assert.Len(t, ann.app.secret, totp.SecretSize)
	assert.Equal(t, hashSecret(ann.recovery), held[1].Secret)
	assert.GreaterOrEqual(t, float64(len(ann.recovery))*math.Log2(float64(len(recoveryAlphabet))), 112.0)
	events, err := s.Events(0)
	require.NoError(t, err)
	text, err := json.Marshal(events)
	require.NoError(t, err)
	for _, secret := range []string{ann.recovery, totp.Text(ann.app.secret), ann.app.code()} {
		assert.NotContains(t, string(text), secret)
	}
}

// TestDigitsAreFair has the site draw numbers that would make low codes likelier.
func TestDigitsAreFair(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	s.config.Random = bytes.NewReader([]byte{
		0xff, 0xff, 0xff, 0xff, // 4,294,967,295 and
		0xff, 0xff, 0x3c, 0x40, // 4,294,917,184 are above the last whole million
		0xff, 0xf0, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x07,
	})
	code, err := s.drawDigits()
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprintf("%06d", 0xfff00000%1_000_000), code)
	code, err = s.drawDigits()
	require.NoError(t, err)
	assert.Equal(t, "000007", code)
	_, err = s.drawDigits()
	assert.Error(t, err)
}
