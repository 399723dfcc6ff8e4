package provider

import (
	"slices"
	"time"
)

// accept has the account take a change from a device. What it was told while the
// device had not heard of something else is settled here, by the provider's
// rules, so that it is settled once and for all devices alike.
func (a *Account) accept(m *Member, c change, at time.Time) {
	for _, e := range c.edits {
		if e.next.became = a.settle(m, e, at); e.next.became != nil {
			a.tell(Sent, m.name, e.next.became, "", at)
		}
		if m.overlay[e.id] == e.next {
			delete(m.overlay, e.id)
		}
		if now := a.records[e.id].latest(); now == e.next.became {
			m.mark(now)
		} else {
			m.hear(now) // the answer tells the device what it had not heard of
		}
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
		a.lose(DeletedMeanwhile, m.name, e.next.credential, nil)
		return nil
	case now.deleted() || now == e.base:
		return a.append(e.id, e.next, at)
	}
	return a.append(e.id, a.merge(e.base, e.next, now), at)
}

// settleDeletion needs nothing where the passkey is gone already.
func (a *Account) settleDeletion(m *Member, e edit, base, now *version, at time.Time) *version {
	switch {
	case now.deleted():
		return now
	case now != base && a.options.Provider.Edits == EditWins:
		a.lose(ChangedMeanwhile, m.name, now.credential, nil)
		return nil
	}
	return a.append(e.id, e.next, at)
}

// settleCreation also meets passkeys that two devices were given, by an import,
// and that one of them has deleted again.
func (a *Account) settleCreation(m *Member, e edit, base, now *version, at time.Time) *version {
	switch {
	case !now.deleted():
		return a.append(e.id, a.merge(nil, e.next, now), at)
	case now != nil && now != base && a.options.Provider.Edits == DeleteWins:
		a.lose(DeletedMeanwhile, m.name, e.next.credential, nil)
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
			a.lose(NewerPasskey, m.name, next.credential, other.credential.ID)
			m.hear(other)
			return false
		}
		a.lose(NewerPasskey, other.by, other.credential, next.credential.ID)
		m.hear(a.append(r.id, &version{made: other.made}, at))
	}
	return true
}
