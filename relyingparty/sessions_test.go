package relyingparty

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

func TestLoginChangesTheSession(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.startSignUp("victor@example.com")
	before := b.csrf
	cookies := func() string {
		r := b.request(http.MethodGet, "/", "", nil)
		return b.http.Jar.Cookies(r.URL)[0].Value
	}
	old := cookies()
	b.follow(b.register(ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")))
	assert.NotEqual(t, old, cookies())
	assert.NotEqual(t, before, b.csrf)
	_, alive := s.sessions.find(old, s.config.Clock(), s.Policy())
	assert.False(t, alive)
}

func TestSessionsExpire(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	b.signUp("walter@example.com")
	clock.advance(s.Policy().SessionLifetime)
	require.Equal(t, "account", b.open(pathAccount).screen(), "each visit keeps it alive")
	clock.advance(s.Policy().SessionLifetime + time.Second)
	assert.Equal(t, "login-id", b.open(pathAccount).screen())
}

func TestLoggingInAsSomebodyElse(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	bob := visitSite(t, s).signUp("bob@example.com")
	b := visitSite(t, s)
	b.signUp("alice@example.com")
	answered := b.post("/u/passkey/login/verify", bob.Get(t, b.loginOptions()))
	b.follow(answered)
	assert.Contains(t, b.page.body, "bob@example.com")
}

// However often somebody comes, a session ends, and so does everything in it.
func TestSessionsEndForGood(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withPolicy(func(p *Policy) { p.SessionLifetime, p.SessionMaximum = time.Hour, 3*time.Hour }))
	b := visitSite(t, s)
	b.signUp("walter@example.com")
	for range 3 {
		clock.advance(time.Hour)
		require.Equal(t, "account", b.open(pathAccount).screen())
	}
	clock.advance(time.Second)
	assert.Equal(t, "login-id", b.open(pathAccount).screen())
}

// What a visitor has begun is not the user's who logs in: a login begins with nothing but
// what an application waits for.
func TestLoginKeepsNothingOfTheVisitBefore(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor, func(c *Config) { c.Policy.ResetEnrollment, c.Policy.SecondFactor = true, SecondFactorNever })
	d := visitSite(t, s).signUp("ann@example.com")
	visitSite(t, s).signUpWithPassword("bob@example.com")
	b := visitSite(t, s)
	b.open(b.mailedLink(s, "bob@example.com"))
	b.startSignUp("carol@example.com")
	b.open(pathLogin)
	b.submit(pathLogin, "email", "bob@example.com")
	b.open(authorizeQuery(nil))
	b.do(b.request(http.MethodGet, pathHome, "", nil))
	answered := b.post("/u/passkey/login/verify", d.Get(t, b.loginOptions()))
	require.Equal(t, http.StatusOK, answered.status, answered.body)
	ann, err := s.User("ann@example.com")
	require.NoError(t, err)
	got := sessionOf(t, s, b).state()
	require.NotNil(t, got.authorization)
	got.authorization = nil
	assert.Equal(t, flow{userID: ann.ID, authenticated: clock.Now(), signalsDue: true}, got)
}

// sessionOf is the session of a browser that is logged in.
func sessionOf(t testing.TB, s *Site, b *browser) *session {
	t.Helper()
	home, err := url.Parse(testOrigin)
	require.NoError(t, err)
	found, ok := s.sessions.users.get(b.http.Jar.Cookies(home)[0].Value)
	require.True(t, ok, "somebody is logged in")
	return found
}

// Who logs in anew with a password alone has shown no second factor, whatever was shown
// before in the same browser.
func TestSecondFactorIsOfOneLogin(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	b := visitSite(t, s)
	b.signUpWithApp(clock, "ann@example.com")
	id := b.open(pathAccount).attribute("data-factor-id")
	require.NoError(t, s.ChangePolicy(func(p *Policy) error {
		p.SecondFactor = SecondFactorNever
		return nil
	}))
	clock.advance(time.Second)
	b.open(authorizeQuery(func(q url.Values) { q.Set("prompt", "login") }))
	require.Equal(t, "login-id", b.page.screen())
	require.Equal(t, "login-password", b.submit(pathLogin, "email", "ann@example.com").screen())
	standing(b).submit(pathLoginPassword, "password", goodPassword)
	require.Equal(t, clock.Now(), sessionOf(t, s, b).state().authenticated)
	b.open(pathAccount)
	assert.Equal(t, "mfa-otp-challenge", b.submit("/account/factors/remove", "id", id).screen())
}

// Another site on the same database has ended the user's sessions while a passkey was made.
func TestPasskeyForASessionThatHasEnded(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	b.signUp("ann@example.com")
	b.open(pathAccount)
	asked := b.post("/u/passkey/register/options", []byte(`{"screen":"account"}`))
	require.Equal(t, http.StatusOK, asked.status, asked.body)
	ann, err := s.User("ann@example.com")
	require.NoError(t, err)
	clock.advance(time.Second)
	require.NoError(t, s.store.Update(func(tx *store.Tx) error { return tx.SetPassword(ann.ID, "", clock.Now()) }))
	made := b.post("/u/passkey/register/verify", ceremonytest.NewDevice(t, testOrigin, "auth.acme.test").Create(t, []byte(asked.body)))
	assert.Equal(t, problemSessionEnded, made.refusal(t).Error)
	ann, err = s.User("ann@example.com")
	require.NoError(t, err)
	assert.Len(t, ann.Passkeys, 1)
}
