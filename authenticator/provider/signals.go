package provider

import (
	"bytes"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Effect is what a signal did to one passkey on the device that got it. A relying
// party never learns (WebAuthn L3 §5.1.10).
type Effect struct {
	ID   []byte
	What Happening
}

// Happening is what happened to a passkey.
type Happening string

// The happenings.
const (
	Hidden   Happening = "hidden"
	Unhidden Happening = "shown again"
	Removed  Happening = "removed"
	Renamed  Happening = "renamed"
)

// UnknownCredential is the relying party's signalUnknownCredential, on this
// device: it knows no credential of this ID.
func (m *Member) UnknownCredential(rpID string, id []byte) []Effect {
	return m.signalled(m.reach(rpID), func(p signalled) authority {
		return authority{react: m.app.Signals.Unknown, refused: bytes.Equal(p.credential.ID, id)}
	})
}

// AllAcceptedCredentials is the relying party's signalAllAcceptedCredentials, on
// this device: it accepts these and no others of the user. An empty list takes
// away all of them, and a list without the passkey that was just made takes away
// that one.
func (m *Member) AllAcceptedCredentials(rpID string, userID []byte, ids [][]byte) []Effect {
	return m.signalled(m.reach(rpID), func(p signalled) authority {
		if !bytes.Equal(p.credential.User.ID, userID) {
			return authority{}
		}
		listed := slices.ContainsFunc(ids, func(id []byte) bool { return bytes.Equal(id, p.credential.ID) })
		return authority{react: m.app.Signals.Accepted, refused: !listed, accepted: listed}
	})
}

// CurrentUserDetails is the relying party's signalCurrentUserDetails, on this
// device: what the user is called now.
func (m *Member) CurrentUserDetails(rpID string, userID []byte, name, displayName string) []Effect {
	return m.signalled(m.reach(rpID), func(p signalled) authority {
		user := p.credential.User
		known := user.Name == name && user.DisplayName == displayName
		return authority{name: name, displayName: displayName, renames: m.app.Signals.Details && bytes.Equal(user.ID, userID) && !known}
	})
}

// Signal is the signal of a relying party, whichever it is, on this device.
func (m *Member) Signal(s webauthn.Signal) []Effect {
	switch s := s.(type) {
	case *webauthn.UnknownCredential:
		return m.UnknownCredential(s.RPID, s.CredentialID)
	case *webauthn.AllAcceptedCredentials:
		ids := make([][]byte, len(s.CredentialIDs))
		for i, id := range s.CredentialIDs {
			ids[i] = id
		}
		return m.AllAcceptedCredentials(s.RPID, s.UserID, ids)
	case *webauthn.CurrentUserDetails:
		return m.CurrentUserDetails(s.RPID, s.UserID, s.Name, s.DisplayName)
	}
	return nil
}

// HiddenPasskeys returns what the device has but does not show because a relying
// party does not accept it.
func (m *Member) HiddenPasskeys() []*authenticator.Credential {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look()
	var all []*authenticator.Credential
	for _, v := range m.all() {
		if v.hidden {
			all = append(all, m.show(v))
		}
	}
	for _, c := range m.away {
		all = append(all, c)
	}
	slices.SortFunc(all, inOrder)
	return all
}

// authority is what a signal says of one passkey.
type authority struct {
	react             Reaction
	refused, accepted bool
	renames           bool
	name, displayName string
}

// signalled is a passkey that a signal may be about: a synced one, or one of the
// device's own.
type signalled struct {
	credential *authenticator.Credential
	synced     *version
	hidden     bool
}

// reach returns a way to find, under the account's lock, what a signal of a
// relying party can be about: everything that no newer passkey shadows.
func (m *Member) reach(rpID string) func() []signalled {
	return func() []signalled {
		var all []signalled
		for _, v := range m.unshadowed(m.of(rpID)) {
			all = append(all, signalled{v.credential, v, v.hidden})
		}
		own, _ := view{m}.own(rpID)
		for _, c := range own {
			all = append(all, signalled{credential: c})
		}
		for _, c := range m.away {
			if c.RPID == rpID {
				all = append(all, signalled{credential: c, hidden: true})
			}
		}
		slices.SortFunc(all, func(x, y signalled) int { return inOrder(x.credential, y.credential) })
		return all
	}
}

// signalled carries a signal out and tells what it did.
func (m *Member) signalled(reach func() []signalled, says func(signalled) authority) []Effect {
	m.account.mu.Lock()
	defer m.account.mu.Unlock()
	m.look()
	var effects []Effect
	var synced change
	for _, p := range reach() {
		word := says(p)
		what := word.on(p)
		if what == "" {
			continue
		}
		effects = append(effects, Effect{p.credential.ID, what})
		if p.synced != nil {
			synced.edits = append(synced.edits, m.obey(p.synced, what, word))
		} else {
			m.obeyHere(p.credential, what, word)
		}
	}
	m.send(synced)
	m.look()
	return effects
}

// on is what a word does to a passkey, "" for nothing.
func (w authority) on(p signalled) Happening {
	switch {
	case w.renames:
		return Renamed
	case w.refused && w.react == Removes:
		return Removed
	case w.refused && w.react == Hides && !p.hidden:
		return Hidden
	case w.accepted && w.react != Ignores && p.hidden:
		return Unhidden
	}
	return ""
}

// obey makes the change to a synced passkey.
func (m *Member) obey(v *version, what Happening, word authority) edit {
	if what == Removed {
		return m.deletion(v)
	}
	return m.amend(v, func(next *version) {
		next.hidden = what == Hidden || what == Renamed && v.hidden
		if what == Renamed {
			next.credential = renamed(v.credential, word)
		}
	})
}

// obeyHere makes the change to one of the device's own.
func (m *Member) obeyHere(c *authenticator.Credential, what Happening, word authority) {
	id := string(c.ID)
	_, hidden := m.away[id]
	delete(m.away, id)
	m.keep(authenticator.Change{Delete: [][]byte{c.ID}})
	if what == Removed {
		return
	}
	if what == Renamed {
		c = renamed(c, word)
	}
	if what == Hidden || hidden && what != Unhidden {
		m.putAway(c)
		return
	}
	m.keep(authenticator.Change{Put: []*authenticator.Credential{c}})
}

func renamed(c *authenticator.Credential, word authority) *authenticator.Credential {
	with := *c
	with.User.Name, with.User.DisplayName = word.name, word.displayName
	return &with
}
