package browser

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// usbTab opens a page on a computer with a security key in it.
func usbTab(t *testing.T, model authenticator.Model, options Options) (*Tab, *authenticator.ScriptedUser) {
	t.Helper()
	user := new(authenticator.ScriptedUser)
	device, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: transport.Attend(user), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	server, err := transport.NewHIDServer(device)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	options.Keys = []usbkey.Key{{Server: server}}
	b, err := Launch(testContext(t), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return openTabIn(t, b, testSite(t)+"/site.html", ContextOptions{}), user
}

// ask has the page make a request, whose outcome is at window.outcome.
func ask(t *testing.T, tab *Tab, request string) {
	t.Helper()
	require.NoError(t, tab.Eval(testContext(t), `window.outcome = ""; void navigator.credentials.`+request+`.then(
		(c) => { window.made = c; window.outcome = "ok " + (c.response.getTransports?.() ?? ""); }, (e) => { window.outcome = e.name; })`, nil))
}

func outcomeOfAsk(t *testing.T, tab *Tab) string {
	t.Helper()
	require.NoError(t, tab.WaitFunc(testContext(t), `window.outcome`))
	return evalString(t, tab, `window.outcome`)
}

const (
	createOnKey = `create({publicKey: {challenge: new Uint8Array(32), rp: {id: "localhost", name: "Lab"}, user: {id: new Uint8Array(8), name: "alice", displayName: "Alice"},
		pubKeyCredParams: [{type: "public-key", alg: -7}], authenticatorSelection: {residentKey: "required", userVerification: "required"}}})`
	getFromKey = `get({publicKey: {challenge: new Uint8Array(32), rpId: "localhost", userVerification: "required", allowCredentials: [{type: "public-key", id: made.rawId}]}})`
)

// Without a window Chromium shows no dialogs, and a key that verifies its user
// itself needs none.
func TestKeyWithoutWindows(t *testing.T) {
	t.Parallel()
	tab, user := usbTab(t, authenticator.SecurityKey(), Options{})
	ask(t, tab, createOnKey)
	assert.Equal(t, "ok nfc,usb", outcomeOfAsk(t, tab))
	ask(t, tab, getFromKey)
	assert.Equal(t, "ok ", outcomeOfAsk(t, tab))

	require.NoError(t, tab.Context().browser.Unplug(0))
	user.Pick("alice")
	ask(t, tab, getFromKey)
	require.NoError(t, tab.Context().browser.Plug(0), "a page that waits for a key sees it come")
	assert.Equal(t, "ok ", outcomeOfAsk(t, tab))
}

func TestPINInChromiumsDialog(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	tab, _ := usbTab(t, authenticator.PINKey(), Options{Headed: true})
	ask(t, tab, createOnKey)
	require.NoError(t, tab.FillDialog(ctx, "2718", "2718"))
	require.NoError(t, tab.PressDialog(ctx, "Next"))
	assert.Equal(t, "ok nfc,usb", outcomeOfAsk(t, tab))

	ask(t, tab, getFromKey)
	require.NoError(t, tab.FillDialog(ctx, "0000"))
	filled, err := tab.Dialog(ctx, func(d Dialog) bool { return d.Fields == 1 })
	require.NoError(t, err)
	require.NoError(t, tab.PressDialog(ctx, "Next"))
	seen, err := tab.Dialog(ctx, func(d Dialog) bool { return d.Fields == 1 && d.Form != filled.Form })
	require.NoError(t, err, "what asks again is another form")
	assert.Contains(t, seen.Texts, "Incorrect PIN")
	require.NoError(t, tab.FillDialog(ctx, "2718"))
	require.NoError(t, tab.PressDialog(ctx, "Next"))
	assert.Equal(t, "ok ", outcomeOfAsk(t, tab))

	ask(t, tab, getFromKey)
	_, err = tab.Dialog(ctx, func(d Dialog) bool { return d.Fields == 1 })
	require.NoError(t, err)
	require.NoError(t, tab.PressDialog(ctx, "Cancel"))
	assert.Equal(t, "NotAllowedError", outcomeOfAsk(t, tab))
}
