package provider

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/authenticator"
)

// ErrRefused says that something among what was to be imported cannot be. It
// comes as a [*RefusedError].
var ErrRefused = errors.New("not imported")

// Refusal is a passkey that is not exported, or not imported, and why.
type Refusal struct {
	RPID   string
	ID     []byte
	Reason string
}

func (r Refusal) String() string { return fmt.Sprintf("passkey %x for %q: %s", r.ID, r.RPID, r.Reason) }

// RefusedError lists everything that stood in the way of an import, of which then
// nothing was done.
type RefusedError struct{ Refused []Refusal }

func (e *RefusedError) Error() string {
	reasons := make([]string, len(e.Refused))
	for i, r := range e.Refused {
		reasons[i] = r.String()
	}
	return ErrRefused.Error() + ": " + strings.Join(reasons, "; ")
}

// Unwrap returns ErrRefused.
func (e *RefusedError) Unwrap() error { return ErrRefused }

// Export returns the passkeys of the device that may go to another provider, and
// tells of those that may not: bound to the device, not discoverable, with a
// counter above zero, or hidden (FIDO CXF 1.0, Passkey). What it points to is
// shared and must not be changed.
func (m *Member) Export() ([]*authenticator.Credential, []Refusal, error) {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look()
	if managed := m.account.options.Managed; managed != nil && managed.NoExport {
		return nil, nil, fmt.Errorf("%w: passkeys stay in %s", ErrManaged, m.account.options.Name)
	}
	if m.in && !m.unlocked() {
		return nil, nil, fmt.Errorf("%w: %s", ErrSealed, m.name)
	}
	own, err := view{m}.own("")
	if err != nil {
		return nil, nil, err
	}
	var out []*authenticator.Credential
	var refused []Refusal
	for _, c := range own {
		_, copied := m.copies[string(c.ID)]
		switch why := exportable(c); {
		case !copied:
			refused = append(refused, Refusal{c.RPID, c.ID, "it is bound to its device"})
		case why != "":
			refused = append(refused, Refusal{c.RPID, c.ID, why})
		default:
			out = append(out, c)
		}
	}
	for _, v := range m.all() {
		if why := cmp.Or(exportable(v.credential), m.unseen(v)); why != "" {
			refused = append(refused, Refusal{v.credential.RPID, v.credential.ID, why})
		} else {
			out = append(out, m.show(v))
		}
	}
	slices.SortFunc(out, inOrder)
	slices.SortFunc(refused, func(a, b Refusal) int {
		return cmp.Or(strings.Compare(a.RPID, b.RPID), bytes.Compare(a.ID, b.ID))
	})
	return out, refused, nil
}

// exportable returns why a passkey that is synced is not exported.
func exportable(c *authenticator.Credential) string {
	switch {
	case c.SignCount != 0:
		return fmt.Sprintf("its counter stands at %d", c.SignCount)
	case !c.Discoverable:
		return "it is not discoverable"
	}
	return ""
}

// unseen returns why the device does not show a synced passkey.
func (m *Member) unseen(v *version) string {
	switch {
	case v.hidden:
		return "it is hidden, as its relying party does not accept it"
	case m.shadowed(v):
		return "a newer passkey of the same user shadows it"
	}
	return ""
}

// own finds the device's own passkeys.
func (s view) own(rpID string) ([]*authenticator.Credential, error) {
	return s.device.Find(context.Background(), authenticator.Query{RPID: rpID})
}

// Imported is what an import did.
type Imported struct {
	Added      int
	Duplicates int // that the account had already, with the same key
}

// Import brings passkeys from another provider into the account, all or none:
// where one cannot be taken it returns a [*RefusedError] that names all such, and
// nothing has changed. They come as this provider would have made them: with its
// flags, and their counters at zero, where they stay. The credentials are copied.
func (m *Member) Import(credentials ...*authenticator.Credential) (Imported, error) {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look()
	var done Imported
	switch managed := m.account.options.Managed; {
	case managed != nil && managed.NoImport:
		return done, fmt.Errorf("%w: %s takes no passkeys", ErrManaged, m.account.options.Name)
	case m.in && !m.unlocked():
		return done, fmt.Errorf("%w: %s", ErrSealed, m.name)
	}
	var fresh []*authenticator.Credential
	var refused []Refusal
	seen := map[string]bool{}
	for _, c := range credentials {
		duplicate, why := m.importable(c, seen)
		switch {
		case why != "" && c == nil:
			refused = append(refused, Refusal{Reason: why})
		case why != "":
			refused = append(refused, Refusal{c.RPID, c.ID, why})
		case duplicate:
			done.Duplicates++
		default:
			fresh = append(fresh, m.madeHere(c))
		}
	}
	if len(refused) > 0 {
		return Imported{}, &RefusedError{refused}
	}
	m.place(fresh)
	done.Added = len(fresh)
	return done, nil
}

