package relyingparty

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// silentOptions asks for a passkey in silence as the script does.
func (b *browser) silentOptions() answer {
	b.t.Helper()
	return b.post("/u/passkey/register/options", []byte(`{"screen":"`+b.page.screen()+`","mediation":"conditional"}`))
}

// upgrading is a site that asks for passkeys in silence, and somebody with a password
// who has just logged in with it.
func upgrading(t *testing.T, edit func(*Policy)) (*Site, *testClock, *browser) {
	t.Helper()
	s, clock := newSite(t, withPolicy(func(p *Policy) {
		p.Upgrade, p.ProgressiveEnrollment = true, false
		edit(p)
	}))
	b := visitSite(t, s)
	b.signUpWithPassword("alice@example.com")
	assert.Empty(t, b.page.attribute("data-upgrade"), "not at sign-up: the user has just declined a passkey")
	b.logOut()
	require.Equal(t, "home", b.logInWithPassword("alice@example.com", goodPassword).screen())
	return s, clock, b
}

func absent(t testing.TB) *ceremonytest.Device {
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	d.Flags = ceremonytest.FlagBE | ceremonytest.FlagBS
	return d
}

func TestUpgradeAfterAPassword(t *testing.T) {
	t.Parallel()
	s, _, b := upgrading(t, func(*Policy) {})
	assert.Equal(t, "due", b.page.attribute("data-upgrade"))
	assert.Contains(t, b.page.body, "passkeys.js")
	asked := b.silentOptions()
	require.Equal(t, http.StatusOK, asked.status, asked.body)
	assert.Contains(t, asked.body, `"userVerification":"preferred"`)
	d := absent(t)
	require.Equal(t, http.StatusOK, b.post("/u/passkey/register/verify", d.Create(t, []byte(asked.body))).status)
	enrolled := lastEvent(t, s)
	assert.Equal(t, EventPasskeyEnrolled, enrolled.Type)
	assert.Equal(t, "conditional", enrolled.Details.Mediation)
	assert.Empty(t, b.open(pathHome).attribute("data-upgrade"), "once")

	u, err := s.User("alice@example.com")
	require.NoError(t, err)
	require.Len(t, u.Passkeys, 1)
	assert.False(t, u.Passkeys[0].UserVerified)
	b.logOut()
	d.Flags |= ceremonytest.FlagUP | ceremonytest.FlagUV
	require.Equal(t, "home", b.follow(b.logInWith(d)).screen())
	assert.Empty(t, b.page.attribute("data-upgrade"), "whoever has used a passkey needs none")
	assert.Equal(t, http.StatusForbidden, b.silentOptions().status)

	b.logOut()
	b.logInWithPassword("alice@example.com", goodPassword)
	again := b.silentOptions()
	assert.Contains(t, again.body, `"excludeCredentials":[{"type":"public-key","id":"`+encode(d.ID)+`"`)
}

// Presence may be missing there and nowhere else.
func TestOnlyUpgradesNeedNoPresence(t *testing.T) {
	t.Parallel()
	s, _, b := upgrading(t, func(*Policy) {})
	modal := b.post("/u/passkey/register/options", []byte(`{"screen":"home"}`))
	refused := b.post("/u/passkey/register/verify", absent(t).Create(t, []byte(modal.body)))
	assert.Equal(t, ceremony.ReasonUserPresence, refused.refusal(t).Reason)
	assert.Empty(t, lastEvent(t, s).Details.Mediation)
}

func TestUpgradeVerificationIsPolicys(t *testing.T) {
	t.Parallel()
	s, _, b := upgrading(t, func(p *Policy) { p.UpgradeVerification = ceremony.VerificationRequired })
	asked := b.silentOptions()
	assert.Contains(t, asked.body, `"userVerification":"required"`)
	refused := b.post("/u/passkey/register/verify", absent(t).Create(t, []byte(asked.body)))
	assert.Equal(t, ceremony.ReasonUserVerification, refused.refusal(t).Reason)
	failed := lastEvent(t, s)
	assert.Equal(t, EventPasskeyEnrollmentFailed, failed.Type)
	assert.Equal(t, "conditional", failed.Details.Mediation)
}

