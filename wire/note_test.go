package wire_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
	"github.com/passkeylab/passkeylab/wire"
)

// keptNote was made by WebCrypto as the page's script does: of a prf output of 32 bytes
// of 1, with salt and nonce of zeros, for user AA and passkey AQ at acme.test.
const keptNote = "61gN9XUktasovOBke_rgolEUxk_zWKoxGN9Au7p3hct8Fr2wjh8b"

const notePage = `<head><meta name="csrf-token" content="tok"><meta name="prf-note" content='{"rpId":"acme.test","userId":"AA","passkeys":["AQ"],
	"note":{"passkey":"AQ","salt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","nonce":"AAAAAAAAAAAAAAAA","ciphertext":"` + keptNote + `"}}'></head>
	<body data-screen="prf-demo"><p id="error" data-no-prf="no prf" data-other-key="other key" data-no-note="no note" data-cancelled="cancelled"></p>
	<input id="note"><pre id="note-shown" hidden></pre><button id="read-note" data-prf hidden></button><button id="keep-note" data-prf hidden></button>`

// evaluated is an answer with a prf output of 32 bytes.
func evaluated(each byte) []byte {
	secret := webauthn.Base64URL(strings.Repeat(string(rune(each)), 32))
	return []byte(`{"rawId":"AQ","clientExtensionResults":{"prf":{"results":{"first":"` + secret.String() + `"}}}}`)
}

func noteTab(t *testing.T, page string, c *credentials) *wire.Tab {
	t.Helper()
	tab, err := wire.New(canned(page), c, zeros{})
	require.NoError(t, err)
	require.NoError(t, tab.Open(t.Context(), "https://acme.test/prf-demo"))
	return tab
}

func TestReadsWhatThePagesScriptHasSealed(t *testing.T) {
	t.Parallel()
	c := &credentials{answer: evaluated(1)}
	tab := noteTab(t, notePage, c)
	require.True(t, tab.Has("read-note"))
	require.False(t, tab.Has("note-shown"))
	require.NoError(t, tab.Press(t.Context(), "read-note"))
	shown, err := tab.Text("note-shown")
	require.NoError(t, err)
	assert.Equal(t, "a secret — тайна", shown)
	assert.True(t, tab.Has("note-shown"))
	assert.Empty(t, tab.ErrorKey())
	assert.Equal(t, []client.Caller{{Origin: "https://acme.test"}}, c.callers)
}

func TestNotesThatDoNotOpen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		page   string
		answer []byte
		err    error
		want   string
	}{
		"another secret":    {notePage, evaluated(2), nil, "other-key"},
		"another user":      {strings.Replace(notePage, `"AA"`, `"AB"`, 1), evaluated(1), nil, "other-key"},
		"another passkey":   {strings.Replace(notePage, `"passkey":"AQ"`, `"passkey":"Ag"`, 1), evaluated(1), nil, "other-key"},
		"another site":      {strings.Replace(notePage, "acme.test", "evil.test", 1), evaluated(1), nil, "other-key"},
		"another salt":      {strings.Replace(notePage, `"salt":"A`, `"salt":"B`, 1), evaluated(1), nil, "other-key"},
		"a changed text":    {strings.Replace(notePage, "61gN", "71gN", 1), evaluated(1), nil, "other-key"},
		"a nonce too short": {strings.Replace(notePage, `"nonce":"AAAA`, `"nonce":"`, 1), evaluated(1), nil, "other-key"},
		"no prf":            {notePage, []byte(`{"rawId":"AQ","clientExtensionResults":{}}`), nil, "no-prf"},
		"nobody there":      {notePage, nil, &webauthn.DOMException{Name: webauthn.NotAllowedError}, webauthn.NotAllowedError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab := noteTab(t, c.page, &credentials{answer: c.answer, err: c.err})
			require.NoError(t, tab.Press(t.Context(), "read-note"))
			assert.Equal(t, c.want, tab.ErrorKey())
			assert.NotEmpty(t, tab.Message())
			assert.False(t, tab.Has("note-shown"))
		})
	}
}

func TestNothingTypedIsNoNote(t *testing.T) {
	t.Parallel()
	c := &credentials{answer: evaluated(1)}
	tab := noteTab(t, notePage, c)
	require.NoError(t, tab.Press(t.Context(), "keep-note"))
	assert.Equal(t, "no-note", tab.ErrorKey())
	assert.Empty(t, c.callers, "nobody is asked for nothing")
}
