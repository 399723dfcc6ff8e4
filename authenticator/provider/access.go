package provider

import "fmt"

// contact is the account and the device talking: a device that was removed or
// erased from afar hears of it now, and one whose key is of no use any more
// notices. It reports whether they go on.
func (m *Member) contact() bool {
	if !m.in || !m.inTouch() {
		return false
	}
	switch m.order {
	case depart:
		m.leave(m.account.options.Provider.Removal)
	case erase:
		m.eraseAll()
	}
	if m.in && m.key != 0 && m.key != m.account.key {
		m.key = 0
		m.abandon()
	}
	return m.in
}

// Unlock recovers the provider's key with the account's recovery secret, on a
// device that is signed in and in touch. It fails with [ErrSecret] or
// [ErrNoSecret]; after Boundary.Tries wrong ones in a row there is none any more.
func (m *Member) Unlock(secret string) error {
	a := m.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := m.mustTalk(); err != nil {
		return err
	}
	boundary := a.options.Provider.Boundary
	switch {
	case m.unlocked():
		return nil
	case !boundary.Recovery || a.options.Secret == "" || a.destroyed:
		return fmt.Errorf("%w: %s", ErrNoSecret, a.options.Name)
	case secret != a.options.Secret:
		a.wrong++
		a.destroyed = boundary.Tries > 0 && a.wrong >= boundary.Tries
		return fmt.Errorf("%w, the %d. in a row", ErrSecret, a.wrong)
	}
	a.wrong = 0
	return m.admit()
}

// Approve hands the provider's key on to another device of the account, as its
// owner does when a new device asks. Both must be in touch.
func (m *Member) Approve(other *Member) error {
	a := m.account
	if other.account != a {
		return fmt.Errorf("%w: %s", ErrNotMember, other.name)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, both := range []*Member{m, other} {
		if err := both.mustTalk(); err != nil {
			return err
		}
	}
	switch {
	case other.unlocked():
		return nil
	case !a.options.Provider.Boundary.Approval:
		return fmt.Errorf("%w: %s knows no approval", ErrApproval, a.options.Provider.Name)
	case !m.unlocked():
		return fmt.Errorf("%w: %s", ErrSealed, m.name)
	}
	return other.admit()
}

// SetSecret gives the account a recovery secret, or another one, from a device
// that has the key. It also makes up for one that is gone.
func (m *Member) SetSecret(secret string) error {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	if err := m.mustTalk(); err != nil {
		return err
	}
	if !m.unlocked() {
		return fmt.Errorf("%w: %s", ErrSealed, m.name)
	}
	m.account.newSecret(secret)
	return nil
}

// StartAfresh gives up every passkey of the account, for an owner who has neither
// a device with the key nor the secret. This device has the new key; all others
// need it.
func (m *Member) StartAfresh(secret string) error {
	a := m.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := m.mustTalk(); err != nil {
		return err
	}
	now := a.now()
	m.abandon()
	for _, passkey := range a.alive() {
		a.append(string(passkey.credential.ID), &version{made: passkey.made}, now)
	}
	if a.options.Provider.Boundary.Sealed {
		a.key++
	}
	a.newSecret(secret)
	m.key = a.key
	m.catchUp()
	return m.adopt()
}

// alive returns the passkeys that the account has.
func (a *Account) alive() []*version {
	var all []*version
	for _, r := range a.records {
		if v := r.latest(); !v.deleted() {
			all = append(all, v)
		}
	}
	sortVersions(all)
	return all
}

func (a *Account) newSecret(secret string) {
	a.options.Secret, a.wrong, a.destroyed = secret, 0, false
}

// admit gives a device the key.
func (m *Member) admit() error {
	m.key = m.account.key
	m.account.epoch++
	m.account.tell(Unlocked, m.name, nil, "", m.account.now())
	return m.adopt()
}

// mustTalk is contact for what cannot be done without.
func (m *Member) mustTalk() error {
	switch {
	case m.contact():
		return nil
	case !m.in:
		return fmt.Errorf("%w: %s", ErrNotMember, m.name)
	}
	return fmt.Errorf("%w: %s", ErrOutOfTouch, m.name)
}
