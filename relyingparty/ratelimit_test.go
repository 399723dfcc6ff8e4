package relyingparty

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRateLimits(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.PasswordErrors = Rate{Burst: 3, Every: time.Minute}
		c.Limits.ResetMails = Rate{Burst: 2, Every: time.Minute}
	})
	b := visitSite(t, s)
	b.signUpWithPassword("xena@example.com")
	b.logOut()
	for range 3 {
		require.Equal(t, "wrong-credentials", b.logInWithPassword("xena@example.com", "nope").error())
	}
	assert.Equal(t, "too-many-failures", b.logInWithPassword("XENA@example.com", goodPassword).error(), "even the right one")
	assert.Equal(t, "too-many-failures", b.logInWithPassword("xena@example.com", "nope").error())
	clock.advance(time.Minute)
	assert.Equal(t, "passkey-enrollment", b.logInWithPassword("xena@example.com", goodPassword).screen())
	b.logOut()
	assert.Equal(t, "ss slo fp fp fp limit_wc s slo", codes(t, s), "one line for the limit")

	b.open("/u/reset-password/request")
	for range 2 {
		require.Equal(t, "reset-password-email", b.submit("/u/reset-password/request", "email", "xena@example.com").screen())
	}
	assert.Equal(t, "too-many-email", b.submit("/u/reset-password/request", "email", "xena@example.com").error())
	assert.Equal(t, "too-many-email", b.submit("/u/reset-password/request", "email", "XENA@example.com").error(), "however it is written")
	assert.Len(t, s.Outbox().To("xena@example.com"), 2)
}

// A right password is the end of the wrong ones before it.
func TestRightPasswordForgivesWrongOnes(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	visitSite(t, s).signUpWithPassword("xena@example.com")
	for range 3 {
		for range DefaultLimits().PasswordErrors.Burst - 1 {
			require.Equal(t, "wrong-credentials", visitSite(t, s).logInWithPassword("xena@example.com", "nope").error())
		}
		require.Equal(t, "passkey-enrollment", visitSite(t, s).logInWithPassword("xena@example.com", goodPassword).screen())
	}
}

func TestAddressLimit(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.Requests = Rate{Burst: 2, Every: time.Second}
	})
	b := visitSite(t, s)
	b.open(pathLogin)
	b.loginOptions()
	b.loginOptions()
	for range 3 {
		assert.Equal(t, problemTooManyRequests, b.post("/u/passkey/login/options", nil).refusal(t).Error)
	}
	assert.Equal(t, "limit_mu", codes(t, s))
	clock.advance(time.Second)
	b.loginOptions()
}

func TestAuthorizeIsLimited(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.Requests = Rate{Burst: 2, Every: time.Second}
	})
	b := standing(visitSite(t, s))
	refused := authorizeQuery(func(q url.Values) { q.Set("prompt", "none") })
	for range 2 {
		b.open(refused).sentTo(t)
	}
	for range 3 {
		assert.Equal(t, "too-many-requests", b.open(refused).error())
	}
	assert.Equal(t, "fsa fsa limit_mu", codes(t, s))
}
