package relyingparty

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHints(t *testing.T) {
	t.Parallel()
	for text, attachment := range map[string]string{
		"":                                  "",
		"security-key":                      "cross-platform",
		"client-device":                     "platform",
		"hybrid":                            "cross-platform",
		"security-key,hybrid":               "cross-platform",
		"client-device,hybrid":              "",
		"hybrid,client-device,security-key": "",
	} {
		h, err := ParseHints(text)
		require.NoError(t, err, text)
		assert.Equal(t, text, h.String())
		assert.Equal(t, attachment, h.attachment(), text)
	}
	for text, says := range map[string]string{
		"key":                           `"key" is none of`,
		"hybrid,hybrid":                 "there twice",
		"hybrid,,security-key":          "has a gap",
		"hybrid,hybrid,hybrid,hybrid":   "4 hints are too many",
		"security-key , client-devices": `"client-devices" is none of`,
	} {
		_, err := ParseHints(text)
		assert.ErrorContains(t, err, says, text)
	}
}

func TestHintsAreSent(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withPolicy(func(p *Policy) { p.Hints = Hints{HintSecurityKey} }))
	b := visitSite(t, s)
	b.startSignUp("alice@example.com")
	asked := b.post("/u/passkey/register/options", []byte(`{}`))
	require.Equal(t, http.StatusOK, asked.status)
	assert.Contains(t, asked.body, `"authenticatorSelection":{"authenticatorAttachment":"cross-platform",`)
	assert.Contains(t, asked.body, `"hints":["security-key"]`)
	b.open(pathLogin)
	assert.Contains(t, string(b.loginOptions()), `"hints":["security-key"]`)

	p := s.Policy()
	p.Hints = Hints{"telepathy"}
	assert.ErrorContains(t, s.SetPolicy(p), `"telepathy"`)
	p.Hints = Hints{}
	require.NoError(t, s.SetPolicy(p))
	assert.NotContains(t, string(b.loginOptions()), "hints")
}
