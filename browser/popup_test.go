package browser

import (
	"bytes"
	"context"
	"crypto/x509"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// headed is one browser with windows for all tests that need them.
var headed struct {
	once    sync.Once
	browser *Browser
	err     error
}

func headedBrowser(t testing.TB) *Browser {
	t.Helper()
	headed.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		headed.browser, headed.err = Launch(ctx, Options{Headed: true})
	})
	require.NoError(t, headed.err)
	return headed.browser
}

// autofillTab opens the page that waits with a conditional get, on a device
// with passkeys of these people.
func autofillTab(t *testing.T, b *Browser, site string, people ...string) (*Tab, *VirtualAuthenticator) {
	t.Helper()
	ctx := testContext(t)
	c, err := b.NewContext(ctx, ContextOptions{Link: LinkCDP, RealUI: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	tab, err := c.NewTab(ctx)
	require.NoError(t, err)
	device, err := tab.AddVirtualAuthenticator(ctx, platformDevice, VirtualEvents{})
	require.NoError(t, err)
	for _, name := range people {
		require.NoError(t, device.AddCredential(ctx, credentialOf(t, name)))
	}
	require.NoError(t, tab.Navigate(ctx, site+"/site.html?conditional"))
	return tab, device
}

var platformDevice = VirtualOptions{ResidentKeys: true, UserVerification: true, UserVerified: true}

// credentialOf is a passkey whose id and user handle are a name.
func credentialOf(t testing.TB, name string) Credential {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(newSoftKey(name).key)
	require.NoError(t, err)
	return Credential{
		ID: []byte(name), RPID: "localhost", PrivateKey: key, UserHandle: []byte(name),
		UserName: name + "@example.com", DisplayName: strings.ToUpper(name), SignCount: 7, Resident: true,
	}
}

func TestPopupShowsAccountsAndPicksTheSecond(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	// Two people at once on one display: their popups must not close each
	// other.
	for _, people := range [][]string{{"alice", "bob"}, {"carol", "dave"}} {
		t.Run(people[1], func(t *testing.T) {
			t.Parallel()
			ctx := testContext(t)
			tab, _ := autofillTab(t, headedBrowser(t), site, people...)
			require.NoError(t, tab.Click(ctx, "#email"))
			entries, err := tab.Popup(ctx)
			require.NoError(t, err)
			var passkeys []string
			for _, e := range entries {
				if e.Passkey {
					account, _, _ := strings.Cut(e.Label, " ")
					passkeys = append(passkeys, account)
				}
			}
			assert.Equal(t, []string{people[0] + "@example.com", people[1] + "@example.com"}, passkeys)

			shot, err := tab.WindowScreenshot(ctx)
			require.NoError(t, err)
			picture, err := png.Decode(bytes.NewReader(shot))
			require.NoError(t, err)
			assert.Equal(t, defaultWidth, picture.Bounds().Dx())

			require.NoError(t, tab.PickPopup(ctx, 1))
			require.NoError(t, tab.WaitFunc(ctx, `out.textContent !== ""`))
			text, err := tab.Text(ctx, "#out")
			require.NoError(t, err)
			assert.Equal(t, b64([]byte(people[1])), answerID(t, text))
			assert.Empty(t, tab.Problems())
		})
	}
}

func TestPopupWithoutPasskeysLeavesThePageUsable(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	tab, _ := autofillTab(t, headedBrowser(t), testSite(t))
	require.NoError(t, tab.Click(ctx, "#email"))
	entries, err := tab.Popup(ctx)
	require.NoError(t, err)
	for _, e := range entries {
		assert.False(t, e.Passkey, e.Label)
	}
	require.NoError(t, tab.ClosePopup(ctx))
	open, err := tab.PopupOpen(ctx)
	require.NoError(t, err)
	assert.False(t, open)
	require.NoError(t, tab.Fill(ctx, "#email", "erin@example.com"))
	value, err := tab.Value(ctx, "#email")
	require.NoError(t, err)
	assert.Equal(t, "erin@example.com", value)
	text, err := tab.Text(ctx, "#out")
	require.NoError(t, err)
	assert.Empty(t, text, "the conditional request still waits")
}

func TestPopupIsPickedFromHeadless(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	for index, want := range []string{"alice", "bob"} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			ctx := testContext(t)
			tab, _ := autofillTab(t, testBrowser(t), site, "alice", "bob")
			_, err := tab.Popup(ctx)
			require.ErrorIs(t, err, ErrHeadless)
			require.NoError(t, tab.Click(ctx, "#email"))
			require.NoError(t, tab.PickPopup(ctx, index))
			require.NoError(t, tab.WaitFunc(ctx, `out.textContent !== ""`))
			text, err := tab.Text(ctx, "#out")
			require.NoError(t, err)
			assert.Equal(t, b64([]byte(want)), answerID(t, text))
		})
	}
}
