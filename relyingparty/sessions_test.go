package relyingparty

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
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
