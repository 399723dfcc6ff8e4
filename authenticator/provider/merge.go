package provider

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
)

// edited says when each part of a passkey was changed last.
type edited [5]time.Time

// The parts of a passkey, each of which is changed as one.
const (
	itself    = iota // key, relying party and user, which only an import replaces
	numbering        // its place among others, which each device gives it; no loss if it goes
	names
	hiding
	extras // what extensions keep with it
)

// part compares and takes one part.
type part struct {
	same func(a, b *version) bool
	take func(into *version, credential *authenticator.Credential, from *version)
}

var parts = [...]part{
	itself: {
		func(a, b *version) bool {
			x, y := a.credential, b.credential
			return x.RPID == y.RPID && bytes.Equal(x.User.ID, y.User.ID) && x.Algorithm == y.Algorithm && bytes.Equal(x.PrivateKey, y.PrivateKey) &&
				x.Discoverable == y.Discoverable && x.BackupEligible == y.BackupEligible && x.BackedUp == y.BackedUp
		},
		func(_ *version, c *authenticator.Credential, from *version) {
			before := *c
			*c = *from.credential
			c.User.Name, c.User.DisplayName, c.Extras = before.User.Name, before.User.DisplayName, before.Extras
			c.Sequence, c.Created = before.Sequence, before.Created
		},
	},
	numbering: {
		func(a, b *version) bool {
			return a.credential.Sequence == b.credential.Sequence && a.credential.Created == b.credential.Created
		},
		func(_ *version, c *authenticator.Credential, from *version) {
			c.Sequence, c.Created = from.credential.Sequence, from.credential.Created
		},
	},
	names: {
		func(a, b *version) bool {
			x, y := a.credential.User, b.credential.User
			return x.Name == y.Name && x.DisplayName == y.DisplayName
		},
		func(_ *version, c *authenticator.Credential, from *version) {
			c.User.Name, c.User.DisplayName = from.credential.User.Name, from.credential.User.DisplayName
		},
	},
	hiding: {
		func(a, b *version) bool { return a.hidden == b.hidden },
		func(into *version, _ *authenticator.Credential, from *version) { into.hidden = from.hidden },
	},
	extras: {
		func(a, b *version) bool { return reflect.DeepEqual(a.credential.Extras, b.credential.Extras) },
		func(_ *version, c *authenticator.Credential, from *version) { c.Extras = from.credential.Extras },
	},
}

// since returns when the parts of next were changed last, if it was made of base
// now.
func (next *version) since(base *version, now time.Time) edited {
	when := base.edited
	for i, p := range parts {
		if !p.same(base, next) {
			when[i] = now
		}
	}
	return when
}

// merge is mine, made of base, and theirs, which the account accepted meanwhile.
// Parts that only one of them changed are as that one has them; a part that both
// changed, or made where base is nil, is as the later edit has it, theirs when they
// are of the same time. A counter never goes back.
func (a *Account) merge(base, mine, theirs *version) *version {
	merged, c := *theirs, *theirs.credential
	merged.credential, merged.by = &c, mine.by
	losers := map[string]bool{}
	for i, p := range parts {
		switch {
		case base != nil && p.same(base, mine), p.same(mine, theirs):
			continue
		case base != nil && p.same(base, theirs):
		case mine.edited[i].After(theirs.edited[i]):
			losers[loser(i, theirs)] = true
		default:
			losers[loser(i, mine)] = true
			continue
		}
		p.take(&merged, &c, mine)
		merged.edited[i] = mine.edited[i]
	}
	delete(losers, "")
	c.SignCount = max(mine.credential.SignCount, theirs.credential.SignCount)
	for _, by := range slices.Sorted(maps.Keys(losers)) {
		a.lose(LaterEdit, by, theirs.credential, nil)
	}
	return &merged
}

// loser is whose change to a part is lost, "" where nobody misses it.
func loser(part int, v *version) string {
	if part == numbering {
		return ""
	}
	return v.by
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
