package pages

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"image"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/browser"
)

// pictures is where the pictures of the gallery go, if anywhere:
// go test ./relyingparty/internal/pages -run TestScreens -pictures DIR
var pictures = flag.String("pictures", "", "write a picture of every screen into this folder")

//go:embed inspect_test.js
var inspection string

// strictPolicy is what the site allows its pages, or less.
const strictPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"

// exhibit serves the gallery, each sample under its name.
func exhibit(t *testing.T) string {
	t.Helper()
	s, err := Load()
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("GET "+StaticPath, s.Static())
	for _, one := range gallery() {
		mux.HandleFunc("GET /"+one.name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", strictPolicy)
			assert.NoError(t, s.Render(w, http.StatusOK, one.view))
		})
	}
	mux.HandleFunc("POST /u/passkey/login/options", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"publicKey":{"challenge":"AAAA","timeout":600000,"rpId":"localhost","userVerification":"required"}}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// newTab opens a tab of a Chromium of its own.
func newTab(t *testing.T) (context.Context, *browser.Tab) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	chromium, err := browser.Launch(ctx, browser.Options{})
	if browser.IsMissing(err) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, chromium.Close()) })
	person, err := chromium.NewContext(ctx, browser.ContextOptions{})
	require.NoError(t, err)
	tab, err := person.NewTab(ctx)
	require.NoError(t, err)
	return ctx, tab
}

// sizes are those of a phone, a tablet and a laptop.
var sizes = []browser.Viewport{
	{Width: 360, Height: 740, Scale: 1, Phone: true},
	{Width: 768, Height: 1024, Scale: 1},
	{Width: 1280, Height: 800, Scale: 1},
}

func open(ctx context.Context, t *testing.T, tab *browser.Tab, address string) {
	t.Helper()
	require.NoError(t, tab.Navigate(ctx, address))
	require.NoError(t, tab.WaitFunc(ctx, `document.body.dataset.state !== 'loading' && document.body.dataset.autofill !== 'loading'`))
}

// TestScreensInEverySize looks at every screen as a phone, a tablet and a laptop show
// it, light and dark: nothing sticks out, is cut off or covers something else, what
// can be pressed is large enough, and what can be read has contrast.
func TestScreensInEverySize(t *testing.T) {
	t.Parallel()
	site := exhibit(t)
	ctx, tab := newTab(t)
	phone := sizes[0]
	sheets := map[string]*contactSheet{}
	for _, scheme := range []string{"light", "dark"} {
		sheets[scheme] = &contactSheet{across: 5, width: phone.Width, height: phone.Height, pictures: map[string]image.Image{}}
	}
	for _, one := range gallery() {
		require.NoError(t, tab.SetViewport(ctx, sizes[len(sizes)-1]))
		open(ctx, t, tab, site+"/"+one.name)
		for _, size := range sizes {
			require.NoError(t, tab.SetViewport(ctx, size))
			for _, dark := range []bool{false, true} {
				require.NoError(t, tab.SetDark(ctx, dark))
				var faults []string
				require.NoError(t, tab.Eval(ctx, inspection, &faults))
				scheme := map[bool]string{false: "light", true: "dark"}[dark]
				assert.Empty(t, faults, "%s, %d px, %s", one.name, size.Width, scheme)
				if *pictures == "" {
					continue
				}
				picture := take(ctx, t, tab, fmt.Sprintf("%s-%d-%s.png", one.name, size.Width, scheme))
				if size == phone && slices.Contains(onSheet, one.name) {
					sheets[scheme].add(t, one.name, picture)
				}
			}
		}
	}
	assert.Empty(t, tab.Problems(), "nothing in red on the console")
	if *pictures != "" {
		sheets["light"].write(t, "screens-light.png", onSheet)
		sheets["dark"].write(t, "screens-dark.png", onSheet)
	}
}

// onSheet are the samples of docs/images/screens-light.png and screens-dark.png.
var onSheet = []string{
	"login-id", "signup-id", "passkey-enrollment-signup", "passkey-enrollment-local", "signup-password-error",
	"login-password", "reset-password-email", "reset-password-error-expired", "account", "log",
}

func take(ctx context.Context, t *testing.T, tab *browser.Tab, name string) []byte {
	t.Helper()
	picture, err := tab.FullPage(ctx)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(*pictures, name), picture, 0o644))
	return picture
}
