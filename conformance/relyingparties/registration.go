package relyingparties

import (
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// registration is one that a case carries out: correct, but for what is said here.
type registration struct {
	ask    creationAsk
	alg    int    // of the key; 0 = the first offered that can be made
	id     []byte // credential ID; nil = drawn
	flags  byte   // 0 = UP and UV
	count  *uint32
	aaguid [16]byte
	// attest makes the statement for a key; nil = none.
	attest func(*client, *forge.Key) forge.Attest
	change forge.Change
	// more changes the answer by what only the case knows.
	more func(*client, *forge.Registration, *forge.Change)
}

// usualCount is what counters of authenticators stand at.
const usualCount = 5

// present is what an authenticator that verifies its user says.
const present = forge.UP | forge.UV

// preference is the order in which keys are chosen where a case does not say.
var preference = []int{forge.ES256, forge.EdDSA, forge.RS256, forge.ES384, forge.ES512, forge.ES256K}

// pick is the algorithm of a key.
func (a *asked) pick(want int) int {
	if want != 0 {
		return want
	}
	for _, alg := range preference {
		if slices.Contains(a.offered, alg) {
			return alg
		}
	}
	for _, alg := range a.offered {
		if forge.Makes(alg) {
			return alg
		}
	}
	return forge.ES256
}

// key makes a key pair.
func (c *client) key(alg int) *forge.Key {
	key, err := forge.NewKey(c.chance, alg)
	if err != nil {
		c.Brokenf("%v", err)
	}
	return key
}

// answer makes the answer to options.
func (r registration) answer(a *asked) ([]byte, *credential) {
	made := &forge.Registration{
		Ceremony: a.ceremony(forge.Create), Key: a.key(a.pick(r.alg)), ID: r.id, AAGUID: r.aaguid, Flags: r.flags, Count: usualCount,
	}
	if made.ID == nil {
		made.ID = append([]byte{0xff, 0xff, 0xff, 0xff}, a.draw(28)...) // which base64url writes with its own letters
	}
	if made.Flags == 0 {
		made.Flags = present
	}
	if r.count != nil {
		made.Count = *r.count
	}
	change := r.change
	if r.more != nil {
		r.more(a.client, made, &change)
	}
	if r.attest != nil {
		change.Attest = r.attest(a.client, made.Key)
	}
	text, err := made.Answer(change)
	if err != nil {
		a.Brokenf("the answer cannot be made: %v", err)
	}
	return text, &credential{user: a.user, key: made.Key, id: made.ID, handle: a.handle, flags: made.Flags, count: made.Count}
}

// ceremony is what all answers to options have in common.
func (a *asked) ceremony(kind string) forge.Ceremony {
	return forge.Ceremony{
		Type: kind, Challenge: a.challenge, Origin: a.site.Origin, RPID: a.rpID,
		Named: firstOf(a.adapter.Results, "clientExtensionResults"),
	}
}

// attempt carries the registration out for somebody new.
func (r registration) attempt(c *client) (outcome, *credential) {
	a := c.visit().toRegister(r.ask)
	text, made := r.answer(a)
	return a.bring(text), made
}

// refused is a case that wants the registration refused.
func (r registration) refused() func(*conformance.Check) {
	return on(func(c *client) {
		o, _ := r.attempt(c)
		c.wantRefused("the registration", o)
	})
}

// accepted is a case that wants the registration accepted.
func (r registration) accepted() func(*conformance.Check) {
	return on(func(c *client) {
		o, _ := r.attempt(c)
		c.wantAccepted("the registration", o)
	})
}

// acceptedTwice is a case that wants the registrations of two users accepted, who have
// authenticators of the same model.
func (r registration) acceptedTwice() func(*conformance.Check) {
	return on(func(c *client) {
		for _, user := range []string{"first", "second"} {
			o, _ := r.attempt(c)
			c.wantAccepted("the registration of the "+user+" user", o)
		}
	})
}

// registered is a credential that was registered as usual.
func (c *client) registered() *credential { return c.registeredBy(registration{}) }

// registeredBy is one that was registered otherwise. A relying party that refuses ends
// the case.
func (c *client) registeredBy(r registration) *credential {
	o, made := r.attempt(c)
	if !o.accepted {
		c.Brokenf("there is no credential to go on with: a correct registration was %s", o)
	}
	return made
}

func (c *client) wantRefused(what string, o outcome) {
	if o.accepted {
		c.Differ("refused", o.String(), "%s was accepted", what)
		c.FailNow()
	}
}

func (c *client) wantAccepted(what string, o outcome) {
	if !o.accepted {
		c.Differ("accepted", o.String(), "%s was refused", what)
		c.FailNow()
	}
}
