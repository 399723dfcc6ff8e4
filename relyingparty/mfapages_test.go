package relyingparty

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// TestPasswordThenOTP goes through the screens of somebody who has only a password.
func TestPasswordThenOTP(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	b := visitSite(t, s)
	b.startSignUp("ann@example.com")
	b.open(pathSignUpPassword)
	require.Equal(t, "mfa-otp-enrollment-qr", b.submit(pathSignUpPassword, "password", goodPassword).screen())
	for typed, key := range map[string]string{"": "no-code", "12345": "invalid-otp-code-format", "12345x": "invalid-otp-code-format", "000000": "invalid-code"} {
		assert.Equal(t, key, b.submit(pathOTPEnrollment, "code", typed).error(), typed)
		assert.Contains(t, b.page.body, `id="secret"`)
	}
	assert.Equal(t, "login-id", b.open(pathAccount).screen(), "nobody is logged in yet")
	b.open(pathOTPEnrollment)
	app, recovery := b.enrolApp(clock)
	assert.Equal(t, "no-confirmation", b.submit(pathRecoveryEnrollment).error())
	assert.Contains(t, b.open(pathRecoveryEnrollment).body, recovery, "until it is noted")
	require.Equal(t, "home", b.submit(pathRecoveryEnrollment, "recorded", "1").screen())
	assert.Equal(t, "home", b.open(pathRecoveryEnrollment).screen(), "and not after that")
	b.logOut()

	require.Equal(t, "mfa-otp-challenge", b.logInWithPassword("ann@example.com", goodPassword).screen())
	assert.Contains(t, b.page.body, `id="try-another-method"`)
	assert.Equal(t, "mfa-login-options", b.open(pathOTPEnrollment).screen(), "who has a factor enrols none")
	b.open(pathOTPChallenge)
	assert.Equal(t, "invalid-code", b.submit(pathOTPChallenge, "code", "000000").error())
	code := app.code()
	assert.Equal(t, "passkey-enrollment", b.submit(pathOTPChallenge, "code", code[:3]+" "+code[3:]).screen(), "where the password leads")
	line := lastEvent(t, s)
	assert.Equal(t, EventLogin, line.Type)
	require.Len(t, line.Details.Prompts, 2)
	assert.Equal(t, "login-password", line.Details.Prompts[0].Name)
	assert.Equal(t, "mfa", line.Details.Prompts[1].Name)
	b.logOut()

	b.logInWithPassword("ann@example.com", goodPassword)
	assert.Equal(t, "mfa-recovery-code-challenge", b.submitTo(pathFactorOptions, "method", "recovery-code").screen())
	for typed, key := range map[string]string{"": "no-code", "ABC": "invalid-code-format", "AAAAAAAAAAAAAAAAAAAAAAAA": "invalid-code"} {
		assert.Equal(t, key, b.submit(pathRecoveryChallenge, "code", typed).error(), typed)
	}
	require.Equal(t, "mfa-recovery-code-enrollment", b.submit(pathRecoveryChallenge, "code", recovery).screen())
	assert.NotContains(t, b.page.body, recovery, "there is a new one")
	assert.Equal(t, "passkey-enrollment", b.submit(pathRecoveryEnrollment, "recorded", "1").screen())
	b.logOut()
	b.logInWithPassword("ann@example.com", goodPassword)
	b.submitTo(pathFactorOptions, "method", "recovery-code")
	assert.Equal(t, "invalid-code", b.submit(pathRecoveryChallenge, "code", recovery).error(), "it is used up")
}

func TestPasskeyThenOTPOnThePages(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	b := visitSite(t, s)
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	b.startSignUp("ann@example.com")
	b.follow(b.register(d))
	app, _ := b.enrolApp(clock)
	b.submit(pathRecoveryEnrollment, "recorded", "1")
	b.logOut()
	require.Equal(t, "mfa-otp-challenge", b.follow(b.logInWith(d)).screen())
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	assert.Equal(t, clock.Now(), u.Passkeys[0].LastUsed, "the passkey was used")
	assert.Zero(t, u.Logins, "and nobody is logged in")
	assert.Equal(t, "mfa-login-options", b.open(pathPlatformChallenge).screen(), "a passkey is no second factor after a passkey")
	require.Equal(t, "home", b.submit(pathOTPChallenge, "code", app.code()).screen())
	b.logOut()

	require.NoError(t, s.ChangePolicy(func(p *Policy) error {
		p.PasskeySuffices = true
		return nil
	}))
	assert.Equal(t, "home", b.follow(b.logInWith(d)).screen(), "as an Action can have it")
}

