package relyingparty

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// testSigningKey is made once: every site of the tests signs with it.
var testSigningKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

const (
	tenantHost      = "acme.tenant.test"
	managementToken = "operator-token"
	callback        = "https://shop.acme.test/callback"
	appOrigin       = "https://shop.acme.test"
)

// withApplications configures one application of each kind.
func withApplications(c *Config) {
	c.SigningKey = testSigningKey()
	c.TenantDomain = tenantHost
	c.ManagementToken = managementToken
	users := []GrantType{GrantPasskey, GrantAuthorizationCode, GrantRefreshToken, GrantOTP, GrantOOB, GrantRecoveryCode}
	c.Applications = []Application{
		{ID: "app", Name: "Phone app", Grants: users, Callbacks: []string{callback}, LogoutURLs: []string{appOrigin + "/bye"},
			Origins: []string{appOrigin, "android:apk-key-hash:abc"}, Audiences: []string{"https://api.acme.test"}},
		{ID: "web", Secret: "web secret", Name: "Web app", Grants: users, Callbacks: []string{callback}},
		{ID: "plain", Grants: []GrantType{GrantRefreshToken}},
		{ID: "foreign", Grants: users, Callbacks: []string{callback}, ThirdParty: true},
		{ID: "machine", Secret: "machine secret", Grants: []GrantType{GrantClientCredentials}},
	}
}

// program is an application that asks the APIs.
type program struct {
	t    testing.TB
	site *Site
	host string            // "" for the site's own
	head map[string]string // of every request
}

func newProgram(t testing.TB, s *Site) *program { return &program{t: t, site: s} }

// with returns the program with one more header.
func (p *program) with(name, value string) *program {
	head := map[string]string{name: value}
	for k, v := range p.head {
		head[k] = v
	}
	return &program{t: p.t, site: p.site, host: p.host, head: head}
}

func (p *program) bearing(token string) *program { return p.with("Authorization", "Bearer "+token) }

func (p *program) send(method, path, contentType string, body []byte) answer {
	p.t.Helper()
	r, err := http.NewRequest(method, testOrigin+path, bytes.NewReader(body))
	require.NoError(p.t, err)
	if p.host != "" {
		r.Host = p.host
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for k, v := range p.head {
		r.Header.Set(k, v)
	}
	response, err := inProcess{p.site}.RoundTrip(r)
	require.NoError(p.t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	return answer{response.StatusCode, path, string(text), response.Header}
}

// object is a JSON object.
type object = map[string]any

// ask sends JSON, or nothing for nil.
func (p *program) ask(method, path string, body any) answer {
	p.t.Helper()
	if body == nil {
		return p.send(method, path, "", nil)
	}
	text, err := json.Marshal(body)
	require.NoError(p.t, err)
	return p.send(method, path, "application/json", text)
}

func (p *program) post(path string, body any) answer {
	p.t.Helper()
	return p.ask(http.MethodPost, path, body)
}

func (p *program) get(path string) answer {
	p.t.Helper()
	return p.ask(http.MethodGet, path, nil)
}

func (p *program) postForm(path string, fields ...string) answer {
	p.t.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return p.send(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(values.Encode()))
}

// json reads an answer as a JSON object.
func (a answer) json(t testing.TB) object {
	t.Helper()
	var o object
	require.NoError(t, json.Unmarshal([]byte(a.body), &o), a.body)
	return o
}

// list reads an answer as a JSON array of objects.
func (a answer) list(t testing.TB) []object {
	t.Helper()
	var all []object
	require.NoError(t, json.Unmarshal([]byte(a.body), &all), a.body)
	return all
}

// native is what an application gets to begin a ceremony with.
type native struct {
	options []byte // {"publicKey": …}
	session string
}

func (a answer) native(t testing.TB) native {
	t.Helper()
	var n struct {
		Options json.RawMessage `json:"authn_params_public_key"`
		Session string          `json:"auth_session"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &n), a.body)
	return native{append(append([]byte(`{"publicKey":`), n.Options...), '}'), n.Session}
}

// beginSignUp asks for options to sign up with.
func (p *program) beginSignUp(client, email string) native {
	p.t.Helper()
	a := p.post("/passkey/register", object{"client_id": client, "user_profile": object{"email": email}})
	require.Equal(p.t, http.StatusOK, a.status, a.body)
	return a.native(p.t)
}

func (p *program) beginLogin(client string) native {
	p.t.Helper()
	a := p.post("/passkey/challenge", object{"client_id": client})
	require.Equal(p.t, http.StatusOK, a.status, a.body)
	return a.native(p.t)
}

// exchange asks for tokens for an answer of a device; more are members to add.
func (p *program) exchange(client string, n native, response []byte, more object) answer {
	p.t.Helper()
	body := object{"grant_type": GrantPasskey, "client_id": client, "auth_session": n.session, "authn_response": json.RawMessage(response)}
	for k, v := range more {
		body[k] = v
	}
	return p.post("/oauth/token", body)
}

// signUp makes an account through the native API and returns its device and tokens.
func (p *program) signUp(email string, more object) (*ceremonytest.Device, object) {
	p.t.Helper()
	d := ceremonytest.NewDevice(p.t, testOrigin, "auth.acme.test")
	begun := p.beginSignUp("app", email)
	a := p.exchange("app", begun, d.Create(p.t, begun.options), more)
	require.Equal(p.t, http.StatusOK, a.status, a.body)
	return d, a.json(p.t)
}

// claims reads a token and checks its signature.
func (p *program) claims(token any) jwt.MapClaims {
	p.t.Helper()
	read, err := jwt.NewParser(jwt.WithoutClaimsValidation()).Parse(token.(string), func(*jwt.Token) (any, error) { return &testSigningKey().PublicKey, nil })
	require.NoError(p.t, err)
	return read.Claims.(jwt.MapClaims)
}

// errorOf is what an answer of the Authentication API says went wrong.
func (a answer) oauthError(t testing.TB) string {
	t.Helper()
	o := a.json(t)
	require.NotEmpty(t, o["error_description"], a.body)
	require.Len(t, o, 2, a.body)
	return o["error"].(string)
}

var longText = strings.Repeat("x", 301)
