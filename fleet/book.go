package fleet

import (
	"slices"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// book is what the site should know, kept by what was done.
type book struct {
	accounts map[string]*account // by email address
	passkeys map[string]*passkey // registered now, by credential ID
	removed  map[string]bool     // registered once, by credential ID
	lines    []line              // that this step should add to the tenant log
}

type account struct {
	email, password string // no password is ""
	passkeys        []*passkey
}

type passkey struct {
	id       string
	owner    *account
	eligible bool // BE, as registered
	count    uint32
}

// line is a line of the tenant log.
type line struct {
	what relyingparty.EventType
	user string
}

func newBook() *book {
	return &book{accounts: map[string]*account{}, passkeys: map[string]*passkey{}, removed: map[string]bool{}}
}

func (b *book) expect(what relyingparty.EventType, user string) {
	b.lines = append(b.lines, line{what, user})
}

func (b *book) enrol(a *account, made *answer) {
	p := &passkey{id: made.id, owner: a, eligible: made.eligible, count: made.count}
	a.passkeys = append(a.passkeys, p)
	b.passkeys[p.id] = p
	delete(b.removed, p.id)
}

func (b *book) remove(p *passkey) {
	p.owner.passkeys = slices.DeleteFunc(p.owner.passkeys, func(q *passkey) bool { return q == p })
	delete(b.passkeys, p.id)
	b.removed[p.id] = true
}

// refusal is why the site must refuse an honest answer to a login, "" if it must
// take it.
func (b *book) refusal(a *answer) ceremony.Reason {
	p := b.passkeys[a.id]
	switch {
	case p == nil:
		return ceremony.ReasonUnknownCredential
	case a.eligible != p.eligible, a.backedUp && !a.eligible:
		return ceremony.ReasonBackupState // WebAuthn L3 §7.2 steps 17 and 18
	case (a.count != 0 || p.count != 0) && a.count <= p.count:
		return ceremony.ReasonCounter // §7.2 step 22
	}
	return ""
}

// ids are the credential IDs of an account, in the order of their registration.
func (a *account) ids() []string {
	ids := make([]string, len(a.passkeys))
	for i, p := range a.passkeys {
		ids[i] = p.id
	}
	return ids
}
