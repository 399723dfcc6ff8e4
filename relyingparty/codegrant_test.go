package relyingparty

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// codeFor is a code of the public application for a user.
func codeFor(t testing.TB, b *browser, edit func(url.Values)) string {
	t.Helper()
	_, query := standing(b).open(authorizeQuery(edit)).sentTo(t)
	require.NotEmpty(t, query.Get("code"), query)
	return query.Get("code")
}

func TestCodesAreGoodOnce(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	b, p := visitSite(t, s), newProgram(t, s)
	b.signUp("ann@example.com")
	body := func(code string, edit object) object {
		o := object{"grant_type": "authorization_code", "client_id": "app", "code": code, "redirect_uri": callback, "code_verifier": strings.Repeat("v", 43)}
		for k, v := range edit {
			o[k] = v
		}
		return o
	}
	for name, test := range map[string]struct {
		edit   object
		status int
	}{
		"wrong verifier":   {object{"code_verifier": strings.Repeat("w", 43)}, 403},
		"no verifier":      {object{"code_verifier": ""}, 403},
		"other callback":   {object{"redirect_uri": callback + "x"}, 403},
		"other client":     {object{"client_id": "web", "client_secret": "web secret"}, 403},
		"unknown code":     {object{"code": "x"}, 403},
		"no code":          {object{"code": ""}, 400},
		"no callback":      {object{"redirect_uri": ""}, 400},
		"grant not given":  {object{"client_id": "plain"}, 403},
		"wrong secret":     {object{"client_id": "web", "client_secret": "x"}, 401},
		"good after those": {nil, 200},
	} {
		code := codeFor(t, b, nil)
		a := p.post("/oauth/token", body(code, test.edit))
		assert.Equal(t, test.status, a.status, "%s: %s", name, a.body)
		if test.edit["code_verifier"] != nil {
			assert.Equal(t, EventExchangeCodeFailed, lastEvent(t, s).Type, name)
			assert.Equal(t, http.StatusForbidden, p.post("/oauth/token", body(code, nil)).status, "%s: one chance", name)
		}
	}
	guessable := sha256.Sum256([]byte("short"))
	short := codeFor(t, b, func(q url.Values) { q.Set("code_challenge", encode(guessable[:])) })
	assert.Equal(t, http.StatusForbidden, p.post("/oauth/token", body(short, object{"code_verifier": "short"})).status, "a verifier that can be guessed")

	late := codeFor(t, b, nil)
	clock.advance(codeLifetime + time.Millisecond)
	assert.Equal(t, http.StatusForbidden, p.post("/oauth/token", body(late, nil)).status)

	code := codeFor(t, b, nil)
	first := p.post("/oauth/token", body(code, nil))
	require.Equal(t, http.StatusOK, first.status, first.body)
	assert.Equal(t, http.StatusForbidden, p.post("/oauth/token", body(code, nil)).status)
	stolen := p.post("/oauth/token", object{"grant_type": "refresh_token", "client_id": "app", "refresh_token": first.json(t)["refresh_token"]})
	assert.Equal(t, http.StatusForbidden, stolen.status, "a replayed code takes its tokens back")

	unprotected := codeFor(t, b, func(q url.Values) { q.Set("client_id", "web"); q.Del("code_challenge") })
	web := object{"client_id": "web", "client_secret": "web secret"}
	assert.Equal(t, http.StatusForbidden, p.post("/oauth/token", body(unprotected, web)).status, "a verifier without a challenge")
	web["code_verifier"] = ""
	asForm := codeFor(t, b, func(q url.Values) { q.Set("client_id", "web"); q.Del("code_challenge") })
	a := p.postForm("/oauth/token", "grant_type", "authorization_code", "client_id", "web", "client_secret", "web secret", "code", asForm, "redirect_uri", callback)
	assert.Equal(t, http.StatusOK, a.status, a.body)
}

