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
	// Load returns what is held besides credentials, zero where nothing was ever
	// committed.
	Load(ctx context.Context) (Held, error)
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

// Held is what a device keeps besides credentials, in three parts by how often
// they are written; the zero value is that of a device fresh from the factory.
// What it refers to is shared and must not be changed.
type Held struct {
	State        State
	Settings     Settings
	LargeBlobs   []byte // the serialized large-blob array; empty stands for the initial one (CTAP 2.3 §6.10)
	Discoverable int    // number of discoverable credentials
}

// Change is one indivisible step of a Store: first Wipe, then Delete, then Put,
// then the rest.
type Change struct {
	Wipe       bool          `cbor:"1,keyasint,omitempty"` // remove every credential and all else that is held
	Delete     [][]byte      `cbor:"2,keyasint,omitempty"` // credential IDs; those not there are ignored
	Put        []*Credential `cbor:"3,keyasint,omitempty"` // each is added, or replaces the one with its ID
	State      *State        `cbor:"4,keyasint,omitempty"` // replaces the state
	Settings   *Settings     `cbor:"5,keyasint,omitempty"` // replaces the settings
	LargeBlobs []byte        `cbor:"6,keyasint,omitzero"`  // replaces the large-blob array, unless nil
}

// State is what operations move. It is small, and written whole.
type State struct {
	Secret    Secret `cbor:"1,keyasint,omitempty"` // wraps non-discoverable credentials; drawn at first need
	SignCount uint32 `cbor:"2,keyasint,omitempty"` // of CounterGlobal
	UVMisses  int    `cbor:"3,keyasint,omitempty"` // uvRetries used up (CTAP 2.3 §6.5.2.3)
	PINMisses int    `cbor:"4,keyasint,omitempty"` // pinRetries used up (§6.5.2.3)
	UVCount   uint64 `cbor:"5,keyasint,omitempty"` // uvCountSinceLastPinEntry (§6.4 member 0x17)
	CredStore []byte `cbor:"6,keyasint,omitempty"` // credential store state, 16 bytes, drawn at first need (§6.4 member 0x1E)
}

// Settings is what the user, or an administrator, has set. Written whole, and
// seldom.
type Settings struct {
	PINHash         Secret     `cbor:"1,keyasint,omitempty"` // LEFT(SHA-256(PIN), 16); empty = no PIN
	PINLength       int        `cbor:"2,keyasint,omitempty"` // PINCodePointLength, in Unicode code points
	MinPINLength    int        `cbor:"3,keyasint,omitempty"` // 0 = the model's
	MinPINRPIDs     []string   `cbor:"4,keyasint,omitempty"` // who may ask for minPinLength (§6.11.4)
	ForcePINChange  bool       `cbor:"5,keyasint,omitempty"`
	PINComplexity   bool       `cbor:"6,keyasint,omitempty"`  // switched on by setMinPINLength
	AlwaysUv        *bool      `cbor:"7,keyasint,omitempty"`  // nil = as the model leaves the factory
	Enterprise      bool       `cbor:"8,keyasint,omitempty"`  // enterprise attestation is enabled (§6.11.1)
	LongTouch       bool       `cbor:"9,keyasint,omitempty"`  // reset needs a long touch, switched on (§6.11.5)
	Identifier      []byte     `cbor:"10,keyasint,omitempty"` // device identifier, 16 bytes, drawn at first need (§6.4 member 0x19)
	PersistentToken Secret     `cbor:"11,keyasint,omitempty"` // persistentPinUvAuthToken, 32 bytes, drawn at first need (§6.5.2.2)
	Templates       []Template `cbor:"12,keyasint,omitempty"` // enrolled fingerprints, oldest first (§6.7)
}

// Template is an enrolled fingerprint.
type Template struct {
	ID   []byte `cbor:"1,keyasint"`
	Name string `cbor:"2,keyasint,omitempty"`
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

// empty reports whether the change changes nothing.
func (c *Change) empty() bool {
	return !c.Wipe && len(c.Delete) == 0 && c.items() == 0
}
