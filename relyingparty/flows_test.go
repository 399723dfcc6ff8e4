package relyingparty

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

func TestSignUpWithPasskeyThenLogIn(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	d := b.signUp("alice@example.com")

	signedUp := lastEvent(t, s)
	assert.Equal(t, EventSignUp, signedUp.Type)
	assert.Equal(t, []string{"passkey"}, signedUp.Details.AuthenticationMethods)
	assert.Equal(t, "alice@example.com", signedUp.User)
	assert.Equal(t, "192.0.2.1", signedUp.IP)

	b.logOut()
	require.Equal(t, "home", b.follow(b.logInWith(d)).screen())
	assert.Contains(t, b.page.body, "alice@example.com")
	loggedIn := lastEvent(t, s)
	assert.Equal(t, EventLogin, loggedIn.Type)
	require.Len(t, loggedIn.Details.Prompts, 1)
	assert.Equal(t, []string{"phr"}, loggedIn.Details.Prompts[0].PerformedAMR)
	assert.Equal(t, "passkey", loggedIn.Details.Authenticator.Type)
	assert.Equal(t, "ss slo s", codes(t, s))

	u, err := s.User("ALICE@example.com")
	require.NoError(t, err)
	require.Len(t, u.Passkeys, 1)
	assert.Equal(t, d.ID, u.Passkeys[0].ID)
	assert.Equal(t, "Chrome on Linux", u.Passkeys[0].Name)
	assert.Equal(t, "single_device", u.Passkeys[0].DeviceType())
	assert.False(t, u.HasPassword)
	assert.Equal(t, 1, u.Logins)
}

func TestSignUpWithoutPasskey(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.startSignUp("bob@example.com")
	b.open(pathSignUpPassword)

	weak := b.submit(pathSignUpPassword, "password", "password")
	assert.Equal(t, "signup-password", weak.screen())
	assert.Equal(t, "password-too-weak", weak.error())
	_, err := s.User("bob@example.com")
	require.ErrorIs(t, err, ErrNoSuchUser, "no account before it has a credential")

	require.Equal(t, "home", b.submit(pathSignUpPassword, "password", goodPassword).screen())
	assert.Equal(t, []string{"pwd"}, lastEvent(t, s).Details.AuthenticationMethods)
}

func TestTakenEmailIsRefusedOnlyWhereTheAccountWouldBeMade(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	visitSite(t, s).signUp("carol@example.com")

	b := visitSite(t, s)
	b.startSignUp("Carol@Example.com")
	refused := b.post("/u/passkey/register/options", []byte(`{}`))
	assert.Equal(t, http.StatusConflict, refused.status)
	assert.Equal(t, refusal{Error: "email-in-use", Message: "The user already exists."}, refused.refusal(t))
	assert.Equal(t, EventSignUpFailed, lastEvent(t, s).Type)

	b.open(pathSignUpPassword)
	again := b.submit(pathSignUpPassword, "password", goodPassword)
	assert.Equal(t, "email-in-use", again.error())
	assert.Equal(t, "signup-password", again.screen())
}

