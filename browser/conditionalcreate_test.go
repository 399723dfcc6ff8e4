package browser

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What each link makes of a passkey in silence, and of a signal. If Chromium learns
// more, the tables of docs/simulating-loss-and-sync.md and the journeys can, too.
func TestLinksAndConditionalCreate(t *testing.T) {
	t.Parallel()
	const conditionally = `ceremony("create", {}, {mediation: "conditional"})`
	const signal = `PublicKeyCredential.signalUnknownCredential({rpId: "localhost", credentialId: "AAAA"}).then(() => "resolved", String)`
	t.Run("proxy takes it for any other", func(t *testing.T) {
		t.Parallel()
		key := newSoftKey("proxied")
		tab := openTab(t, testSite(t)+"/site.html", ContextOptions{Link: LinkProxy, Answerer: key})
		require.NoError(t, tab.context.link.ready(testContext(t)))
		assert.Equal(t, b64(key.id), answerID(t, evalString(t, tab, conditionally)))
		require.Len(t, key.seen(), 1)
		assert.Empty(t, key.seen()[0].Mediation)
		assert.Equal(t, "resolved", evalString(t, tab, signal))
		assert.Empty(t, key.signals, "no signal reaches the extension")
	})
	t.Run("bridge hands it on", func(t *testing.T) {
		t.Parallel()
		key := newSoftKey("bridged")
		tab := bridgeTab(t, key, "")
		assert.Equal(t, b64(key.id), answerID(t, evalString(t, tab, conditionally)))
		require.Len(t, key.seen(), 1)
		assert.Equal(t, "conditional", key.seen()[0].Mediation)
	})
	t.Run("a virtual authenticator never answers", func(t *testing.T) {
		t.Parallel()
		tab, _, _ := virtualTab(t, platformDevice)
		require.NoError(t, tab.Eval(testContext(t), `(() => {
			window.stop = new AbortController();
			window.silent = ceremony("create", {}, {mediation: "conditional", signal: stop.signal});
		})()`, nil))
		// The next request says that the first was under way, and is refused for it.
		assert.Contains(t, evalString(t, tab, `ceremony("create")`), "OperationError")
		assert.Contains(t, evalString(t, tab, `(stop.abort(), silent)`), "AbortError")
		assert.NotContains(t, evalString(t, tab, `ceremony("create")`), "Error", "a button comes through once the page has stopped it")
	})
}
