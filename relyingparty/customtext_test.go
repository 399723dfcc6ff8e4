package relyingparty

import (
	"crypto/rand"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

func customTextPath(prompt string) string { return "/api/v2/prompts/" + prompt + "/custom-text/en" }

func TestCustomTextTakesEffect(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := operator(t, s)
	b := visitSite(t, s)
	assert.Equal(t, object{}, p.get(customTextPath("login-id")).json(t))

	own := object{"login-id": object{"title": "Hello & welcome to ${clientName} by ${companyName}", "passkeyButtonText": "<b>Passkey</b>"}}
	a := p.ask(http.MethodPut, customTextPath("login-id"), own)
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Equal(t, own, a.json(t))
	assert.Equal(t, own, p.get(customTextPath("login-id")).json(t))
	assert.Equal(t, EventManagement, lastEvent(t, s).Type)
	page := b.open(pathLogin)
	assert.Contains(t, page.body, "<h1>Hello &amp; welcome to Acme Shop by Acme</h1>")
	assert.Contains(t, page.body, "&lt;b&gt;Passkey&lt;/b&gt;</button>", "markup is inert")
	assert.Contains(t, page.body, "Log in to Acme to continue to Acme Shop.", "the rest stays")

	a = p.ask(http.MethodPut, customTextPath("login-id"), object{"login-id": object{"buttonText": "Go on", "title": ""}})
	assert.Equal(t, object{"login-id": object{"buttonText": "Go on"}}, a.json(t))
	page = b.open(pathLogin)
	assert.Contains(t, page.body, ">Go on</button>")
	assert.Contains(t, page.body, "<h1>Welcome</h1>", "all texts of the prompt are replaced")

	a = p.ask(http.MethodPut, customTextPath("login-id"), object{})
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Contains(t, b.open(pathLogin).body, ">Continue</button>")

	a = p.ask(http.MethodPut, "/api/v2/prompts/login-id/custom-text/de", own)
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Equal(t, own, p.get("/api/v2/prompts/login-id/custom-text/de").json(t))
	assert.Equal(t, object{}, p.get(customTextPath("login-id")).json(t))
	assert.Contains(t, b.open(pathLogin).body, "<h1>Welcome</h1>", "the pages are in English")
}

func TestCustomTextOfErrors(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, func(c *Config) {
		c.CustomText = CustomText{
			"login-id": {"login-id": {"passkey-authentication-failed": "No key for ${clientName}", "no-email": "Who?"}},
			"passkeys": {
				"passkey-enrollment":       {"email-in-use": "Taken", "passkey-enrollment-max-allowed-reached": "Enough"},
				"passkey-enrollment-local": {"error_passkey-enrollment-max-allowed-reached": "Enough here"},
			},
		}
	}, withPolicy(func(p *Policy) { p.MaxPasskeys = 1 }))
	b := visitSite(t, s)
	b.open(pathLogin)
	refused := b.submit(pathLogin, "email", "")
	assert.Equal(t, "no-email", refused.error())
	assert.Contains(t, refused.body, "Who?")
	stranger := visitSite(t, s)
	other := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	stranger.startSignUp("a@example.com")
	stranger.follow(stranger.register(other))
	require.Equal(t, "Enough", stranger.post("/u/passkey/register/options", nil).refusal(t).Message)
	require.Equal(t, "Enough here", stranger.post("/u/passkey/register/options", []byte(`{"screen":"passkey-enrollment-local"}`)).refusal(t).Message)
	u, err := s.User("a@example.com")
	require.NoError(t, err)
	require.NoError(t, s.RemovePasskey("a@example.com", u.Passkeys[0].RegistrationID))
	b.open(pathLogin)
	r := b.post("/u/passkey/login/verify", other.Get(t, b.loginOptions())).refusal(t)
	assert.Equal(t, "No key for Acme Shop", r.Message)
	assert.Equal(t, ceremony.ReasonUnknownCredential, r.Reason)
	b.startSignUp("a@example.com")
	assert.Equal(t, "Taken", b.post("/u/passkey/register/options", nil).refusal(t).Message)
}

