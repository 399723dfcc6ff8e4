package relyingparty

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// noteOf is a note as the page of this user would send it.
func noteOf(t *testing.T, s *Site, email string) noteJSON {
	t.Helper()
	u, err := s.User(email)
	require.NoError(t, err)
	require.NotEmpty(t, u.Passkeys)
	return noteJSON{
		Passkey: encode(u.Passkeys[0].ID), Salt: encode(make([]byte, noteSaltSize)),
		Nonce: encode(make([]byte, noteNonceSize)), Ciphertext: encode(make([]byte, noteTagSize+5)),
	}
}

func (b *browser) keepNote(n noteJSON) answer {
	b.t.Helper()
	body, err := json.Marshal(n)
	require.NoError(b.t, err)
	return b.post("/prf-demo/note", body)
}

func TestNoteIsKeptForItsUserAlone(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	alice, bob := visitSite(t, s), visitSite(t, s)
	alice.signUp("alice@example.com")
	bob.signUp("bob@example.com")
	require.Equal(t, "prf-demo", alice.open("/prf-demo").screen())
	n := noteOf(t, s, "alice@example.com")
	require.Equal(t, http.StatusOK, alice.keepNote(n).status)
	shown := alice.open("/prf-demo").body
	assert.Contains(t, shown, n.Ciphertext)
	assert.Contains(t, shown, `id="read-note"`)
	assert.NotContains(t, bob.open("/prf-demo").body, n.Ciphertext)
	assert.Equal(t, problemNoSuchPasskey, bob.keepNote(n).refusal(t).Error, "with somebody else's passkey")

	assert.Equal(t, "prf-demo", alice.submit("/prf-demo/remove").screen())
	assert.NotContains(t, alice.page.body, n.Ciphertext)
}

// Some keys evaluate prf only for passkeys that were asked for it when they were made.
func TestPagesAskForPRFWhenAPasskeyIsMade(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.startSignUp("alice@example.com")
	asked := b.post("/u/passkey/register/options", []byte(`{}`))
	require.Equal(t, http.StatusOK, asked.status)
	assert.Contains(t, asked.body, `"extensions":{"prf":{}}`)
}

func TestNoteIsLostWithItsPasskey(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.signUp("alice@example.com")
	require.Equal(t, http.StatusOK, b.keepNote(noteOf(t, s, "alice@example.com")).status)
	b.open("/account")
	b.submit("/account/passkeys/remove", "id", b.page.attribute("data-passkey-id"))
	lost := b.open("/prf-demo").body
	assert.Contains(t, lost, `id="note-lost"`)
	assert.Contains(t, lost, `id="no-passkey"`)
	assert.NotContains(t, lost, `id="read-note"`)
}

func TestNotesOutOfMeasureAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	b.signUp("alice@example.com")
	good := noteOf(t, s, "alice@example.com")
	for name, c := range map[string]struct {
		edit func(*noteJSON)
		want problemKey
	}{
		"salt of 31 bytes":   {func(n *noteJSON) { n.Salt = encode(make([]byte, 31)) }, problemBadRequest},
		"nonce of 16 bytes":  {func(n *noteJSON) { n.Nonce = encode(make([]byte, 16)) }, problemTooLarge},
		"no ciphertext":      {func(n *noteJSON) { n.Ciphertext = "" }, problemBadRequest},
		"a tag alone":        {func(n *noteJSON) { n.Ciphertext = encode(make([]byte, noteTagSize)) }, problemBadRequest},
		"too long a note":    {func(n *noteJSON) { n.Ciphertext = encode(make([]byte, longestNote+1)) }, problemTooLarge},
		"not base64url":      {func(n *noteJSON) { n.Ciphertext = strings.Repeat("+/", 20) }, problemBadRequest},
		"an unknown passkey": {func(n *noteJSON) { n.Passkey = "AAAA" }, problemNoSuchPasskey},
	} {
		bad := good
		c.edit(&bad)
		assert.Equal(t, c.want, b.keepNote(bad).refusal(t).Error, name)
	}
	longest := good
	longest.Ciphertext = encode(make([]byte, longestNote))
	assert.Equal(t, http.StatusOK, b.keepNote(longest).status)
}

func TestNotesAreForUsers(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	b := visitSite(t, s)
	assert.Equal(t, "login-id", b.open("/prf-demo").screen())
	assert.Equal(t, problemSessionEnded, b.keepNote(noteJSON{}).refusal(t).Error)
}
