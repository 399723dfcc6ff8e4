package provider

import (
	"bytes"
	"reflect"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
)

// accept has the account take a change from a device. What it was told while the
// device had not heard of something else is settled here, by the provider's
// rules, so that it is settled once and for all devices alike.
func (a *Account) accept(m *Member, c change, at time.Time) {
	for _, e := range c.edits {
		e.next.became = a.settle(m, e, at)
		if m.overlay[e.id] == e.next {
			delete(m.overlay, e.id)
		}
		m.hear(a.records[e.id].latest()) // the answer tells the device how it went
	}
	a.epoch++
}

// settle returns what the account made of an edit, nil if it lost.
func (a *Account) settle(m *Member, e edit, at time.Time) *version {
	now, base := a.records[e.id].latest(), e.base
	if base != nil && base.seq == 0 {
		base = base.became
	}
	switch {
	case e.next.deleted():
		return a.settleDeletion(m, e, base, now, at)
	case e.base.deleted():
		return a.settleCreation(m, e, base, now, at)
	case now.deleted() && a.options.Provider.Edits == DeleteWins:
		a.lose(DeletedMeanwhile, m, e.next.credential, nil)
		return nil
	case now.deleted() || now == base:
		return a.append(e.id, e.next, at)
	}
	return a.append(e.id, a.merge(m, e.base, e.next, now), at)
}

// settleDeletion needs nothing where the passkey is gone already.
func (a *Account) settleDeletion(m *Member, e edit, base, now *version, at time.Time) *version {
	switch {
	case now.deleted():
		return now
	case now != base && a.options.Provider.Edits == EditWins:
		a.lose(ChangedMeanwhile, m, now.credential, nil)
		return nil
	}
	return a.append(e.id, e.next, at)
}

// settleCreation also meets passkeys that two devices were given, by an import,
// and that one of them has deleted again.
func (a *Account) settleCreation(m *Member, e edit, base, now *version, at time.Time) *version {
	switch {
	case !now.deleted() && !e.next.edited.After(now.edited):
		return now
	case !now.deleted():
		return a.append(e.id, a.merge(m, now, e.next, now), at)
	case now != nil && now != base && a.options.Provider.Edits == DeleteWins:
		a.lose(DeletedMeanwhile, m, e.next.credential, nil)
		return nil
	case a.options.Provider.SameUser == NewestWins && !a.newest(m, e.next, at):
		return nil
	}
	return a.append(e.id, e.next, at)
}

// newest deletes older passkeys of the same user, or finds that there is a newer
// one.
func (a *Account) newest(m *Member, next *version, at time.Time) bool {
	for _, r := range slices.Clone(a.byRP[next.credential.RPID]) {
		other := r.latest()
		if other.deleted() || !sameUser(other.credential, next.credential) {
			continue
		}
		if older(next, other) < 0 {
			a.lose(NewerPasskey, m, next.credential, other.credential.ID)
			m.hear(other)
			return false
		}
		a.lose(NewerPasskey, m, other.credential, next.credential.ID)
		m.hear(a.append(r.id, &version{made: other.made, edited: next.edited}, at))
	}
	return true
}

// merge is mine, made of base, and theirs, which the account accepted meanwhile.
// Parts that only one of them changed are as that one has them; a part that both
// changed is as the later edit has it, theirs when they are of the same time. A
// counter never goes back.
func (a *Account) merge(m *Member, base, mine, theirs *version) *version {
	merged := *theirs
	merged.edited = later(mine.edited, theirs.edited)
	c := *theirs.credential
	merged.credential = &c
	lost := false
	for _, p := range parts {
		changed := !p.same(base, mine)
		switch clash := changed && !p.same(base, theirs) && !p.same(mine, theirs); {
		case clash && !mine.edited.After(theirs.edited):
			lost = true
		case changed:
			p.take(&merged, &c, mine)
		}
	}
	c.SignCount = max(mine.credential.SignCount, theirs.credential.SignCount)
	if lost {
		a.lose(LaterEdit, m, mine.credential, nil)
	}
	return &merged
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// part is what of a passkey is changed as one.
type part struct {
	same func(a, b *version) bool
	take func(into *version, credential *authenticator.Credential, from *version)
}

var parts = []part{
	{ // its names
		func(a, b *version) bool {
			x, y := a.credential.User, b.credential.User
			return x.Name == y.Name && x.DisplayName == y.DisplayName
		},
		func(_ *version, c *authenticator.Credential, from *version) {
			c.User.Name, c.User.DisplayName = from.credential.User.Name, from.credential.User.DisplayName
		},
	},
	{ // whether it is hidden
		func(a, b *version) bool { return a.hidden == b.hidden },
		func(into *version, _ *authenticator.Credential, from *version) { into.hidden = from.hidden },
	},
	{ // what extensions keep with it
		func(a, b *version) bool { return reflect.DeepEqual(a.credential.Extras, b.credential.Extras) },
		func(_ *version, c *authenticator.Credential, from *version) { c.Extras = from.credential.Extras },
	},
	{ // the passkey itself, which only an import replaces
		func(a, b *version) bool {
			x, y := a.credential, b.credential
			return x.RPID == y.RPID && bytes.Equal(x.User.ID, y.User.ID) && x.Algorithm == y.Algorithm && bytes.Equal(x.PrivateKey, y.PrivateKey) &&
				x.Discoverable == y.Discoverable && x.BackupEligible == y.BackupEligible && x.BackedUp == y.BackedUp &&
				x.Sequence == y.Sequence && x.Created == y.Created
		},
		func(_ *version, c *authenticator.Credential, from *version) {
			names, extras := c.User, c.Extras
			*c = *from.credential
			c.User.Name, c.User.DisplayName, c.Extras = names.Name, names.DisplayName, extras
		},
	},
}
