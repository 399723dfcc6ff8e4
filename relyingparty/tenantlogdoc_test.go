package relyingparty

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// logWorld is a site on which everything can go wrong that the tenant log tells of.
type logWorld struct {
	*testing.T
	s     *Site
	clock *testClock
	b     *browser
	p     *program
}

func newLogWorld(t *testing.T) *logWorld {
	t.Helper()
	s, clock := newSite(t, withApplications, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.PasswordErrors = Rate{Burst: 2, Every: time.Minute}
		c.Limits.Requests = Rate{Burst: 100, Every: time.Minute}
	})
	return &logWorld{t, s, clock, visitSite(t, s), newProgram(t, s)}
}

// always has the site ask for a second factor from here on.
func (w *logWorld) always() {
	require.NoError(w, w.s.ChangePolicy(func(p *Policy) error {
		p.SecondFactor = SecondFactorAlways
		return nil
	}))
}

// account makes an account with a passkey and an authenticator app, natively, and begins a
// login with the passkey.
func (w *logWorld) account() (enrolledAccount, string) {
	w.always()
	ann := w.p.enrol(w.clock, "ann@example.com", nil)
	return ann, w.p.stepUpWith("app", ann.device, nil)["mfa_token"].(string)
}

// mailed has a code mailed to somebody who enrols that.
func (w *logWorld) mailed() (token string, code object) {
	w.always()
	_, token = w.p.signUpStep("ann@example.com", nil)
	got := w.p.associate(token, object{"authenticator_types": []string{"oob"}, "oob_channels": []string{"email"}})
	return token, object{"oob_code": got["oob_code"], "binding_code": mailedTo(w, w.s, "ann@example.com")}
}

// passwordAndPasskey has somebody with both log in with the password, up to the screen that
// asks for the passkey.
func (w *logWorld) passwordAndPasskey(attachment string) *ceremonytest.Device {
	d := ceremonytest.NewDevice(w, testOrigin, "auth.acme.test")
	d.Attachment = attachment
	w.b.signUpWithPassword("ann@example.com")
	w.b.open(pathAccount)
	w.b.register(d)
	w.b.logOut()
	w.always()
	w.b.logInWithPassword("ann@example.com", goodPassword)
	return d
}

func (w *logWorld) tokens(body object) answer { return w.p.post("/oauth/token", body) }

func (w *logWorld) refresh(token any) answer {
	return w.tokens(object{"grant_type": "refresh_token", "client_id": "app", "refresh_token": token})
}

// resetLink asks for a link and returns its path and its secret.
func (w *logWorld) resetLink(email string) (path, secret string) {
	w.b.submitTo("/u/reset-password/request", "email", email)
	mails := w.s.Outbox().To(email)
	link, err := url.Parse(mails[len(mails)-1].Links[0])
	require.NoError(w, err)
	return link.RequestURI(), link.Query().Get("ticket")
}

