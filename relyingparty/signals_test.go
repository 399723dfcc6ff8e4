package relyingparty

import (
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// told is what a page hands to the script that signals; nil for nothing.
func told(t testing.TB, a answer) *signalsJSON {
	t.Helper()
	found := regexp.MustCompile(`name="passkey-signals" content="([^"]*)"`).FindStringSubmatch(a.body)
	if found == nil {
		assert.NotContains(t, a.body, "data-signals")
		return nil
	}
	assert.Contains(t, a.body, `data-signals="due"`)
	var s signalsJSON
	require.NoError(t, json.Unmarshal([]byte(html.UnescapeString(found[1])), &s))
	return &s
}

func TestPagesSignalOnceAfterALoginAndAlwaysOnTheAccountPage(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	assert.Nil(t, told(t, b.open(pathHome)), "nobody is logged in")
	d := b.signUp("alice@example.com")
	want := &signalsJSON{
		RPID: "auth.acme.test", UserID: encode(d.Handle), Name: "alice@example.com", DisplayName: "alice@example.com",
		Accepted: []string{encode(d.ID)},
	}
	assert.Equal(t, want, told(t, b.page))
	assert.Nil(t, told(t, b.open(pathHome)), "nothing has changed")
	assert.Equal(t, want, told(t, b.open(pathAccount)))
	assert.Equal(t, want, told(t, b.open(pathAccount)))
	b.logOut()
	assert.Nil(t, told(t, b.open(pathHome)))
	assert.Nil(t, told(t, b.open(pathLogin)))
	assert.Equal(t, want, told(t, b.follow(b.logInWith(d))))
}

func TestRemovedPasskeysLeaveTheListEmptyAndThere(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.signUp("alice@example.com")
	b.open(pathAccount)
	id := b.page.attribute("data-passkey-id")
	after := told(t, b.submit("/account/passkeys/remove", "id", id))
	require.NotNil(t, after)
	assert.Equal(t, []string{}, after.Accepted, "an empty list, and not none")
}

// While a passkey is being made the device may have it before the site does.
func TestNoListWhileAPasskeyIsBeingMade(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	first := b.signUp("alice@example.com")
	b.open(pathAccount)
	begin := func() []byte {
		asked := b.post("/u/passkey/register/options", []byte(`{"screen":"account"}`))
		require.Equal(t, http.StatusOK, asked.status, asked.body)
		return []byte(asked.body)
	}
	list := func() []string {
		has := told(t, b.open(pathAccount))
		require.NotNil(t, has)
		assert.NotEmpty(t, has.Name, "what the user is called is told all the same")
		return has.Accepted
	}

	pending := begin()
	assert.Nil(t, list())
	other := visitSite(t, s)
	assert.Nil(t, told(t, other.follow(other.logInWith(first))).Accepted, "in other browsers neither")
	second := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	require.Equal(t, http.StatusOK, b.post("/u/passkey/register/verify", second.Create(t, pending)).status)
	assert.Equal(t, []string{encode(first.ID), encode(second.ID)}, list())

	var asked ceremonytest.Options
	require.NoError(t, json.Unmarshal(begin(), &asked))
	assert.Nil(t, list())
	body, err := json.Marshal(abandonRequest{Challenge: asked.PublicKey.Challenge, Error: "NotAllowedError"})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, b.post("/u/passkey/register/abandon", body).status)
	assert.Len(t, list(), 2, "the page has given up")

	begin()
	begin()
	assert.Nil(t, list())
	clock.advance(time.Minute + time.Second)
	assert.Len(t, list(), 2, "the challenges have expired")
}

func TestOnlyUnknownPasskeysAreSignalled(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	d := b.signUp("alice@example.com")
	b.logOut()
	d.Sign = func(signature []byte) []byte { signature[len(signature)-1] ^= 1; return signature }
	assert.Nil(t, b.logInWith(d).refusal(t).Signal, "the site knows it")
	d.Sign = nil
	stranger := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	refused := b.logInWith(stranger).refusal(t)
	assert.Equal(t, ceremony.ReasonUnknownCredential, refused.Reason)
	assert.Equal(t, &unknownJSON{RPID: "auth.acme.test", CredentialID: encode(stranger.ID)}, refused.Signal)
}

func TestPolicyKeepsSignalsBack(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withPolicy(func(p *Policy) { p.Signals = false }))
	b := visitSite(t, s)
	b.signUp("alice@example.com")
	assert.Nil(t, told(t, b.page))
	assert.Nil(t, told(t, b.open(pathAccount)))
	b.logOut()
	assert.Nil(t, b.logInWith(ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")).refusal(t).Signal)
}

func TestManyOpenRegistrationsAreBounded(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	e, now := newEnrolments(), clock.Now()
	begun := func() *ceremony.Registration {
		_, asked, err := s.primary().rp.Load().pages.BeginRegistration(accountOf([]byte("handle"), "alice"), nil, ceremony.RegistrationRules{Lifetime: time.Minute})
		require.NoError(t, err)
		return asked
	}
	for range 100 {
		e.begin("alice", begun(), now)
	}
	open, _ := e.open.get("alice")
	assert.LessOrEqual(t, len(open), pendingPerSession)
	assert.True(t, e.any("alice", now))
	assert.False(t, e.any("bob", now))
	e.begin("", begun(), now)
	assert.False(t, e.any("", now))
}
