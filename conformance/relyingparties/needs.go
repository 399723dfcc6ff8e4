package relyingparties

import (
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

type need = conformance.Need

// feature is a need that the relying party's options tell about, or its switches.
func feature(name string, has func(*client) bool) need {
	return need{Name: name, Met: func(check *conformance.Check) bool { return has(newClient(check)) }}
}

// benchNeed is a need of what can be done with the server.
func benchNeed(name string, has func(Server) bool) need {
	return need{Name: name, Bench: true, Met: func(check *conformance.Check) bool { return has(newClient(check).server) }}
}

// chosen is met where a switch has one of these values.
func chosen(name string, values ...string) need {
	text := values[0]
	for _, v := range values[1:] {
		text += " or " + v
	}
	return feature("switch "+name+"="+text, func(c *client) bool { return slices.Contains(values, c.choice(name)) })
}

// creationFacts are the options that somebody new gets who asks so; asked for once in
// a run.
func (c *client) creationFacts(name string, ask creationAsk) options {
	return c.Once("creation options "+name, func() any { return c.visit().toRegister(ask).options }).(options)
}

// requestFacts are the options of a login, likewise. There is a credential by then.
func (c *client) requestFacts(name string, ask requestAsk) options {
	return c.Once("request options "+name, func() any {
		made := c.registered()
		return c.visitAs(made.user).toLogin(ask).options
	}).(options)
}

// offered are the algorithms of the usual options.
func (c *client) offered() []int { return c.creationFacts("", creationAsk{}).offered }

// conveys is met where the options ask for attestation when they are asked to.
func conveys(attestation string) need {
	return feature("attestation "+attestation, func(c *client) bool {
		return get(c.creationFacts(attestation, creationAsk{attestation: attestation}).all, "attestation") == attestation
	})
}

// offers is met where an algorithm can be registered.
func offers(alg int) need {
	return feature(forge.AlgorithmName(alg)+" offered", func(c *client) bool { return slices.Contains(c.offered(), alg) })
}

// verifies is met where options of a registration ask for user verification as they
// are asked to.
func verifies(uv string) need {
	return feature("registrations with user verification "+uv, func(c *client) bool {
		return c.creationFacts("uv "+uv, creationAsk{uv: uv}).uv == uv
	})
}

// verifiesLogin is the same of logins.
func verifiesLogin(uv string) need {
	return feature("logins with user verification "+uv, func(c *client) bool {
		return c.requestFacts("uv "+uv, requestAsk{uv: uv}).uv == uv
	})
}

var (
	fidoInterface = feature("the FIDO conformance interface", func(c *client) bool { return c.adapter.isFIDO() })
	allowList     = feature("logins that name the credentials that are allowed", func(c *client) bool {
		return len(list(c.requestFacts("", requestAsk{}).all, "allowCredentials")) > 0
	})
	noAllowList = feature("logins with any passkey", func(c *client) bool {
		return len(list(c.requestFacts("", requestAsk{}).all, "allowCredentials")) == 0
	})
	trusted = chosen(switchTrust, "judge")          // by roots and by metadata
	rooted  = chosen(switchTrust, "judge", "roots") // by roots, whatever of metadata
	heeded  = chosen(switchUnasked, "verify")       // attestation, though nobody asked for it

	clock    = benchNeed("time that a program can move", func(s Server) bool { _, ok := s.(Clock); return ok })
	trusting = benchNeed("metadata that a program can publish to the relying party", func(s Server) bool { _, ok := s.(Trusting); return ok })
)
