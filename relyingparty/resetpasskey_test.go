package relyingparty

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

var offeringPasskeys = withPolicy(func(p *Policy) { p.ResetEnrollment = true })

// mailedLink has a browser ask for a new password, and returns the path that is mailed.
func (b *browser) mailedLink(s *Site, email string) string {
	b.t.Helper()
	b.open(pathResetRequest)
	require.Equal(b.t, "reset-password-email", b.submit(pathResetRequest, "email", email).screen())
	mails := s.Outbox().To(email)
	return strings.TrimPrefix(mails[len(mails)-1].Links[0], testOrigin)
}

func registerForReset(b *browser) answer {
	return b.post("/u/passkey/register/options", []byte(`{"screen":"passkey-enrollment","variant":"reset"}`))
}

func TestResetByPasskey(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, offeringPasskeys)
	owner := visitSite(t, s)
	owner.signUpWithPassword("liam@example.com")

	b := visitSite(t, s)
	link := b.mailedLink(s, "liam@example.com")
	page := b.open(link)
	require.Equal(t, "passkey-enrollment", page.screen())
	assert.Equal(t, "reset", page.attribute("data-variant"))
	assert.Contains(t, page.body, ">Create a new passkey</button>")
	assert.Contains(t, page.body, ">Create a new password</a>")
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	options := registerForReset(b)
	require.Equal(t, http.StatusOK, options.status, options.body)
	late := visitSite(t, s)
	late.open(link)
	lateOptions := registerForReset(late)
	b.follow(b.post("/u/passkey/register/verify", d.Create(t, []byte(options.body))))
	assert.Equal(t, "home", b.page.screen())
	assert.Equal(t, EventPasskeyEnrolled, lastEvent(t, s).Type)
	u, err := s.User("liam@example.com")
	require.NoError(t, err)
	assert.Len(t, u.Passkeys, 1)
	assert.True(t, u.HasPassword)
	assert.Equal(t, "account", b.open(pathAccount).screen(), "logged in")
	assert.Equal(t, "login-id", owner.open(pathAccount).screen(), "the reset ends the sessions of before")
	assert.Equal(t, "auth0-users-used-ticket", visitSite(t, s).open(link).error())
	assert.Equal(t, problemTicketUsed, registerForReset(late).refusal(t).Error)
	assert.Equal(t, problemTicketUsed, late.post("/u/passkey/register/verify", ceremonytest.NewDevice(t, testOrigin, "auth.acme.test").Create(t, []byte(lateOptions.body))).refusal(t).Error)
	assert.Equal(t, "home", owner.logInWithPassword("liam@example.com", goodPassword).screen(), "the password stays")
}

func TestResetByPasskeyOrPassword(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, offeringPasskeys)
	visitSite(t, s).signUpWithPassword("liam@example.com")
	b := visitSite(t, s)
	link := b.mailedLink(s, "liam@example.com")
	b.open(link)
	options := registerForReset(b)
	require.Equal(t, http.StatusOK, options.status, options.body)
	require.Equal(t, "reset-password", b.open(link+"&with=password").screen())
	_, ticket, _ := strings.Cut(link, "ticket=")
	require.Equal(t, "reset-password-success", b.submit(pathReset, "ticket", ticket, "password", "Another-horse-8").screen())
	created := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test").Create(t, []byte(options.body))
	assert.Equal(t, problemTicketUsed, b.post("/u/passkey/register/verify", created).refusal(t).Error, "one link, one use")

	link = b.mailedLink(s, "liam@example.com")
	b.open(link)
	stranger := visitSite(t, s)
	stranger.open(pathLogin)
	assert.Equal(t, problemTicketInvalid, registerForReset(stranger).refusal(t).Error, "who has not opened the link has none")
	p := s.Policy()
	p.SessionLifetime = 10 * p.ResetLinkLifetime
	require.NoError(t, s.SetPolicy(p))
	clock.advance(p.ResetLinkLifetime + time.Second)
	b.open(pathLogin)
	assert.Equal(t, problemTicketExpired, registerForReset(b).refusal(t).Error)
	u, err := s.User("liam@example.com")
	require.NoError(t, err)
	assert.Empty(t, u.Passkeys)
}