// lines say how each line comes about, and what it has in its details.
var lines = []struct {
	code    EventType
	details []string // "member=value"; "*" is any value, and [] an element of a list
	cause   func(*logWorld)
}{
	{EventSignUp, []string{"authentication_methods[]=passkey", "authenticator.type=passkey", "authenticator.id=*"},
		func(w *logWorld) { w.b.signUp("ann@example.com") }},
	{EventSignUp, []string{"authentication_methods[]=pwd"},
		func(w *logWorld) { w.b.signUpWithPassword("ann@example.com") }},
	{EventSignUpFailed, []string{"authentication_methods[]=passkey", "error.code=email-in-use", "error.message=*"},
		func(w *logWorld) {
			w.b.signUp("ann@example.com")
			other := visitSite(w, w.s)
			other.startSignUp("ann@example.com")
			other.post("/u/passkey/register/options", nil)
		}},
	{EventLogin, []string{"prompts[].performed_amr[]=phr", "prompts[].name=passkey", "prompts[].flow=universal-login", "prompts[].connection=*", "prompts[].connection_id=*",
		"prompts[].strategy=auth0", "prompts[].user_id=*", "prompts[].user_name=*", "prompts[].identity=*", "prompts[].initiatedAt=*", "prompts[].completedAt=*",
		"prompts[].elapsedTime=*", "prompts[].stats.loginsCount=1", "prompts[].session_id=*", "authenticator.type=passkey"},
		func(w *logWorld) {
			d := w.b.signUp("ann@example.com")
			w.b.logOut()
			w.b.logInWith(d)
		}},
	{EventLogin, []string{"prompts[].performed_amr[]=pwd", "prompts[].name=login-password"},
		func(w *logWorld) {
			w.b.signUpWithPassword("ann@example.com")
			w.b.logOut()
			w.b.logInWithPassword("ann@example.com", goodPassword)
		}},
	{EventLoginFailed, []string{"authentication_methods[]=passkey", "error.reason=unknown-credential", "error.message=*", "error.code=passkey-authentication-failed"},
		func(w *logWorld) { w.b.logInWith(ceremonytest.NewDevice(w, testOrigin, "auth.acme.test")) }},
	{EventLoginFailedPassword, []string{"error.code=wrong-credentials"},
		func(w *logWorld) {
			w.b.signUpWithPassword("ann@example.com")
			w.b.logOut()
			w.b.logInWithPassword("ann@example.com", "wrong")
		}},
	{EventLoginFailedUser, []string{"error.code=wrong-credentials"},
		func(w *logWorld) { w.b.logInWithPassword("nobody@example.com", "wrong") }},
	{EventLogout, nil,
		func(w *logWorld) {
			w.b.signUp("ann@example.com")
			w.b.logOut()
		}},
	{EventLogoutFailed, []string{"error.code=return-to-mismatch"},
		func(w *logWorld) { w.b.open("/v2/logout?client_id=app&returnTo=https://evil.test") }},

	{EventPasskeyChallengeStarted, []string{"purpose=register"}, func(w *logWorld) { w.p.beginSignUp("app", "ann@example.com") }},
	{EventPasskeyChallengeStarted, []string{"purpose=login"}, func(w *logWorld) { w.p.beginLogin("app") }},
	{EventPasskeyChallengeFailed, []string{"purpose=login", "error.message=*", "error.code=invalid_client"},
		func(w *logWorld) { w.p.post("/passkey/challenge", object{"client_id": "nobody"}) }},

	{EventPasskeyEnrolled, []string{"authentication_methods[]=passkey", "authenticator.type=passkey", "authenticator.id=*", "authenticator.credential_device_type=*"},
		func(w *logWorld) {
			w.b.signUpWithPassword("ann@example.com")
			w.b.open(pathAccount)
			w.b.register(ceremonytest.NewDevice(w, testOrigin, "auth.acme.test"))
		}},
	{EventPasskeyEnrollmentFailed, []string{"authentication_methods[]=passkey", "error.reason=wrong-rp-id-hash", "error.message=*"},
		func(w *logWorld) {
			w.b.signUpWithPassword("ann@example.com")
			w.b.open(pathAccount)
			w.b.register(ceremonytest.NewDevice(w, testOrigin, "evil.test"))
		}},
	{EventPasskeyRemoved, []string{"authenticator.type=passkey", "authenticator.id=*"},
		func(w *logWorld) {
			w.b.signUp("ann@example.com")
			u, err := w.s.User("ann@example.com")
			require.NoError(w, err)
			w.b.open(pathAccount)
			w.b.submit("/account/passkeys/remove", "id", u.Passkeys[0].RegistrationID)
		}},

	{EventLogin, []string{"prompts[].name=mfa", "prompts[].performed_amr[]=mfa", "prompts[].performed_acr[]=" + acrMultiFactor},
		func(w *logWorld) {
			ann, token := w.account()
			w.p.second(GrantOTP, token, object{"otp": ann.app.code()})
		}},
	{EventPasskeyEnrolled, []string{"authenticator.type=otp", "authenticator.id=*"}, func(w *logWorld) { w.account() }},
	{EventPasskeyEnrolled, []string{"authenticator.type=email", "authenticator.id=*"},
		func(w *logWorld) {
			token, code := w.mailed()
			w.p.second(GrantOOB, token, code)
		}},
	{EventFactorEnrollmentStarted, []string{"authenticator.type=otp", "authenticator.id=*"}, func(w *logWorld) { w.account() }},
	{EventFactorAsked, []string{"authenticator.type=otp", "authenticator.id=*"},
		func(w *logWorld) {
			_, token := w.account()
			w.p.post("/mfa/challenge", object{"client_id": "app", "mfa_token": token})
		}},
	{EventFactorAsked, []string{"authenticator.type=webauthn-platform"},
		func(w *logWorld) {
			w.passwordAndPasskey("platform")
		}},
	{EventFactorMailSent, []string{"authenticator.type=email", "authenticator.id=*"}, func(w *logWorld) { w.mailed() }},
	{EventFactorPassed, []string{"authenticator.type=otp", "authenticator.id=*"}, func(w *logWorld) { w.account() }},
	{EventFactorPassed, []string{"authenticator.type=webauthn-roaming", "authenticator.id=*", "authenticator.authenticator_attachment=cross-platform"},
		func(w *logWorld) { w.b.showFactor(w.passwordAndPasskey("cross-platform")) }},
	{EventFactorFailed, []string{"authenticator.type=otp", "error.code=invalid-code", "error.message=*"},
		func(w *logWorld) {
			_, token := w.account()
			w.p.second(GrantOTP, token, object{"otp": "000000"})
		}},
	{EventFactorLimited, []string{"error.code=too-many-codes", "error.message=*"},
		func(w *logWorld) {
			_, token := w.account()
			for range DefaultLimits().FactorErrors.Burst + 1 {
				w.p.second(GrantOTP, token, object{"otp": "000000"})
			}
		}},
	{EventRecoveryPassed, []string{"authenticator.type=recovery-code", "authenticator.id=*"},
		func(w *logWorld) {
			ann, token := w.account()
			w.p.second(GrantRecoveryCode, token, object{"recovery_code": ann.recovery})
		}},
	{EventRecoveryFailed, []string{"authenticator.type=recovery-code", "error.code=invalid-code", "error.message=*"},
		func(w *logWorld) {
			_, token := w.account()
			w.p.second(GrantRecoveryCode, token, object{"recovery_code": "wrong"})
		}},
	{EventRecoveryLimited, []string{"error.code=too-many-codes", "error.message=*"},
		func(w *logWorld) {
			_, token := w.account()
			for range DefaultLimits().FactorErrors.Burst + 1 {
				w.p.second(GrantRecoveryCode, token, object{"recovery_code": "wrong"})
			}
		}},
	{EventWebAuthnFactorFailed, []string{"authenticator.type=webauthn-platform", "authenticator.id=*", "error.reason=user-not-verified", "error.message=*", "error.code=webauthn-challenge-error"},
		func(w *logWorld) {
			d := w.passwordAndPasskey("platform")
			d.Flags = ceremonytest.FlagUP
			w.b.showFactor(d)
		}},
	{EventWebAuthnFactorFailed, []string{"authenticator.type=webauthn-roaming", "error.code=NotAllowedError", "error.message=*"},
		func(w *logWorld) {
			w.passwordAndPasskey("cross-platform")
			w.b.post("/u/mfa-webauthn/abandon", []byte(`{"screen":"mfa-webauthn-roaming-challenge","error":"NotAllowedError"}`))
		}},
	{EventExchangePasskeyOTP, []string{"authenticator.type=otp", "authenticator.id=*", "audience=*", "scope=openid profile email"},
		func(w *logWorld) { w.account() }},
	{EventExchangePasskeyOOB, []string{"authenticator.type=email", "authenticator.id=*", "audience=*", "scope=openid profile email"},
		func(w *logWorld) {
			token, code := w.mailed()
			w.p.second(GrantOOB, token, code)
		}},
	{EventExchangePasskeyRecovery, []string{"authenticator.type=recovery-code", "authenticator.id=*", "audience=*", "scope=openid profile email"},
		func(w *logWorld) {
			ann, token := w.account()
			w.p.second(GrantRecoveryCode, token, object{"recovery_code": ann.recovery})
		}},

	{EventPasswordChangeRequested, nil,
		func(w *logWorld) {
			w.b.signUp("ann@example.com")
			w.resetLink("ann@example.com")
		}},
	{EventPasswordChangeRequestFailed, []string{"error.message=*"},
		func(w *logWorld) { w.b.submitTo("/u/reset-password/request", "email", "nobody@example.com") }},
	{EventPasswordChanged, nil,
		func(w *logWorld) {
			w.b.signUp("ann@example.com")
			path, secret := w.resetLink("ann@example.com")
			w.b.open(path)
			w.b.submit(pathReset, "ticket", secret, "password", goodPassword)
		}},
	{EventPasswordChangeFailed, []string{"error.code=auth0-users-expired-ticket"},
		func(w *logWorld) {
			w.b.signUp("ann@example.com")
			path, _ := w.resetLink("ann@example.com")
			w.clock.advance(w.s.Policy().ResetLinkLifetime + time.Second)
			w.b.open(path)
		}},

	{EventSilentLogin, nil,
		func(w *logWorld) {
			w.b.signUp("ann@example.com")
			standing(w.b).open(authorizeQuery(func(q url.Values) { q.Set("prompt", "none") }))
		}},
	{EventSilentLoginFailed, []string{"error.code=login_required"},
		func(w *logWorld) {
			standing(w.b).open(authorizeQuery(func(q url.Values) { q.Set("prompt", "none") }))
		}},
	{EventExchangeCode, nil,
		func(w *logWorld) {
			w.b.signUp("ann@example.com")
			w.tokens(exchangeOf(codeFor(w, w.b, nil)))
		}},
	{EventExchangeCodeFailed, []string{"error.code=invalid_grant", "error.message=*"}, func(w *logWorld) { w.tokens(exchangeOf("made up")) }},
	{EventExchangeRefresh, nil,
		func(w *logWorld) {
			_, got := w.p.signUp("ann@example.com", object{"scope": "openid offline_access"})
			w.refresh(got["refresh_token"])
		}},
	{EventExchangeRefreshFailed, []string{"error.code=invalid_grant"}, func(w *logWorld) { w.refresh("made up") }},
	{EventRefreshReused, []string{"error.code=invalid_grant"},
		func(w *logWorld) {
			_, got := w.p.signUp("ann@example.com", object{"scope": "openid offline_access"})
			w.refresh(got["refresh_token"])
			w.refresh(got["refresh_token"])
		}},
	{EventExchangeClientCredentials, nil,
		func(w *logWorld) {
			w.tokens(object{"grant_type": "client_credentials", "client_id": "machine", "client_secret": "machine secret", "audience": testOrigin + "/api/v2/"})
		}},
	{EventExchangeClientCredentialsFailed, []string{"error.code=access_denied"},
		func(w *logWorld) {
			w.tokens(object{"grant_type": "client_credentials", "client_id": "machine", "client_secret": "machine secret", "audience": "https://x"})
		}},

	{EventManagement, []string{"request.method=patch", "request.path=/api/v2/prompts"},
		func(w *logWorld) {
			operator(w, w.s).ask(http.MethodPatch, "/api/v2/prompts", object{"identifier_first": true})
		}},
	{EventManagement, []string{"relying_party.domain=auth.acme.test", "relying_party.from=auth.acme.test", "relying_party.to=acme.test", "relying_party.passkeys_unusable=0"},
		func(w *logWorld) {
			operator(w, w.s).ask(http.MethodPatch, "/api/v2/custom-domains/"+w.s.primary().id, object{"relying_party_identifier": "acme.test"})
		}},
	{EventManagementFailed, []string{"request.method=patch", "request.path=/api/v2/prompts", "error.message=*"},
		func(w *logWorld) {
			operator(w, w.s).ask(http.MethodPatch, "/api/v2/prompts", object{"identifier_first": false})
		}},
	{EventAccountLimited, []string{"error.code=too-many-failures"},
		func(w *logWorld) {
			for range 3 {
				w.b.logInWithPassword("nobody@example.com", "wrong")
			}
		}},
	{EventAddressLimited, []string{"error.code=too-many-requests"},
		func(w *logWorld) {
			w.b.open(pathLogin)
			for range 101 {
				w.b.post("/u/passkey/login/options", nil)
			}
		}},
}