func TestCustomTextRefusals(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := operator(t, s)
	for name, test := range map[string]struct {
		path string
		body any
		says string
	}{
		"unknown prompt":   {customTextPath("consent"), object{}, `no prompt "consent"`},
		"screen as prompt": {customTextPath("passkey-enrollment"), object{}, "no prompt"},
		"unknown language": {"/api/v2/prompts/login-id/custom-text/xx", object{}, `no language "xx"`},
		"unknown screen":   {customTextPath("login-id"), object{"login-password": object{}}, "no screen"},
		"unknown key":      {customTextPath("login-id"), object{"login-id": object{"titel": "x"}}, "no text"},
		"too long":         {customTextPath("login-id"), object{"login-id": object{"title": strings.Repeat("x", 1025)}}, "1024"},
		"control":          {customTextPath("login-id"), object{"login-id": object{"title": "a\x00"}}, "control"},
		"no text":          {customTextPath("login-id"), object{"login-id": object{"title": 1}}, "cannot unmarshal number"},
		"no screen":        {customTextPath("login-id"), object{"login-id": "x"}, "cannot unmarshal string"},
		"no object":        {customTextPath("login-id"), []int{1}, "JSON object"},
	} {
		a := p.ask(http.MethodPut, test.path, test.body)
		assert.Equal(t, http.StatusBadRequest, a.status, "%s: %s", name, a.body)
		assert.Contains(t, a.managementError(t), test.says, name)
		assert.Equal(t, EventManagementFailed, lastEvent(t, s).Type, name)
	}
	a := p.ask(http.MethodPut, customTextPath("login-id"), object{"login-id": object{"title": strings.Repeat("x", maxBody)}})
	assert.Equal(t, http.StatusRequestEntityTooLarge, a.status)
	assert.Equal(t, object{}, p.get(customTextPath("login-id")).json(t))
	assert.Equal(t, http.StatusUnauthorized, newProgram(t, s).get(customTextPath("login-id")).status)
}

func TestCustomTextIsKept(t *testing.T) {
	t.Parallel()
	config := Config{
		BaseURL: testOrigin, Data: filepath.Join(t.TempDir(), "site.db"), ManagementToken: managementToken,
		PasswordCost: LabPasswordCost(), Clock: newClock().Now, Random: rand.Reader,
	}
	s, err := New(config)
	require.NoError(t, err)
	a := operator(t, s).ask(http.MethodPut, customTextPath("login-id"), object{"login-id": object{"title": "Kept"}})
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.NoError(t, s.Close())
	s, err = New(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	assert.Contains(t, visitSite(t, s).open(pathLogin).body, "<h1>Kept</h1>")
}

func TestCustomTextOfConfig(t *testing.T) {
	t.Parallel()
	own := CustomText{"signup-id": {"signup-id": {"title": "Join in"}}, "passkeys": {"passkey-enrollment": {"title": "A passkey?"}}}
	s, _ := newSite(t, withApplications, func(c *Config) { c.CustomText = own })
	p := operator(t, s)
	b := visitSite(t, s)
	assert.Contains(t, b.open(pathSignUp).body, "<h1>Join in</h1>")
	assert.Equal(t, object{"signup-id": object{"title": "Join in"}}, p.get(customTextPath("signup-id")).json(t))
	p.ask(http.MethodPut, customTextPath("signup-id"), object{})
	assert.Contains(t, b.open(pathSignUp).body, "<h1>Welcome</h1>", "what is set later counts")
	b.startSignUp("a@example.com")
	assert.Contains(t, b.page.body, "<h1>A passkey?</h1>")

	for _, wrong := range []CustomText{{"nonsense": nil}, {"signup-id": {"nonsense": nil}}, {"signup-id": {"signup-id": {"nonsense": "x"}}}} {
		_, err := New(Config{BaseURL: testOrigin, Clock: newClock().Now, Random: rand.Reader, CustomText: wrong})
		require.ErrorContains(t, err, "nonsense")
	}
}