func TestRefreshTokens(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	p := newProgram(t, s)
	d, got := p.signUp("ann@example.com", object{"scope": "openid email offline_access"})
	refresh := func(token any, more object) answer {
		body := object{"grant_type": "refresh_token", "client_id": "app", "refresh_token": token}
		for k, v := range more {
			body[k] = v
		}
		return p.post("/oauth/token", body)
	}
	clock.advance(time.Hour)
	first := got["refresh_token"]
	second := refresh(first, nil)
	require.Equal(t, http.StatusOK, second.status, second.body)
	claims := p.claims(second.json(t)["id_token"])
	assert.Equal(t, float64(clock.Now().Add(-time.Hour).Unix()), claims["auth_time"])
	assert.Equal(t, float64(clock.Now().Unix()), claims["iat"])
	assert.Equal(t, EventExchangeRefresh, lastEvent(t, s).Type)
	third := refresh(second.json(t)["refresh_token"], object{"scope": "openid"})
	require.Equal(t, http.StatusOK, third.status, third.body)
	assert.NotContains(t, p.claims(third.json(t)["id_token"]), "email")
	assert.Equal(t, "openid", third.json(t)["scope"])
	third = refresh(third.json(t)["refresh_token"], object{"scope": "openid email"})
	require.Equal(t, http.StatusOK, third.status, "what one access token goes without, the next may have")
	wide := refresh(third.json(t)["refresh_token"], object{"scope": "openid profile"})
	assert.Equal(t, http.StatusBadRequest, wide.status)
	assert.Equal(t, "invalid_scope", wide.oauthError(t))

	reused := refresh(first, nil)
	assert.Equal(t, http.StatusForbidden, reused.status)
	assert.Equal(t, EventRefreshReused, lastEvent(t, s).Type)
	assert.Equal(t, http.StatusForbidden, refresh(third.json(t)["refresh_token"], nil).status, "the family is gone")
	assert.Equal(t, EventExchangeRefreshFailed, lastEvent(t, s).Type)

	web := object{"client_id": "web", "client_secret": "web secret", "scope": "openid offline_access"}
	login := func() object {
		n := p.post("/passkey/challenge", web).native(t)
		a := p.exchange("web", n, d.Get(t, n.options), web)
		require.Equal(t, http.StatusOK, a.status, a.body)
		return a.json(t)
	}
	kept := login()["refresh_token"]
	delete(web, "scope")
	for range 2 {
		a := refresh(kept, web)
		assert.Equal(t, http.StatusOK, a.status, a.body)
		assert.NotContains(t, a.json(t), "refresh_token", "a confidential application keeps its own")
	}
	assert.Equal(t, http.StatusForbidden, refresh(kept, nil).status, "of another application")
	assert.Equal(t, http.StatusBadRequest, refresh("", web).status)
	clock.advance(refreshLifetime + time.Second)
	assert.Equal(t, http.StatusForbidden, refresh(kept, web).status, "expired")

	web["scope"] = "openid offline_access"
	revoked := login()["refresh_token"]
	delete(web, "scope")
	assert.Equal(t, http.StatusOK, p.post("/oauth/revoke", object{"client_id": "app", "token": revoked}).status)
	assert.Equal(t, http.StatusOK, refresh(revoked, web).status, "nobody else can take it back")
	assert.Equal(t, http.StatusBadRequest, p.post("/oauth/revoke", object{"client_id": "app"}).status)
	assert.Equal(t, http.StatusUnauthorized, p.post("/oauth/revoke", object{"client_id": "x", "token": "x"}).status)
	assert.Equal(t, http.StatusOK, p.post("/oauth/revoke", object{"client_id": "web", "client_secret": "web secret", "token": revoked}).status)
	assert.Equal(t, http.StatusForbidden, refresh(revoked, web).status)
}

func TestPasswordResetTakesRefreshTokensBack(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p, b := newProgram(t, s), visitSite(t, s)
	_, got := p.signUp("ann@example.com", object{"scope": "openid offline_access"})
	b.resetPassword(s, "ann@example.com", goodPassword)
	a := p.post("/oauth/token", object{"grant_type": "refresh_token", "client_id": "app", "refresh_token": got["refresh_token"]})
	assert.Equal(t, http.StatusForbidden, a.status)
	_, err := s.store.RefreshToken(hashSecret(got["refresh_token"].(string)))
	require.ErrorIs(t, err, store.ErrNotFound)
}

