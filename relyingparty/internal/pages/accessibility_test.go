package pages

import (
	"context"
	_ "embed"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/browser"
)

//go:embed keyboard_test.js
var keyboardState string

// ordinary are the samples without the longest of everything.
func ordinary() []sample {
	return slices.DeleteFunc(gallery(), func(s sample) bool { return strings.HasSuffix(s.name, "-long") })
}

// controls are the roles of what can be worked.
var controls = []string{"button", "link", "textbox", "checkbox", "combobox", "option", "DisclosureTriangle"}

// TestScreensForAssistiveTechnology reads every screen as a screen reader does:
// everything that can be worked has a role and a name, and there is a main part and a
// heading to go to.
func TestScreensForAssistiveTechnology(t *testing.T) {
	t.Parallel()
	site := exhibit(t)
	ctx, tab := newTab(t)
	for _, one := range ordinary() {
		open(ctx, t, tab, site+"/"+one.name)
		parts, err := tab.Accessibility(ctx)
		require.NoError(t, err)
		count := map[string]int{}
		names := map[string]bool{}
		for _, p := range parts {
			count[p.Role]++
			if p.Focusable && p.Role != "RootWebArea" && p.Role != "alert" {
				assert.Contains(t, controls, p.Role, "%s: %q", one.name, p.Name)
			}
			if slices.Contains(controls, p.Role) {
				assert.NotEmpty(t, strings.TrimSpace(p.Name), "%s: a %s without a name", one.name, p.Role)
			}
			if p.Role == "button" {
				assert.False(t, names[p.Name], "%s: two buttons %q", one.name, p.Name)
				names[p.Name] = true
			}
			if p.Role == "image" {
				assert.NotEmpty(t, p.Name, "%s: an image without a name", one.name)
			}
		}
		assert.Equal(t, 1, count["main"], one.name)
		assert.Equal(t, 1, count["alert"], "%s: a place for errors", one.name)
		assert.NotZero(t, count["heading"], one.name)
		assert.Equal(t, "", outline(ctx, t, tab), one.name)
		var title string
		require.NoError(t, tab.Eval(ctx, "document.title", &title))
		assert.Regexp(t, `.+ \| Acme`, title, one.name)
	}
}

// outline says what is wrong with the headings and IDs of a page.
func outline(ctx context.Context, t *testing.T, tab *browser.Tab) (wrong string) {
	t.Helper()
	require.NoError(t, tab.Eval(ctx, `(() => {
		const levels = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((h) => +h.tagName[1]);
		if (levels[0] !== 1 || levels.filter((l) => l === 1).length !== 1) return 'headings ' + levels;
		if (levels.some((l, i) => i > 0 && l > levels[i - 1] + 1)) return 'a level of headings is left out: ' + levels;
		const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
		return ids.filter((id, i) => ids.indexOf(id) !== i).join(' ');
	})()`, &wrong))
	return wrong
}

// keyboard is the answer of keyboard_test.js.
type keyboard struct {
	Names    []string
	At       int
	ID       string
	Ring     string
	Moves    int
	Positive int
}

// TestScreensByKeyboard walks through every screen with the tabulator: in the order of
// the page, past everything, with the focus to be seen. It starts where the screen
// puts it: at the error, or else at the field to fill.
func TestScreensByKeyboard(t *testing.T) {
	t.Parallel()
	site := exhibit(t)
	ctx, tab := newTab(t)
	look := func() (k keyboard) {
		require.NoError(t, tab.Eval(ctx, keyboardState, &k))
		return k
	}
	for _, one := range ordinary() {
		open(ctx, t, tab, site+"/"+one.name)
		require.NoError(t, tab.WaitFunc(ctx, `document.activeElement !== document.body || !document.querySelector('[autofocus]')`))
		k := look()
		switch {
		case one.view.Error != nil:
			assert.Equal(t, "error", k.ID, one.name)
		case one.view.AsksPassword():
			assert.Contains(t, []string{"password", "new-password"}, k.ID, one.name)
		case slices.Contains([]string{OTPChallenge, OTPEnrollment, EmailChallenge, RecoveryChallenge}, one.view.Screen):
			assert.Equal(t, "code", k.ID, one.name)
		case one.view.Screen == LoginID || one.view.Screen == SignUpID || one.view.Screen == ResetRequest:
			assert.Equal(t, "email", k.ID, one.name)
		}
		assert.Zero(t, k.Moves, "%s moves though the user asked for less of it", one.name)
		assert.Zero(t, k.Positive, "%s: the order of the page is the order", one.name)
		require.NotEmpty(t, k.Names, one.name)
		require.NoError(t, tab.Eval(ctx, `document.querySelector('a[href]').focus()`, nil))
		require.Zero(t, look().At, one.name)
		for i := 1; i < len(k.Names); i++ {
			require.NoError(t, tab.Press(ctx, browser.KeyTab))
			now := look()
			require.Equal(t, i, now.At, "%s: after %s comes %s", one.name, k.Names[i-1], k.Names[i])
			assert.NotEmpty(t, now.Ring, "%s: no ring around %s", one.name, k.Names[i])
		}
	}
}

// TestPasswordsCanBeShown presses the button beside the field.
func TestPasswordsCanBeShown(t *testing.T) {
	t.Parallel()
	site := exhibit(t)
	ctx, tab := newTab(t)
	open(ctx, t, tab, site+"/login-password")
	state := func() (s [2]string) {
		require.NoError(t, tab.Eval(ctx, `[document.getElementById('password').type, document.getElementById('show-password').ariaLabel]`, &s))
		return s
	}
	assert.Equal(t, [2]string{"password", "Show password"}, state())
	require.NoError(t, tab.Fill(ctx, "#password", "secret"))
	require.NoError(t, tab.Click(ctx, "#show-password"))
	assert.Equal(t, [2]string{"text", "Hide password"}, state())
	require.NoError(t, tab.Click(ctx, "#show-password"))
	assert.Equal(t, [2]string{"password", "Show password"}, state())
}
