package browser

import (
	"bytes"
	"context"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// formPage has everything a person can do with a form.
const formPage = `<!doctype html><title>Form</title><link rel="icon" href="data:,">
<style>#late { display: none } #moving { position: relative }</style>
<form onsubmit="event.preventDefault(); sent.textContent = name.value">
<input id="name" value="old"><label>Agree <input id="agree" type="checkbox"></label>
<button id="send">Send</button></form>
<p id="sent"></p><p id="late">late</p><button id="off" disabled>Off</button>
<div style="position: fixed; bottom: 0; height: 100px; width: 200px; background: silver" id="cover"></div>
<button id="under" style="position: fixed; bottom: 10px">Under</button>
<div style="height: 3000px"></div><button id="far" onclick="this.textContent = 'clicked'">Far</button>
<div style="height: 1000px"></div>
<script>
	cover.parentNode.append(cover);
	addEventListener("click", (e) => { window.trusted = e.isTrusted; });
</script>`

// formTab opens formPage.
func formTab(t *testing.T) (*Tab, string) {
	t.Helper()
	return formTabIn(t, testBrowser(t))
}

func formTabIn(t *testing.T, b *Browser) (*Tab, string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		_, err := w.Write([]byte(formPage))
		assert.NoError(t, err)
	}))
	t.Cleanup(server.Close)
	return openTabIn(t, b, server.URL, ContextOptions{}), server.URL
}

func TestTabFillsAndSendsAForm(t *testing.T) {
	t.Parallel()
	tab, _ := formTab(t)
	ctx := testContext(t)
	require.NoError(t, tab.Fill(ctx, "#name", "Zoë Straße 😀"))
	value, err := tab.Value(ctx, "#name")
	require.NoError(t, err)
	assert.Equal(t, "Zoë Straße 😀", value)
	require.NoError(t, tab.Press(ctx, KeyEnter))
	require.NoError(t, tab.WaitFunc(ctx, `sent.textContent !== ""`))
	text, err := tab.Text(ctx, "#sent")
	require.NoError(t, err)
	assert.Equal(t, "Zoë Straße 😀", text)
	require.NoError(t, tab.Fill(ctx, "#name", ""))
	value, err = tab.Value(ctx, "#name")
	require.NoError(t, err)
	assert.Empty(t, value)

	require.NoError(t, tab.Focus(ctx, "#name"))
	require.NoError(t, tab.Press(ctx, KeyTab))
	require.NoError(t, tab.Press(ctx, KeySpace))
	var checked bool
	require.NoError(t, tab.Eval(ctx, "agree.checked", &checked))
	assert.True(t, checked, "the page works without a mouse")
	assert.Empty(t, tab.Problems())
}

func TestTabClicksLikeAPerson(t *testing.T) {
	t.Parallel()
	tab, _ := formTab(t)
	ctx := testContext(t)
	require.NoError(t, tab.Click(ctx, "#far"))
	text, err := tab.Text(ctx, "#far")
	require.NoError(t, err)
	assert.Equal(t, "clicked", text, "it was scrolled to")
	var trusted bool
	require.NoError(t, tab.Eval(ctx, "trusted", &trusted))
	assert.True(t, trusted)
	require.NoError(t, tab.Eval(ctx, `setTimeout(() => off.disabled = false, 100)`, nil))
	require.NoError(t, tab.Click(ctx, "#off"), "it waits until a button is enabled")
}

func TestTabSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	// In a shared browser these short waits may pass while a popup of another
	// test keeps the focus.
	b, err := Launch(testContext(t), Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	tab, address := formTabIn(t, b)
	tests := []struct {
		name string
		do   func(context.Context) error
		want string
	}{
		{"click nothing", func(ctx context.Context) error { return tab.Click(ctx, "#none") }, `target "#none": no such element`},
		{"click something disabled", func(ctx context.Context) error { return tab.Click(ctx, "#off") }, `target "#off": disabled`},
		{"click something covered", func(ctx context.Context) error { return tab.Click(ctx, "#under") }, `target "#under": covered by <div>`},
		{"wait for the invisible", func(ctx context.Context) error { return tab.WaitVisible(ctx, "#late") }, `waitVisible "#late": not visible`},
		{"wait for it to hide", func(ctx context.Context) error { return tab.WaitHidden(ctx, "#send") }, "still visible"},
		{"wait for a falsehood", func(ctx context.Context) error { return tab.WaitFunc(ctx, "1 > 2") }, "still false"},
	}
	for _, test := range tests {
		ctx, cancel := context.WithTimeout(testContext(t), 500*time.Millisecond)
		err := test.do(ctx)
		cancel()
		var wait *WaitError
		require.ErrorAs(t, err, &wait, test.name)
		assert.ErrorIs(t, err, context.DeadlineExceeded, test.name)
		assert.ErrorContains(t, err, test.want, test.name)
		assert.Equal(t, address+"/", wait.URL)
		assert.Equal(t, "Form", wait.Title)
		assert.Contains(t, wait.Text, "Agree Send")
	}
	assert.ErrorContains(t, tab.Eval(testContext(t), "nowhere.value", nil), "nowhere is not defined")
	assert.ErrorContains(t, tab.Click(testContext(t), "[["), "not a valid selector")
}

