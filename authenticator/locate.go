package authenticator

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/passkeylab/passkeylab/ctap"
)

// locate finds the credential that d denotes on this device and for this RP ID,
// stored or wrapped. It returns nil for another device's, another RP ID's, and
// for unknown types.
func (a *Authenticator) locate(ctx context.Context, rpID string, d ctap.Descriptor) (*Credential, error) {
	if d.Type != ctap.PublicKey || len(d.ID) == 0 {
		return nil, nil
	}
	found, err := a.env.Store.Find(ctx, Query{ID: d.ID})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && a.model.NonDiscoverable == Wrapped {
		held, err := a.env.Store.Load(ctx)
		if err != nil {
			return nil, err
		}
		if c, ok := unwrap(held.State.Secret, rpIDHash(rpID), d.ID); ok {
			c.RPID = rpID
			found = []*Credential{c}
		}
	}
	for _, c := range a.active.found(rpID, found) {
		if c.RPID == rpID {
			return c, nil
		}
	}
	return nil, nil
}

// discoverable returns the discoverable credentials of an RP ID, newest first
// (CTAP 2.3 §6.2.2 step 12.2.1).
func (a *Authenticator) discoverable(ctx context.Context, rpID string) ([]*Credential, error) {
	found, err := a.env.Store.Find(ctx, Query{RPID: rpID})
	if err != nil {
		return nil, err
	}
	found = a.active.found(rpID, found)
	kept := make([]*Credential, 0, len(found))
	for _, c := range slices.Backward(found) {
		if c.Discoverable {
			kept = append(kept, c)
		}
	}
	return kept, nil
}

// commit makes a change if there is one.
func (a *Authenticator) commit(ctx context.Context, change Change) error {
	if change.empty() {
		return nil
	}
	return a.save(ctx, change)
}

// save has the store make a change.
func (a *Authenticator) save(ctx context.Context, change Change) error {
	return a.env.Store.Commit(ctx, a.active.keep(change))
}

// maxName is how many bytes of a name are kept (CTAP 2.3 §6.1.2, WebAuthn L3
// §6.4.1): the least that is allowed.
const maxName = 64

// storedUser is the user entity as a device keeps it: names are cut, never
// refused.
func storedUser(u ctap.UserEntity) ctap.UserEntity {
	return ctap.UserEntity{ID: u.ID, Name: cut(u.Name), DisplayName: cut(u.DisplayName)}
}

// cut shortens s to maxName bytes without splitting a code point.
func cut(s string) string {
	if len(s) <= maxName {
		return s
	}
	end := maxName
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