func TestResetByPasskeyOnlyWhereOffered(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*Policy){
		"by default":       func(*Policy) {},
		"without passkeys": func(p *Policy) { p.ResetEnrollment, p.Passkeys = true, false },
	} {
		s, _ := newSite(t)
		b := visitSite(t, s)
		b.signUpWithPassword("liam@example.com")
		p := s.Policy()
		edit(&p)
		require.NoError(t, s.SetPolicy(p))
		assert.Equal(t, "reset-password", b.open(b.mailedLink(s, "liam@example.com")).screen(), name)
	}
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.open(pathLogin)
	assert.Equal(t, problemPasskeysOff, registerForReset(b).refusal(t).Error)

	s, _ = newSite(t, withPolicy(func(p *Policy) { p.ResetEnrollment, p.MaxPasskeys = true, 1 }))
	b = visitSite(t, s)
	b.signUp("liam@example.com")
	assert.Equal(t, "reset-password", b.open(b.mailedLink(s, "liam@example.com")).screen(), "no room for another")
}

// Whoever got hold of an older mail can do nothing with it once the password is new.
func TestAResetUsesUpEveryTicket(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	visitSite(t, s).signUpWithPassword("liam@example.com")
	b := visitSite(t, s)
	var tickets []string
	for range 2 {
		_, ticket, _ := strings.Cut(b.mailedLink(s, "liam@example.com"), "ticket=")
		tickets = append(tickets, ticket)
	}
	require.Equal(t, "reset-password-success", b.submit(pathReset, "ticket", tickets[1], "password", "Another-horse-8").screen())
	assert.Equal(t, "auth0-users-used-ticket", b.submit(pathReset, "ticket", tickets[0], "password", "Another-horse-9").error())
}

// A reset by passkey is a reset: what was given before it is over, and other mails too.
func TestResetByPasskeyEndsWhatWasGivenBefore(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications, offeringPasskeys)
	p, b := newProgram(t, s), visitSite(t, s)
	_, got := p.signUp("ann@example.com", object{"scope": "openid offline_access read:me:authentication_methods", "audience": testOrigin + "/me/"})
	access := got["access_token"].(string)
	require.Equal(t, http.StatusOK, p.bearing(access).get(pathMethods).status)
	older := b.mailedLink(s, "ann@example.com")
	clock.advance(time.Second)
	b.open(b.mailedLink(s, "ann@example.com"))
	options := registerForReset(b)
	require.Equal(t, http.StatusOK, options.status, options.body)
	b.follow(b.post("/u/passkey/register/verify", ceremonytest.NewDevice(t, testOrigin, "auth.acme.test").Create(t, []byte(options.body))))
	require.Equal(t, "home", b.page.screen())

	a := p.post("/oauth/token", object{"grant_type": "refresh_token", "client_id": "app", "refresh_token": got["refresh_token"]})
	assert.Equal(t, http.StatusForbidden, a.status, "the refresh token")
	_, err := s.store.RefreshToken(hashSecret(got["refresh_token"].(string)))
	require.ErrorIs(t, err, store.ErrNotFound, "is gone, too")
	assert.Equal(t, http.StatusUnauthorized, p.bearing(access).get(pathMethods).status, "the access token")
	assert.Equal(t, "auth0-users-used-ticket", visitSite(t, s).open(older).error(), "the mail of before")
}

// Who is locked out by somebody's wrong passwords gets in again by the mailed link.
func TestResetForgivesWrongPasswords(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, offeringPasskeys)
	visitSite(t, s).signUpWithPassword("liam@example.com")
	lock := func() {
		t.Helper()
		for range DefaultLimits().PasswordErrors.Burst {
			visitSite(t, s).logInWithPassword("liam@example.com", "wrong")
		}
		require.Equal(t, "too-many-failures", visitSite(t, s).logInWithPassword("liam@example.com", goodPassword).error())
	}
	lock()
	b := visitSite(t, s)
	b.open(b.mailedLink(s, "liam@example.com"))
	b.follow(b.post("/u/passkey/register/verify", ceremonytest.NewDevice(t, testOrigin, "auth.acme.test").Create(t, []byte(registerForReset(b).body))))
	assert.Equal(t, "home", visitSite(t, s).logInWithPassword("liam@example.com", goodPassword).screen(), "by a passkey")
	lock()
	link := b.mailedLink(s, "liam@example.com")
	_, ticket, _ := strings.Cut(link, "ticket=")
	b.open(link + "&with=password")
	require.Equal(t, "reset-password-success", b.submit(pathReset, "ticket", ticket, "password", "Another-horse-8").screen())
	assert.Equal(t, "home", visitSite(t, s).logInWithPassword("liam@example.com", "Another-horse-8").screen(), "by a password")
}