// importable returns why a passkey is not taken, or whether there is no need to.
func (m *Member) importable(c *authenticator.Credential, seen map[string]bool) (duplicate bool, why string) {
	if err := (&authenticator.Change{Put: []*authenticator.Credential{c}}).Check(); err != nil {
		return false, err.Error()
	}
	id := string(c.ID)
	if seen[id] {
		return false, "another one has the same ID"
	}
	seen[id] = true
	switch {
	case !c.Discoverable || len(c.User.ID) == 0:
		return false, "it is not discoverable"
	case len(c.User.ID) > maxUserHandle:
		return false, fmt.Sprintf("its user handle has %d bytes, at most %d are allowed", len(c.User.ID), maxUserHandle)
	case c.SignCount != 0:
		return false, fmt.Sprintf("its counter stands at %d", c.SignCount)
	case !m.app.takes(c.Algorithm):
		return false, fmt.Sprintf("%s knows no %s", m.app.Name, c.Algorithm)
	}
	key, err := c.PublicKey()
	if err != nil {
		return false, err.Error()
	}
	had := m.having(id)
	if had == nil {
		return false, ""
	}
	if held, err := had.PublicKey(); err != nil || had.RPID != c.RPID || !bytes.Equal(held, key) {
		return false, "another passkey has its ID already"
	}
	return true, ""
}

// maxUserHandle is the longest user handle, in bytes (WebAuthn L3 §5.4.3).
const maxUserHandle = 64

// having returns the passkey with an ID, wherever the device has it, or nil.
func (m *Member) having(id string) *authenticator.Credential {
	if v := m.readable(id); !v.deleted() {
		return v.credential
	}
	if c, hidden := m.away[id]; hidden {
		return c
	}
	if own, _ := m.device.Find(context.Background(), authenticator.Query{ID: []byte(id)}); len(own) > 0 {
		return own[0]
	}
	return nil
}

// madeHere is c as the app on this device would have made it.
func (m *Member) madeHere(c *authenticator.Credential) *authenticator.Credential {
	made, flags := *c, m.app.made()
	made.BackupEligible, made.BackedUp, made.Sequence = flags.Eligible, flags.BackedUp, 0
	if c.Extras != nil {
		extras := *c.Extras
		made.Extras = &extras
	}
	return &made
}

// place puts imported passkeys into the account, or on a device that is in none
// into its own store, as the newest of their relying party. Where the provider
// keeps one passkey for a user, they take the place of what is there.
func (m *Member) place(fresh []*authenticator.Credential) {
	var c change
	var here authenticator.Change
	newest := map[string]uint64{}
	for _, made := range fresh {
		if newest[made.RPID] == 0 {
			newest[made.RPID] = m.lastSequence(made.RPID)
		}
		newest[made.RPID]++
		made.Sequence = newest[made.RPID]
		if !m.in || m.app.stays(made) != "" {
			here.Put = append(here.Put, made)
			continue
		}
		if m.app.SameUser == NewestWins {
			for _, v := range m.of(made.RPID) {
				if sameUser(v.credential, made) {
					c.edits = append(c.edits, m.deletion(v))
				}
			}
		}
		c.edits = append(c.edits, m.creation(made))
	}
	m.keep(here)
	m.send(c)
	m.look()
}

func (m *Member) lastSequence(rpID string) uint64 {
	last := uint64(0)
	for _, v := range m.of(rpID) {
		last = max(last, v.credential.Sequence)
	}
	own, _ := view{m}.own(rpID)
	for _, c := range own {
		last = max(last, c.Sequence)
	}
	return last
}