func TestTabNavigates(t *testing.T) {
	t.Parallel()
	tab, address := formTab(t)
	ctx := testContext(t)
	require.NoError(t, tab.Navigate(ctx, address+"/redirect"))
	url, err := tab.URL(ctx)
	require.NoError(t, err)
	assert.Equal(t, address+"/", url)
	require.NoError(t, tab.Eval(ctx, "window.mark = 1", nil))
	require.NoError(t, tab.Navigate(ctx, address+"/#part"), "within the document")
	require.NoError(t, tab.WaitFunc(ctx, "mark === 1"))
	require.NoError(t, tab.Reload(ctx))
	require.NoError(t, tab.WaitFunc(ctx, "typeof mark === 'undefined'"))
	assert.ErrorContains(t, tab.Navigate(ctx, "http://127.0.0.1:1/"), "ERR_UNSAFE_PORT")
	for selector, want := range map[string][2]bool{"#name": {true, true}, "#late": {true, false}, "#none": {false, false}} {
		require.NoError(t, tab.Navigate(ctx, address))
		exists, err := tab.Exists(ctx, selector)
		require.NoError(t, err)
		visible, err := tab.Visible(ctx, selector)
		require.NoError(t, err)
		assert.Equal(t, want, [2]bool{exists, visible}, selector)
	}
	// A wait goes on in the page that comes next.
	require.NoError(t, tab.Eval(ctx, `setTimeout(() => location.href = "/?next", 100)`, nil))
	require.NoError(t, tab.WaitFunc(ctx, `location.search === "?next"`))
}

func TestTabShowsPhonesAndTheDark(t *testing.T) {
	t.Parallel()
	tab := openTab(t, testSite(t)+"/site.html", ContextOptions{})
	ctx := testContext(t)
	require.NoError(t, tab.SetViewport(ctx, PhoneViewport()))
	require.NoError(t, tab.SetDark(ctx, true))
	require.NoError(t, tab.WaitFunc(ctx, `innerWidth === 390 && devicePixelRatio === 3 && matchMedia("(prefers-color-scheme: dark)").matches`))
	shot, err := tab.Screenshot(ctx)
	require.NoError(t, err)
	picture, err := jpeg.Decode(bytes.NewReader(shot))
	require.NoError(t, err)
	assert.Equal(t, 390*3, picture.Bounds().Dx())
	require.NoError(t, tab.SetViewport(ctx, DesktopViewport()))
	require.NoError(t, tab.SetDark(ctx, false))
	require.NoError(t, tab.WaitFunc(ctx, `innerWidth === 1280 && matchMedia("(prefers-color-scheme: light)").matches`))
}

func TestTabCollectsProblems(t *testing.T) {
	t.Parallel()
	tab, _ := formTab(t)
	ctx := testContext(t)
	require.NoError(t, tab.Eval(ctx, `(async () => {
		console.log("no problem"); console.error("first", 2, {a: 1});
		setTimeout(() => { throw new Error("second") });
		await fetch("/missing-image").then(() => {});
		Promise.reject(new TypeError("third"));
		document.title = "done";
	})()`, nil))
	require.NoError(t, tab.WaitFunc(ctx, `document.title === "done"`))
	require.NoError(t, tab.Eval(ctx, `new Promise((later) => setTimeout(later, 50))`, nil))
	var texts []string
	for _, p := range tab.Problems() {
		texts = append(texts, p.Source+": "+p.Text)
	}
	assert.Equal(t, []string{"console: first 2 Object", "exception: Error: second", "exception: TypeError: third"}, texts)
	for range maxProblems + 10 {
		require.NoError(t, tab.Eval(ctx, `console.error("again")`, nil))
	}
	assert.Len(t, tab.Problems(), maxProblems)
}

func TestContextsShareNoCookies(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	ctx := testContext(t)
	one, other := openTab(t, site+"/site.html", ContextOptions{}), openTab(t, site+"/site.html", ContextOptions{})
	require.NoError(t, one.Eval(ctx, `document.cookie = "who=anna"`, nil))
	assert.Empty(t, evalString(t, other, "document.cookie"))
	second, err := one.Context().NewTab(ctx)
	require.NoError(t, err)
	require.NoError(t, second.Navigate(ctx, site+"/site.html"))
	assert.Equal(t, "who=anna", evalString(t, second, "document.cookie"))
	require.NoError(t, second.Close(ctx))
	require.NoError(t, one.Context().Close())
	require.NoError(t, one.Context().Close(), "closing twice does nothing")
	_, err = one.Context().NewTab(ctx)
	assert.ErrorIs(t, err, ErrClosed)
}
