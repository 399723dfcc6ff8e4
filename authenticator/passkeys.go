package authenticator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
)

// The methods of this file are no CTAP: they are the device seen by its maker,
// for mirroring credentials into other virtual authenticators, for sync, and for
// looking on. They wait for their turn like requests, and end a getNextAssertion
// sequence.

// ErrNotFound says that the device holds no such credential.
var ErrNotFound = errors.New("no such credential on this device")

// Credentials returns the stored credentials with their keys, by RP ID and
// within one RP ID oldest first. Wrapped ones are not among them: the device
// itself does not know how many it made. SignCount is where the counter stands
// that the credential shows, also where it is the device's. The slice is the
// caller's, what it points to is shared and must not be changed.
func (a *Authenticator) Credentials(ctx context.Context) (all []*Credential, err error) {
	err = a.exclusively(ctx, func() error {
		if all, err = a.env.Store.Find(ctx, Query{}); err == nil {
			all, err = a.counted(ctx, all)
		}
		return err
	})
	return all, err
}

// counted gives credentials the SignCount that they show to the outside.
func (a *Authenticator) counted(ctx context.Context, kept []*Credential) ([]*Credential, error) {
	if a.model.Counter != CounterGlobal {
		return kept, nil
	}
	held, err := a.env.Store.Load(ctx)
	shown := make([]*Credential, len(kept))
	for i, c := range kept {
		copied := *c
		copied.SignCount = max(c.SignCount, held.State.SignCount)
		shown[i] = &copied
	}
	return shown, err
}

// Credential returns one credential of an RP ID, stored or wrapped, or
// [ErrNotFound].
func (a *Authenticator) Credential(ctx context.Context, rpID string, id []byte) (c *Credential, err error) {
	err = a.exclusively(ctx, func() error {
		c, err = a.locate(ctx, rpID, ctap.Descriptor{Type: ctap.PublicKey, ID: id})
		if err == nil && c == nil {
			err = fmt.Errorf("%w: %x for %q", ErrNotFound, id, rpID)
		}
		if err != nil {
			return err
		}
		shown, err := a.counted(ctx, []*Credential{c})
		c = shown[0]
		return err
	})
	return c, err
}

// Import stores credentials, all or none. One replaces what has its ID, and a
// discoverable one also what has its RP ID and user handle, as making it here
// would have done. A Sequence of 0 means "newest". Model.Capacity does not
// apply. The credentials are copied.
func (a *Authenticator) Import(ctx context.Context, credentials ...*Credential) error {
	return a.exclusively(ctx, func() error {
		var change Change
		for _, c := range credentials {
			if err := a.addImport(ctx, &change, c); err != nil {
				return err
			}
		}
		return a.commit(ctx, change)
	})
}

// addImport adds to change what importing c after all that change holds already
// amounts to.
func (a *Authenticator) addImport(ctx context.Context, change *Change, c *Credential) error {
	if err := checkImport(c); err != nil {
		return err
	}
	siblings, err := a.env.Store.Find(ctx, Query{RPID: c.RPID})
	if err != nil {
		return err
	}
	for _, s := range siblings {
		if sameAccount(s, c) {
			change.Delete = append(change.Delete, s.ID)
		}
	}
	change.Put = slices.DeleteFunc(change.Put, func(earlier *Credential) bool { return sameAccount(earlier, c) })
	kept := *c
	if c.Extras != nil {
		extras := *c.Extras
		kept.Extras = &extras
	}
	if kept.Sequence == 0 {
		kept.Sequence = nextSequence(siblings)
		for _, earlier := range change.Put {
			if earlier.RPID == c.RPID {
				kept.Sequence = max(kept.Sequence, earlier.Sequence+1)
			}
		}
	}
	change.Put = append(change.Put, &kept)
	return nil
}

// sameAccount reports whether making b would take the place of a (CTAP 2.3
// §6.1.2 step 17.2).
func sameAccount(a, b *Credential) bool {
	return a.Discoverable && b.Discoverable && a.RPID == b.RPID && bytes.Equal(a.User.ID, b.User.ID)
}

// checkImport refuses what the device could not use or find again.
func checkImport(c *Credential) error {
	if err := (&Change{Put: []*Credential{c}}).Check(); err != nil {
		return err
	}
	if c.Discoverable && len(c.User.ID) == 0 {
		return fmt.Errorf("%w: discoverable credential %x has no user handle", ErrChange, c.ID)
	}
	if _, err := parseKey(c.Algorithm, c.PrivateKey); err != nil {
		return fmt.Errorf("%w: credential %x: %w", ErrChange, c.ID, err)
	}
	if err := c.kept().check(); err != nil {
		return fmt.Errorf("%w: credential %x: %w", ErrChange, c.ID, err)
	}
	return nil
}

// Delete removes a stored credential, or returns [ErrNotFound]. A wrapped one
// can only be forgotten by a reset.
func (a *Authenticator) Delete(ctx context.Context, id []byte) error {
	return a.exclusively(ctx, func() error {
		if _, err := a.stored(ctx, id); err != nil {
			return err
		}
		return a.save(ctx, Change{Delete: [][]byte{id}})
	})
}

// SetSignCount sets the counter of a stored credential to that of its last
// signature elsewhere, or returns [ErrNotFound]. A device with a global counter
// goes on from the higher of the two.
func (a *Authenticator) SetSignCount(ctx context.Context, id []byte, count uint32) error {
	return a.exclusively(ctx, func() error {
		c, err := a.stored(ctx, id)
		if err != nil {
			return err
		}
		counted := *c
		counted.SignCount = count
		return a.save(ctx, Change{Put: []*Credential{&counted}})
	})
}

func (a *Authenticator) stored(ctx context.Context, id []byte) (*Credential, error) {
	found, err := a.env.Store.Find(ctx, Query{ID: id})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%w: %x", ErrNotFound, id)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// exclusively runs work while no request is in progress.
func (a *Authenticator) exclusively(ctx context.Context, work func() error) error {
	if err := a.take(ctx); err != nil {
		return err
	}
	defer a.release()
	a.enter(&activeSeams{env: a.seams.snapshot().env})
	a.session.sequence = nil
	return work()
}
