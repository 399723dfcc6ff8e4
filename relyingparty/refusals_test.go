package relyingparty

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// TestRefusedPasskeysAreExplainedAndLogged walks the site's own path: message for
// the visitor, reason for the driver, line for the operator.
func TestRefusedPasskeysAreExplainedAndLogged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil   func(*ceremonytest.Device)
		want    ceremony.Reason
		message string
	}{
		"signature":    {func(d *ceremonytest.Device) { d.Sign = func(s []byte) []byte { s[len(s)-1] ^= 1; return s } }, ceremony.ReasonSignature, "could not be verified"},
		"RP ID":        {func(d *ceremonytest.Device) { d.RPID = "evil.test" }, ceremony.ReasonRPIDHash, "belongs to another website"},
		"presence":     {func(d *ceremonytest.Device) { d.Flags = ceremonytest.FlagUV }, ceremony.ReasonUserPresence, "did not confirm that you are there"},
		"verification": {func(d *ceremonytest.Device) { d.Flags = ceremonytest.FlagUP }, ceremony.ReasonUserVerification, "did not verify that it is you"},
		"counter":      {func(d *ceremonytest.Device) { d.Counter = 2 }, ceremony.ReasonCounter, "may have been copied"},
		"origin":       {func(d *ceremonytest.Device) { d.Origin = "https://auth.acme.example" }, ceremony.ReasonOrigin, "used on another website"},
		"unknown":      {func(d *ceremonytest.Device) { d.ID = []byte("never registered here") }, ceremony.ReasonUnknownCredential, "not registered here"},
		"handle":       {func(d *ceremonytest.Device) { d.Handle = []byte("somebody else") }, ceremony.ReasonUserHandle, "names another account"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newSite(t)
			b := visitSite(t, s)
			d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
			d.Counter = 5
			b.startSignUp("nina@example.com")
			b.follow(b.register(d))
			b.logOut()
			test.spoil(d)

			a := b.logInWith(d)
			assert.Equal(t, http.StatusUnauthorized, a.status)
			refused := a.refusal(t)
			assert.Equal(t, problemPasskeyRefused, refused.Error)
			assert.Equal(t, test.want, refused.Reason)
			assert.Contains(t, refused.Message, "Passkey authentication failed.")
			assert.Contains(t, refused.Message, test.message)
			line := lastEvent(t, s)
			assert.Equal(t, EventLoginFailed, line.Type)
			assert.Equal(t, test.want, line.Details.Error.Reason)
			assert.Equal(t, test.want.Explain(), line.Details.Error.Message)
			assert.Equal(t, "login-id", b.open(pathLogin).screen(), "nobody is logged in")
		})
	}
}

func TestReplayedResponses(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	d := b.signUp("oscar@example.com")
	b.logOut()
	b.open(pathLogin)
	body := d.Get(t, b.loginOptions())
	require.Equal(t, http.StatusOK, b.post("/u/passkey/login/verify", body).status)
	b.logOut()

	b.open(pathLogin)
	b.loginOptions()
	assert.Equal(t, ceremony.ReasonChallengeUsed, b.post("/u/passkey/login/verify", body).refusal(t).Reason)

	unused := d.Get(t, b.loginOptions())
	thief := visitSite(t, s)
	thief.open(pathLogin)
	assert.Equal(t, ceremony.ReasonChallengeUnknown, thief.post("/u/passkey/login/verify", unused).refusal(t).Reason, "another session's challenge")
	clock.advance(s.Policy().ChallengeLifetime + time.Second)
	assert.Equal(t, ceremony.ReasonChallengeExpired, b.post("/u/passkey/login/verify", unused).refusal(t).Reason)
}

func TestAutofillChallengeLivesLonger(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	d := b.signUp("peggy@example.com")
	b.logOut()
	b.open(pathLogin)
	asked := b.post("/u/passkey/login/options", []byte(`{"mediation":"conditional"}`))
	for range 3 {
		b.loginOptions() // other tabs and the button have challenges of their own
	}
	clock.advance(s.Policy().AutofillLifetime)
	assert.Equal(t, http.StatusOK, b.post("/u/passkey/login/verify", d.Get(t, []byte(asked.body))).status)
}

func TestRegisteringACredentialTwice(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	d := visitSite(t, s).signUp("quinn@example.com")
	b := visitSite(t, s)
	b.startSignUp("ruth@example.com")
	assert.Equal(t, ceremony.ReasonDuplicateCredential, b.register(d).refusal(t).Reason)
	_, err := s.User("ruth@example.com")
	assert.ErrorIs(t, err, ErrNoSuchUser)
}

func TestRefusedRegistrationIsLogged(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	d.Flags = ceremonytest.FlagUP
	b.startSignUp("sybil@example.com")
	refused := b.register(d).refusal(t)
	assert.Equal(t, problemEnrollment, refused.Error)
	assert.Equal(t, ceremony.ReasonUserVerification, refused.Reason)
	assert.Equal(t, EventSignUpFailed, lastEvent(t, s).Type)
	d.Flags |= ceremonytest.FlagUV
	require.Equal(t, "home", b.follow(b.register(d)).screen(), "the page can be tried again")

	d = ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	d.RPID = "evil.test"
	b.open(pathAccount)
	assert.Equal(t, ceremony.ReasonRPIDHash, b.register(d).refusal(t).Reason)
	assert.Equal(t, EventPasskeyEnrollmentFailed, lastEvent(t, s).Type)
}

func TestCounterRaceHasOneWinner(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	d.Counter = 5
	b.startSignUp("trent@example.com")
	b.follow(b.register(d))
	u, err := s.User("trent@example.com")
	require.NoError(t, err)

	first, second := visitSite(t, s), visitSite(t, s)
	first.open(pathLogin)
	second.open(pathLogin)
	body := d.Get(t, first.loginOptions())
	d.Counter--
	same := d.Get(t, second.loginOptions())
	require.Equal(t, http.StatusOK, first.post("/u/passkey/login/verify", body).status)
	assert.Equal(t, ceremony.ReasonCounter, second.post("/u/passkey/login/verify", same).refusal(t).Reason)
	u, err = s.User(u.Email)
	require.NoError(t, err)
	assert.EqualValues(t, 6, u.Passkeys[0].SignCount)
}

func TestCounterPolicyWarnLogsIn(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withPolicy(func(p *Policy) { p.CounterPolicy = ceremony.CounterWarn }))
	b := visitSite(t, s)
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	d.Counter = 5
	b.startSignUp("ursula@example.com")
	b.follow(b.register(d))
	b.logOut()
	d.Counter = 1
	require.Equal(t, http.StatusOK, b.logInWith(d).status)
	assert.Equal(t, ceremony.ReasonCounter, lastEvent(t, s).Details.Warning)
}
