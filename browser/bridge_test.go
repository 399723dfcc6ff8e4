package browser

import (
	"context"
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func bridgeTab(t *testing.T, key *softKey, query string) *Tab {
	t.Helper()
	return openTab(t, testSite(t)+"/site.html"+query, ContextOptions{Link: LinkBridge, Answerer: key})
}

func TestBridgeConditionalGetWaitsForGo(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	key, pick := newSoftKey("conditional"), make(chan struct{})
	real := newSoftKey("conditional")
	key.get = func(ctx context.Context, r Request) (json.RawMessage, error) {
		select {
		case <-pick:
			return real.Get(ctx, r)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	tab := bridgeTab(t, key, "?conditional")
	require.NoError(t, tab.WaitFunc(ctx, "document.readyState === 'complete'"))
	assert.Contains(t, evalString(t, tab, `ceremony("get")`), "OperationError", "one request at a time")
	require.Len(t, key.seen(), 1)
	assert.Equal(t, "conditional", key.seen()[0].Mediation)
	text, err := tab.Text(ctx, "#out")
	require.NoError(t, err)
	assert.Empty(t, text)
	close(pick)
	require.NoError(t, tab.WaitFunc(ctx, `out.textContent !== ""`))
	text, err = tab.Text(ctx, "#out")
	require.NoError(t, err)
	assert.Equal(t, b64([]byte("conditional")), answerID(t, text))
}

func TestBridgeObjectsLookNative(t *testing.T) {
	t.Parallel()
	tab := bridgeTab(t, newSoftKey("looks"), "")
	ctx := testContext(t)
	require.NoError(t, tab.Eval(ctx, `(async () => {
		window.made = await navigator.credentials.create({publicKey: defaults.create()});
		window.got = await navigator.credentials.get({publicKey: defaults.get()});
	})()`, nil))
	for _, claim := range []string{
		`made instanceof PublicKeyCredential && got instanceof PublicKeyCredential`,
		`made.response instanceof AuthenticatorAttestationResponse`,
		`got.response instanceof AuthenticatorAssertionResponse`,
		`Object.prototype.toString.call(made) === "[object PublicKeyCredential]"`,
		`Object.keys(made).length === 0 && Object.getOwnPropertyNames(made.response).length === 0`,
		`made.rawId instanceof ArrayBuffer && made.rawId === made.rawId && made.rawId.byteLength === 5`,
		`made.response.getPublicKeyAlgorithm() === -7 && made.response.getPublicKey().byteLength === 91`,
		`made.response.getTransports().join() === "internal"`,
		`made.response.getAuthenticatorData() instanceof ArrayBuffer`,
		`got.authenticatorAttachment === "platform" && got.type === "public-key"`,
		`new TextDecoder().decode(got.response.userHandle) === "alice"`,
		`JSON.parse(JSON.stringify(got)).response.signature.length > 80`,
		`JSON.parse(new TextDecoder().decode(got.response.clientDataJSON)).type === "webauthn.get"`,
		`(() => { try { return PublicKeyCredential.prototype.rawId && false } catch (e) { return e instanceof TypeError } })()`,
		`Object.getOwnPropertyDescriptor(PublicKeyCredential.prototype, "rawId").get.name === "get rawId"`,
		`navigator.credentials.create.name === "create" && navigator.credentials.create.length === 0`,
		`!Object.keys(window).includes("passkeylab")`,
	} {
		var holds bool
		require.NoError(t, tab.Eval(ctx, claim, &holds), claim)
		assert.True(t, holds, claim)
	}
}

func TestBridgeChecksArgumentsAsChromiumDoes(t *testing.T) {
	t.Parallel()
	key := newSoftKey("checks")
	tab := bridgeTab(t, key, "")
	tests := []struct{ name, call, want string }{
		{"no user", `ceremony("create", {user: undefined})`, "TypeError TypeError:"},
		{"no challenge", `ceremony("get", {challenge: undefined})`, "TypeError TypeError:"},
		{"challenge of the wrong type", `ceremony("get", {challenge: "text"})`, "TypeError TypeError:"},
		{"signal of the wrong type", `ceremony("get", {}, {signal: 7})`, "TypeError TypeError:"},
		{"aborted before", `ceremony("get", {}, {signal: AbortSignal.abort()})`, "DOMException AbortError:"},
		{"aborted for a reason", `ceremony("get", {}, {signal: AbortSignal.abort(new RangeError("why"))})`, "RangeError RangeError: why"},
		{"too large", `ceremony("get", {challenge: new Uint8Array(300000)})`, "DOMException NotAllowedError:"},
	}
	for _, test := range tests {
		assert.Contains(t, evalString(t, tab, test.call), test.want, test.name)
	}
	assert.Empty(t, key.seen())
}

func TestBridgeCapabilitiesAndSignals(t *testing.T) {
	t.Parallel()
	key := newSoftKey("signals")
	tab := openTab(t, testSite(t)+"/site.html", ContextOptions{Link: LinkBridge, Answerer: key, Roaming: true})
	ctx := testContext(t)
	for expression, want := range map[string]bool{
		`PublicKeyCredential.isConditionalMediationAvailable()`:                                 true,
		`PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()`:                   false,
		`PublicKeyCredential.getClientCapabilities().then(c => c.conditionalGet)`:               true,
		`PublicKeyCredential.getClientCapabilities().then(c => c.signalAllAcceptedCredentials)`: true,
		`PublicKeyCredential.getClientCapabilities().then(c => c.passkeyPlatformAuthenticator)`: false,
	} {
		var got bool
		require.NoError(t, tab.Eval(ctx, expression, &got))
		assert.Equal(t, want, got, expression)
	}
	require.NoError(t, tab.Eval(ctx, `PublicKeyCredential.signalUnknownCredential({rpId: "localhost", credentialId: "AAAA"})`, nil))
	assert.Error(t, tab.Eval(ctx, `PublicKeyCredential.signalUnknownCredential({rpId: "localhost"})`, nil), "Chromium checks the members")
	require.Len(t, key.signals, 1)
	assert.Equal(t, SignalUnknownCredential, key.signals[0].Kind)
	assert.JSONEq(t, `{"rpId":"localhost","credentialId":"AAAA"}`, string(key.signals[0].Options))
	assert.NotEmpty(t, key.signals[0].Origin)
}

// A page can have the script send anything, here by taking over JSON.stringify.
// None of it may reach the Answerer, keep the page from being answered later, or
// stay in memory.
func TestBridgeSurvivesAHostilePage(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	key := newSoftKey("hostile")
	tab := openTab(t, testSite(t)+"/site.html", ContextOptions{Link: LinkBridge, Answerer: key, Report: func(error) {}})
	before := heap()
	require.NoError(t, tab.Eval(ctx, `(async () => {
		const garbage = ["", "{", "[]", "7", '{"kind":"steal"}', '{"kind":"get","id":"x"}', '{"kind":"get","id":1,"options":[]}',
			'{"kind":"signal","id":1,"signal":"x","options":{}}', '{"kind":"cancel","id":-1}', "\ud800", "x".repeat(1 << 20),
			"x".repeat(40 << 20)]; // the last is more than the connection takes
		for (const g of garbage) {
			JSON.stringify = () => g;
			for (let i = 0; i < (g.length > 1000 ? 1 : 10); i++) {
				const stop = new AbortController();
				const outcome = ceremony("get", {}, { signal: stop.signal });
				setTimeout(() => stop.abort(), 1);
				await outcome;
			}
		}
		for (const g of garbage) { passkeylab(1, {}); try { passkeylab(g, g) } catch {} }
	})()`, nil))
	assert.Empty(t, key.seen())
	require.NoError(t, tab.Reload(ctx))
	assert.Equal(t, b64([]byte("hostile")), answerID(t, evalString(t, tab, `ceremony("get")`)))
	assert.Less(t, heap(), before+(32<<20), "bytes in use")
}

func TestBridgeServesOneRequestOfAPageAtATime(t *testing.T) {
	t.Parallel()
	key := newSoftKey("flood")
	tab := bridgeTab(t, key, "")
	var outcomes map[string]int
	require.NoError(t, tab.Eval(testContext(t), `Promise.all(Array.from({ length: 500 }, () => ceremony("get"))).then((all) => {
		const count = {};
		for (const o of all) { const name = o[0] === "{" ? "answered" : o.split(":")[0]; count[name] = (count[name] ?? 0) + 1; }
		return count;
	})`, &outcomes))
	assert.Equal(t, map[string]int{"answered": 1, "DOMException OperationError": 499}, outcomes)
	assert.Len(t, key.seen(), 1)
}

// A page that answers with more than the connection takes fails the caller
// instead of keeping it.
func TestTooLongAReplyFailsTheCall(t *testing.T) {
	t.Parallel()
	tab := bridgeTab(t, newSoftKey("long"), "")
	err := tab.Eval(testContext(t), `"x".repeat(40 << 20)`, nil)
	assert.ErrorContains(t, err, "was dropped")
	assert.Equal(t, "still here", evalString(t, tab, `"still here"`))
}

// heap is how many bytes are reachable.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestParseBridgeMessage(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		`{"kind":"get","id":1,"mediation":"conditional","options":{}}`,
		`{"kind":"cancel","id":1}`,
		`{"kind":"signal","id":1,"signal":"signalCurrentUserDetails","options":{"a":1}}`,
	} {
		_, err := parseBridgeMessage(good)
		assert.NoError(t, err, good)
	}
	for _, bad := range []string{
		``, `{`, `[]`, `{"kind":"other"}`, `{"kind":"get","id":1}`, `{"kind":"get","id":1,"options":"{}"}`,
		`{"kind":"signal","id":1,"signal":"other","options":{}}`,
		`{"kind":"get","id":1,"options":{"x":"` + strings.Repeat("x", maxRequest) + `"}}`,
	} {
		_, err := parseBridgeMessage(bad)
		assert.Error(t, err, "%.80s", bad)
	}
}

func FuzzParseBridgeMessage(f *testing.F) {
	f.Add(`{"kind":"get","id":1,"mediation":"","options":{"challenge":"AAAA"}}`)
	f.Add(`{"kind":"signal","id":-1,"signal":"signalUnknownCredential","options":{}}`)
	f.Fuzz(func(t *testing.T, payload string) {
		m, err := parseBridgeMessage(payload)
		if err == nil && m.Kind != "cancel" && !json.Valid(m.Options) {
			t.Fatalf("accepted options that are not JSON: %q", m.Options)
		}
	})
}
