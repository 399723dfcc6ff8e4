package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// posted is what a running site answers to a JSON text.
func posted(t *testing.T, url, body string) (int, string) {
	t.Helper()
	answer, err := http.Post(url, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

func TestServeAnswersPrograms(t *testing.T) {
	t.Parallel()
	const register = `{"username":"alice","displayName":"Alice"}`
	said := keepRunning(t, "serve", "--listen", "127.0.0.1:0")
	assert.Contains(t, said, "applications:   sample\n")
	plain := urlIn(t, said)
	status, body := posted(t, plain+"/passkey/challenge", `{"client_id":"sample"}`)
	assert.Equal(t, http.StatusOK, status, body)
	status, _ = posted(t, plain+"/attestation/options", register)
	assert.Equal(t, http.StatusMethodNotAllowed, status, "only where it was asked for")

	byAddress := strings.Replace(plain, "localhost", "127.0.0.1", 1)
	status, body = posted(t, byAddress+"/passkey/challenge", `{"client_id":"sample"}`)
	assert.Equal(t, http.StatusBadRequest, status, body)
	assert.Contains(t, body, "custom domain")
	page, err := http.Get(byAddress + "/u/login/identifier")
	require.NoError(t, err)
	require.NoError(t, page.Body.Close())
	assert.Equal(t, plain+"/u/login/identifier", page.Request.URL.String(), "whoever opens the address that is listened on gets to the site")

	file := filepath.Join(t.TempDir(), "applications.json")
	require.NoError(t, os.WriteFile(file, []byte(`[{"client_id":"shop","client_secret":"s","grant_types":["urn:okta:params:oauth:grant-type:webauthn"]}]`), 0o600))
	full := urlIn(t, keepRunning(t, "serve", "--listen", "127.0.0.1:0", "--conformance", "--applications", file))
	status, body = posted(t, full+"/attestation/options", register)
	assert.Equal(t, http.StatusOK, status, body)
	assert.Contains(t, body, `"status":"ok"`)
	status, _ = posted(t, full+"/passkey/challenge", `{"client_id":"sample"}`)
	assert.Equal(t, http.StatusUnauthorized, status)
	status, body = posted(t, full+"/passkey/challenge", `{"client_id":"shop","client_secret":"s"}`)
	assert.Equal(t, http.StatusOK, status, body)
}

func TestServeRefusesApplications(t *testing.T) {
	t.Parallel()
	write := func(content string) string {
		file := filepath.Join(t.TempDir(), "applications.json")
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		return file
	}
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"missing file":   {[]string{"--applications", filepath.Join(t.TempDir(), "none")}, "no such file"},
		"no list":        {[]string{"--applications", write("{}")}, "--applications"},
		"unknown member": {[]string{"--applications", write(`[{"client_id":"a","role":"x"}]`)}, "role"},
		"unknown grant":  {[]string{"--applications", write(`[{"client_id":"a","grant_types":["password"]}]`)}, "grant type"},
		"too large":      {[]string{"--applications", write(strings.Repeat(" ", maxApplications+1))}, "larger than"},
		"list alone":     {[]string{"--conformance-list"}, "goes with --conformance"},
		"sender alone":   {[]string{"--mail-from", "a@b.c"}, "goes with --smtp"},
		"mail server":    {[]string{"--smtp", "mail.test"}, "smtp://"},
		"database":       {[]string{"--data", "mysql://a/b"}, "begin with mysql://"},
		"log days":       {[]string{"--log-days=-1"}, "--log-days"},
		"rate":           {[]string{"--rate=-1"}, "--rate"},
	} {
		got := command(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, test.args...)...)
		assert.Equal(t, exitBroken, got.status, name)
		assert.Contains(t, got.err, test.says, name)
	}
}

func TestServeUnderSeveralNames(t *testing.T) {
	t.Parallel()
	base := urlIn(t, keepRunning(t, "serve", "--listen", "127.0.0.1:0", "--rp-id", "localhost", "--domain", "shop.localhost=", "--domain", "app.shop.localhost=shop.localhost", "--management-token", "operator"))
	r, err := http.NewRequest(http.MethodGet, base+"/api/v2/custom-domains", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer operator")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	for _, want := range []string{`"domain":"shop.localhost"`, `"domain":"app.shop.localhost"`, `"relying_party_identifier":"shop.localhost"`} {
		assert.Contains(t, string(text), want)
	}
}