func TestAbandonedUpgradesAreLogged(t *testing.T) {
	t.Parallel()
	for given, logged := range map[string]string{"NotAllowedError": "NotAllowedError", "<script>": "Error", "": "Error"} {
		s, _, b := upgrading(t, func(*Policy) {})
		var asked ceremonytest.Options
		require.NoError(t, json.Unmarshal([]byte(b.silentOptions().body), &asked))
		body, err := json.Marshal(abandonRequest{Challenge: asked.PublicKey.Challenge, Error: given})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, b.post("/u/passkey/register/abandon", body).status)
		failed := lastEvent(t, s)
		assert.Equal(t, EventPasskeyEnrollmentFailed, failed.Type)
		assert.Equal(t, "alice@example.com", failed.User)
		assert.Equal(t, &ErrorDetails{Message: "The browser made no passkey.", Code: logged}, failed.Details.Error)
		before := codes(t, s)
		require.Equal(t, http.StatusOK, b.post("/u/passkey/register/abandon", body).status, "it is forgotten")
		assert.Equal(t, before, codes(t, s))
	}
}

func TestWhoGetsNoUpgrade(t *testing.T) {
	t.Parallel()
	t.Run("where policy has none", func(t *testing.T) {
		t.Parallel()
		_, _, b := upgrading(t, func(p *Policy) { p.Upgrade = false })
		assert.Empty(t, b.page.attribute("data-upgrade"))
		assert.Equal(t, problemUpgradeOff, b.silentOptions().refusal(t).Error)
	})
	t.Run("a stranger", func(t *testing.T) {
		t.Parallel()
		_, _, b := upgrading(t, func(*Policy) {})
		b.logOut()
		b.startSignUp("bob@example.com")
		assert.Equal(t, problemUpgradeOff, b.silentOptions().refusal(t).Error)
	})
	t.Run("a while after the login", func(t *testing.T) {
		t.Parallel()
		_, clock, b := upgrading(t, func(*Policy) {})
		clock.advance(DefaultPolicy().ChallengeLifetime + time.Second)
		assert.Equal(t, problemUpgradeOff, b.silentOptions().refusal(t).Error)
	})
	t.Run("a full account", func(t *testing.T) {
		t.Parallel()
		s, _, b := upgrading(t, func(p *Policy) { p.MaxPasskeys = 1 })
		require.Equal(t, http.StatusOK, b.post("/u/passkey/register/verify", absent(t).Create(t, []byte(b.silentOptions().body))).status)
		b.logOut()
		b.logInWithPassword("alice@example.com", goodPassword)
		assert.Empty(t, b.page.attribute("data-upgrade"))
		assert.NotEqual(t, EventPasskeyEnrollmentFailed, lastEvent(t, s).Type)
	})
}

// Somebody who has declined a passkey gets none behind their back, for as long as they
// are not asked again.
func TestDeclinedPasskeysAreNotMadeInSilence(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withPolicy(func(p *Policy) { p.Upgrade = true }))
	b := visitSite(t, s)
	b.signUpWithPassword("alice@example.com")
	login := func() {
		b.logOut()
		b.logInWithPassword("alice@example.com", goodPassword)
	}
	login()
	require.Equal(t, "passkey-enrollment", b.page.screen())
	assert.Equal(t, "due", b.page.attribute("data-upgrade"), "it does not replace the offer")
	b.submit(pathEnrollment)
	login()
	assert.Equal(t, "home", b.page.screen())
	assert.Empty(t, b.page.attribute("data-upgrade"))
	clock.advance(DefaultPolicy().EnrollmentInterval)
	b.open(pathHome)
	b.logInWithPassword("alice@example.com", goodPassword)
	assert.Equal(t, "due", b.page.attribute("data-upgrade"))
}
