package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
)

// Leave signs the device out. What it has not sent goes to the account first if
// the two are in touch. The device's own passkeys stay on it; what becomes of the
// account's, Provider.Leave says.
func (m *Member) Leave() {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look()
	m.signOut()
}

func (m *Member) signOut() {
	m.flush()
	if m.in {
		m.leave(m.account.options.Provider.Leave)
	}
}

// Remove takes a device out of its account from afar, as its owner does on a web
// page. The device goes on working until it hears of it, and then does what
// Provider.Removal says; what it has not sent by now the account does not take.
func (a *Account) Remove(m *Member) error { return a.command(m, depart) }

// Erase is Remove for a device that is lost: when it hears of it, it forgets
// everything, its own passkeys included.
func (a *Account) Erase(m *Member) error { return a.command(m, erase) }

func (a *Account) command(m *Member, to order) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if m.account != a || !m.in {
		return fmt.Errorf("%w: %s", ErrNotMember, m.name)
	}
	m.look()
	m.order = max(m.order, to)
	a.epoch++
	if a.options.Automatic {
		m.contact()
	}
	return nil
}

// Wipe resets the device to how it left the factory, in the hands of whoever has
// it. In the account all stays as it was, and the device is not in it any more.
func (m *Member) Wipe() {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look()
	m.eraseAll()
}

// Return signs a device in again that left, was removed or wiped. It is like a new
// one to the account, but brings the passkeys of its own.
func (a *Account) Return(m *Member) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch managed := a.options.Managed; {
	case m.account != a:
		return fmt.Errorf("%w: %s", ErrNotMember, m.name)
	case m.in:
		return nil
	case managed != nil && managed.ManagedDevicesOnly && !m.managed:
		return fmt.Errorf("%w: %s is not a managed device", ErrManaged, m.name)
	}
	a.enter(m)
	return m.adopt()
}

// Manage puts the account under other rules of an organisation, nil for none.
// Devices that may not be in it any more are signed out when they hear of it.
func (a *Account) Manage(rules *Management) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.options.Managed = rules
	for _, m := range slices.Clone(a.members) {
		if rules != nil && rules.ManagedDevicesOnly && !m.managed {
			m.order = max(m.order, depart)
			if a.options.Automatic {
				m.contact()
			}
		}
	}
	a.epoch++
}

// leave ends the membership.
func (m *Member) leave(as Parting) {
	if as == Keeps {
		m.keepCopies()
	} else {
		m.abandon()
	}
	m.quit()
}

// keepCopies makes the passkeys that the device has its own.
func (m *Member) keepCopies() {
	var kept authenticator.Change
	if m.copies == nil {
		m.copies = make(map[string]struct{})
	}
	for _, v := range m.all() {
		c := v.credential
		if id := string(c.ID); !m.seen(m.account.records[id]).deleted() {
			c = m.show(v)
			m.copies[id] = struct{}{}
		}
		if v.hidden || m.shadowed(v) {
			m.putAway(c)
		} else {
			kept.Put = append(kept.Put, c)
		}
	}
	m.keep(kept)
}

// putAway hides a passkey of the device's own.
func (m *Member) putAway(c *authenticator.Credential) {
	if m.away == nil {
		m.away = make(map[string]*authenticator.Credential)
	}
	m.away[string(c.ID)] = c
}

// keep changes what is the device's own. Memory takes every passkey that was
// taken before.
func (m *Member) keep(c authenticator.Change) {
	if err := m.device.Commit(context.Background(), c); err != nil {
		panic("provider: " + err.Error())
	}
}

// abandon gives up what the device has not sent.
func (m *Member) abandon() {
	for _, c := range m.outbox {
		for _, e := range c.edits {
			of := e.next.credential
			if of == nil && e.base != nil {
				of = e.base.credential
			}
			m.account.lose(LeftBehind, m.name, of, nil)
		}
	}
	m.drop()
}

func (m *Member) drop() {
	m.account.unsent -= len(m.outbox)
	m.outbox, m.overlay = nil, nil
	m.account.epoch++
}

// quit takes the device off the list.
func (m *Member) quit() {
	m.drop()
	m.in, m.key, m.order, m.cursor, m.ahead = false, 0, stay, 0, nil
	m.account.tell(Gone, m.name, nil, "", m.account.now())
	m.account.members = slices.DeleteFunc(m.account.members, func(other *Member) bool { return other == m })
}

func (m *Member) eraseAll() {
	m.wipe()
	m.keep(authenticator.Change{Wipe: true})
}

// wipe is what a reset of the device means for the account: nothing but that the
// device is gone.
func (m *Member) wipe() {
	m.copies, m.away = nil, nil
	if m.in {
		m.abandon()
		m.quit()
	}
}
