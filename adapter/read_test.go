package adapter_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/adapter"
)

const whole = `site: Notes
who: {open: /desk, text: .owner}
error: .trouble
errors:
  - {says: Nothing happened, means: NotAllowedError}
sign-up:
  - open: /join
  - fill: input[name=mail]
    with: "{email}"
  - passkey: button.join
  - await: .desk
log-out:
  - press: button.leave
  - await: .door
`

func TestRead(t *testing.T) {
	t.Parallel()
	a, err := adapter.Read([]byte(whole))
	require.NoError(t, err)
	require.NoError(t, a.Check())
	assert.Equal(t, "Notes", a.Name)
	assert.NotNil(t, a.SignUp)
	assert.Nil(t, a.Login, "the file says nothing of it")
	assert.Nil(t, a.Autofill)
	assert.False(t, a.Signals)
	assert.True(t, a.Words.Tells("NotAllowedError"))
	assert.False(t, a.Words.Tells("InvalidStateError"))
	assert.Equal(t, "NotAllowedError", a.Words.Translate("Oh! Nothing happened."))
	assert.Empty(t, a.Words.Translate("something else"))
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	change := func(from, to string) string {
		require.Contains(t, whole, from)
		return strings.Replace(whole, from, to, 1)
	}
	for says, text := range map[string]string{
		"it is empty":                   "",
		"line 1: field sight not found": change("site:", "sight:"),
		"line 2: field opened not":      change("open: /desk", "opened: /desk"),
		"site is missing":               change("site: Notes\n", ""),
		"who.text is missing":           change(", text: .owner", ""),
		"sign-up and sign-up-with-password are both missing": whole[:strings.Index(whole, "sign-up")] + whole[strings.Index(whole, "log-out"):],
		"log-out is missing":                                     whole[:strings.Index(whole, "log-out")],
		"entry 1 needs says and means":                           change(", means: NotAllowedError", ""),
		`line 10: there is no step "click"`:                      change("passkey: button.join", "click: button.join"),
		`line 8: "with" is the text that "fill" types`:           change("    with: \"{email}\"\n", ""),
		"line 10: with is there twice":                           change("    with:", "    with: x\n    with:"),
		`line 7: "with" is the text`:                             change("open: /join", "open: /join\n    with: x"),
		"line 9: one step does fill and await":                   change("    with:", "    await:"),
		"line 7: a step is a line such as":                       change("- open: /join", "- /join"),
		"line 7: open needs a text":                              change("- open: /join", "- open: "),
		`line 7: sign-up has 0 steps "passkey", and needs one`:   change("passkey: button.join", "press: button.join"),
		`line 12: sign-up has no step "pick"`:                    change("  - await: .desk", "  - press: x\n  - pick: x\n  - await: .desk"),
		`line 10: sign-up must end with "await"`:                 change("  - await: .desk\n", ""),
		"log-out: 0 steps":                                       change("log-out:\n  - press: button.leave\n  - await: .door\n", "log-out: []\n"),
		"more than one document":                                 whole + "---\n" + whole,
		"line 3: cannot unmarshal !!seq":                         change("error: .trouble", "error: [a]"),
		"longer than 65536 bytes":                                whole + strings.Repeat("# more\n", 10_000),
		`line 12: mapping key "error" already defined at line 3`: change("log-out:", "error: x\nlog-out:"),
	} {
		_, err := adapter.Read([]byte(text))
		assert.ErrorContains(t, err, says)
		if err != nil {
			assert.NotContains(t, err.Error(), "adapter.", "%s: it speaks of Go", says)
		}
	}
}

// The file that the documentation shows is one.
func TestDocumentedFile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/site-adapters.md")
	require.NoError(t, err)
	_, after, _ := strings.Cut(string(text), "```yaml\n")
	shown, _, _ := strings.Cut(after, "```")
	a, err := adapter.Read([]byte(shown))
	require.NoError(t, err)
	assert.Equal(t, "Notes", a.Name)
}

// One look tells of all that is missing.
func TestReadTellsAll(t *testing.T) {
	t.Parallel()
	_, err := adapter.Read([]byte("error: .x\n"))
	for _, says := range []string{"site", "who.text", "log-out", "sign-up"} {
		assert.ErrorContains(t, err, says)
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "a.yaml")
	_, err := adapter.ReadFile(name)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(name, []byte("site: [\n"), 0o600))
	_, err = adapter.ReadFile(name)
	require.ErrorContains(t, err, name+": ")
	require.NoError(t, os.WriteFile(name, []byte(whole), 0o600))
	_, err = adapter.ReadFile(name)
	require.NoError(t, err)
}

// FuzzRead: whatever a file holds, it is an adapter that can be used, or an error.
func FuzzRead(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("site: a\nwho: {text: b}\n"))
	f.Add([]byte("a: &a [*a, *a]\n"))
	f.Add([]byte("- - - -"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := adapter.Read(data)
		if err == nil && a.Check() != nil {
			t.Errorf("an adapter that Check refuses: %v", a.Check())
		}
	})
}
