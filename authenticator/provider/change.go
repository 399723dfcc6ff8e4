package provider

import (
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
)

// change is what a device did in one step, on its way to the account.
type change struct {
	edits []edit
	made  time.Time
	seen  uint64 // the device's cursor then
}

// edit is what became of one passkey.
type edit struct {
	id         string
	base, next *version // what the device saw before, nil for nothing, and after
}

// creation is of a passkey that the device did not see before. A deleted one with
// the same ID is its base, so that the account knows that the device means it.
func (m *Member) creation(c *authenticator.Credential) edit {
	now := m.account.now()
	next := &version{credential: c, flagless: m.app.Backup.Flagless, made: m.madeAt(c), edited: edited{now, now, now, now, now}}
	if m.app.SameUser == NewestShadows {
		for _, other := range m.of(c.RPID) {
			if sameUser(other.credential, c) {
				next.shadows = append(next.shadows, string(other.credential.ID))
			}
		}
	}
	return edit{string(c.ID), m.current(string(c.ID)), next}
}

// madeAt is when a passkey was made, by its own account where it has one.
func (m *Member) madeAt(c *authenticator.Credential) time.Time {
	if c.Created > 0 {
		return time.Unix(c.Created, 0)
	}
	return m.account.now()
}

func (m *Member) deletion(v *version) edit {
	return edit{string(v.credential.ID), v, &version{made: v.made}}
}

// edit is of a passkey that the device sees as v. Flags that were only shown are
// not written down.
func (m *Member) edit(v *version, c *authenticator.Credential) edit {
	next := *v
	next.seq, next.became, next.hidden = 0, nil, false
	next.credential = c
	put, stored := Flags{c.BackupEligible, c.BackedUp}, Flags{v.credential.BackupEligible, v.credential.BackedUp}
	if put == m.flags(v) && put != stored {
		kept := *c
		kept.BackupEligible, kept.BackedUp = stored.Eligible, stored.BackedUp
		next.credential = &kept
	}
	next.edited = next.since(v, m.account.now())
	return edit{string(c.ID), v, &next}
}

// amend is an edit of what is beside a passkey, or of its names.
func (m *Member) amend(v *version, with func(*version)) edit {
	next := *v
	next.seq, next.became = 0, nil
	with(&next)
	next.edited = next.since(v, m.account.now())
	return edit{string(v.credential.ID), v, &next}
}

// send puts a change into the outbox, and shows it on the device at once.
func (m *Member) send(c change) {
	if len(c.edits) == 0 {
		return
	}
	c.made, c.seen = m.account.now(), m.cursor
	m.outbox = append(m.outbox, c)
	if m.overlay == nil {
		m.overlay = make(map[string]*version)
	}
	for _, e := range c.edits {
		e.next.by = m.name
		m.overlay[e.id] = e.next
	}
	m.account.unsent++
	m.account.epoch++
}