// TestWebAuthnAfterAPassword has a passkey be the second factor.
func TestWebAuthnAfterAPassword(t *testing.T) {
	t.Parallel()
	for attachment, screen := range map[string]string{
		"platform": "mfa-webauthn-platform-challenge", "cross-platform": "mfa-webauthn-roaming-challenge",
	} {
		s, clock := newSite(t, withSecondFactor)
		b, d := visitSite(t, s), ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
		d.Attachment = attachment
		app, _ := b.signUpWithApp(clock, "ann@example.com")
		b.open(pathAccount)
		b.register(d)
		b.logOut()
		require.Equal(t, screen, b.logInWithPassword("ann@example.com", goodPassword).screen())

		stranger := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
		other := visitSite(t, s)
		other.startSignUp("bob@example.com")
		other.register(stranger)
		for name, wrong := range map[string]struct {
			reason ceremony.Reason
			with   func(*ceremonytest.Device)
		}{
			"an unverified user": {ceremony.ReasonUserVerification, func(d *ceremonytest.Device) { d.Flags = ceremonytest.FlagUP }},
			"another origin":     {ceremony.ReasonOrigin, func(d *ceremonytest.Device) { d.Origin = "https://evil.test" }},
			"somebody else's":    {ceremony.ReasonNotAllowed, func(d *ceremonytest.Device) { *d = *stranger }},
		} {
			bad := *d
			wrong.with(&bad)
			a := b.showFactor(&bad)
			assert.Equal(t, http.StatusUnauthorized, a.status, name)
			assert.Equal(t, wrong.reason, a.refusal(t).Reason, name)
			line := lastEvent(t, s)
			assert.Equal(t, EventWebAuthnFactorFailed, line.Type)
			assert.Equal(t, wrong.reason, line.Details.Error.Reason)
		}
		asked := b.post("/u/mfa-webauthn/options", []byte(`{"screen":"`+screen+`"}`))
		assert.Contains(t, asked.body, `"allowCredentials":[{"type":"public-key","id":"`+encode(d.ID)+`","transports":["internal"]}]`)
		answer := d.Get(t, []byte(asked.body))
		require.Equal(t, "home", b.follow(b.post("/u/mfa-webauthn/verify", answer)).screen())
		assert.Equal(t, http.StatusForbidden, b.post("/u/mfa-webauthn/verify", answer).status, "it is over")
		b.logOut()
		b.logInWithPassword("ann@example.com", goodPassword)
		assert.Equal(t, http.StatusUnauthorized, b.post("/u/mfa-webauthn/verify", answer).status, "a replay")
		assert.Equal(t, "mfa-otp-challenge", b.submitTo(pathFactorOptions, "method", "otp").screen())
		require.Equal(t, "home", b.submit(pathOTPChallenge, "code", app.code()).screen())
	}
}

// What the page calls the browser's exception is looked at before it is logged.
func TestAbandonedFactorsAreLogged(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	b := visitSite(t, s)
	b.signUpWithApp(clock, "ann@example.com")
	b.open(pathAccount)
	b.register(ceremonytest.NewDevice(t, testOrigin, "auth.acme.test"))
	b.logOut()
	b.logInWithPassword("ann@example.com", goodPassword)
	for given, logged := range map[string]string{
		"NotAllowedError": "NotAllowedError", "": "Error", "Not Allowed": "Error", "x\r\nforged": "Error", "<script>": "Error",
		strings.Repeat("A", 41): "Error",
	} {
		body, err := json.Marshal(factorRequest{Screen: b.page.screen(), Error: given})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, b.post("/u/mfa-webauthn/abandon", body).status, given)
		line := lastEvent(t, s)
		assert.Equal(t, EventWebAuthnFactorFailed, line.Type)
		assert.Equal(t, logged, line.Details.Error.Code, given)
	}
}

