package passkeylab_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// An application asks for a passkey with its own screens, and the tenant log says so.
func TestApplicationAsksTheSite(t *testing.T) {
	t.Parallel()
	lab := passkeylab.New(t, passkeylab.WithApplications(relyingparty.Application{
		ID: "shop", Grants: []relyingparty.GrantType{relyingparty.GrantPasskey},
	}))
	for client, status := range map[string]int{"shop": http.StatusOK, "nobody": http.StatusUnauthorized} {
		answer, err := lab.Site.Client().Post(lab.Site.URL()+"/passkey/challenge", "application/json", strings.NewReader(`{"client_id":"`+client+`"}`))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, status, answer.StatusCode)
	}
	lab.Site.Log().Has(passkeylab.On(relyingparty.EventPasskeyChallengeStarted, "").With("purpose", "login"))
	lab.Site.Log().Has(passkeylab.On(relyingparty.EventPasskeyChallengeFailed, "").With("code", "invalid_client"))
}
