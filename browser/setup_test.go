package browser

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

//go:embed testdata
var fixtures embed.FS

// shared is one headless browser for all tests, because starting one costs more
// than most tests.
var shared struct {
	once    sync.Once
	browser *Browser
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, b := range []*Browser{shared.browser, headed.browser, near.browser} {
		if b != nil {
			code = max(code, closed(b))
		}
	}
	if near.nearby != nil {
		code = max(code, closed(near.nearby))
	}
	os.Exit(code)
}

// closed is the exit status that closing something leads to.
func closed(c io.Closer) int {
	if err := c.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// testContext ends soon enough for a failing test to say what it waited for.
func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func testBrowser(t testing.TB) *Browser {
	t.Helper()
	shared.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		shared.browser, shared.err = Launch(ctx, Options{HostRules: "MAP *.test 127.0.0.1", SPKIHashes: []string{tlsKeyHash()}})
	})
	require.NoError(t, shared.err)
	return shared.browser
}

// testSite serves testdata at a potentially trustworthy origin.
func testSite(t testing.TB) string {
	t.Helper()
	files, err := fs.Sub(fixtures, "testdata")
	require.NoError(t, err)
	server := httptest.NewServer(http.FileServerFS(files))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// openTab opens a page in a context of its own.
func openTab(t testing.TB, url string, options ContextOptions) *Tab {
	t.Helper()
	return openTabIn(t, testBrowser(t), url, options)
}

func openTabIn(t testing.TB, b *Browser, url string, options ContextOptions) *Tab {
	t.Helper()
	ctx := testContext(t)
	if options.Report == nil {
		options.Report = func(err error) { t.Log("reported:", err) }
	}
	c, err := b.NewContext(ctx, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	tab, err := c.NewTab(ctx)
	require.NoError(t, err)
	require.NoError(t, tab.Navigate(ctx, url))
	return tab
}

// evalString evaluates an expression that gives a string.
func evalString(t testing.TB, tab *Tab, expression string) string {
	t.Helper()
	var s string
	require.NoError(t, tab.Eval(testContext(t), expression, &s))
	return s
}

// testSecureSite serves testdata over TLS under a name of .test, with the key
// that testBrowser accepts.
func testSecureSite(t testing.TB, host string) string {
	t.Helper()
	files, err := fs.Sub(fixtures, "testdata")
	require.NoError(t, err)
	server := httptest.NewTLSServer(http.FileServerFS(files))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", host, 1)
}

// tlsKeyHash is the hash of the key that every httptest server uses.
func tlsKeyHash() string {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	hash := sha256.Sum256(server.Certificate().RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(hash[:])
}
