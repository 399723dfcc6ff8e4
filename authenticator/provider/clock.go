package provider

import (
	"cmp"
	"slices"
	"time"
)

// Run has everything happen that is due by the account's clock, in the order in
// which it is due: changes reach the account after Lag.Up, and each device after
// Lag.Down and its share of Lag.Spread. A device that was out of touch begins to
// send and to receive when it is back. Accounts with Options.Automatic run by
// themselves whenever a device is looked at.
func (a *Account) Run() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.advance()
	a.deliverAllDue(a.now())
}

// look is Run for one device: what the others get can wait until somebody looks
// at them.
func (m *Member) look() {
	if m.account.options.Automatic {
		m.account.advance()
		m.deliverDue(m.account.now())
	}
}

// look is Run for the account itself.
func (a *Account) look() {
	if a.options.Automatic {
		a.advance()
	}
}

// due is a change that should be with the account by now.
type due struct {
	at time.Time
	m  *Member
}

// sendDue has the account get what is due by now.
func (a *Account) sendDue(now time.Time) {
	if a.unsent == 0 {
		return
	}
	up := a.options.Provider.Lag.Up
	var all []due
	for _, m := range slices.Clone(a.members) {
		if len(m.outbox) == 0 || !m.contact() {
			continue
		}
		for _, c := range m.outbox {
			if at := later(c.made, m.since).Add(up); !at.After(now) {
				all = append(all, due{at, m})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y due) int {
		return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.m.number, y.m.number))
	})
	for _, d := range all {
		c := d.m.outbox[0]
		d.m.outbox = d.m.outbox[1:]
		a.unsent--
		a.accept(d.m, c, d.at)
	}
}

// deliverDue has the device hear what is due by now.
func (m *Member) deliverDue(now time.Time) {
	if !m.contact() || m.cursor == m.account.head {
		return
	}
	lag := m.account.options.Provider.Lag
	if lag == (Lag{}) {
		m.catchUp()
		return
	}
	for _, e := range slices.Clone(m.account.log[m.account.position(m.cursor):]) {
		at := later(e.version.accepted, m.since).Add(lag.Down + lag.share(m.number, e.version.seq))
		if !at.After(now) {
			if then := e.record.at(m.since); then != nil && then.seq > e.version.seq {
				m.hear(then)
				m.mark(e.version)
			} else {
				m.hear(e.version)
			}
		}
	}
}

// at is the version that was the newest at a time: a device that comes into touch
// then is told nothing older. It is nil where the passkey was made later.
func (r *record) at(t time.Time) *version {
	for _, v := range slices.Backward(r.versions) {
		if !v.accepted.After(t) {
			return v
		}
	}
	return nil
}

// share is how much of Spread one delivery takes: any part of it, but the same
// whenever it is asked.
func (l Lag) share(member int, seq uint64) time.Duration {
	x := seq*0x9e3779b97f4a7c15 + uint64(member)*0xd1b54a32d192ed03
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return time.Duration((x ^ x>>31) % uint64(l.Spread+1))
}
