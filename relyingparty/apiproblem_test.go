package relyingparty

import (
	"bytes"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryAPIHasItsFormOfAnError has each refuse for the same two reasons.
func TestEveryAPIHasItsFormOfAnError(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s, clock := newSite(t, withApplications, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		c.Limits = DefaultLimits()
		c.Limits.Requests = Rate{Burst: 2, Every: time.Second}
	})
	asking := newProgram(t, s)
	_, got := asking.signUp("ann@example.com", object{"audience": testOrigin + "/me/", "scope": allMethods})
	apis := map[string]struct {
		ask  func() answer
		form func(answer)
	}{
		"authentication": {func() answer { return asking.post("/passkey/challenge", object{"client_id": "app"}) }, func(a answer) { a.oauthError(t) }},
		"self service":   {func() answer { return asking.bearing(got["access_token"].(string)).get(pathMethods) }, func(a answer) { a.selfServiceError(t) }},
		"management":     {func() answer { return operator(t, s).get("/api/v2/logs") }, func(a answer) { a.managementError(t) }},
	}
	for name, api := range apis {
		limited := api.ask()
		assert.Equal(t, http.StatusTooManyRequests, limited.status, name)
		api.form(limited)
	}
	assert.Equal(t, "passkey_challenge_started ss limit_mu", codes(t, s), "one line for all that were refused")
	require.NoError(t, s.Close())
	for name, api := range apis {
		clock.advance(time.Minute)
		broken := api.ask()
		assert.Equal(t, http.StatusInternalServerError, broken.status, name)
		assert.NotContains(t, broken.body, "database", name)
		api.form(broken)
	}
	assert.Contains(t, log.String(), "database is closed")
}

func TestHeadChangesNothing(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	assert.Equal(t, http.StatusOK, operator(t, s).ask(http.MethodHead, "/api/v2/connections", nil).status)
	assert.Empty(t, codes(t, s))
}