// TestWebAuthnFactorIsOfTheUser has a site forget to hold the passkey to those it asked for:
// the user who gave the password is known all the same (WebAuthn L3 §7.2 step 6).
func TestWebAuthnFactorIsOfTheUser(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor, func(c *Config) {
		c.Seams = []Seams{{Seams: ceremony.Seams{Steps: map[ceremony.Step]func(*ceremony.Verification, func() error) error{
			ceremony.StepAllowed: func(*ceremony.Verification, func() error) error { return nil },
		}}}}
	})
	b, d := visitSite(t, s), ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	b.signUpWithApp(clock, "ann@example.com")
	b.open(pathAccount)
	b.register(d)
	b.logOut()
	stranger, other := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test"), visitSite(t, s)
	other.startSignUp("bob@example.com")
	other.register(stranger)
	b.logInWithPassword("ann@example.com", goodPassword)
	assert.Equal(t, ceremony.ReasonNotAllowed, b.showFactor(stranger).refusal(t).Reason)
	assert.Equal(t, "home", b.follow(b.showFactor(d)).screen())
}

// TestMailedLinkBringsNoFactor follows a link where policy would offer a passkey for it.
func TestMailedLinkBringsNoFactor(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor, func(c *Config) { c.Policy.ResetEnrollment = true })
	w := &logWorld{t, s, clock, visitSite(t, s), newProgram(t, s)}
	w.b.signUpWithApp(clock, "ann@example.com")
	w.b.logOut()
	path, _ := w.resetLink("ann@example.com")
	assert.Equal(t, "reset-password", w.b.open(path).screen())
	assert.NotEqual(t, http.StatusOK, w.b.post("/u/passkey/register/options", []byte(`{"variant":"reset"}`)).status)
}

// TestSecondFactorScreensNeedAFirstFactor visits them without, and too late.
func TestSecondFactorScreensNeedAFirstFactor(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	b := visitSite(t, s)
	for _, path := range []string{pathFactorOptions, pathOTPChallenge, pathOTPEnrollment, pathEmailChallenge, pathRecoveryChallenge, pathRecoveryEnrollment, pathPlatformChallenge, pathRoamingChallenge} {
		assert.Equal(t, "login-id", b.open(path).screen(), path)
	}
	for _, path := range []string{"options", "verify", "abandon"} {
		assert.Equal(t, http.StatusForbidden, b.post("/u/mfa-webauthn/"+path, []byte(`{}`)).status, path)
	}
	app, _ := b.signUpWithApp(clock, "ann@example.com")
	b.logOut()
	b.logInWithPassword("ann@example.com", goodPassword)
	clock.advance(s.Policy().FactorLifetime + time.Second)
	assert.Equal(t, "login-id", b.submit(pathOTPChallenge, "code", app.code()).screen())
	assert.Equal(t, "login-id", b.open(pathAccount).screen())
}

// TestSecondFactorChangesTheSession looks at what a browser is known by on the way.
func TestSecondFactorChangesTheSession(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	b := visitSite(t, s)
	app, _ := b.signUpWithApp(clock, "ann@example.com")
	b.logOut()
	b.logInWithPassword("ann@example.com", goodPassword)
	before, known := b.csrf, s.sessions.strangers.order.Len()
	b.submit(pathOTPChallenge, "code", app.code())
	assert.NotEqual(t, before, b.csrf)
	assert.Equal(t, known-1, s.sessions.strangers.order.Len(), "the session of the first factor is over")
}

// TestPasswordResetEndsALoginThatWaits has somebody choose a new password meanwhile.
func TestPasswordResetEndsALoginThatWaits(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	thief := visitSite(t, s)
	app, _ := thief.signUpWithApp(clock, "ann@example.com")
	thief.logOut()
	thief.logInWithPassword("ann@example.com", goodPassword)
	w := &logWorld{t, s, clock, visitSite(t, s), newProgram(t, s)}
	clock.advance(time.Second)
	path, secret := w.resetLink("ann@example.com")
	w.b.open(path)
	require.Equal(t, "reset-password-success", w.b.submit(pathReset, "ticket", secret, "password", goodPassword+"2").screen())
	assert.Equal(t, "login-id", thief.submit(pathOTPChallenge, "code", app.code()).screen())
	assert.Equal(t, "mfa-otp-challenge", w.b.logInWithPassword("ann@example.com", goodPassword+"2").screen(), "a reset goes round no factor")
}

