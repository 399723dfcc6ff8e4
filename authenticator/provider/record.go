package provider

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
)

// record is one passkey through the life of an account: its versions in the order
// in which the account accepted them. Devices that lag see older ones, so those
// are kept until every device is past them.
type record struct {
	id       string
	versions []*version // never empty in an account
	sites    []string   // relying parties that it is indexed under
}

// version is what a passkey was at one time. It is never changed once the account
// has accepted it.
type version struct {
	id         string                    // of the passkey, once the account has accepted it
	seq        uint64                    // place in the account's log; 0 = not accepted yet
	became     *version                  // what the account made of it; nil = not accepted yet, or lost
	credential *authenticator.Credential // nil = deleted
	by         string                    // the device that made it
	hidden     bool
	shadows    []string  // IDs of passkeys that it took the place of, see NewestShadows
	flagless   bool      // no flags were kept with it
	made       time.Time // when the passkey was
	edited     edited    // when each part of it was changed last
	accepted   time.Time // when the account got it
}

func (v *version) deleted() bool { return v == nil || v.credential == nil }

// latest is the version that the account has now, nil where it has none.
func (r *record) latest() *version {
	if r == nil || len(r.versions) == 0 {
		return nil
	}
	return r.versions[len(r.versions)-1]
}

// entry is one line of an account's log.
type entry struct {
	version *version
	record  *record
}

// append accepts v as the newest version of a passkey.
func (a *Account) append(id string, v *version, at time.Time) *version {
	r := a.records[id]
	if r == nil {
		r = &record{id: id}
		a.records[id] = r
	}
	a.head++
	a.epoch++
	accepted := *v
	accepted.id, accepted.seq, accepted.accepted, accepted.became = id, a.head, at, nil
	r.versions = append(r.versions, &accepted)
	a.log = append(a.log, entry{&accepted, r})
	if !accepted.deleted() {
		a.index(accepted.credential.RPID, r)
	}
	a.prune()
	return &accepted
}

// index finds records by relying party. One that has moved stays in the index of
// both, because devices that lag still see it where it was.
func (a *Account) index(rpID string, r *record) {
	if !slices.Contains(r.sites, rpID) {
		r.sites = append(r.sites, rpID)
		a.byRP[rpID] = append(a.byRP[rpID], r)
	}
}

// minLog is how long a log may grow before it is looked at.
const minLog = 64

// prune forgets what no device can see any more, nor hold against the account.
// How much that is is only asked when the log has doubled.
func (a *Account) prune() {
	if len(a.log) < a.pruneAt {
		return
	}
	bound := a.head
	for _, m := range a.members {
		bound = min(bound, m.cursor)
		if len(m.outbox) > 0 {
			bound = min(bound, m.outbox[0].seen)
		}
	}
	for _, r := range a.records {
		r.forget(bound)
		if v := r.latest(); v.deleted() && v.seq <= bound {
			delete(a.records, r.id)
			r.versions = nil
		}
	}
	a.log = slices.DeleteFunc(a.log, func(e entry) bool { return !slices.Contains(e.record.versions, e.version) })
	for rpID, records := range a.byRP {
		records = slices.DeleteFunc(records, func(r *record) bool { return r.leaves(rpID) })
		if a.byRP[rpID] = records; len(records) == 0 {
			delete(a.byRP, rpID)
		}
	}
	a.pruneAt = max(minLog, 2*len(a.log))
}

// forget drops what every device that has delivered bound is past.
func (r *record) forget(bound uint64) {
	oldest := 0
	for i, v := range r.versions {
		if v.seq <= bound {
			oldest = i
		}
	}
	r.versions = slices.Delete(r.versions, 0, oldest)
}

// leaves reports whether no version is of a relying party any more, and notes it.
func (r *record) leaves(rpID string) bool {
	if slices.ContainsFunc(r.versions, func(v *version) bool { return !v.deleted() && v.credential.RPID == rpID }) {
		return false
	}
	r.sites = slices.DeleteFunc(r.sites, func(site string) bool { return site == rpID })
	return true
}

// sameUser reports whether two passkeys are for one user handle of one relying
// party.
func sameUser(a, b *authenticator.Credential) bool {
	return a.Discoverable && b.Discoverable && a.RPID == b.RPID && bytes.Equal(a.User.ID, b.User.ID)
}

// older orders passkeys by age; IDs settle what was made at the same time, so that
// every device comes to the same end.
func older(a, b *version) int {
	return cmp.Or(a.made.Compare(b.made), bytes.Compare(a.credential.ID, b.credential.ID))
}

// inOrder is the order in which a Store finds credentials.
func inOrder(a, b *authenticator.Credential) int {
	return cmp.Or(strings.Compare(a.RPID, b.RPID), cmp.Compare(a.Sequence, b.Sequence), bytes.Compare(a.ID, b.ID))
}

func sortVersions(all []*version) {
	slices.SortFunc(all, func(a, b *version) int { return inOrder(a.credential, b.credential) })
}
