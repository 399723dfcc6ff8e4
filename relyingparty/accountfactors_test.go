package relyingparty

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSecondFactorsOnTheAccountPage shows and removes what an account has.
func TestSecondFactorsOnTheAccountPage(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	b := visitSite(t, s)
	app, _ := b.signUpWithApp(clock, "ann@example.com")
	page := b.open(pathAccount)
	assert.Equal(t, "otp", page.attribute("data-factor"))
	assert.Contains(t, page.body, "Authenticator app")
	assert.Contains(t, page.body, "Recovery code")
	id := page.attribute("data-factor-id")

	other := visitSite(t, s)
	other.signUpWithApp(clock, "bob@example.com")
	other.open(pathAccount)
	assert.Equal(t, "no-such-factor", other.submit("/account/factors/remove", "id", id).error(), "only one's own")
	ann, err := s.User("ann@example.com")
	require.NoError(t, err)
	held, err := s.store.Authenticators(ann.ID)
	require.NoError(t, err)
	require.Len(t, held, 2)
	assert.Equal(t, "no-such-factor", b.submit("/account/factors/remove", "id", held[1].ID).error(), "not the recovery code alone")

	// A login from before the policy had two factors is worth one.
	require.NoError(t, s.ChangePolicy(func(p *Policy) error {
		p.SecondFactor = SecondFactorNever
		return nil
	}))
	b.logOut()
	b.logInWithPassword("ann@example.com", goodPassword)
	loggedIn := clock.Now()
	clock.advance(time.Minute)
	b.open(pathAccount)
	require.Equal(t, "mfa-otp-challenge", b.submit("/account/factors/remove", "id", id).screen())
	assert.Contains(t, b.open(pathAccount).body, id, "it is still there")
	require.Equal(t, "account", b.submitTo(pathOTPChallenge, "code", app.code()).screen())
	assert.Equal(t, loggedIn, aliveSession(s, ann.ID).authenticated, "a second factor alone is no login")

	page = b.submit("/account/factors/remove", "id", id)
	assert.Equal(t, "account", page.screen())
	assert.NotContains(t, page.body, "data-factor", "the recovery code goes with it")
	line := lastEvent(t, s)
	assert.Equal(t, EventPasskeyRemoved, line.Type)
	assert.Equal(t, AuthenticatorDetails{Type: "otp", ID: id}, *line.Details.Authenticator)
	assert.Equal(t, "no-such-factor", b.submit("/account/factors/remove", "id", id).error(), "it is gone")
}

// aliveSession is where the newest session of a user is.
func aliveSession(s *Site, userID string) (state flow) {
	s.sessions.users.deleteFunc(func(other *session) bool {
		if at := other.state(); state.userID == "" && at.userID == userID {
			state = at
		}
		return false
	})
	return state
}
