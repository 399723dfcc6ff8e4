package relyingparty

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edit func(*Config)
		want string
	}{
		"no clock":        {func(c *Config) { c.Clock = nil }, "Clock and Config.Random are required"},
		"no URL":          {func(c *Config) { c.BaseURL = "" }, "is not an origin"},
		"URL with a path": {func(c *Config) { c.BaseURL = "https://acme.test/login" }, "is not an origin"},
		"IP address":      {func(c *Config) { c.BaseURL = "http://127.0.0.1:8080" }, "need a domain name"},
		"foreign RP ID":   {func(c *Config) { c.RPID = "other.test" }, "nor a suffix"},
		"public suffix":   {func(c *Config) { c.BaseURL, c.RPID = "https://shop.co.uk", "co.uk" }, "public suffix"},
		"challenge UI":    {func(c *Config) { c.Policy = DefaultPolicy(); c.Policy.ChallengeUI = "none" }, "Policy.ChallengeUI"},
		"no passkeys":     {func(c *Config) { c.Policy = DefaultPolicy(); c.Policy.MaxPasskeys = 0 }, "Policy.MaxPasskeys"},
		"limits":          {func(c *Config) { c.Limits = DefaultLimits(); c.Limits.Requests.Burst = 0 }, "Limits.Requests"},
		"sessions":        {func(c *Config) { c.Limits = DefaultLimits(); c.Limits.Sessions = 0 }, "Limits.Sessions"},
		"passkey API":     {func(c *Config) { c.Limits = DefaultLimits(); c.Limits.PasskeyAPI.Every = 0 }, "Limits.PasskeyAPI"},
		"client ID":       {configured(Application{}), "client ID"},
		"client ID twice": {configured(Application{ID: "a"}, Application{ID: "a"}), "client ID"},
		"grant type":      {configured(Application{ID: "a", Grants: []GrantType{"password"}}), "grant type"},
		"no secret":       {configured(Application{ID: "a", Grants: []GrantType{GrantClientCredentials}}), "needs a secret"},
		"no callback":     {configured(Application{ID: "a", Grants: []GrantType{GrantAuthorizationCode}}), "needs a callback"},
		"callback":        {configured(Application{ID: "a", Callbacks: []string{"/callback"}}), "absolute URL"},
		"fragment":        {configured(Application{ID: "a", Callbacks: []string{"https://a.test/#x"}}), "without a fragment"},
		"script":          {configured(Application{ID: "a", LogoutURLs: []string{"javascript:alert(1)"}}), "absolute URL"},
		"audience":        {configured(Application{ID: "a", Audiences: []string{"https://api.test", testOrigin + "/api/v2/"}}), "is an API of the site"},
		"password cost":   {func(c *Config) { c.PasswordCost = PasswordCost{MemoryKiB: 1} }, "PasswordCost"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Config{BaseURL: testOrigin, Clock: newClock().Now, Random: rand.Reader}
			test.edit(&c)
			_, err := New(c)
			require.ErrorContains(t, err, test.want)
		})
	}
	suffix, _ := newSite(t, func(c *Config) { c.RPID = "acme.test" })
	assert.Equal(t, "acme.test", suffix.RPID())
	bad := suffix.Policy()
	bad.UserVerification = "maybe"
	require.ErrorContains(t, suffix.SetPolicy(bad), "UserVerification")
	assert.Equal(t, ceremony.VerificationRequired, suffix.Policy().UserVerification, "the old policy stays")
}

func configured(all ...Application) func(*Config) {
	return func(c *Config) { c.Applications = all }
}

func TestCorruptFileIsRefusedWithTheMend(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "site.db")
	content := []byte("not a database at all")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	s, err := New(Config{BaseURL: testOrigin, Data: path, PasswordCost: LabPasswordCost(), Clock: newClock().Now, Random: rand.Reader})
	assert.Nil(t, s)
	require.ErrorContains(t, err, path)
	require.ErrorContains(t, err, "move this one away")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, content, after)
}

// Whoever set limits before there were some of them goes on with what is usual.
func TestLimitsThatAreNotGivenAreTheUsualOnes(t *testing.T) {
	t.Parallel()
	limits := Limits{Requests: Rate{Burst: 1, Every: 1}, Sessions: 1}
	limits.fill()
	want := DefaultLimits()
	want.Requests, want.Sessions = Rate{Burst: 1, Every: 1}, 1
	assert.Equal(t, want, limits)
}
