package shop_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/internal/shop"
)

// issuer says where it is, and nothing else of what it should.
type issuer struct{ t *testing.T }

func (i issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if r.URL.Path == "/.well-known/openid-configuration" {
		_, err := io.WriteString(w, `{"issuer":"https://issuer.test/","authorization_endpoint":"https://issuer.test/authorize",
			"token_endpoint":"https://issuer.test/oauth/token","jwks_uri":"https://issuer.test/jwks"}`)
		require.NoError(i.t, err)
	} else {
		w.WriteHeader(http.StatusTeapot)
	}
	return w.Result(), nil
}

// open puts the shop up, and a browser that does not follow.
func open(t *testing.T) (*httptest.Server, *http.Client) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	t.Cleanup(server.Close)
	server.Config.Handler = shop.New(shop.Config{
		URL: server.URL, Issuer: "https://issuer.test/", ClientID: "shop", Secret: "secret",
		Transport: issuer{t}, Now: time.Now, Random: seed.Stream(1, "shop"),
	})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := server.Client()
	browser.Jar = jar
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return server, browser
}

func get(t *testing.T, c *http.Client, url string) (*http.Response, string) {
	t.Helper()
	answer, err := c.Get(url)
	require.NoError(t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer, string(body)
}

func TestShopAsksWithPKCEAndNonce(t *testing.T) {
	t.Parallel()
	server, browser := open(t)
	answer, _ := get(t, browser, server.URL+"/login?screen_hint=signup&prompt=none&other=1")
	to, err := answer.Location()
	require.NoError(t, err)
	assert.Equal(t, "issuer.test", to.Host)
	q := to.Query()
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		assert.Len(t, q[name], 1, name)
	}
	assert.Equal(t, "S256", q.Get("code_challenge_method"))
	assert.Equal(t, server.URL+shop.Callback, q.Get("redirect_uri"))
	assert.Equal(t, "signup", q.Get("screen_hint"))
	assert.Equal(t, "none", q.Get("prompt"))
	assert.False(t, q.Has("other"))
}

func TestShopBelievesOnlyWhatItAskedFor(t *testing.T) {
	t.Parallel()
	server, browser := open(t)
	answer, _ := get(t, browser, server.URL+"/login")
	to, err := answer.Location()
	require.NoError(t, err)
	state := to.Query().Get("state")
	for name, query := range map[string]string{
		"no state":      "?code=1",
		"another state": "?code=1&state=" + strings.Repeat("0", len(state)),
	} {
		answer, _ := get(t, browser, server.URL+shop.Callback+query)
		assert.Equal(t, http.StatusBadGateway, answer.StatusCode, name)
	}
	stranger := server.Client()
	stranger = &http.Client{Transport: stranger.Transport}
	answer, _ = get(t, stranger, server.URL+shop.Callback+"?code=1&state="+state)
	assert.Equal(t, http.StatusBadGateway, answer.StatusCode, "another browser")

	answer, _ = get(t, browser, server.URL+shop.Callback+"?error=access_denied&state="+state)
	require.Equal(t, http.StatusFound, answer.StatusCode)
	_, body := get(t, browser, server.URL+"/")
	assert.Contains(t, body, `data-error="access_denied"`)
	answer, _ = get(t, browser, server.URL+shop.Callback+"?error=access_denied&state="+state)
	assert.Equal(t, http.StatusBadGateway, answer.StatusCode, "a state is good once")
}

func TestShopShowsNoMarkup(t *testing.T) {
	t.Parallel()
	server, browser := open(t)
	answer, _ := get(t, browser, server.URL+"/login")
	to, err := answer.Location()
	require.NoError(t, err)
	get(t, browser, server.URL+shop.Callback+"?error=%3Cscript%3E&state="+to.Query().Get("state"))
	_, body := get(t, browser, server.URL+"/")
	assert.NotContains(t, body, "<script>")
}
