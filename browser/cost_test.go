package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/systeminfo"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests here hold what made journeys fast.

// renderers are the processes that show pages.
func renderers(t *testing.T, b *Browser) []int64 {
	t.Helper()
	got, err := cdp.Call(testContext(t), b.chromium, systeminfo.GetProcessInfo, cdp.Empty{})
	require.NoError(t, err)
	var ids []int64
	for _, p := range got.ProcessInfo {
		if p.Type == "renderer" {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// shopSite serves a page that lets no other site hold a reference to it, as
// sites with something to lose do. Chromium then starts a process for whatever
// it is told to open next, an empty page too.
func shopSite(t *testing.T) string {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, err := w.Write([]byte(`<!doctype html><title>Shop</title><link rel="icon" href="data:,">`))
		assert.NoError(t, err)
	}))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "shop.acme.test", 1)
}

// Sites of the same name on different ports are one site, which one process
// shows. That includes the empty page in between.
func TestTheNextVisitNeedsNoNewProcess(t *testing.T) {
	t.Parallel()
	b, err := Launch(testContext(t), Options{HostRules: "MAP *.test 127.0.0.1", SPKIHashes: []string{tlsKeyHash()}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	tab := openTabIn(t, b, shopSite(t), ContextOptions{})
	ctx := testContext(t)
	first := renderers(t, b)
	require.NoError(t, tab.Eval(ctx, "window.leftBehind = true", nil))
	for range 2 {
		require.NoError(t, tab.Blank(ctx))
		url, err := tab.URL(ctx)
		require.NoError(t, err)
		assert.Equal(t, "about:blank", url)
		require.NoError(t, tab.Navigate(ctx, shopSite(t)))
		require.NoError(t, tab.WaitFunc(ctx, "window.leftBehind === undefined"))
		assert.Subset(t, first, renderers(t, b), "that of the empty first page may still be about to end")
	}
}

func TestAPageFillsItsWindowOffScreen(t *testing.T) {
	t.Parallel()
	tab := openTab(t, testSite(t)+"/site.html", ContextOptions{})
	require.NoError(t, tab.WaitFunc(testContext(t), "innerWidth === 1280 && innerHeight === 900"))
}

// typingPage notes what a person would do to it, and what is asked of it.
const typingPage = `<!doctype html><title>Typing</title><link rel="icon" href="data:,">
<input id="name"><button id="go">Go</button><p id="late"></p>
<script>
	const seen = [], frames = [];
	for (const type of ["keydown", "keyup", "input", "mousemove", "mousedown", "mouseup", "click"])
		document.addEventListener(type, (e) => { if (e.isTrusted) seen.push(type === "keydown" ? e.key : type); });
	requestAnimationFrame = (done) => { frames.push(done); };
</script>`

func typingTab(t *testing.T) *Tab {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, err := w.Write([]byte(typingPage))
		assert.NoError(t, err)
	}))
	t.Cleanup(server.Close)
	return openTab(t, server.URL, ContextOptions{})
}

// Input that is sent in one go is still what a person does, in their order.
func TestInputComesOneByOne(t *testing.T) {
	t.Parallel()
	tab := typingTab(t)
	ctx := testContext(t)
	text := strings.Repeat("anna.", 20)
	require.NoError(t, tab.Fill(ctx, "#name", text))
	var seen []string
	require.NoError(t, tab.Eval(ctx, "seen.splice(0)", &seen))
	var want []string
	for _, r := range text {
		want = append(want, string(r), "input", "keyup")
	}
	assert.Equal(t, want, seen)

	require.NoError(t, tab.Click(ctx, "#go"))
	require.NoError(t, tab.Eval(ctx, "seen", &seen))
	assert.Equal(t, []string{"mousemove", "mousedown", "mouseup", "click"}, seen)
}

func TestWaitingHasNothingPainted(t *testing.T) {
	t.Parallel()
	tab := typingTab(t)
	ctx := testContext(t)
	require.NoError(t, tab.Eval(ctx, `setTimeout(() => { late.textContent = "now"; }, 150)`, nil))
	require.NoError(t, tab.WaitVisible(ctx, "#late"))
	require.NoError(t, tab.WaitFunc(ctx, `late.textContent === "now"`))
	require.NoError(t, tab.Click(ctx, "#go"))
	var asked int
	require.NoError(t, tab.Eval(ctx, "frames.length", &asked))
	assert.Zero(t, asked, "frames that the page was asked for")
}
