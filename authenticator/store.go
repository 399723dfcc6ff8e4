package authenticator

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Store keeps what must outlive a power cut: credentials and the device's own
// state. It knows no CTAP and no status; its failures are the Err… values below
// or wrap them. Package storetest holds the contract as a test for every
// implementation. A Store is safe for concurrent use, and what it returns is
// shared: neither side changes a credential after it has passed through here.
type Store interface {
	// Load returns the device's state, zero where none was ever committed, and
	// the number of discoverable credentials.
	Load(ctx context.Context) (state State, discoverable int, err error)
	// Find returns the credentials that q asks for, by RP ID and within one RP
	// ID oldest first. None is no error.
	Find(ctx context.Context, q Query) ([]*Credential, error)
	// Commit applies a change wholly or not at all, and returns nil only once
	// it would survive a power cut. After an error the Store shows the state
	// before the change; when the power went or the medium failed meanwhile,
	// the next opening may show the state after it, but nothing in between.
	Commit(ctx context.Context, change Change) error
}

// Query selects credentials: the one with an ID, or else all of an RP ID, or
// else all.
type Query struct {
	ID   []byte
	RPID string
}

// Change is one indivisible step of a Store: first Wipe, then Delete, then Put,
// then State.
type Change struct {
	Wipe   bool          `cbor:"1,keyasint,omitempty"` // remove every credential and the state
	Delete [][]byte      `cbor:"2,keyasint,omitempty"` // credential IDs; those not there are ignored
	Put    []*Credential `cbor:"3,keyasint,omitempty"` // each is added, or replaces the one with its ID
	State  *State        `cbor:"4,keyasint,omitempty"` // replaces the state
}

// State is what a device keeps besides credentials. The zero State is that of a
// device fresh from the factory. It is small, and written whole.
type State struct {
	Secret    Secret `cbor:"1,keyasint,omitempty"` // wraps non-discoverable credentials; drawn at first need
	SignCount uint32 `cbor:"2,keyasint,omitempty"` // of CounterGlobal
	UVMisses  int    `cbor:"3,keyasint,omitempty"` // uvRetries used up (CTAP 2.3 §6.5.2.3)
}

// What a [Store] returns when it cannot serve.
var (
	ErrStoreFull   = errors.New("the store is full")
	ErrStoreBroken = errors.New("the store failed to write and must be opened again")
	ErrStoreClosed = errors.New("the store is closed")
	ErrChange      = errors.New("the change cannot be stored")
)

// Check reports what a Store refuses in a change: a credential that could not
// be found again.
func (c *Change) Check() error {
	for _, put := range c.Put {
		switch {
		case put == nil:
			return fmt.Errorf("%w: Put holds a nil credential", ErrChange)
		case len(put.ID) == 0 || len(put.ID) > webauthn.MaxCredentialID:
			return fmt.Errorf("%w: a credential ID of %d bytes, want 1 to %d", ErrChange, len(put.ID), webauthn.MaxCredentialID)
		case put.RPID == "":
			return fmt.Errorf("%w: credential %x has no RP ID", ErrChange, put.ID)
		}
	}
	return nil
}
