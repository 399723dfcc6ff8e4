package provider

import (
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
)

// seen is the version of a passkey that has been delivered to the device, nil for
// none.
func (m *Member) seen(r *record) *version {
	if r == nil {
		return nil
	}
	for _, v := range slices.Backward(r.versions) {
		if v.seq <= m.cursor {
			return v
		}
		if _, is := m.ahead[v.seq]; is {
			return v
		}
	}
	return nil
}

// current is a passkey as the device sees it, with the changes that it made
// itself, whether or not it shows it.
func (m *Member) current(id string) *version {
	if v, changed := m.overlay[id]; changed {
		return v
	}
	return m.seen(m.account.records[id])
}

// readable is current for a device that can read, and that is in the account.
func (m *Member) readable(id string) *version {
	if !m.in || !m.unlocked() {
		return nil
	}
	return m.current(id)
}

// find returns the synced passkey with an ID if the device shows it.
func (m *Member) find(id string) *version {
	v := m.readable(id)
	if v.deleted() || v.hidden || m.shadowed(v) {
		return nil
	}
	return v
}

// shadowed reports whether another passkey for the same user keeps v from view.
func (m *Member) shadowed(v *version) bool {
	if m.app.SameUser != NewestShadows || !v.credential.Discoverable {
		return false
	}
	rivals := slices.DeleteFunc(m.of(v.credential.RPID), func(other *version) bool { return !sameUser(other.credential, v.credential) })
	return champion(rivals) != v
}

// unshadowed leaves out what is shadowed, of all passkeys or all of some relying
// parties.
func (m *Member) unshadowed(all []*version) []*version {
	if m.app.SameUser != NewestShadows {
		return all
	}
	rivals := make(map[string][]*version)
	user := func(v *version) string { return v.credential.RPID + "\x00" + string(v.credential.User.ID) }
	for _, v := range all {
		if v.credential.Discoverable {
			rivals[user(v)] = append(rivals[user(v)], v)
		}
	}
	return slices.DeleteFunc(all, func(v *version) bool { return v.credential.Discoverable && champion(rivals[user(v)]) != v })
}

// champion is the one passkey of a user that is in view: the newest of those that
// no other was made in place of.
func champion(rivals []*version) *version {
	if len(rivals) == 1 {
		return rivals[0]
	}
	return slices.MaxFunc(unreplaced(rivals), older)
}

// unreplaced leaves out what others were made in place of. Where that is all of
// them, since a deleted one was brought back, it is none.
func unreplaced(rivals []*version) []*version {
	left := make([]*version, 0, len(rivals))
	for _, v := range rivals {
		if !slices.ContainsFunc(rivals, func(other *version) bool { return slices.Contains(other.shadows, string(v.credential.ID)) }) {
			left = append(left, v)
		}
	}
	if len(left) == 0 {
		return rivals
	}
	return left
}

// of returns the synced passkeys of a relying party that the device can read,
// hidden and shadowed ones included, in no order.
func (m *Member) of(rpID string) []*version {
	if !m.in || !m.unlocked() {
		return nil
	}
	var all []*version
	for _, r := range m.account.byRP[rpID] {
		if _, changed := m.overlay[r.id]; changed {
			continue
		}
		if v := m.seen(r); !v.deleted() && v.credential.RPID == rpID {
			all = append(all, v)
		}
	}
	for _, v := range m.overlay {
		if !v.deleted() && v.credential.RPID == rpID {
			all = append(all, v)
		}
	}
	return all
}

// all returns every synced passkey that the device can read.
func (m *Member) all() []*version {
	if !m.in || !m.unlocked() {
		return nil
	}
	all := make([]*version, 0, len(m.account.records)+len(m.overlay))
	for id, r := range m.account.records {
		if _, changed := m.overlay[id]; changed {
			continue
		}
		if v := m.seen(r); !v.deleted() {
			all = append(all, v)
		}
	}
	for _, v := range m.overlay {
		if !v.deleted() {
			all = append(all, v)
		}
	}
	return all
}

// shown leaves out what the device does not show.
func (m *Member) shown(all []*version) []*version {
	return slices.DeleteFunc(m.unshadowed(all), func(v *version) bool { return v.hidden })
}

// show is a passkey with the flags that the app on this device shows for it.
func (m *Member) show(v *version) *authenticator.Credential {
	flags, c := m.flags(v), v.credential
	if c.BackupEligible == flags.Eligible && c.BackedUp == flags.BackedUp {
		return c
	}
	shown := *c
	shown.BackupEligible, shown.BackedUp = flags.Eligible, flags.BackedUp
	return &shown
}

// flags are those of a synced passkey on this device, now.
func (m *Member) flags(v *version) Flags {
	rule := m.app.Backup
	if rule.Flagless || v.flagless {
		return rule.Default
	}
	stored := !m.seen(m.account.records[string(v.credential.ID)]).deleted()
	shown := Flags{v.credential.BackupEligible, v.credential.BackedUp}
	switch rule.Eligible {
	case EligibleOnceStored:
		shown.Eligible = stored
	case EligibleAtRegistrationOnly:
		shown.Eligible = false
	}
	switch rule.State {
	case BackedUpOnceStored:
		shown.BackedUp = stored
	case BackedUpElsewhere:
		shown.BackedUp = stored && m.account.elsewhere(m, v)
	}
	shown.BackedUp = shown.BackedUp && shown.Eligible
	return shown
}

// elsewhere reports whether a device other than m has a passkey.
func (a *Account) elsewhere(m *Member, v *version) bool {
	r := a.records[string(v.credential.ID)]
	return slices.ContainsFunc(a.members, func(other *Member) bool {
		return other != m && other.order == stay && !other.seen(r).deleted()
	})
}