// TestPasswordResetEndsWhatWasGivenBefore has somebody else be logged in while the user
// chooses a new password: with an access token, and with a code that is on its way.
func TestPasswordResetEndsWhatWasGivenBefore(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	p, b, thief := newProgram(t, s), visitSite(t, s), visitSite(t, s)
	d, got := p.signUp("ann@example.com", object{"scope": "openid read:me:authentication_methods", "audience": testOrigin + "/me/"})
	token := got["access_token"].(string)
	asks := []string{pathMethods, "/userinfo"}
	for _, path := range asks {
		require.Equal(t, http.StatusOK, p.bearing(token).get(path).status)
	}
	thief.follow(thief.logInWith(d))
	code := codeFor(t, thief, nil)

	clock.advance(time.Second)
	b.resetPassword(s, "ann@example.com", goodPassword)
	for _, path := range asks {
		assert.Equal(t, http.StatusUnauthorized, p.bearing(token).get(path).status, path)
	}
	exchange := object{"grant_type": "authorization_code", "client_id": "app", "code": code, "redirect_uri": callback, "code_verifier": strings.Repeat("v", 43)}
	a := p.post("/oauth/token", exchange)
	assert.Equal(t, http.StatusForbidden, a.status, a.body)
	assert.Equal(t, EventExchangeCodeFailed, lastEvent(t, s).Type)

	// A refresh token that was being made meanwhile was not there to be deleted.
	ann, err := s.User("ann@example.com")
	require.NoError(t, err)
	late := store.RefreshToken{
		Hash: hashSecret("late"), Family: "late", UserID: ann.ID, ClientID: "app", Scope: "openid",
		Authenticated: clock.Now().Add(-time.Second), Expires: clock.Now().Add(time.Hour),
	}
	require.NoError(t, s.store.Update(func(tx *store.Tx) error { return tx.InsertRefreshToken(late) }))
	refresh := object{"grant_type": "refresh_token", "client_id": "app", "refresh_token": "late"}
	assert.Equal(t, http.StatusForbidden, p.post("/oauth/token", refresh).status)

	clock.advance(time.Second)
	next := p.beginLogin("app")
	fresh := p.exchange("app", next, d.Get(t, next.options), object{"scope": "openid"}).json(t)["access_token"].(string)
	assert.Equal(t, http.StatusOK, p.bearing(fresh).get("/userinfo").status, "tokens of later logins are good")
}

func TestUserinfo(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	p := newProgram(t, s)
	_, got := p.signUp("ann@example.com", object{"scope": "openid"})
	token := got["access_token"].(string)
	for _, a := range []answer{p.bearing(token).get("/userinfo"), p.bearing(token).ask(http.MethodPost, "/userinfo", nil)} {
		require.Equal(t, http.StatusOK, a.status, a.body)
		assert.Len(t, a.json(t), 1, "sub alone for openid alone")
	}
	_, own := p.signUp("bob@example.com", object{"scope": "read:things", "audience": "https://api.acme.test"})
	assert.Equal(t, "read:things", own["scope"], "an API of the application's own")
	assert.Equal(t, []any{"https://api.acme.test"}, p.claims(own["access_token"])["aud"])
	for name, token := range map[string]string{"id_token": got["id_token"].(string), "of another API": own["access_token"].(string), "none": ""} {
		a := p.bearing(token).get("/userinfo")
		assert.Equal(t, http.StatusUnauthorized, a.status, name)
		assert.Contains(t, a.header.Get("WWW-Authenticate"), "Bearer", name)
	}
	clock.advance(accessLifetime + time.Second)
	assert.Equal(t, http.StatusUnauthorized, p.bearing(token).get("/userinfo").status)
}
