package relyingparty

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

func TestHintsAreSent(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withPolicy(func(p *Policy) { p.Hints = ceremony.Hints{ceremony.HintSecurityKey} }))
	b := visitSite(t, s)
	b.startSignUp("alice@example.com")
	asked := b.post("/u/passkey/register/options", []byte(`{}`))
	require.Equal(t, http.StatusOK, asked.status)
	assert.Contains(t, asked.body, `"authenticatorSelection":{"authenticatorAttachment":"cross-platform",`)
	assert.Contains(t, asked.body, `"hints":["security-key"]`)
	b.open(pathLogin)
	assert.Contains(t, string(b.loginOptions()), `"hints":["security-key"]`)

	p := s.Policy()
	p.Hints = ceremony.Hints{"telepathy"}
	assert.ErrorContains(t, s.SetPolicy(p), `"telepathy"`)
	p.Hints = ceremony.Hints{}
	require.NoError(t, s.SetPolicy(p))
	assert.NotContains(t, string(b.loginOptions()), "hints")
}
