package relyingparty

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

func withShops(hosts ...string) func(*Config) {
	return func(c *Config) {
		for _, h := range hosts {
			c.Domains = append(c.Domains, CustomDomain{Host: h, RPID: "auth.acme.test", Related: true})
		}
	}
}

func fetch(t testing.TB, s *Site, address string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	require.NoError(t, err)
	answer, err := inProcess{s}.RoundTrip(r)
	require.NoError(t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body), answer.Header
}

func TestRelatedOriginsDocument(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withShops("acme-shop.test", "acme-travel.test:8443"))
	status, body, header := fetch(t, s, testOrigin+"/.well-known/webauthn")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "application/json", header.Get("Content-Type"))
	assert.Empty(t, header.Get("Set-Cookie"))
	var document relatedJSON
	require.NoError(t, json.Unmarshal([]byte(body), &document))
	assert.Equal(t, []string{"https://acme-shop.test", "https://acme-travel.test:8443"}, document.Origins)

	status, _, _ = fetch(t, s, "https://acme-shop.test/.well-known/webauthn")
	assert.Equal(t, http.StatusNotFound, status, "it is nobody's RP ID")
	plain, _ := newSite(t)
	status, _, _ = fetch(t, plain, testOrigin+"/.well-known/webauthn")
	assert.Equal(t, http.StatusNotFound, status, "nothing is related")
}

// The document is asked for at the default port, where the site need not be, and by the
// RP ID, which need not be its name.
func TestRelatedOriginsDocumentOfAnRPIDElsewhere(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, func(c *Config) {
		c.BaseURL, c.RPID = "https://login.acme.test:4433", "acme.test"
		c.Domains = []CustomDomain{{Host: "acme-shop.test", RPID: "acme.test", Related: true}}
	})
	status, body, _ := fetch(t, s, "https://acme.test/.well-known/webauthn")
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"origins":["https://acme-shop.test:4433"]}`, body)
	status, _, _ = fetch(t, s, "https://acme.test/")
	assert.Equal(t, http.StatusMisdirectedRequest, status, "nothing else is there")
}

func TestPasskeysAtRelatedOrigins(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withShops("acme-shop.test"))
	b := visitSite(t, s)
	d := b.signUp("alice@example.com")
	b.logOut()
	d.Origin = "https://acme-shop.test"
	assert.Equal(t, ceremony.ReasonOrigin, b.logInWith(d).refusal(t).Reason, "at the site itself only its own origin counts")

	shop := visitSite(t, s)
	shop.http.Transport = moved{"acme-shop.test", inProcess{s}}
	require.Equal(t, "home", shop.follow(shop.logInWith(d)).screen())
	assert.Contains(t, shop.page.body, "alice@example.com")
	assert.Equal(t, "auth.acme.test", told(t, shop.page).RPID, "signals are for the RP ID")
	shop.logOut()
	d.Origin = testOrigin
	assert.Equal(t, ceremony.ReasonOrigin, shop.logInWith(d).refusal(t).Reason)
}

// moved sends what is for the site's own name to another of its names.
type moved struct {
	host string
	to   http.RoundTripper
}

func (m moved) RoundTrip(r *http.Request) (*http.Response, error) {
	there := r.Clone(r.Context())
	there.Host, there.URL.Host = m.host, m.host
	answer, err := m.to.RoundTrip(there)
	if err == nil {
		answer.Request = r
	}
	return answer, err
}

func TestImpossibleRelatedOrigins(t *testing.T) {
	t.Parallel()
	for says, edit := range map[string]func(*Config){
		"cannot be related without https": func(c *Config) {
			c.BaseURL = "http://localhost"
			c.Domains = []CustomDomain{{Host: "acme-shop.test", RPID: "localhost", Related: true}}
		},
		"which no domain before it has": func(c *Config) {
			c.Domains = []CustomDomain{{Host: "acme-shop.test", RPID: "other.test", Related: true}}
		},
		"is there twice": withShops("acme-shop.test", "acme-shop.test"),
		"browsers read 262144": func(c *Config) {
			for n := range 5000 {
				withShops(fmt.Sprintf("%s-%d.test", strings.Repeat("a", 50), n))(c)
			}
		},
	} {
		config := Config{BaseURL: testOrigin, Clock: newClock().Now, Random: strings.NewReader(strings.Repeat("x", 1<<20)), PasswordCost: LabPasswordCost()}
		edit(&config)
		_, err := New(config)
		assert.ErrorContains(t, err, says)
	}
}

func TestTooManyRelatedLabelsAreAdvisedAgainst(t *testing.T) {
	t.Parallel()
	advice := func(s *Site) Requirement {
		for _, r := range s.Readiness() {
			if r.ID == "related-labels" {
				return r
			}
		}
		return Requirement{}
	}
	five, _ := newSite(t, withShops("a.test", "b.test", "c.test", "d.test", "e.test", "www.a.test", "a.example"))
	assert.True(t, advice(five).Met)
	six, _ := newSite(t, withShops("a.test", "b.test", "c.test", "d.test", "e.test", "f.test", "www.e.test"))
	assert.False(t, advice(six).Met)
	assert.Contains(t, advice(six).Reason, "https://f.test")
	assert.NotContains(t, advice(six).Reason, "www.e.test")
}
