package relyingparty

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// The demonstration of prf (WebAuthn L3 §10.1.4): a note of each user that the page
// encrypts under an output of a passkey. The site keeps it and has no part in the rest.

// Sizes of a note, in bytes.
const (
	noteSaltSize  = 32
	noteNonceSize = 12
	noteTagSize   = 16
	longestNote   = 2000 + noteTagSize // 500 characters of up to 4 bytes, sealed
)

// noteJSON is a note as the page sends it and gets it back. Everything is base64url.
type noteJSON struct {
	Passkey    string `json:"passkey"` // credential ID of the one that opens it
	Salt       string `json:"salt"`
	Nonce      string `json:"nonce"`
	Ciphertext string `json:"ciphertext"`
}

// noteFacts is what the page needs to know.
type noteFacts struct {
	RPID     string    `json:"rpId"`
	UserID   string    `json:"userId"`
	Passkeys []string  `json:"passkeys"` // credential IDs of the user's
	Note     *noteJSON `json:"note,omitempty"`
}

func noteKey(u store.User) string { return "note/" + u.ID }

func showNote(v *visit, u store.User) error {
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return err
	}
	kept, err := v.keptNote(u)
	if err != nil {
		return err
	}
	facts := noteFacts{RPID: v.rp.id, UserID: encode(u.Handle), Note: kept}
	body := new(pages.NoteBody)
	if kept != nil {
		body.Ciphertext = kept.Ciphertext
	}
	for _, k := range keys {
		if k.RPID != facts.RPID {
			continue
		}
		id := encode(k.CredentialID)
		facts.Passkeys = append(facts.Passkeys, id)
		if kept != nil && kept.Passkey == id {
			body.Passkey = k.Name
		}
	}
	if len(facts.Passkeys) > 0 {
		text, err := json.Marshal(facts)
		if err != nil {
			return err
		}
		body.Facts = string(text)
	}
	return v.show(http.StatusOK, pages.View{Screen: pages.PRFDemo, Email: nameOf(u), Note: body})
}

// keptNote is the user's note, nil for none.
func (v *visit) keptNote(u store.User) (*noteJSON, error) {
	text, err := v.site.store.Setting(noteKey(u))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	kept := new(noteJSON)
	return kept, json.Unmarshal(text, kept)
}

// keepNote stores a note in place of the one that was there.
func keepNote(v *visit, u store.User) error {
	var sent noteJSON
	if err := json.Unmarshal(v.body, &sent); err != nil {
		return failBecause(problemBadRequest, err)
	}
	if err := sent.check(); err != nil {
		return err
	}
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.RPID == v.rp.id && encode(k.CredentialID) == sent.Passkey {
			return v.storeNote(u, sent)
		}
	}
	return fail(problemNoSuchPasskey)
}

func (v *visit) storeNote(u store.User, n noteJSON) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	if err := v.site.store.SetSetting(noteKey(u), text); err != nil {
		return err
	}
	return v.answer(http.StatusOK, struct{}{})
}

// check holds a note to its sizes. What is in it cannot be checked.
func (n noteJSON) check() error {
	for _, part := range []struct {
		text        string
		least, most int
	}{
		{n.Salt, noteSaltSize, noteSaltSize},
		{n.Nonce, noteNonceSize, noteNonceSize},
		{n.Ciphertext, noteTagSize + 1, longestNote},
	} {
		switch raw, err := strictBase64.DecodeString(part.text); {
		case err != nil:
			return failBecause(problemBadRequest, err)
		case len(raw) > part.most:
			return fail(problemTooLarge)
		case len(raw) < part.least:
			return fail(problemBadRequest)
		}
	}
	return nil
}

func removeNote(v *visit, u store.User) error {
	if err := v.site.store.SetSetting(noteKey(u), nil); err != nil {
		return err
	}
	return v.redirect(pathPRFDemo)
}
