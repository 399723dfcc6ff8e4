package relyingparty

import (
	"encoding/base32"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/totp"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// withSecondFactor configures a site that always asks for one.
func withSecondFactor(c *Config) {
	withApplications(c)
	c.Policy = DefaultPolicy()
	c.Policy.SecondFactor = SecondFactorAlways
}

// app6 is an authenticator app.
type app6 struct {
	t      testing.TB
	secret []byte
	clock  *testClock
}

func newApp6(t testing.TB, clock *testClock, text any) *app6 {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(text.(string), " ", ""))
	require.NoError(t, err)
	return &app6{t, secret, clock}
}

// code is the next code that was not used.
func (a *app6) code() string {
	a.clock.advance(totp.Period)
	return totp.Code(a.secret, totp.Step(a.clock.Now()))
}

// mailedTo is the code of the last mail to an address.
func mailedTo(t testing.TB, s *Site, address string) string {
	t.Helper()
	mails := s.Outbox().To(address)
	require.NotEmpty(t, mails)
	return regexp.MustCompile(`(?m)^[0-9]{6}$`).FindString(mails[len(mails)-1].Text)
}

// stepUpWith answers a device's first factor and returns what the site says it needs.
func (p *program) stepUpWith(client string, d *ceremonytest.Device, more object) object {
	p.t.Helper()
	begun := p.beginLogin(client)
	a := p.exchange(client, begun, d.Get(p.t, begun.options), more)
	require.Equal(p.t, http.StatusForbidden, a.status, a.body)
	return a.json(p.t)
}

// signUpStep makes an account and returns its device and the mfa_token.
func (p *program) signUpStep(email string, more object) (*ceremonytest.Device, string) {
	p.t.Helper()
	d := ceremonytest.NewDevice(p.t, testOrigin, "auth.acme.test")
	begun := p.beginSignUp("app", email)
	a := p.exchange("app", begun, d.Create(p.t, begun.options), more)
	require.Equal(p.t, http.StatusForbidden, a.status, a.body)
	return d, a.json(p.t)["mfa_token"].(string)
}

func (p *program) associate(bearer string, body object) object {
	p.t.Helper()
	a := p.bearing(bearer).post("/mfa/associate", body)
	require.Equal(p.t, http.StatusOK, a.status, a.body)
	return a.json(p.t)
}

var otpAlone = object{"authenticator_types": []string{"otp"}}

// second asks for tokens for a second factor.
func (p *program) second(grant GrantType, token string, more object) answer {
	p.t.Helper()
	body := object{"grant_type": grant, "client_id": "app", "mfa_token": token}
	for k, v := range more {
		body[k] = v
	}
	return p.post("/oauth/token", body)
}

// enrolled is an account with an authenticator app, made natively.
type enrolledAccount struct {
	device   *ceremonytest.Device
	app      *app6
	recovery string
	tokens   object
}

func (p *program) enrol(clock *testClock, email string, more object) enrolledAccount {
	p.t.Helper()
	d, token := p.signUpStep(email, more)
	got := p.associate(token, otpAlone)
	app := newApp6(p.t, clock, got["secret"])
	a := p.second(GrantOTP, token, object{"otp": app.code()})
	require.Equal(p.t, http.StatusOK, a.status, a.body)
	return enrolledAccount{d, app, got["recovery_codes"].([]any)[0].(string), a.json(p.t)}
}

// stepUpNothing logs in where no second factor is asked for, and returns the access token.
func (p *program) stepUpNothing(d *ceremonytest.Device, more object) string {
	p.t.Helper()
	begun := p.beginLogin("app")
	a := p.exchange("app", begun, d.Get(p.t, begun.options), more)
	require.Equal(p.t, http.StatusOK, a.status, a.body)
	return a.json(p.t)["access_token"].(string)
}

// lastOf is the last line of a type.
func lastOf(t testing.TB, s *Site, of EventType) (last Event) {
	t.Helper()
	events, err := s.Events(0)
	require.NoError(t, err)
	for _, e := range events {
		if e.Type == of {
			last = e
		}
	}
	return last
}

// enrolApp gets past the screens that enrol an authenticator app, and returns it with the
// recovery code.
func (b *browser) enrolApp(clock *testClock) (*app6, string) {
	b.t.Helper()
	require.Equal(b.t, "mfa-otp-enrollment-qr", b.page.screen(), b.page.body)
	app := newApp6(b.t, clock, regexp.MustCompile(`id="secret">([A-Z2-7 ]+)<`).FindStringSubmatch(b.page.body)[1])
	require.Equal(b.t, "mfa-recovery-code-enrollment", b.submit(pathOTPEnrollment, "code", app.code()).screen(), b.page.body)
	return app, regexp.MustCompile(`id="recovery-code">([A-Z2-9 ]+)<`).FindStringSubmatch(b.page.body)[1]
}

// signUpWithApp makes an account with a password and an authenticator app.
func (b *browser) signUpWithApp(clock *testClock, email string) (*app6, string) {
	b.t.Helper()
	b.startSignUp(email)
	b.open(pathSignUpPassword)
	b.submit(pathSignUpPassword, "password", goodPassword)
	app, recovery := b.enrolApp(clock)
	require.Equal(b.t, "home", b.submit(pathRecoveryEnrollment, "recorded", "1").screen())
	return app, recovery
}

// showFactor answers the challenge of a screen of WebAuthn as a second factor.
func (b *browser) showFactor(d *ceremonytest.Device) answer {
	b.t.Helper()
	asked := b.post("/u/mfa-webauthn/options", []byte(`{"screen":"`+b.page.screen()+`"}`))
	require.Equal(b.t, http.StatusOK, asked.status, asked.body)
	return b.post("/u/mfa-webauthn/verify", d.Get(b.t, []byte(asked.body)))
}
