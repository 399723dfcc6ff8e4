package browser

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dialogTab opens a page on a computer with a security key that holds passkeys
// of these people, and has it ask for one of them.
func dialogTab(t *testing.T, b *Browser, people ...string) *Tab {
	t.Helper()
	ctx := testContext(t)
	c, err := b.NewContext(ctx, ContextOptions{Link: LinkCDP, RealUI: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	tab, err := c.NewTab(ctx)
	require.NoError(t, err)
	key := platformDevice
	key.Transport = "usb"
	device, err := tab.AddVirtualAuthenticator(ctx, key, VirtualEvents{})
	require.NoError(t, err)
	for _, name := range people {
		require.NoError(t, device.AddCredential(ctx, credentialOf(t, name)))
	}
	require.NoError(t, tab.Navigate(ctx, testSite(t)+"/site.html"))
	require.NoError(t, tab.Eval(ctx, `void navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), rpId: "localhost"}})
		.then((c) => { window.outcome = atob(c.id.replaceAll("-", "+").replaceAll("_", "/")); }, (e) => { window.outcome = e.name; })`, nil))
	return tab
}

func TestDialog(t *testing.T) {
	b, err := Launch(testContext(t), Options{Headed: true}) // of its own, since windows share the dialogs' list
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	cases := map[string]struct{ press, outcome string }{
		"the first account":  {"alice@example.com", "alice"},
		"the second account": {"bob@example.com", "bob"},
		"cancelled":          {"Cancel", "NotAllowedError"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			ctx := testContext(t)
			tab := dialogTab(t, b, "alice", "bob")
			seen, err := tab.Dialog(ctx, func(d Dialog) bool { return len(d.Buttons) == 3 })
			require.NoError(t, err)
			assert.Equal(t, "Choose a passkey", seen.Title)
			assert.Contains(t, seen.Texts, "Which passkey do you want to use for localhost?")
			require.NoError(t, tab.PressDialog(ctx, c.press))
			require.NoError(t, tab.DialogCloses(ctx))
			require.NoError(t, tab.WaitFunc(ctx, `window.outcome`))
			assert.Equal(t, c.outcome, evalString(t, tab, `window.outcome`))
		})
	}
}

// When time is up, the error tells what became of the last try.
func TestSubmitDialog(t *testing.T) {
	b, err := Launch(testContext(t), Options{Headed: true}) // as above
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	tab := dialogTab(t, b, "alice", "bob")
	shown, err := tab.Dialog(testContext(t), func(d Dialog) bool { return len(d.Buttons) == 3 })
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(testContext(t), popupPatience)
	defer cancel()
	err = tab.SubmitDialog(ctx, shown.Form, "Sign", func(context.Context) error { return nil })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, `button "Sign", of which nobody heard`)
	require.ErrorContains(t, err, "Choose a passkey", "what is there in its place")

	require.NoError(t, tab.SubmitDialog(testContext(t), "another form", "Cancel", nil), "it has gone already")

	ctx, cancel = context.WithCancel(testContext(t))
	defer cancel()
	errDeaf := errors.New("deaf")
	require.ErrorIs(t, tab.SubmitDialog(ctx, shown.Form, "alice@", func(context.Context) error {
		cancel()
		return errDeaf
	}), errDeaf)
}

func TestDialogsAreNotSeenWithoutWindows(t *testing.T) {
	t.Parallel()
	tab := openTab(t, testSite(t)+"/site.html", ContextOptions{})
	require.ErrorIs(t, tab.PressDialog(testContext(t), "Cancel"), ErrHeadless)
}
