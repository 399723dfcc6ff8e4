package fleet

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// These deeds get somebody in, or must not.

const refusedKey = "passkey-authentication-failed"

// ready empties a device's hands and has nobody logged in at it.
func (w *world) ready(d *device, which int) {
	w.leave(d)
	d.given = given{}
	d.user.pick, d.user.picked = which, false
}

// leave logs out where somebody is logged in.
func (w *world) leave(d *device) {
	if d.inside == "" {
		return
	}
	w.must(d.tab.Open(w.ctx, base+"/"))
	w.must(d.tab.Press(w.ctx, "logout"))
	w.book.expect(relyingparty.EventLogout, d.inside)
	d.inside = ""
}

func (w *world) logOut(d *device, _ int) { w.leave(d) }

func (w *world) logIn(d *device, which int) {
	w.ready(d, which)
	w.pressButton(d)
	w.judge(d, "")
}

func (w *world) pressButton(d *device) {
	w.must(d.tab.Open(w.ctx, base+"/u/login/identifier"))
	w.must(d.tab.Press(w.ctx, "passkey-button"))
}

// patience is how long a step may take on a slow machine before it hangs.
const patience = 20 * time.Second

func (w *world) logInByAutofill(d *device, which int) {
	w.ready(d, which)
	if !d.auth.Model().Platform || len(d.passkeys(w)) == 0 {
		return // nothing is listed, and nobody can pick
	}
	d.user.picked = true
	w.must(d.tab.Open(w.ctx, base+"/u/login/identifier"))
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	w.must(d.tab.AwaitAutofill(ctx))
	w.judge(d, "")
}

// judge holds what came of a login against what had to. tampered says what was done
// to it, "" if it was an honest one.
func (w *world) judge(d *device, tampered string) {
	key, got := d.tab.ErrorKey(), d.given.answer
	switch {
	case got == nil && key == "":
		w.violate(NoFalseEntry, "%s gave no answer, and the page shows %s without an error", d.name, d.tab.Screen())
	case got == nil:
		if tampered == "" && len(d.passkeys(w)) > 0 {
			w.violate(NoLockout, "%s has a passkey and gave no answer: %v", d.name, d.given.err)
		}
		return
	}
	reason := w.book.refusal(got)
	if tampered != "" {
		reason = "tampered"
	}
	switch {
	case reason == "" && key != "":
		w.violate(NoLockout, "%s answered with the valid passkey %s, and the page says %s: %s", d.name, short(got.id), key, d.tab.Message())
	case reason == "":
		p := w.book.passkeys[got.id]
		p.count, d.inside, w.last = got.count, p.owner.email, d.given.raw
		w.book.expect(relyingparty.EventLogin, p.owner.email)
	case key != refusedKey && tampered == "" && w.book.removed[got.id]:
		w.violate(NoneIsBack, "%s answered with the removed passkey %s, and the page shows %s with the error %q", d.name, short(got.id), d.tab.Screen(), key)
	case key != refusedKey:
		w.violate(NoFalseEntry, "%s answered %s (%s%s), and the page shows %s with the error %q", d.name, short(got.id), reason, tampered, d.tab.Screen(), key)
	default:
		w.book.expect(relyingparty.EventLoginFailed, w.ownerOf(got.id))
	}
}

// ownerOf is whom the site finds by a credential ID; "" for nobody.
func (w *world) ownerOf(id string) string {
	if p := w.book.passkeys[id]; p != nil {
		return p.owner.email
	}
	return ""
}

func (w *world) decline(d *device, which int) {
	w.ready(d, which)
	d.user.Always(authenticator.Decline)
	w.pressButton(d)
	d.user.Always(authenticator.Approve)
	w.isRefused(d)
}

func (w *world) wrongFinger(d *device, which int) {
	w.ready(d, which)
	if !d.auth.Model().Platform || len(d.passkeys(w)) == 0 {
		return // with a key that takes PINs, the browser would ask for one
	}
	d.user.WrongFinger(max(1, d.auth.Model().UVAttempts))
	w.pressButton(d)
	d.user.WrongFinger(0)
	w.isRefused(d)
	w.logIn(d, which) // with the right one, or the device has enough of it one day
}

// isRefused is for logins in which the user did not confirm.
func (w *world) isRefused(d *device) {
	if d.given.answer != nil || d.tab.ErrorKey() == "" {
		w.violate(NoFalseEntry, "the user of %s did not confirm, and the page shows %s", d.name, d.tab.Screen())
	}
}

// replay answers with what another login was answered with.
func (w *world) replay(d *device, which int) {
	w.ready(d, which)
	if w.last == nil || len(d.passkeys(w)) == 0 {
		return
	}
	d.given.tamper = func([]byte) []byte { return w.last }
	w.pressButton(d)
	if d.tab.ErrorKey() != refusedKey {
		w.violate(NoFalseEntry, "a replayed answer got somebody in at %s: %s", d.name, d.tab.Screen())
	}
	w.book.expect(relyingparty.EventLoginFailed, "") // its challenge is looked at first
}

