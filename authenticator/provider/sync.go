package provider

import (
	"slices"
	"sort"
	"time"
)

// Delivery is one change as it reaches a device.
type Delivery struct {
	RPID    string // "" where the passkey is gone and had not reached the device
	ID      []byte
	Removed bool
}

// Upload takes one step: the oldest change that the device has not sent goes to
// the account. It reports whether there was one, and the device was in touch.
func (m *Member) Upload() bool {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	return m.contact() && m.upload()
}

func (m *Member) upload() bool {
	if len(m.outbox) == 0 {
		return false
	}
	c := m.outbox[0]
	m.outbox = m.outbox[1:]
	m.account.unsent--
	m.account.accept(m, c, m.account.now())
	return true
}

// Deliver takes one step: the oldest news in the account that the device has not
// got reaches it, as it stands now. It reports whether there was any, and the
// device was in touch.
func (m *Member) Deliver() (Delivery, bool) {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	if !m.contact() {
		return Delivery{}, false
	}
	for {
		m.advance()
		e, there := m.account.after(m.cursor)
		if !there {
			return Delivery{}, false
		}
		before, now := m.seen(e.record), e.record.latest()
		var d Delivery
		news := before != now && !(before.deleted() && now.deleted())
		if news {
			d = m.deliver(entry{now, e.record})
		}
		m.mark(now)
		m.mark(e.version)
		if news {
			return d, true
		}
	}
}

// DeliverOnly has what the account knows of one passkey reach the device, before
// anything older that it has not got: deliveries need not come in order. It
// reports whether there was news of it.
func (m *Member) DeliverOnly(id []byte) (Delivery, bool) {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	r := m.account.records[string(id)]
	if !m.contact() || r == nil || m.seen(r) == r.latest() {
		return Delivery{}, false
	}
	return m.deliver(entry{r.latest(), r}), true
}

func (m *Member) deliver(e entry) Delivery {
	d := Delivery{ID: []byte(e.record.id), Removed: e.version.deleted()}
	if before := m.seen(e.record); !before.deleted() {
		d.RPID = before.credential.RPID
	}
	if !d.Removed {
		d.RPID = e.version.credential.RPID
	}
	m.hear(e.version)
	return d
}

// hear has one version reach the device, and tells of it, unless the device had
// heard of a newer one.
func (m *Member) hear(v *version) {
	if m.mark(v) && m.seen(m.account.records[v.id]) == v {
		m.account.tell(Heard, m.name, v, "", m.account.now())
	}
}

// mark notes that a version has reached the device, and reports whether that is
// new.
func (m *Member) mark(v *version) bool {
	if v == nil || v.seq <= m.cursor {
		return false
	}
	if _, known := m.ahead[v.seq]; known {
		return false
	}
	if m.ahead == nil {
		m.ahead = make(map[uint64]struct{})
	}
	m.ahead[v.seq] = struct{}{}
	m.account.epoch++
	m.advance()
	return true
}

// advance moves the cursor over what came early.
func (m *Member) advance() {
	for {
		e, there := m.account.after(m.cursor)
		if !there {
			return
		}
		if _, came := m.ahead[e.version.seq]; !came {
			return
		}
		m.cursor = e.version.seq
		delete(m.ahead, m.cursor)
	}
}

// after returns the oldest entry of the log beyond a cursor.
func (a *Account) after(cursor uint64) (entry, bool) {
	if cursor == a.head {
		return entry{}, false
	}
	i := a.position(cursor)
	if i == len(a.log) {
		return entry{}, false
	}
	return a.log[i], true
}

// position is where in the log what is beyond a cursor begins.
func (a *Account) position(cursor uint64) int {
	return sort.Search(len(a.log), func(i int) bool { return a.log[i].version.seq > cursor })
}

// undelivered counts what the device has not got.
func (m *Member) undelivered() int {
	if !m.in {
		return 0
	}
	n := 0
	for _, e := range m.account.log[m.account.position(m.cursor):] {
		if _, came := m.ahead[e.version.seq]; !came {
			n++
		}
	}
	return n
}

// catchUp delivers all that there is.
func (m *Member) catchUp() {
	if m.cursor != m.account.head {
		m.tellOfAll()
		m.cursor, m.ahead = m.account.head, nil
		m.account.epoch++
	}
}

// tellOfAll tells of what the device is about to hear, as it stands now.
func (m *Member) tellOfAll() {
	if m.account.options.Watch == nil {
		return
	}
	for _, e := range m.account.log[m.account.position(m.cursor):] {
		_, known := m.ahead[e.version.seq]
		news := !e.version.deleted() || !m.seen(e.record).deleted()
		if !known && news && e.version == e.record.latest() {
			m.account.tell(Heard, m.name, e.version, "", m.account.now())
		}
	}
}

// Sync sends all that the device has to send, and then delivers all that it has
// not got. It does nothing for a device that is out of touch.
func (m *Member) Sync() {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	if m.flush() {
		m.catchUp()
	}
}

// flush sends all that the device has to send, and reports whether it is in touch.
func (m *Member) flush() bool {
	if !m.contact() {
		return false
	}
	for m.upload() {
	}
	return true
}

// Sync is [Member.Sync] for all devices, with all sending before anything is
// delivered. Afterwards all that are in touch see the same.
func (a *Account) Sync() {
	a.mu.Lock()
	defer a.mu.Unlock()
	members := append([]*Member(nil), a.members...) // some may hear that they are removed
	for _, m := range members {
		m.flush()
	}
	for _, m := range members {
		if m.in && m.inTouch() {
			m.catchUp()
		}
	}
}

// Pause stops sync on a device that is otherwise online, as a user can.
func (m *Member) Pause() { m.quiet(func(s *silence) { s.paused = true }) }

// Resume ends [Member.Pause].
func (m *Member) Resume() { m.quiet(func(s *silence) { s.paused = false }) }

// GoOffline takes a device off the network. It goes on working with what it has.
func (m *Member) GoOffline() { m.quiet(func(s *silence) { s.offline = true }) }

// GoOnline ends [Member.GoOffline].
func (m *Member) GoOnline() { m.quiet(func(s *silence) { s.offline = false }) }

func (m *Member) quiet(change func(*silence)) {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look() // what was due before the change has happened
	m.touch(change, m.account.now())
}

// touch changes who talks. What was held up is on its way from then on.
func (m *Member) touch(change func(*silence), at time.Time) {
	before := m.inTouch()
	change(&m.silent)
	if !before && m.inTouch() {
		m.since = at
	}
}

// Partition cuts devices off from the account, and so from all others and from
// each other, until [Account.Heal].
func (a *Account) Partition(members ...*Member) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range members {
		if m.account == a {
			m.look()
			m.touch(func(s *silence) { s.cut = true }, a.now())
		}
	}
}

// Heal ends every [Account.Partition]. It delivers nothing yet.
func (a *Account) Heal() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range slices.Clone(a.members) {
		m.look()
		m.touch(func(s *silence) { s.cut = false }, a.now())
	}
}
