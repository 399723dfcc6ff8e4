package cxf

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
)

// Limits of what is read. The text bounds identifiers alone.
const (
	MaxBytes = 16 << 20 // of a document

	maxAccounts    = 100
	maxItems       = 10_000 // of an account
	maxCredentials = 100    // of an item
	maxIdentifier  = 64     // bytes of an id (CXF 1.0 §1.3.2)
	maxText        = 1024   // bytes of a name or title
	maxElements    = 10_000 // of arrays that are passed over
	maxCredBlob    = 1024
	maxLargeBlob   = 64 << 10 // bytes as they are kept, compressed
	maxInflated    = 1 << 20  // and as they were before
)

// Document is an export of one provider (CXF 1.0, Header), as far as it concerns
// passkeys.
type Document struct {
	Exporter     string // exporterRpId: a domain of the provider's
	ExporterName string
	Time         time.Time // in whole seconds
	Accounts     []Account

	// Of a document that was read:
	Others  map[string]int // credentials that are no passkeys, by their type; they are passed over
	Dropped []Dropped      // parts of passkeys that nobody here can use
}

// Account is one owner's part of a document.
type Account struct {
	ID                        []byte // 1 to 64 bytes, opaque
	Username, Email, FullName string
	Items                     []Item
}

// Item is what people see as one entry.
type Item struct {
	ID                []byte // 1 to 64 bytes, opaque
	Title, Subtitle   string
	Created, Modified int64 // Unix seconds; 0 = not told
	Passkeys          []*authenticator.Credential
}

// Dropped is a part of a passkey that does not go over: its signature counter is
// not concerned, since a passkey that counts does not go over at all.
type Dropped struct {
	RPID string
	ID   []byte
	What string
}

func (d Dropped) String() string { return fmt.Sprintf("passkey %x for %q: %s", d.ID, d.RPID, d.What) }

// New makes a document with one account and an item for each passkey. The item's ID
// is derived from the passkey's, so that two exports have the same.
func New(exporter, name string, at time.Time, owner Account, passkeys ...*authenticator.Credential) *Document {
	for _, c := range passkeys {
		id := sha256.Sum256(append([]byte("passkeylab item "), c.ID...))
		owner.Items = append(owner.Items, Item{
			ID: id[:16], Title: c.RPID, Subtitle: c.User.Name,
			Created: max(c.Created, 0), Modified: max(c.Created, 0), Passkeys: []*authenticator.Credential{c},
		})
	}
	return &Document{Exporter: exporter, ExporterName: name, Time: at, Accounts: []Account{owner}}
}

// Passkeys returns the passkeys of all accounts, in the order of the document.
func (d *Document) Passkeys() []*authenticator.Credential {
	var all []*authenticator.Credential
	for _, account := range d.Accounts {
		for _, item := range account.Items {
			all = append(all, item.Passkeys...)
		}
	}
	return all
}