// flat lists the members of a JSON value as "path=value".
func flat(value any, path string) []string {
	var all []string
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			all = append(all, flat(member, strings.TrimPrefix(path+"."+name, "."))...)
		}
	case []any:
		for _, element := range value {
			all = append(all, flat(element, path+"[]")...)
		}
	default:
		all = append(all, fmt.Sprintf("%s=%v", path, value))
	}
	return all
}

// TestEveryLineOfTheTenantLog has each line written, and finds it with its details in the
// database, in the Management API, on the page and in the stream.
func TestEveryLineOfTheTenantLog(t *testing.T) {
	t.Parallel()
	for i, line := range lines {
		t.Run(fmt.Sprintf("%s %d", line.code, i), func(t *testing.T) {
			t.Parallel()
			w := newLogWorld(t)
			line.cause(w)
			w.clock.advance(time.Hour) // past every limit
			events, err := w.s.Events(0)
			require.NoError(t, err)
			at := slices.IndexFunc(events, func(e Event) bool { return e.Type == line.code && detailed(t, e.Details, line.details) })
			require.GreaterOrEqual(t, at, 0, "no %s with %v in %v", line.code, line.details, events)
			id := fmt.Sprint(events[at].Seq)

			read := operator(t, w.s).get("/api/v2/logs/" + id).json(t)
			assert.Equal(t, string(line.code), read["type"])
			assert.Equal(t, descriptions[line.code], read["description"])
			assert.True(t, detailed(t, read["details"], line.details))
			found := operator(t, w.s).get("/api/v2/logs?q=" + url.QueryEscape("type:"+string(line.code))).list(t)
			assert.Contains(t, ids(found), any(id))

			page := visitSite(t, w.s).open("/log?type=" + string(line.code)).body
			assert.Contains(t, page, `data-seq="`+id+`"`)
			streamed, text := listen(t, w.s, "?q=type:"+string(line.code), fmt.Sprint(events[at].Seq-1)).next()
			assert.Equal(t, id, streamed)
			assert.Equal(t, read, text)
		})
	}
	for _, code := range EventTypes() {
		if code == EventMailFailed { // which takes a mail server: TestMailsThatFailAreLogged
			continue
		}
		assert.True(t, slices.ContainsFunc(lines, func(l struct {
			code    EventType
			details []string
			cause   func(*logWorld)
		}) bool {
			return l.code == code
		}), "nothing causes %s", code)
	}
}

