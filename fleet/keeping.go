package fleet

import (
	"fmt"

	"github.com/passkeylab/passkeylab/relyingparty"
)

// These deeds make and unmake accounts, passwords and passkeys at the site.

func (w *world) signUp(d *device, which int) {
	if w.book.accounts[d.owner.email] != nil {
		w.addPasskey(d, which)
		return
	}
	w.ready(d, which)
	w.beginSignUp(d, d.owner.email)
	w.must(d.tab.Press(w.ctx, "create-passkey"))
	if d.given.answer == nil {
		return // the device would not, and said so
	}
	if key := d.tab.ErrorKey(); key != "" {
		w.violate(NoLockout, "%s signed up with a passkey, and the page says %s", d.owner.email, key)
	}
	a := &account{email: d.owner.email}
	w.book.accounts[a.email] = a
	w.enrol(d, a)
	d.inside = a.email
	w.book.expect(relyingparty.EventSignUp, a.email)
}

// enrol writes down a passkey that the device has made.
func (w *world) enrol(d *device, a *account) {
	made := d.given.answer
	w.book.enrol(a, made)
	if d.member == nil || !made.eligible && !flagsLie(d) {
		w.bound[made.id] = d
	}
}

// flagsLie reports whether a device's app says nothing of what it syncs by its flags.
func flagsLie(d *device) bool {
	b := d.member.App().Backup
	return b.Flagless || b.Eligible != 0
}

func (w *world) beginSignUp(d *device, email string) {
	w.must(d.tab.Open(w.ctx, base+"/u/signup/identifier"))
	w.must(d.tab.Fill("email", email))
	w.must(d.tab.Press(w.ctx, "continue"))
}

func (w *world) signUpWithPassword(d *device, which int) {
	if w.book.accounts[d.owner.email] != nil {
		w.signUpTaken(d, which)
		return
	}
	w.ready(d, which)
	password := w.newPassword()
	w.beginSignUp(d, d.owner.email)
	w.must(d.tab.Press(w.ctx, "continue-without-passkey"))
	w.must(d.tab.Fill("new-password", password))
	w.must(d.tab.Press(w.ctx, "continue"))
	if key := d.tab.ErrorKey(); key != "" {
		w.violate(NoLockout, "%s signed up with a password, and the page says %s", d.owner.email, key)
	}
	w.book.accounts[d.owner.email] = &account{email: d.owner.email, password: password}
	d.inside = d.owner.email
	w.book.expect(relyingparty.EventSignUp, d.owner.email)
}

func (w *world) newPassword() string {
	w.secrets++
	return fmt.Sprintf("Correct horse %d", w.secrets)
}

// signUpTaken has somebody sign up with another's address: no passkey is made, and
// nobody is in.
func (w *world) signUpTaken(d *device, which int) {
	victim := w.people[which%len(w.people)]
	if w.book.accounts[victim.email] == nil {
		return
	}
	w.ready(d, which)
	w.beginSignUp(d, victim.email)
	w.must(d.tab.Press(w.ctx, "create-passkey"))
	if d.given.answer != nil || d.tab.ErrorKey() != "email-in-use" {
		w.violate(NoFalseEntry, "the address %s is taken, and the page shows %s with the error %q", victim.email, d.tab.Screen(), d.tab.ErrorKey())
	}
	w.book.expect(relyingparty.EventSignUpFailed, victim.email)
}

func (w *world) addPasskey(d *device, which int) {
	a := w.book.accounts[d.inside]
	if a == nil {
		return
	}
	d.given = given{}
	d.user.pick, d.user.picked = which, false
	full := len(a.passkeys) >= w.site.Policy().MaxPasskeys
	has := w.holdsOneOf(d, a)
	w.must(d.tab.Open(w.ctx, base+"/account"))
	if full {
		if d.tab.Has("create-passkey") {
			w.violate(SiteKeeps, "%s has %d passkeys already, and the page offers one more", a.email, len(a.passkeys))
		}
		return
	}
	w.must(d.tab.Press(w.ctx, "create-passkey"))
	key := d.tab.ErrorKey()
	switch {
	case has:
		if key != "InvalidStateError" {
			w.violate(SiteKeeps, "%s has a passkey of %s already, and the page says %q", d.name, a.email, key)
		}
	case d.given.answer == nil:
	case key != "":
		w.violate(NoLockout, "%s added a passkey to %s, and the page says %s", d.name, a.email, key)
	default:
		w.enrol(d, a)
		w.book.expect(relyingparty.EventPasskeyEnrolled, a.email)
	}
}

// holdsOneOf reports whether a device shows a passkey that the site excludes.
func (w *world) holdsOneOf(d *device, a *account) bool {
	for _, c := range d.passkeys(w) {
		if p := w.book.passkeys[string(c.ID)]; p != nil && p.owner == a {
			return true
		}
	}
	return false
}

func (w *world) removeOldest(d *device, _ int) {
	a := w.book.accounts[d.inside]
	if a == nil || len(a.passkeys) == 0 {
		return
	}
	w.must(d.tab.Open(w.ctx, base+"/account"))
	w.must(d.tab.PressFirst(w.ctx, "remove"))
	w.book.remove(a.passkeys[0])
	w.book.expect(relyingparty.EventPasskeyRemoved, a.email)
}

func (w *world) operatorRemoves(d *device, which int) {
	a := w.book.accounts[d.owner.email]
	if a == nil || len(a.passkeys) == 0 {
		return
	}
	gone := a.passkeys[which%len(a.passkeys)]
	user, err := w.site.User(a.email)
	w.must(err)
	for _, p := range user.Passkeys {
		if string(p.ID) == gone.id {
			w.must(w.site.RemovePasskey(a.email, p.RegistrationID))
		}
	}
	w.book.remove(gone) // of which the log has nothing: no user did it
}

func (w *world) resetPassword(d *device, which int) {
	a := w.book.accounts[d.owner.email]
	if a == nil {
		return
	}
	w.ready(d, which)
	w.must(d.tab.Open(w.ctx, base+"/u/reset-password/request"))
	w.must(d.tab.Fill("email", a.email))
	w.must(d.tab.Press(w.ctx, "continue"))
	w.book.expect(relyingparty.EventPasswordChangeRequested, a.email)
	mail, err := w.site.Outbox().Wait(w.ctx, a.email, w.mails[a.email])
	w.must(err)
	w.mails[a.email] = mail.Seq
	password := w.newPassword()
	w.must(d.tab.Open(w.ctx, mail.Links[0]))
	w.must(d.tab.Fill("new-password", password))
	w.must(d.tab.Press(w.ctx, "continue"))
	if key := d.tab.ErrorKey(); key != "" {
		w.violate(NoLockout, "%s followed a fresh link, and the page says %s", a.email, key)
	}
	a.password = password
	w.book.expect(relyingparty.EventPasswordChanged, a.email)
	for _, other := range w.devices { // whoever had got in with the old one is out
		if other.inside == a.email {
			other.inside = ""
		}
	}
}

func (w *world) deleteOnDevice(d *device, which int) {
	if mine := d.passkeys(w); len(mine) > 0 {
		w.must(d.auth.Delete(w.ctx, mine[which%len(mine)].ID))
	}
}
