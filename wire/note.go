package wire

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"

	"github.com/passkeylab/passkeylab/webauthn"
)

// The script of screen prf-demo: a note is encrypted under the output of a passkey's
// prf (WebAuthn L3 §10.1.4), and the site gets nothing else.

const (
	notePurpose   = "passkeylab note v1"
	noteSaltSize  = 32
	noteNonceSize = 12
	noteKeySize   = 32
)

// Keys of the errors that the screen has words for, in data attributes of #error.
const (
	noPRF    = "no-prf"
	otherKey = "other-key"
	noNote   = "no-note"
)

// note is what the site holds.
type note struct {
	Passkey    webauthn.Base64URL `json:"passkey"`
	Salt       webauthn.Base64URL `json:"salt"`
	Nonce      webauthn.Base64URL `json:"nonce"`
	Ciphertext webauthn.Base64URL `json:"ciphertext"`
}

// noteFacts is what the page tells its script.
type noteFacts struct {
	RPID     string               `json:"rpId"`
	UserID   string               `json:"userId"`
	Passkeys []webauthn.Base64URL `json:"passkeys"`
	Note     *note                `json:"note"`
}

func (t *Tab) noteFacts() (facts noteFacts, err error) {
	meta := find(t.page, func(n *html.Node) bool {
		return isElement("meta")(n) && attribute(n, "name") == "prf-note"
	})
	if err := json.Unmarshal([]byte(attribute(meta, "content")), &facts); err != nil {
		return facts, fmt.Errorf("prf-note of screen %q: %w", t.Screen(), err)
	}
	return facts, nil
}

// keepNote is the script behind #keep-note.
func (t *Tab) keepNote(ctx context.Context) error {
	facts, err := t.noteFacts()
	if err != nil {
		return err
	}
	text := t.filled["note"]
	if text == "" {
		return t.tell(noNote)
	}
	secret, passkey, err := t.evaluate(ctx, facts.RPID, facts.Passkeys)
	switch {
	case err != nil:
		t.show(err)
		return nil
	case secret == nil:
		return t.tell(noPRF)
	}
	sealed, err := t.seal(facts, passkey, secret, text)
	if err != nil {
		return err
	}
	if err := t.exchange(ctx, "/prf-demo/note", sealed, new(struct{})); err != nil {
		t.show(err)
		return nil
	}
	return t.Open(ctx, "/prf-demo")
}

// readNote is the script behind #read-note.
func (t *Tab) readNote(ctx context.Context) error {
	facts, err := t.noteFacts()
	if err != nil {
		return err
	}
	if facts.Note == nil {
		return fmt.Errorf("screen %q offers a note that is not there", t.Screen())
	}
	secret, _, err := t.evaluate(ctx, facts.RPID, []webauthn.Base64URL{facts.Note.Passkey})
	switch {
	case err != nil:
		t.show(err)
		return nil
	case secret == nil:
		return t.tell(noPRF)
	}
	text, err := facts.unseal(secret)
	if err != nil {
		return t.tell(otherKey)
	}
	t.key, t.message = "", ""
	return t.reveal("note-shown", text)
}

// evaluate has one of the passkeys evaluate its prf. secret is nil where it has none.
func (t *Tab) evaluate(ctx context.Context, rpID string, passkeys []webauthn.Base64URL) (secret, passkey webauthn.Base64URL, err error) {
	challenge, err := t.draw(32)
	if err != nil {
		return nil, nil, err
	}
	allowed := make([]map[string]any, len(passkeys))
	for i, id := range passkeys {
		allowed[i] = map[string]any{"type": "public-key", "id": id}
	}
	options, err := json.Marshal(map[string]any{
		"challenge": challenge, "rpId": rpID, "userVerification": "required", "allowCredentials": allowed,
		"extensions": map[string]any{"prf": map[string]any{"eval": map[string]any{"first": webauthn.Base64URL(notePurpose)}}},
	})
	if err != nil {
		return nil, nil, err
	}
	answer, err := t.credentials.GetJSON(ctx, t.caller(), options)
	if err != nil {
		return nil, nil, err
	}
	var got struct {
		RawID   webauthn.Base64URL `json:"rawId"`
		Results struct {
			PRF struct {
				Results struct {
					First webauthn.Base64URL `json:"first"`
				} `json:"results"`
			} `json:"prf"`
		} `json:"clientExtensionResults"`
	}
	err = json.Unmarshal(answer, &got)
	return got.Results.PRF.Results.First, got.RawID, err
}

func (t *Tab) seal(facts noteFacts, passkey, secret []byte, text string) (n note, err error) {
	n.Passkey = passkey
	if n.Salt, err = t.draw(noteSaltSize); err != nil {
		return n, err
	}
	if n.Nonce, err = t.draw(noteNonceSize); err != nil {
		return n, err
	}
	aead, err := noteCipher(secret, n.Salt)
	if err != nil {
		return n, err
	}
	n.Ciphertext = aead.Seal(nil, n.Nonce, []byte(text), facts.heldTo(passkey))
	return n, nil
}

func (f noteFacts) unseal(secret []byte) (string, error) {
	aead, err := noteCipher(secret, f.Note.Salt)
	if err != nil {
		return "", err
	}
	if len(f.Note.Nonce) != aead.NonceSize() {
		return "", fmt.Errorf("the nonce of the note has %d bytes, want %d", len(f.Note.Nonce), aead.NonceSize())
	}
	text, err := aead.Open(nil, f.Note.Nonce, f.Note.Ciphertext, f.heldTo(f.Note.Passkey))
	return string(text), err
}

// heldTo is the associated data: whose note it is, and by which passkey.
func (f noteFacts) heldTo(passkey webauthn.Base64URL) []byte {
	return []byte(strings.Join([]string{notePurpose, f.RPID, f.UserID, passkey.String()}, "\n"))
}

func noteCipher(secret, salt []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, salt, notePurpose, noteKeySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (t *Tab) draw(size int) (webauthn.Base64URL, error) {
	out := make([]byte, size)
	_, err := io.ReadFull(t.random, out)
	return out, err
}

// tell shows an error that the page has words for under its own key.
func (t *Tab) tell(key string) error {
	box, err := t.element("error")
	if err != nil {
		return err
	}
	t.key, t.message = key, attribute(box, "data-"+key)
	return nil
}

// reveal puts a text into an element that was hidden until now.
func (t *Tab) reveal(id, text string) error {
	node, err := t.element(id)
	if err != nil {
		return err
	}
	for node.FirstChild != nil {
		node.RemoveChild(node.FirstChild)
	}
	node.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	node.Attr = without(node.Attr, "hidden")
	return nil
}
