package relyingparty

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Expired refresh tokens go when new ones come, by the site's clock; the others stay.
func TestExpiredRefreshTokensAreSwept(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	p := newProgram(t, s)
	login := func(email string) any {
		_, got := p.signUp(email, object{"scope": "openid offline_access"})
		return got["refresh_token"]
	}
	old := login("ann@example.com")
	clock.advance(refreshLifetime)
	young := login("bob@example.com")
	held := func(token any) bool {
		_, err := s.store.RefreshToken(hashSecret(token.(string)))
		return err == nil
	}
	require.True(t, held(old), "it is good until now")
	clock.advance(time.Second)
	login("cy@example.com")
	assert.False(t, held(old))
	assert.True(t, held(young))
	assert.Equal(t, http.StatusOK, p.post("/oauth/token", object{"grant_type": "refresh_token", "client_id": "app", "refresh_token": young}).status)
}

// Links that are long past go when new ones are asked for. Until then, who comes with one
// reads that it has expired.
func TestExpiredTicketsAreSwept(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	b.signUpWithPassword("ann@example.com")
	b.logOut()
	ask := func() string {
		b.open("/u/reset-password/request")
		b.submit("/u/reset-password/request", "email", "ann@example.com")
		mails := s.Outbox().To("ann@example.com")
		return mails[len(mails)-1].Links[0][len(testOrigin):]
	}
	link := ask()
	clock.advance(s.Policy().ResetLinkLifetime + ticketsKept)
	ask()
	assert.Equal(t, "auth0-users-expired-ticket", b.open(link).error())
	clock.advance(time.Second)
	ask()
	assert.Equal(t, "auth0-users-invalid-ticket", b.open(link).error())
}
