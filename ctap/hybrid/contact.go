package hybrid

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// Contact is what a linked client has the tunnel service hand to its
// authenticator: the client payload.
type Contact struct {
	LinkID [LinkIDSize]byte
	Nonce  [NonceSize]byte // fresh; see [FromLink]
	Hint   Hint
}

// maxContact bounds the header that carries a contact, in characters.
const maxContact = 1024

// ErrContact says that a header is not that of a contact.
var ErrContact = errors.New("not a client payload")

// Keys of the map of a Contact.
const (
	contactLinkID = iota + 1
	contactNonce
	contactHint
)

// Header returns the value of PayloadHeader.
func (c *Contact) Header() string {
	out, pairs := canon.OpenMap(nil)
	out = canon.AppendBytes(pairs.IntKey(out, contactLinkID), c.LinkID[:])
	out = canon.AppendBytes(pairs.IntKey(out, contactNonce), c.Nonce[:])
	if c.Hint != "" {
		out = canon.AppendText(pairs.IntKey(out, contactHint), string(c.Hint))
	}
	return strings.ToUpper(hex.EncodeToString(out))
}

// ParseContact reads the value of PayloadHeader. The error wraps [ErrContact].
func ParseContact(header string) (*Contact, error) {
	if len(header) > maxContact {
		return nil, fmt.Errorf("%w: %d characters, at most %d are read", ErrContact, len(header), maxContact)
	}
	data, err := hex.DecodeString(header)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContact, err)
	}
	c := new(Contact)
	if err := canon.Read(data, c.read); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContact, err)
	}
	return c, nil
}

func (c *Contact) read(r *canon.Reader) {
	var hasLink, hasNonce bool
	for key := range r.IntKeys {
		switch key {
		case contactLinkID:
			hasLink = readFixed(r, c.LinkID[:])
		case contactNonce:
			hasNonce = readFixed(r, c.Nonce[:])
		case contactHint:
			c.Hint = Hint(r.Text())
		default:
			r.Skip()
		}
	}
	if !hasLink || !hasNonce {
		r.Fail(errors.New("link ID (1) and nonce (2) are required"))
	}
}