// changed gives answers another member on their way.
func changed(to func(response map[string]any)) func([]byte) []byte {
	return func(raw []byte) []byte {
		var response map[string]any
		if json.Unmarshal(raw, &response) != nil {
			return raw
		}
		to(response)
		out, err := json.Marshal(response)
		if err != nil {
			return raw
		}
		return out
	}
}

func (w *world) borrowID(d *device, which int) {
	other := w.anothers(d, which)
	w.ready(d, which)
	if other == nil || len(d.passkeys(w)) == 0 {
		return
	}
	id := base64.RawURLEncoding.EncodeToString([]byte(other.id))
	d.given.tamper = changed(func(r map[string]any) { r["id"], r["rawId"] = id, id })
	w.pressButton(d)
	if d.given.answer != nil {
		d.given.answer.id = other.id
	}
	w.judge(d, " with another's ID")
}

func (w *world) borrowHandle(d *device, which int) {
	w.ready(d, which)
	var handle []byte
	for _, other := range w.devices {
		for _, c := range other.passkeys(w) {
			if other.owner != d.owner {
				handle = c.User.ID
			}
		}
	}
	mine := d.passkeys(w)
	if handle == nil || len(mine) == 0 || slices.ContainsFunc(mine, func(c *authenticator.Credential) bool { return string(c.User.ID) == string(handle) }) {
		return
	}
	d.given.tamper = changed(func(r map[string]any) {
		r["response"].(map[string]any)["userHandle"] = base64.RawURLEncoding.EncodeToString(handle)
	})
	w.pressButton(d)
	w.judge(d, " with another's user handle")
}

// anothers is a passkey of somebody else's at the site.
func (w *world) anothers(d *device, which int) *passkey {
	for i := range w.people {
		a := w.book.accounts[w.people[(which+i)%len(w.people)].email]
		if a != nil && a.email != d.owner.email && len(a.passkeys) > 0 {
			return a.passkeys[which%len(a.passkeys)]
		}
	}
	return nil
}

func (w *world) breakSignature(d *device, which int) {
	w.ready(d, which)
	repair := d.auth.Attach(fault.SignatureBitFlip.Seams)
	w.pressButton(d)
	repair()
	w.judge(d, " with a broken signature")
}

func (w *world) otherOrigin(d *device, which int) {
	w.ready(d, which)
	d.given.seams = []client.Seams{client.ClaimOrigin("https://auth-acme.test").Seams}
	w.pressButton(d)
	w.judge(d, " for another origin")
}

// useCopy has a thief log in with a copy of a passkey. It is as good as the original,
// unless it counts.
func (w *world) useCopy(d *device, which int) {
	mine := d.passkeys(w)
	if len(mine) == 0 {
		return
	}
	stolen := *mine[which%len(mine)]
	held, err := w.thief.store.Find(w.ctx, authenticator.Query{})
	w.must(err)
	change := authenticator.Change{Put: []*authenticator.Credential{&stolen}}
	for _, c := range held {
		if string(c.ID) == string(stolen.ID) {
			stolen.SignCount = c.SignCount // the copy that it made before
			continue
		}
		change.Delete = append(change.Delete, c.ID)
	}
	w.must(w.thief.store.Commit(w.ctx, change))
	w.ready(w.thief, which)
	w.pressButton(w.thief)
	w.judge(w.thief, "")
	if w.who(w.thief) != w.thief.inside {
		w.violate(SameSession, "a thief is logged in as somebody else")
	}
	w.leave(w.thief)
}

func (w *world) logInWithPassword(d *device, which int) {
	a := w.book.accounts[d.owner.email]
	if a == nil || a.password == "" {
		w.wrongPassword(d, which)
		return
	}
	w.ready(d, which)
	w.enterPassword(d, a.email, a.password)
	if key := d.tab.ErrorKey(); key != "" {
		w.violate(NoLockout, "the right password of %s, and the page says %s", a.email, key)
	}
	d.inside = a.email
	w.book.expect(relyingparty.EventLogin, a.email)
}

func (w *world) wrongPassword(d *device, which int) {
	w.ready(d, which)
	w.enterPassword(d, d.owner.email, fmt.Sprintf("Wrong guess %d", which))
	if d.tab.ErrorKey() == "" {
		w.violate(NoFalseEntry, "a wrong password for %s, and the page shows %s", d.owner.email, d.tab.Screen())
	}
	if w.book.accounts[d.owner.email] == nil {
		w.book.expect(relyingparty.EventLoginFailedUser, d.owner.email)
	} else {
		w.book.expect(relyingparty.EventLoginFailedPassword, d.owner.email)
	}
}

func (w *world) enterPassword(d *device, email, password string) {
	w.must(d.tab.Open(w.ctx, base+"/u/login/identifier"))
	w.must(d.tab.Fill("email", email))
	w.must(d.tab.Press(w.ctx, "continue"))
	w.must(d.tab.Fill("password", password))
	w.must(d.tab.Press(w.ctx, "continue"))
}
