package relyingparties_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
)

// answering is a server that answers everything in one way.
type answering func(w http.ResponseWriter, r *http.Request)

// ServeHTTP reads the body first: a server only notices then that its client is gone.
func (a answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	a(w, r)
}

func says(status int, kind, body string) answering {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

const (
	okAlone = `{"status":"ok","errorMessage":""}`
	options = `{"status":"ok","errorMessage":"","rp":{"name":"x"},"user":{"id":"AAAA","name":"x","displayName":"x"},"challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"pubKeyCredParams":[{"type":"public-key","alg":-7}],"allowCredentials":[{"type":"public-key","id":"AAAA"}]}`
)

// stones are servers that do not look at what they are asked.
var stones = map[string]answering{
	"refuses everything": says(400, "application/json", `{"status":"failed","errorMessage":"no"}`),
	"says ok":            says(200, "application/json", okAlone),
	"is no JSON":         says(200, "application/json", "<html>"),
	"has another type":   says(200, "text/html", okAlone),
	"is empty":           says(200, "application/json", ""),
	"is null":            says(200, "application/json", "null"),
	"is a list":          says(200, "application/json", "[]"),
	"is not found":       says(404, "text/plain", "404 page not found"),
	"breaks":             says(500, "text/plain", "internal error"),
	"is overloaded":      says(503, "application/json", `{"status":"failed","errorMessage":"later"}`),
	"limits":             says(429, "application/json", `{"status":"failed","errorMessage":"slow down"}`),
	"is deep":            says(200, "application/json", strings.Repeat("[", 200_000)),
	"redirects": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
	},
	"floods": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		chunk := []byte(strings.Repeat(" ", 1<<16))
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	},
	"hangs":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"panics": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
}

// No case passes on a server that does not look, in this process or over a network, and
// none takes longer than it may.
func TestStonesPassNothing(t *testing.T) {
	t.Parallel()
	cases := selected(t, conformance.May, "registration/plain", "login/plain", "registration/clientdata/type-missing", "login/signature/bit-flip", "options/challenge",
		"session/login-raced", "interface/registration-failure", "robustness/huge-bytes", "attestation/packed/sig-empty", "registration/user/unverified-required")
	for i := range cases {
		cases[i].Limit = 500 * time.Millisecond
	}
	for name, stone := range stones {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(stone)
			t.Cleanup(server.Close)
			for where, site := range map[string]relyingparties.Site{
				"here": {URL: "https://stone.example", Transport: relyingparties.Handler{Handler: stone}}, "there": {URL: server.URL},
			} {
				begun := time.Now()
				out := conformance.Run(t.Context(), relyingparties.Target{At: site}, cases, conformance.Options{Seed: 1})
				for _, r := range out.Results {
					assert.NotEqual(t, conformance.Pass, r.Verdict, "%s: %s", where, r.Case.ID)
					if r.Verdict != conformance.Unsupported {
						assert.NotEmpty(t, r.Reason, r.Case.ID)
					}
				}
				assert.Less(t, time.Since(begun), time.Minute)
			}
		})
	}
}

// A server that says yes to everything is caught by whatever should be refused.
func TestYesSayer(t *testing.T) {
	t.Parallel()
	site := relyingparties.Site{URL: "https://yes.example", Transport: relyingparties.Handler{Handler: says(200, "application/json", options)}}
	out := conformance.Run(t.Context(), relyingparties.Target{At: site}, selected(t, conformance.Must), conformance.Options{Seed: 1})
	for _, r := range out.Results {
		if strings.Contains(r.Case.Doc, "is refused") && !strings.Contains(r.Case.Doc, "is accepted") {
			assert.NotEqual(t, conformance.Pass, r.Verdict, r.Case.ID)
		}
	}
	assert.Greater(t, out.Count(conformance.Fail), 300)
}

// Whatever a server answers can be told, and the case ends.
func FuzzReply(f *testing.F) {
	for _, seed := range []string{okAlone, options, "", "null", "[", `{"challenge":1}`, `{"rp":{"id":"x"},"challenge":"AA","pubKeyCredParams":[{"alg":1e99},7]}`} {
		f.Add(200, "application/json", []byte(seed))
		f.Add(400, "text/html", []byte(seed))
	}
	cases, err := conformance.Select(relyingparties.Cases(), conformance.Selection{Match: []string{"login/plain", "options/challenge", "session/login-replayed"}})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, status int, kind string, body []byte) {
		site := relyingparties.Site{URL: "https://fuzz.example", Transport: relyingparties.Handler{Handler: says(100+max(status, -status)%500, kind, string(body))}}
		out := conformance.Run(t.Context(), relyingparties.Target{At: site}, cases, conformance.Options{Seed: 1, Transcripts: true})
		for _, r := range out.Results {
			require.NotContains(t, r.Reason, "panicked", r.Case.ID)
		}
	})
}
