package fleet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

// Truth is something that has to be true at every moment of a life.
type Truth string

// The truths.
const (
	NoFalseEntry Truth = "nobody gets in without a valid passkey or password"
	NoneIsBack   Truth = "a removed passkey never works"
	NoLockout    Truth = "whoever has a valid passkey or password gets in"
	SameSession  Truth = "whoever was logged in at a device still is, and nobody else"
	SiteKeeps    Truth = "the site has the accounts and passkeys that were made and not removed"
	LogIsTrue    Truth = "the tenant log tells what happened, and nothing else"
	Synced       Truth = "when all has arrived, a device shows what its provider's account has"
	Bound        Truth = "a device-bound passkey stays where it was made"
	Unharmed     Truth = "what the site tells devices takes no passkey away that it accepts"
	Works        Truth = "nothing breaks"
)

// Truths lists all of them.
func Truths() []Truth {
	return []Truth{NoFalseEntry, NoneIsBack, NoLockout, SameSession, SiteKeeps, LogIsTrue, Synced, Bound, Unharmed, Works}
}

// broken is how a step ends that violates a truth.
type broken struct {
	truth Truth
	says  string
}

func (w *world) violate(truth Truth, format string, args ...any) {
	panic(broken{truth, fmt.Sprintf(format, args...)})
}

// always holds after every step, at the device that it was about.
func (w *world) always(d *device) {
	w.logIsTrue()
	if got := w.who(d); got != d.inside {
		w.violate(SameSession, "at %s %s should be logged in, and the page says %s", d.name, orNobody(d.inside), orNobody(got))
	}
	w.staysBound(d)
	w.unharmed(d)
}

// unharmed looks at what became of signals.
func (w *world) unharmed(d *device) {
	for _, e := range d.signalled {
		if p := w.book.passkeys[string(e.ID)]; p != nil && (e.What == provider.Removed || e.What == provider.Hidden) {
			w.violate(Unharmed, "the passkey %s of %s is %s on %s", short(p.id), p.owner.email, e.What, d.name)
		}
	}
	d.signalled = nil
}

func orNobody(who string) string {
	if who == "" {
		return "nobody"
	}
	return who
}

// who is logged in at a device, by what the site's first page says.
func (w *world) who(d *device) string {
	w.must(d.tab.Open(w.ctx, base+"/"))
	if !d.tab.Has("user-email") {
		return ""
	}
	text, err := d.tab.Text("user-email")
	w.must(err)
	return strings.TrimSpace(text)
}

// logIsTrue compares what the log has got since the last step with the book.
func (w *world) logIsTrue() {
	events, err := w.site.Events(w.seen)
	w.must(err)
	got := make([]line, len(events))
	for i, e := range events {
		got[i], w.seen = line{e.Type, e.User}, e.Seq
	}
	if !slices.Equal(got, w.book.lines) {
		w.violate(LogIsTrue, "the log has got %v, and %v happened", got, w.book.lines)
	}
}

func (w *world) staysBound(d *device) {
	for _, c := range d.passkeys(w) {
		if home := w.bound[string(c.ID)]; home != nil && home != d {
			w.violate(Bound, "%s was made on %s and is on %s", short(string(c.ID)), home.name, d.name)
		}
	}
}

// siteKeeps compares the site's accounts with the book.
func (w *world) siteKeeps() {
	users, err := w.site.Users()
	w.must(err)
	if len(users) != len(w.book.accounts) {
		w.violate(SiteKeeps, "the site has %d accounts, and %d were made", len(users), len(w.book.accounts))
	}
	for _, u := range users {
		a := w.book.accounts[u.Email]
		if a == nil {
			w.violate(SiteKeeps, "nobody has made an account for %s", u.Email)
		}
		got := make([]string, len(u.Passkeys))
		for i, p := range u.Passkeys {
			got[i] = string(p.ID)
		}
		want := a.ids()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || u.HasPassword != (a.password != "") {
			w.violate(SiteKeeps, "the site has %d passkeys of %s and a password %v; by the book %d and %v", len(got), u.Email, u.HasPassword, len(want), a.password != "")
		}
	}
}

// synced compares every device that can be compared with its account.
func (w *world) synced() {
	for _, d := range w.devices {
		if d.member == nil || !d.member.In() || !d.member.Status().Unlocked {
			continue
		}
		account := map[string]*authenticator.Credential{}
		for _, c := range d.owner.account.Passkeys() {
			account[string(c.ID)] = c
		}
		shown := w.shownOf(d)
		for id, c := range shown {
			if account[id] == nil {
				w.violate(Synced, "%s shows a passkey %s for %s that its account has not", d.name, short(id), c.User.Name)
			}
		}
		for id, c := range account {
			if shown[id] == nil && !w.shadowed(d, c, shown) {
				w.violate(Synced, "the account of %s has a passkey %s for %s, and it does not show it", d.name, short(id), c.User.Name)
			}
		}
	}
	for _, d := range w.devices {
		w.staysBound(d)
	}
}

// shownOf is what a device has of its account, hidden passkeys included.
func (w *world) shownOf(d *device) map[string]*authenticator.Credential {
	shown := map[string]*authenticator.Credential{}
	found, err := d.held.Find(w.ctx, authenticator.Query{})
	w.must(err)
	for _, c := range append(slices.Clone(found), d.member.HiddenPasskeys()...) {
		shown[string(c.ID)] = c
	}
	own, err := d.store.Find(w.ctx, authenticator.Query{})
	w.must(err)
	for _, c := range own {
		delete(shown, string(c.ID))
	}
	return shown
}

// shadowed reports whether the provider keeps a passkey out of sight because there is
// a newer one of the same user.
func (w *world) shadowed(d *device, c *authenticator.Credential, shown map[string]*authenticator.Credential) bool {
	if d.member.App().SameUser != provider.NewestShadows {
		return false
	}
	for _, other := range shown {
		if other.RPID == c.RPID && string(other.User.ID) == string(c.User.ID) {
			return true
		}
	}
	return false
}

// short is the beginning of a credential ID.
func short(id string) string { return fmt.Sprintf("%.4x…", id) }
