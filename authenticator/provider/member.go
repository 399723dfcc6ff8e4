package provider

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
)

// Member is a device in an account, or one that was. Give [Member.Store] to its
// authenticator.
type Member struct {
	account *Account
	name    string
	number  int // in the order of joining
	managed bool
	app     Provider
	device  *authenticator.MemoryStore // what never leaves the device

	in     bool  // signed in, as far as the device knows
	order  order // what the device will be told when it is next in touch
	key    int   // number of the key that it has, 0 = none
	since  time.Time
	silent silence

	cursor  uint64              // all of the account's log up to here has been delivered
	ahead   map[uint64]struct{} // and these beyond
	outbox  []change            // changes made here, oldest first, that the account has not got
	overlay map[string]*version // what the device sees because of them

	copies map[string]struct{}                  // of the account's passkeys, kept when the device left
	away   map[string]*authenticator.Credential // the device's own passkeys that are hidden

	filled map[login]time.Time // when the app last filled in a password

	counted  int // discoverable synced passkeys, when epoch was countAt
	countAt  uint64
	countHas bool
}

// silence is why a device and the account do not talk: any of these.
type silence struct{ paused, offline, cut bool }

// order is what a device is to do when it is next in touch.
type order int

const (
	stay order = iota
	depart
	erase
)

// Name is what the device was called when it joined.
func (m *Member) Name() string { return m.name }

// Account is what the device joined.
func (m *Member) Account() *Account { return m.account }

// App is what reads passkeys on the device.
func (m *Member) App() Provider {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	return m.app
}

// Upgrade puts another version of the app on the device, or another program that
// reads the same passkeys.
func (m *Member) Upgrade(app Provider) error {
	if err := app.Check(); err != nil {
		return err
	}
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.app = app
	m.account.epoch++
	return nil
}

// In reports whether the device is signed in, as far as it knows.
func (m *Member) In() bool {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look()
	return m.in
}

// Status is how a device stands with its account.
type Status struct {
	In          bool // signed in, as far as the device knows
	Unlocked    bool // it has the key that passkeys are sealed with
	InTouch     bool // it and the account talk
	Unsent      int  // changes that the account has not got
	Undelivered int  // changes that the device has not got
	Sealed      int  // passkeys that it keeps but cannot read
}

// Status returns how the device stands with its account.
func (m *Member) Status() Status {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look()
	s := Status{In: m.in, Unlocked: m.unlocked(), InTouch: m.inTouch(), Unsent: len(m.outbox), Undelivered: m.undelivered()}
	if m.in && !s.Unlocked {
		for _, r := range m.account.records {
			if !m.seen(r).deleted() {
				s.Sealed++
			}
		}
	}
	return s
}

func (m *Member) inTouch() bool { return m.silent == silence{} }

// unlocked reports whether the device can read what the account's passkeys are
// sealed with, as far as it knows.
func (m *Member) unlocked() bool { return m.key != 0 }

// adopt offers what the device already keeps to the account. Copies of what the
// account had are no news to it: as it has them now they come back by themselves,
// and those deleted meanwhile do not.
func (m *Member) adopt() error {
	if !m.in || !m.unlocked() {
		return nil
	}
	kept, err := m.device.Find(context.Background(), authenticator.Query{})
	if err != nil {
		return err
	}
	var c change
	var moved authenticator.Change
	for _, passkey := range kept {
		if _, is := m.copies[string(passkey.ID)]; is {
			moved.Delete = append(moved.Delete, passkey.ID)
			continue
		}
		if m.app.stays(passkey) == "" {
			c.edits = append(c.edits, m.creation(passkey))
			moved.Delete = append(moved.Delete, passkey.ID)
		}
	}
	for id, passkey := range m.away {
		_, copied := m.copies[id]
		if hidden := m.creation(passkey); !copied && m.app.stays(passkey) == "" {
			hidden.next.hidden = true
			c.edits = append(c.edits, hidden)
			delete(m.away, id)
		} else if copied {
			delete(m.away, id)
		}
	}
	slices.SortFunc(c.edits, func(a, b edit) int { return strings.Compare(a.id, b.id) })
	m.send(c)
	m.copies = nil
	return m.device.Commit(context.Background(), moved)
}
