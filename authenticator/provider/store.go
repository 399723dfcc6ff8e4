package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
)

// view is what an authenticator sees of a Member: the device's own passkeys and
// the account's, as far as they have got here.
type view struct{ *Member }

var _ authenticator.Store = view{}

// Store returns the device's passkeys, its own and the account's, as one Store. A
// passkey put into it goes to the account if it may, and stays otherwise; what
// else a device keeps always stays. A wipe makes the device forget everything,
// the account included, in which all stays as it was.
func (m *Member) Store() authenticator.Store { return view{m} }

// Load implements [authenticator.Store].
func (s view) Load(ctx context.Context) (authenticator.Held, error) {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	s.look()
	held, err := s.device.Load(ctx)
	held.Discoverable += s.discoverable()
	return held, err
}

// discoverable counts synced passkeys. An authenticator asks often, and counting
// takes time in large accounts.
func (m *Member) discoverable() int {
	if m.countHas && m.countAt == m.account.epoch {
		return m.counted
	}
	m.counted = 0
	for _, v := range m.shown(m.all()) {
		if v.credential.Discoverable {
			m.counted++
		}
	}
	m.countHas, m.countAt = true, m.account.epoch
	return m.counted
}

// Find implements [authenticator.Store].
func (s view) Find(ctx context.Context, q authenticator.Query) ([]*authenticator.Credential, error) {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	s.look()
	found, err := s.device.Find(ctx, q)
	if err != nil {
		return nil, err
	}
	var synced []*version
	switch {
	case q.ID != nil:
		if v := s.find(string(q.ID)); v != nil {
			synced = []*version{v}
		}
	case q.RPID != "":
		synced = s.shown(s.of(q.RPID))
	default:
		synced = s.shown(s.all())
	}
	if len(synced) == 0 {
		return found, nil
	}
	all := slices.Grow(slices.Clone(found), len(synced))
	for _, v := range synced {
		all = append(all, s.show(v))
	}
	slices.SortFunc(all, inOrder)
	return slices.Clip(all), nil
}

// Commit implements [authenticator.Store]. It fails with [ErrSealed] when a
// passkey would have to be sealed and the device has no key.
func (s view) Commit(ctx context.Context, c authenticator.Change) error {
	if err := c.Check(); err != nil {
		return err
	}
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	s.look()
	if c.Wipe {
		s.wipe()
	}
	sent, kept, err := s.part(c)
	if err != nil {
		return err
	}
	if err := s.device.Commit(ctx, kept); err != nil {
		return err
	}
	s.send(sent)
	s.look()
	return nil
}

// part divides a change into what goes to the account and what stays.
func (m *Member) part(c authenticator.Change) (sent change, kept authenticator.Change, err error) {
	kept = c
	kept.Put = nil
	for _, id := range c.Delete {
		replaced := slices.ContainsFunc(c.Put, func(put *authenticator.Credential) bool { return string(put.ID) == string(id) })
		if v := m.find(string(id)); v != nil && !replaced && !m.merelyShadows(v, c.Put) {
			sent.edits = append(sent.edits, m.deletion(v))
		}
	}
	for _, put := range c.Put {
		switch v := m.readable(string(put.ID)); {
		case !v.deleted():
			sent.edits = append(sent.edits, m.edit(v, put))
		case !m.in || m.app.stays(put) != "", !m.unlocked() && m.holds(put.ID):
			kept.Put = append(kept.Put, put)
		case !m.unlocked():
			return sent, kept, fmt.Errorf("%w: %s cannot keep a passkey for %q in the account", ErrSealed, m.name, put.RPID)
		default:
			sent.edits = append(sent.edits, m.creation(put))
			kept.Delete = append(slices.Clone(kept.Delete), put.ID)
		}
	}
	return sent, kept, nil
}

// holds reports whether a passkey is the device's own.
func (m *Member) holds(id []byte) bool {
	found, _ := m.device.Find(context.Background(), authenticator.Query{ID: id})
	return len(found) > 0
}

// merelyShadows reports whether v is deleted only to make room for a newer passkey
// of its user, which providers that shadow do not need.
func (m *Member) merelyShadows(v *version, puts []*authenticator.Credential) bool {
	return m.app.SameUser == NewestShadows && slices.ContainsFunc(puts, func(put *authenticator.Credential) bool {
		return sameUser(put, v.credential) && m.app.stays(put) == ""
	})
}