// TestSecondFactorInTokens has an application log somebody in by redirect.
func TestSecondFactorInTokens(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	app, b, _ := openShop(t, s, clock, "web")
	b.visit(appOrigin + "/")
	b.startSignUp("ann@example.com")
	b.open(pathSignUpPassword)
	b.submit(pathSignUpPassword, "password", goodPassword)
	b.enrolApp(clock)
	require.Contains(t, b.submit(pathRecoveryEnrollment, "recorded", "1").body, "the shop of")
	var claims struct {
		ACR string   `json:"acr"`
		AMR []string `json:"amr"`
	}
	require.NoError(t, app.idToken.Claims(&claims))
	assert.Equal(t, acrMultiFactor, claims.ACR)
	assert.Equal(t, []string{"mfa"}, claims.AMR)

	clock.advance(time.Second)
	b.visit(appOrigin + "/")
	claims.ACR, claims.AMR = "", nil
	require.NoError(t, app.idToken.Claims(&claims))
	assert.Empty(t, claims.AMR, "nobody has shown anything for this one")
}

// TestEmailAsASecondFactorOnThePages has it enrolled natively, and used on a page.
func TestEmailAsASecondFactorOnThePages(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p := newProgram(t, s)
	d, token := p.signUpStep("ann@example.com", nil)
	got := p.associate(token, object{"authenticator_types": []string{"oob"}, "oob_channels": []string{"email"}, "email": "other@example.com"})
	require.Equal(t, http.StatusOK, p.second(GrantOOB, token, object{"oob_code": got["oob_code"], "binding_code": mailedTo(t, s, "other@example.com")}).status)

	b := visitSite(t, s)
	require.Equal(t, "mfa-email-challenge", b.follow(b.logInWith(d)).screen())
	assert.Contains(t, b.page.body, "other@example.com")
	old := mailedTo(t, s, "other@example.com")
	sent := len(s.Outbox().All())
	b.open(pathEmailChallenge)
	assert.Len(t, s.Outbox().All(), sent, "to look at a page sends nothing")
	require.Equal(t, "mfa-email-challenge", b.submit(pathFactorOptions, "method", "email").screen())
	assert.Len(t, s.Outbox().All(), sent+1)
	assert.Equal(t, "invalid-code", b.submit(pathEmailChallenge, "code", old).error(), "the last one counts")
	require.Equal(t, "home", b.submit(pathEmailChallenge, "code", mailedTo(t, s, "other@example.com")).screen())
	b.logOut()
	b.follow(b.logInWith(d))
	clock.advance(s.Policy().MailedCodeLifetime + time.Second)
	assert.Equal(t, "invalid-code", b.submit(pathEmailChallenge, "code", mailedTo(t, s, "other@example.com")).error(), "too late")
}

// Of two browsers that have shown the same code at the same time, the later one in the
// database is not logged in.
func TestFactorThatIsUsedUpInBetween(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	b := visitSite(t, s)
	b.signUpWithApp(clock, "ann@example.com")
	b.logOut()
	b.logInWithPassword("ann@example.com", goodPassword)
	u, err := s.store.UserByEmail("ann@example.com")
	require.NoError(t, err)
	home, err := url.Parse(testOrigin)
	require.NoError(t, err)
	waiting, ok := s.sessions.strangers.get(b.http.Jar.Cookies(home)[0].Value)
	require.True(t, ok)
	v := s.newVisit(httptest.NewRecorder(), b.request(http.MethodPost, pathOTPChallenge, "", nil), form)
	v.session = waiting
	used := secondFactor{authenticator: AuthenticatorDetails{Type: "otp"}, keep: func(*store.Tx) error { return store.ErrNotFound }}
	_, err = v.finishStepUp(waiting.state().stepUp, u, used)
	var p *problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, problemWrongCode, p.key)
	assert.Equal(t, EventFactorFailed, lastEvent(t, s).Type)
	assert.Equal(t, "login-id", b.open(pathAccount).screen())
	assert.Empty(t, v.session.state().userID)
}
