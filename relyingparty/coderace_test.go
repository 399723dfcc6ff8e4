package relyingparty

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exchangeOf is an honest exchange of a code by the public application.
func exchangeOf(code string) object {
	return object{"grant_type": "authorization_code", "client_id": "app", "code": code, "redirect_uri": callback, "code_verifier": strings.Repeat("v", 43)}
}

// Of two exchanges of one code at the same time, one is given tokens and the other
// takes them back, whichever comes first.
func TestCodeExchangedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	b, p := visitSite(t, s), newProgram(t, s)
	b.signUp("ann@example.com")
	for range 50 {
		code := codeFor(t, b, nil)
		var answers [2]answer
		var done sync.WaitGroup
		for i := range answers {
			done.Go(func() { answers[i] = p.post("/oauth/token", exchangeOf(code)) })
		}
		done.Wait()
		statuses := []int{answers[0].status, answers[1].status}
		require.ElementsMatch(t, []int{http.StatusOK, http.StatusForbidden}, statuses)
		given := answers[0]
		if given.status != http.StatusOK {
			given = answers[1]
		}
		tokens := given.json(t)
		require.NotEmpty(t, tokens["refresh_token"])
		refreshed := p.post("/oauth/token", object{"grant_type": "refresh_token", "client_id": "app", "refresh_token": tokens["refresh_token"]})
		require.Equal(t, http.StatusForbidden, refreshed.status, refreshed.body)
		require.Equal(t, http.StatusUnauthorized, p.bearing(tokens["access_token"].(string)).get("/userinfo").status)
	}
}

func TestTokensOfACodeThatComesOnceStay(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	b, p := visitSite(t, s), newProgram(t, s)
	b.signUp("ann@example.com")
	first := p.post("/oauth/token", exchangeOf(codeFor(t, b, nil))).json(t)
	second := codeFor(t, b, nil)
	taken := p.post("/oauth/token", exchangeOf(second)).json(t)
	assert.Equal(t, http.StatusForbidden, p.post("/oauth/token", exchangeOf(second)).status)
	assert.Equal(t, http.StatusUnauthorized, p.bearing(taken["access_token"].(string)).get("/userinfo").status)
	assert.Equal(t, http.StatusOK, p.bearing(first["access_token"].(string)).get("/userinfo").status, "of another code")
	assert.Equal(t, http.StatusOK, p.post("/oauth/token",
		object{"grant_type": "refresh_token", "client_id": "app", "refresh_token": first["refresh_token"]}).status)
}

// A refresh token that was used up stays so when the application has come to keep a
// secret since.
func TestRefreshTokenUsedBeforeTheApplicationKeptASecret(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "site.db")
	open := func(secret string) *Site {
		s, _ := newSite(t, withApplications, func(c *Config) {
			c.Data = file
			c.Applications[0].Secret = secret
		})
		return s
	}
	body := object{"grant_type": "refresh_token", "client_id": "app"}
	s := open("")
	_, got := newProgram(t, s).signUp("ann@example.com", object{"scope": "openid offline_access"})
	body["refresh_token"] = got["refresh_token"]
	next := newProgram(t, s).post("/oauth/token", body)
	require.Equal(t, http.StatusOK, next.status, next.body)
	require.NoError(t, s.Close())

	s = open("new secret")
	body["client_secret"] = "new secret"
	body["scope"] = "openid something" // what else is wrong makes no difference
	a := newProgram(t, s).post("/oauth/token", body)
	assert.Equal(t, http.StatusForbidden, a.status, a.body)
	assert.Equal(t, EventRefreshReused, lastEvent(t, s).Type)
	body["refresh_token"] = next.json(t)["refresh_token"]
	delete(body, "scope")
	assert.Equal(t, http.StatusForbidden, newProgram(t, s).post("/oauth/token", body).status, "the family is gone")
}
