package relyingparty

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPIsReadByScripts(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	ours, other := newProgram(t, s).with("Origin", appOrigin), newProgram(t, s).with("Origin", "https://evil.test")
	for _, p := range []*program{ours, other} {
		want := map[*program]string{ours: appOrigin}[p]
		for _, path := range []string{"/passkey/challenge", "/oauth/token"} {
			preflight := p.ask(http.MethodOptions, path, nil)
			assert.Equal(t, http.StatusNoContent, preflight.status)
			assert.Equal(t, want, preflight.header.Get("Access-Control-Allow-Origin"))
			assert.Equal(t, want, p.post(path, object{"client_id": "app"}).header.Get("Access-Control-Allow-Origin"))
			assert.Empty(t, preflight.header.Get("Access-Control-Allow-Credentials"))
			assert.Contains(t, preflight.header.Values("Vary"), "Origin", "no cache gives one origin the answer of another")
		}
	}
}

func TestHostileAPIBodies(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	for name, test := range map[string]struct {
		contentType, body string
		status            int
	}{
		"empty":         {"application/json", "", 400},
		"array":         {"application/json", "[]", 400},
		"null":          {"application/json", "null", 400},
		"trailing":      {"application/json", `{"client_id":"app"}{}`, 400},
		"text":          {"text/plain", `{"client_id":"app"}`, 415},
		"no type":       {"", `{"client_id":"app"}`, 415},
		"twice":         {"application/x-www-form-urlencoded", "client_id=app&client_id=web", 400},
		"broken form":   {"application/x-www-form-urlencoded", "client_id=%zz", 400},
		"too large":     {"application/json", `{"client_id":"` + string(make([]byte, maxBody)) + `"}`, 413},
		"form, as good": {"application/x-www-form-urlencoded", "client_id=app", 200},
	} {
		a := p.send(http.MethodPost, "/passkey/challenge", test.contentType, []byte(test.body))
		assert.Equal(t, test.status, a.status, "%s: %s", name, a.body)
	}
}

func TestTenantDomainServesNoPages(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	p.host = tenantHost
	for path, want := range map[string]string{"/": "/", "/account?x=1": "/account?x=1", "//evil.test/": "//evil.test/"} {
		a := p.get(path)
		assert.Equal(t, http.StatusTemporaryRedirect, a.status, path)
		assert.Equal(t, testOrigin+want, a.header.Get("Location"), path)
		assert.Empty(t, a.header.Get("Set-Cookie"), path)
	}
	assert.Equal(t, http.StatusMisdirectedRequest, p.postForm("/u/login/identifier", "email", "ann@example.com").status)
	assert.Equal(t, http.StatusOK, p.get("/.well-known/jwks.json").status)
}

func TestSigningKeyOutlivesTheSite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "site.db")
	var keys []string
	for range 2 {
		s, _ := newSite(t, func(c *Config) { c.Data = file })
		keys = append(keys, newProgram(t, s).get("/.well-known/jwks.json").body)
		require.NoError(t, s.Close())
	}
	assert.Equal(t, keys[0], keys[1])
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	require.NoError(t, json.Unmarshal([]byte(keys[0]), &set))
	require.Len(t, set.Keys, 1)
	assert.Equal(t, "AQAB", set.Keys[0]["e"])
	assert.Equal(t, "RS256", set.Keys[0]["alg"])
	assert.NotContains(t, set.Keys[0], "d")
}
