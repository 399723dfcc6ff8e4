package bluez_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/child"
)

// askingPage tells what the browser can do, and asks for a passkey of a phone.
const askingPage = `<!doctype html><title>Asking</title><link rel="icon" href="data:,">
<script>
	const tell = (what) => fetch("/told", {method: "POST", body: String(what)});
	PublicKeyCredential.getClientCapabilities()
		.then((can) => tell(can.hybridTransport))
		.then(() => navigator.credentials.get({publicKey: {challenge: new Uint8Array(16), hints: ["hybrid"]}}))
		.catch(tell);
</script>`

// Chromium takes the stand-in for a Bluetooth adapter, offers phones, and scans
// when one is asked for.
func TestChromiumScans(t *testing.T) {
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	require.NoError(t, err, "scripts/setup.sh installs it")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := standIn(t)
	told := make(chan string, 10)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/told" {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(askingPage))
			return
		}
		what, _ := io.ReadAll(r.Body) // the browser may be gone
		told <- string(what)
	}))
	defer site.Close()
	cmd := exec.Command(chromium, "--headless=new", "--no-sandbox", "--no-first-run", "--user-data-dir="+t.TempDir(), strings.Replace(site.URL, "127.0.0.1", "localhost", 1))
	cmd.Env = append(os.Environ(), s.Environ()...)
	browser, err := child.Start(cmd)
	require.NoError(t, err)
	defer browser.Stop()
	select {
	case what := <-told:
		assert.Equal(t, "true", what)
	case <-ctx.Done():
		require.Fail(t, "the page was not shown", browser.Output())
	}
	require.NoError(t, s.Scanned(ctx), browser.Output())
}