func TestTwoSignUpsRaceForOneEmail(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	first, second := visitSite(t, s), visitSite(t, s)
	first.startSignUp("dave@example.com")
	second.startSignUp("dave@example.com")
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	asked := second.post("/u/passkey/register/options", nil)
	require.Equal(t, http.StatusOK, first.register(ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")).status)

	lost := second.post("/u/passkey/register/verify", d.Create(t, []byte(asked.body)))
	assert.Equal(t, problemEmailInUse, lost.refusal(t).Error)
	assert.Equal(t, "ss fs", codes(t, s))
}

func TestLoginScreenFollowsPolicy(t *testing.T) {
	t.Parallel()
	tests := map[ChallengeUI]struct{ autocomplete, autofill, button string }{
		ChallengeBoth:     {"username webauthn", "loading", "passkey-button"},
		ChallengeAutofill: {"username webauthn", "loading", ""},
		ChallengeButton:   {"username", "off", "passkey-button"},
	}
	s, _ := newSite(t)
	for ui, want := range tests {
		p := s.Policy()
		p.ChallengeUI = ui
		require.NoError(t, s.SetPolicy(p))
		page := visitSite(t, s).open(pathLogin)
		assert.Equal(t, want.autocomplete, page.attribute("autocomplete"), ui)
		assert.Equal(t, want.autofill, page.attribute("data-autofill"), ui)
		assert.Equal(t, want.button != "", strings.Contains(page.body, `id="passkey-button"`), ui)
	}
}

func TestPasswordLoginOffersPasskeyAndKeepsWorking(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	b.signUpWithPassword("erin@example.com")
	b.logOut()

	offer := b.logInWithPassword("erin@example.com", goodPassword)
	require.Equal(t, "passkey-enrollment", offer.screen())
	require.Equal(t, "progressive", offer.attribute("data-variant"))
	require.Equal(t, "home", b.submit(pathEnrollment).screen(), "declining leads on")
	b.logOut()
	require.Equal(t, "home", b.logInWithPassword("erin@example.com", goodPassword).screen(), "not asked again at once")
	b.logOut()
	clock.advance(s.Policy().EnrollmentInterval)
	require.Equal(t, "passkey-enrollment", b.logInWithPassword("erin@example.com", goodPassword).screen(), "asked again later")

	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	require.Equal(t, "home", b.follow(b.register(d)).screen())
	enrolled := lastEvent(t, s)
	assert.Equal(t, EventPasskeyEnrolled, enrolled.Type)
	assert.Equal(t, "passkey", enrolled.Details.Authenticator.Type)
	b.logOut()
	assert.Equal(t, "home", b.logInWithPassword("erin@example.com", goodPassword).screen(), "the password stays, and nothing is offered")
	b.logOut()
	assert.Equal(t, http.StatusOK, b.logInWith(d).status)
}

func TestNeverShowEnrollmentAgain(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	b.signUpWithPassword("frank@example.com")
	b.logOut()
	require.Equal(t, "passkey-enrollment", b.logInWithPassword("frank@example.com", goodPassword).screen())
	b.submit(pathEnrollment, "never", "1")
	b.logOut()
	clock.advance(10 * s.Policy().EnrollmentInterval)
	assert.Equal(t, "home", b.logInWithPassword("frank@example.com", goodPassword).screen())
}

func TestCrossDeviceLoginOffersLocalPasskey(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	roaming := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	roaming.Attachment = "cross-platform"
	b.startSignUp("grace@example.com")
	b.follow(b.register(roaming))
	b.logOut()

	require.Equal(t, "passkey-enrollment-local", b.follow(b.logInWith(roaming)).screen())
	asked := b.post("/u/passkey/register/options", []byte(`{"screen":"passkey-enrollment-local"}`))
	assert.Contains(t, asked.body, `"authenticatorAttachment":"platform"`)
	assert.Contains(t, asked.body, `"excludeCredentials":[{"type":"public-key","id":"`+encode(roaming.ID)+`"`)
	require.Equal(t, "home", b.submit(pathLocalEnrollment).screen())
	b.logOut()
	require.Equal(t, "home", b.follow(b.logInWith(roaming)).screen(), "declined for now")

	b.open(pathAccount)
	require.Equal(t, "account", b.follow(b.register(ceremonytest.NewDevice(t, testOrigin, "auth.acme.test"))).screen())
	assert.Equal(t, 2, strings.Count(b.page.body, "data-credential-id"))
}

func TestAccountPage(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	d := b.signUp("heidi@example.com")
	page := b.open(pathAccount)
	assert.Equal(t, encode(d.ID), page.attribute("data-credential-id"))
	id := page.attribute("data-passkey-id")

	assert.Equal(t, "invalid-name", b.submit("/account/passkeys/rename", "id", id, "name", " ").error())
	assert.Equal(t, "invalid-name", b.submit("/account/passkeys/rename", "id", id, "name", strings.Repeat("ä", longestName+1)).error())
	assert.Contains(t, b.submit("/account/passkeys/rename", "id", id, "name", strings.Repeat("ä", longestName)).body, strings.Repeat("ä", longestName))
	assert.Contains(t, b.submit("/account/passkeys/rename", "id", id, "name", "My <laptop>").body, "My &lt;laptop&gt;")

	stranger := visitSite(t, s)
	stranger.signUp("ivan@example.com")
	stranger.open(pathAccount)
	assert.Equal(t, "no-such-passkey", stranger.submit("/account/passkeys/remove", "id", id).error(), "only one's own")

	gone := b.submit("/account/passkeys/remove", "id", id)
	assert.NotContains(t, gone.body, "data-credential-id")
	assert.Equal(t, EventPasskeyRemoved, lastEvent(t, s).Type)
	b.logOut()
	refused := b.logInWith(d).refusal(t)
	assert.Equal(t, ceremony.ReasonUnknownCredential, refused.Reason)
}

func TestOperatorRemovesPasskey(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	d := b.signUp("judy@example.com")
	u, err := s.User("judy@example.com")
	require.NoError(t, err)
	require.NoError(t, s.RemovePasskey("judy@example.com", u.Passkeys[0].RegistrationID))
	b.logOut()
	assert.Equal(t, ceremony.ReasonUnknownCredential, b.logInWith(d).refusal(t).Reason)
}

func TestMaximumNumberOfPasskeys(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withPolicy(func(p *Policy) { p.MaxPasskeys = 2 }))
	b := visitSite(t, s)
	b.signUp("kim@example.com")
	b.open(pathAccount)
	asked := b.post("/u/passkey/register/options", nil)
	require.Equal(t, http.StatusOK, b.register(ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")).status)

	late := b.post("/u/passkey/register/verify", ceremonytest.NewDevice(t, testOrigin, "auth.acme.test").Create(t, []byte(asked.body)))
	assert.Equal(t, problemTooManyPasskeys, late.refusal(t).Error)
	full := b.post("/u/passkey/register/options", nil)
	assert.Equal(t, problemTooManyPasskeys, full.refusal(t).Error)
	assert.Equal(t, EventPasskeyEnrollmentFailed, lastEvent(t, s).Type)
}

func TestPasswordResetCanBeOff(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	b := visitSite(t, s)
	b.signUpWithPassword("liam@example.com")
	b.open("/u/reset-password/request")
	policy := s.Policy()
	policy.PasswordReset = false
	require.NoError(t, s.SetPolicy(policy))
	assert.Equal(t, "password-reset-not-allowed", b.open("/u/reset-password/request").error())
	assert.Equal(t, "password-reset-not-allowed", b.submit("/u/reset-password/request", "email", "liam@example.com").error())
	asked := newProgram(t, s).post("/dbconnections/change_password", object{"email": "liam@example.com", "connection": connectionName})
	assert.Equal(t, http.StatusForbidden, asked.status)
	assert.Empty(t, s.Outbox().To("liam@example.com"))
}

func TestPasswordReset(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	b.signUpWithPassword("liam@example.com")

	other := visitSite(t, s)
	other.open("/u/reset-password/request")
	require.Equal(t, "reset-password-email", other.submit("/u/reset-password/request", "email", "liam@example.com").screen())
	mail, err := s.Outbox().Wait(t.Context(), "liam@example.com", 0)
	require.NoError(t, err)
	require.Len(t, mail.Links, 1)
	link := strings.TrimPrefix(mail.Links[0], testOrigin)

	form := other.open(link)
	require.Equal(t, "reset-password", form.screen())
	ticket := strings.SplitAfter(link, "ticket=")[1]
	assert.Equal(t, "password-too-weak", other.submit(pathReset, "ticket", ticket, "password", "short").error())
	require.Equal(t, "reset-password-success", other.submit(pathReset, "ticket", ticket, "password", "Another-horse-8").screen())
	assert.Equal(t, "home", b.open(pathAccount+"/../").screen())
	assert.Equal(t, "login-id", b.open(pathAccount).screen(), "the reset ends the user's sessions")

	used := other.open(link)
	assert.Equal(t, "reset-password-error", used.screen())
	assert.Contains(t, used.body, "This ticket was already used.")
	assert.Equal(t, "auth0-users-used-ticket", other.submit(pathReset, "ticket", ticket, "password", "Another-horse-9").error())

	assert.Equal(t, "wrong-credentials", b.logInWithPassword("liam@example.com", goodPassword).error())
	assert.Equal(t, "passkey-enrollment", b.logInWithPassword("liam@example.com", "Another-horse-8").screen())
	assert.Equal(t, "ss scpr scp fcp fcp fp s", codes(t, s))

	other.open("/u/reset-password/request")
	other.submit("/u/reset-password/request", "email", "liam@example.com")
	mail, err = s.Outbox().Wait(t.Context(), "liam@example.com", mail.Seq)
	require.NoError(t, err)
	clock.advance(s.Policy().ResetLinkLifetime + time.Second)
	expired := other.open(strings.TrimPrefix(mail.Links[0], testOrigin))
	assert.Contains(t, expired.body, "This ticket was expired.")
	assert.Equal(t, "auth0-users-invalid-ticket", other.open(pathReset+"?ticket=guess").error())
}

func TestNothingTellsWhetherAnAccountExists(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	visitSite(t, s).signUpWithPassword("mallory@example.com")
	normal := func(a answer, email string) string {
		body := strings.ReplaceAll(a.body, email, "EMAIL")
		return strings.ReplaceAll(body, a.attribute("csrf-token\" content"), "TOKEN")
	}
	ask := func(email string) (login, mail string) {
		b := visitSite(t, s)
		login = normal(b.logInWithPassword(email, "wrong"), email)
		b.open("/u/reset-password/request")
		mail = normal(b.submit("/u/reset-password/request", "email", email), email)
		return login, mail
	}
	knownLogin, knownMail := ask("mallory@example.com")
	unknownLogin, unknownMail := ask("nobody@example.com")
	assert.Equal(t, knownLogin, unknownLogin)
	assert.Equal(t, knownMail, unknownMail)
	assert.Len(t, s.Outbox().All(), 1)
}

func TestInvalidEmails(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.open(pathSignUp)
	for _, email := range []string{"alice", "a@", "@b", "Alice <a@b.c>", "a b@c.d", `"a"@b.c`, "a@[127.0.0.1]", "a\r\nb@c.d",
		strings.Repeat("a", 65) + "@b.c", "a@" + strings.Repeat("b", 260)} {
		a := b.submit(pathSignUp, "email", email)
		assert.Equal(t, "invalid-email", a.error(), email)
		assert.Equal(t, http.StatusUnprocessableEntity, a.status)
	}
	assert.Equal(t, "no-email", b.submit(pathSignUp, "email", " ").error())
}

func TestMissingPasswords(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.startSignUp("peggy@example.com")
	assert.Equal(t, "no-password", b.submit(pathSignUpPassword, "password", "").error())
	assert.Equal(t, "no-password", b.logInWithPassword("peggy@example.com", "").error())
	b.submit(pathSignUpPassword, "password", goodPassword)
	b.submit("/u/reset-password/request", "email", "peggy@example.com")
	_, ticket, _ := strings.Cut(s.Outbox().All()[0].Links[0], "ticket=")
	assert.Equal(t, "no-password-reset", b.submit(pathReset, "ticket", ticket, "password", "").error())
}

// Local enrolment is for who has no passkey of a device's own yet, whichever was used now.
func TestLocalEnrolmentIsForWhoHasNone(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.signUp("pia@example.com") // on the platform
	roaming := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	roaming.Attachment = "cross-platform"
	b.open(pathAccount)
	b.follow(b.register(roaming))
	b.logOut()
	assert.Equal(t, "home", b.follow(b.logInWith(roaming)).screen())
}
