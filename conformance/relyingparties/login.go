package relyingparties

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// login is one that a case carries out with a credential just registered: correct, but
// for what is said here.
type login struct {
	register registration
	ask      requestAsk
	flags    byte // 0 = UP and UV
	// count is what the counter stands at; nil = one more than at registration.
	count  *uint32
	change forge.Change
	// more changes the answer by what only the case knows.
	more func(*client, *forge.Login, *forge.Change)
}

// answer makes the answer to options with a credential.
func (l login) answer(a *asked, with *credential) []byte {
	made := &forge.Login{
		Ceremony: a.ceremony(forge.Get), Key: with.key, ID: with.id, UserHandle: with.handle, Flags: l.flags, Count: with.count + 1,
	}
	if made.Flags == 0 {
		made.Flags = present | with.flags&(forge.BE|forge.BS)
	}
	if l.count != nil {
		made.Count = *l.count
	}
	change := l.change
	if l.more != nil {
		l.more(a.client, made, &change)
	}
	return made.Answer(change)
}

// attempt registers a credential, and logs in with it in a session of its own.
func (l login) attempt(c *client) outcome {
	made := c.registeredBy(l.register)
	return l.with(c, made)
}

// with logs in with a credential that there is.
func (l login) with(c *client, made *credential) outcome {
	a := c.visitAs(made.user).toLogin(l.ask)
	return a.bring(l.answer(a, made))
}

// refused is a case that wants the login refused.
func (l login) refused() func(*conformance.Check) {
	return on(func(c *client) { c.wantRefused("the login", l.attempt(c)) })
}

// accepted is a case that wants the login accepted.
func (l login) accepted() func(*conformance.Check) {
	return on(func(c *client) { c.wantAccepted("the login", l.attempt(c)) })
}
