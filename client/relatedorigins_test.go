package client_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// inMemory answers requests by a handler, without a network.
type inMemory struct{ http.HandlerFunc }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	m.HandlerFunc(w, r)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

// listing serves a document as the RP ID example.com.
func listing(document string) inMemory {
	return inMemory{func(w http.ResponseWriter, r *http.Request) {
		if r.URL.String() != "https://example.com/.well-known/webauthn" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, document)
	}}
}

func origins(all ...string) string { return `{"origins":["` + strings.Join(all, `","`) + `"]}` }

func TestRelatedOriginsAreJudgedAsTheTextHasIt(t *testing.T) {
	t.Parallel()
	const caller = "https://shop.test"
	five := []string{"https://a.test", "https://b.test", "https://c.test", "https://d.test", "https://e.test"}
	for _, test := range []struct {
		name, caller, document string
		want                   bool
	}{
		{"listed", caller, origins(caller), true},
		{"not listed", caller, origins("https://other.test"), false},
		{"nothing listed", caller, `{"origins":[]}`, false},
		{"with a path", caller, origins("https://shop.test/some/page?x=1"), true},
		{"another scheme", caller, origins("http://shop.test"), false},
		{"another port", caller, origins("https://shop.test:8443"), false},
		{"the default port spelled out", caller, origins("https://shop.test:443"), true},
		{"the caller's port", "https://shop.test:8443", origins("https://shop.test:8443"), true},
		{"a subdomain is another origin", caller, origins("https://www.shop.test"), false},
		{"capital letters", caller, origins("https://SHOP.test"), true},
		{"odd entries are passed over", caller, origins("", "shop.test", "://", "https://", "data:x", "https://com", "https://127.0.0.1", "https://[::1]", "https://a..b", caller), true},
		{"the fifth label counts", caller, origins(append(five[:4:4], caller)...), true},
		{"the sixth does not", caller, origins(append(five[:5:5], caller)...), false},
		{"but one of a label that was seen does", "https://www.a.test", origins(append(five[:5:5], "https://www.a.test")...), true},
		{"one label under many suffixes is one", caller, origins("https://a.com", "https://a.co.uk", "https://a.de", "https://a.net", "https://a.org", "https://www.a.org", caller), true},
		{"other members are ignored", caller, `{"x":1,"origins":["https://shop.test"]}`, true},
	} {
		got, err := client.WellKnown{Transport: listing(test.document)}.Related(t.Context(), site, test.caller)
		require.NoError(t, err, test.name)
		assert.Equal(t, test.want, got, test.name)
	}
	got, err := client.WellKnown{Transport: listing(origins(five...)), Labels: 2}.Related(t.Context(), site, five[2])
	require.NoError(t, err)
	assert.False(t, got)
}

func TestBrokenListsOfRelatedOrigins(t *testing.T) {
	t.Parallel()
	const caller = "https://shop.test"
	answer := func(status int, kind, body string) inMemory {
		return inMemory{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			io.WriteString(w, body)
		}}
	}
	redirecting := func(to string) inMemory {
		return inMemory{func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }}
	}
	for _, test := range []struct {
		name string
		by   http.RoundTripper
		says string
	}{
		{"not there", answer(404, "application/json", origins(caller)), "404"},
		{"an error with a body", answer(500, "application/json", origins(caller)), "500"},
		{"no content", answer(204, "application/json", ""), "204"},
		{"HTML", answer(200, "text/html", origins(caller)), `"text/html"`},
		{"JSON of another kind", answer(200, "application/manifest+json", origins(caller)), "content type"},
		{"no content type", answer(200, ";", origins(caller)), "content type"},
		{"too large", answer(200, "application/json", origins(caller)+strings.Repeat(" ", 256<<10)), "more than 262144 bytes"},
		{"no JSON", answer(200, "application/json", `{`), "no JSON object"},
		{"an array", answer(200, "application/json", `["https://shop.test"]`), "no JSON object"},
		{"no origins", answer(200, "application/json", `{}`), "no array"},
		{"null", answer(200, "application/json", `{"origins":null}`), "no array"},
		{"a string", answer(200, "application/json", `{"origins":"https://shop.test"}`), "no array"},
		{"a number among them", answer(200, "application/json", `{"origins":["https://shop.test",1]}`), "no strings"},
		{"null among them", answer(200, "application/json", `{"origins":["https://shop.test",null]}`), "no strings"},
		{"a redirect to http", redirecting("http://example.com/list"), "not https"},
		{"redirects without end", redirecting("https://example.com/.well-known/webauthn"), "redirects"},
	} {
		got, err := client.WellKnown{Transport: test.by}.Related(t.Context(), site, caller)
		assert.ErrorContains(t, err, test.says, test.name)
		assert.False(t, got, test.name)
	}
	_, err := client.WellKnown{}.Related(t.Context(), "127.0.0.1", caller)
	assert.ErrorContains(t, err, "IP address")
	_, err = client.WellKnown{}.Related(t.Context(), site, "null")
	assert.Error(t, err)
}

func TestRelatedOriginsAreFetchedWithoutCredentials(t *testing.T) {
	t.Parallel()
	var asked []*http.Request
	by := inMemory{func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r)
		if r.URL.Path == "/.well-known/webauthn" {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
			http.Redirect(w, r, "https://lists.test/example", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, origins("https://shop.test"))
	}}
	got, err := client.WellKnown{Transport: by}.Related(t.Context(), site, "https://shop.test")
	require.NoError(t, err)
	assert.True(t, got)
	require.Len(t, asked, 2)
	for _, r := range asked {
		assert.Empty(t, r.Header.Get("Cookie"))
		assert.Empty(t, r.Header.Get("Referer"))
	}
}

// What a page may use follows.
func TestCeremoniesAtRelatedOrigins(t *testing.T) {
	t.Parallel()
	c, err := client.New(client.Config{
		Authenticators: client.Attached(client.Authenticator{Transport: laptop().holding("alice")}),
		RelatedOrigins: client.WellKnown{Transport: listing(origins("https://shop.test"))},
	})
	require.NoError(t, err)
	options := &webauthn.RequestOptions{RPID: site, Challenge: []byte("challenge")}
	got, err := c.Get(t.Context(), client.Caller{Origin: "https://shop.test"}, options)
	require.NoError(t, err)
	assert.Contains(t, string(got.Response.ClientDataJSON), `"origin":"https://shop.test"`)
	for _, other := range []string{"https://other.test", "http://shop.test"} {
		_, err = c.Get(t.Context(), client.Caller{Origin: other}, options)
		assert.ErrorIs(t, err, &webauthn.DOMException{Name: webauthn.SecurityError}, other)
	}
}

func FuzzRelatedOrigins(f *testing.F) {
	f.Add(origins("https://shop.test", "https://a.test:8443/x"), "https://shop.test")
	f.Add(`{"origins":[null]}`, "https://shop.test:1")
	f.Fuzz(func(t *testing.T, document, caller string) {
		related, err := client.WellKnown{Transport: listing(document)}.Related(t.Context(), site, caller)
		if related && err != nil {
			t.Fatal(fmt.Errorf("related, and yet %w", err))
		}
	})
}
