package provider

import "time"

// UpgradeWindow is for how long a password that the app has filled in counts as a
// sign-in that it has recently mediated. WebAuthn L3 §5.1.3 leaves that to the client.
const UpgradeWindow = 5 * time.Minute

// login is whom a password lets in where.
type login struct{ origin, user string }

// SavePassword has the account keep a password, as the user of one of its devices lets
// it: for a user, by the name that they log in with, at the site of an origin. All
// devices have it at once; what travels with a lag here are passkeys.
func (m *Member) SavePassword(origin, user string) {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	if m.in {
		m.account.passwords[login{origin, user}] = struct{}{}
	}
}

// FillPassword has the app on the device fill in a password that the account keeps,
// and reports whether it does.
func (m *Member) FillPassword(origin, user string) bool {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look()
	which := login{origin, user}
	if _, saved := m.account.passwords[which]; !saved || !m.in || !m.unlocked() {
		return false
	}
	if m.filled == nil {
		m.filled = make(map[login]time.Time)
	}
	m.filled[which] = m.account.now()
	return true
}

// AllowUpgrades is the user's setting whether the provider may make a passkey beside a
// password without asking. It is on at first, and means nothing with a provider that
// does no such thing.
func (a *Account) AllowUpgrades(allow bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.upgradesOff = !allow
}

// MayUpgrade reports whether the app on the device makes a passkey for a user without
// asking, when the site of an origin wants that (conditional create()): the provider
// does so, the user has not switched it off, and the app has just filled in the
// password that it keeps for that user there.
func (m *Member) MayUpgrade(origin, user string) bool {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look()
	at, filled := m.filled[login{origin, user}]
	return m.in && m.unlocked() && m.app.Upgrades && !m.account.upgradesOff && filled && m.account.now().Sub(at) <= UpgradeWindow
}
