package passkeylab_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/adapter"
)

// lantern is a site of one page, whose script shows what its buttons are for.
const lantern = `<!doctype html><title>Lantern</title><p class="who">alice@example.com</p><p class="oh" style="min-height:1em">old news</p>
<button class="again" onclick="document.querySelector('.oh').textContent = 'old news'">the same error again</button>
<button class="other" onclick="setTimeout(() => document.querySelector('.oh').textContent = 'new news', 50)">another error</button>
<button class="late" onclick="setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<p class=lit>lit</p>'), 50)">it works</button>
<button class="change" onclick="setTimeout(() => document.querySelector('.who').textContent = 'bob@example.com', 50)">somebody else</button>
<form action="/?again"><button class="load">the same page again</button></form>`

func lanternAdapter(t *testing.T, signUp string) *adapter.Adapter {
	t.Helper()
	a, err := adapter.Read([]byte("site: Lantern\nwho: {text: .who}\nerror: .oh\nerrors: [{says: old, means: OldError}]\nlog-out: [{await: .who}]\nsign-up-with-password:\n" + signUp))
	require.NoError(t, err)
	return a
}

// What is awaited is what a press has brought: not what was there before.
func TestAwaitSeesNews(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(lantern))
	}))
	t.Cleanup(site.Close)
	stage := passkeylab.NewStage(passkeylab.StageOptions{})
	t.Cleanup(func() { require.NoError(t, stage.Close()) })
	url := strings.Replace(site.URL, "127.0.0.1", "localhost", 1)
	for name, c := range map[string]struct {
		press, await string
		refused      string // what the page says, "" where it goes along
	}{
		"an element that comes":            {"late", ".lit", ""},
		"an element that changes":          {"change", ".who", ""},
		"the same element in another page": {"load", ".who", ""},
		"the same error again":             {"again", ".lit", "old news"},
		"another error":                    {"other", ".lit", "new news"},
		"an error, and not what was there": {"other", ".who", "new news"},
	} {
		way := lanternAdapter(t, "  - open: /\n  - press: ."+c.press+"\n  - await: "+c.await+"\n")
		err := passkeylab.Rehearse(t.Context(), name, func(lab *passkeylab.Lab) {
			lab.Site.OpenOn(lab.Phone("a phone")).SignUpWithPassword("example.com", "x")
		}, passkeylab.WithSite(url), passkeylab.WithAdapter(way), passkeylab.WithLink(passkeylab.Bridge), passkeylab.WithStage(stage))
		var skipped *passkeylab.Skipped
		switch {
		case errors.As(err, &skipped) && os.Getenv("CI") == "":
			t.Skip(skipped.Reason)
		case c.refused == "":
			assert.NoError(t, err, name)
		default:
			assert.ErrorContains(t, err, `the page says "`+c.refused+`"`, name)
		}
	}
}

func TestAdapterNeedsASiteAndABrowser(t *testing.T) {
	t.Parallel()
	way := lanternAdapter(t, "  - await: .who\n")
	never := func(*passkeylab.Lab) { t.Error("the journey has begun") }
	err := passkeylab.Rehearse(t.Context(), "no site", never, passkeylab.WithAdapter(way), passkeylab.WithLink(passkeylab.Proxy))
	var failed *passkeylab.Failed
	require.ErrorAs(t, err, &failed)
	assert.Contains(t, err.Error(), "the site's address, by WithSite")

	err = passkeylab.Rehearse(t.Context(), "no browser", never, passkeylab.WithAdapter(way), passkeylab.WithSite("http://localhost:1"))
	var foreign *passkeylab.NotApplicable
	require.ErrorAs(t, err, &foreign)
	assert.Equal(t, passkeylab.NoScripts, foreign.Reason)

	err = passkeylab.Rehearse(t.Context(), "half an adapter", never, passkeylab.WithAdapter(&adapter.Adapter{Name: "half"}), passkeylab.WithSite("http://localhost:1"))
	assert.ErrorContains(t, err, "Session is missing")
}

// walls is an adapter in Go that does nothing and refuses in its own words.
type walls struct{ says string }

func (w walls) WhoAmI(context.Context, adapter.Page) (string, error) { return "alice", nil }
func (w walls) LogOut(context.Context, adapter.Page) error           { return nil }
func (w walls) Enter(context.Context, adapter.Page, string, string) error {
	return &adapter.Refused{Text: w.says}
}
func (w walls) Translate(string) string { return "wrong-credentials" }
func (w walls) Tells(key string) bool   { return key == "wrong-credentials" || key == "email-in-use" }

// A journey that expects an error gets one that means that, where the site tells it
// from others.
func TestErrorsOfOtherPeople(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(site.Close)
	stage := passkeylab.NewStage(passkeylab.StageOptions{})
	t.Cleanup(func() { require.NoError(t, stage.Close()) })
	w := walls{"No."}
	way := &adapter.Adapter{Name: "Walls", Session: w, PasswordSignUp: w, PasswordLogin: w, Words: w}
	for name, c := range map[string]struct {
		run  func(*passkeylab.Page)
		want string // "" for all is well
	}{
		"the right one":             {func(p *passkeylab.Page) { p.LogInWithPasswordFails("a", "b", "wrong-credentials") }, ""},
		"another one":               {func(p *passkeylab.Page) { p.LogInWithPasswordFails("a", "b", "email-in-use") }, `the error "No.", which means "wrong-credentials"`},
		"one that it does not tell": {func(p *passkeylab.Page) { p.LogInWithPasswordFails("a", "b", "too-many-requests") }, ""},
		"a word that it lacks":      {func(p *passkeylab.Page) { p.LogIn("a") }, "does not say how to log in with a passkey"},
		"our own pages":             {func(p *passkeylab.Page) { p.Press("continue") }, "presses #continue, which is of our own pages"},
	} {
		err := passkeylab.Rehearse(t.Context(), name, func(lab *passkeylab.Lab) { c.run(lab.Site.OpenOn(lab.Phone("a phone"))) },
			passkeylab.WithSite(site.URL), passkeylab.WithAdapter(way), passkeylab.WithLink(passkeylab.Bridge), passkeylab.WithStage(stage))
		var skipped *passkeylab.Skipped
		if errors.As(err, &skipped) && os.Getenv("CI") == "" {
			t.Skip(skipped.Reason)
		}
		if c.want == "" {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorContains(t, err, c.want, name)
		}
	}
}