// detailed reports whether details have what is wanted of them.
func detailed(t testing.TB, details any, want []string) bool {
	t.Helper()
	text, err := json.Marshal(details)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(text, &tree))
	have := flat(tree, "")
	return !slices.ContainsFunc(want, func(w string) bool {
		path, anything := strings.CutSuffix(w, "=*")
		return !slices.ContainsFunc(have, func(h string) bool { return h == w || anything && strings.HasPrefix(h, path+"=") })
	})
}

// TestTenantLogIsDocumented holds the table in docs/tenant-log.md to the codes that there
// are, and to the details that the test above has seen.
func TestTenantLogIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/tenant-log.md")
	require.NoError(t, err)
	rows := map[string]string{}
	for _, found := range regexp.MustCompile("(?m)^\\| `([a-z_0-9]+)` \\|(.*)$").FindAllStringSubmatch(string(text), -1) {
		rows[found[1]] += found[2]
	}
	known := map[string]bool{}
	for _, code := range EventTypes() {
		known[string(code)] = true
		assert.Contains(t, rows, string(code))
		assert.Contains(t, rows[string(code)], descriptions[code])
	}
	for _, line := range lines {
		for _, d := range line.details {
			assert.Contains(t, rows[string(line.code)], "`"+strings.TrimSuffix(d, "=*")+"`", "%s: %s", line.code, d)
		}
	}
	for code, row := range rows {
		assert.True(t, known[code] || strings.Contains(row, "never"), "no such line: %s", code)
	}
	namesTests(t, string(text))
}
