package clients

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// ceremony is what create() and get() have in common, and where it stands.
type ceremony struct {
	name, plain     string // "create", and the case with nothing special
	section, onPage string // of CTAP and of WebAuthn
	command         ctap.Command

	hash, param, protocol int // members of the command
	last                  int // its last member in CTAP 2.3

	ask func(t *trial, change ...func(*Request)) *Request
}

var (
	creating = ceremony{
		"create", createPlain, "6.1", "5.1.3", ctap.CommandMakeCredential,
		mcClientDataHash, mcPinUvAuthParam, mcPinUvAuthProtocol, mcFormats, (*trial).creation,
	}
	getting = ceremony{
		"get", getPlain, "6.2", "5.1.4", ctap.CommandGetAssertion,
		gaClientDataHash, gaPinUvAuthParam, gaPinUvAuthProtocol, gaPinUvAuthProtocol, (*trial).assertion,
	}
	bothCeremonies = []ceremony{creating, getting}
)

const (
	createPlain = "create/plain"
	getPlain    = "get/plain"
)

// carriedOut has the client succeed, and returns what was sent for it.
func (c ceremony) carriedOut(t *trial, change ...func(*Request)) (message, *Request, *Result) {
	r := c.ask(t, change...)
	result := t.accepted(r)
	return t.last(c.command), r, result
}

// ceremonyCases are the cases that create() and get() share.
func ceremonyCases() (all []testCase) {
	for _, c := range bothCeremonies {
		all = append(all, c.requests()...)
		all = append(all, c.refusals()...)
	}
	return all
}

// requests are about what is sent.
func (c ceremony) requests() []testCase {
	what := map[string]string{"create": "A credential that an authenticator makes", "get": "An assertion that an authenticator gives"}[c.name]
	return []testCase{
		{
			ID: c.plain, Spec: at(c.section, ""), Level: conformance.Must,
			Doc:     what + " by the book reaches the caller.",
			Catches: []string{"answer/everything-refused"},
			Run:     on(func(t *trial) { t.accepted(c.ask(t)) }),
		},
		{
			ID: c.name + "/request/canonical", Spec: at("8", ""), Level: conformance.Must,
			Doc:     "Every request is one map in the canonical form of CTAP2.",
			Catches: []string{"request/long-integers", "request/member-order", "request/twice-the-same-member", "request/indefinite-map"},
			Run:     on(func(t *trial) { c.carriedOut(t); t.canonical(t.messages()) }),
		},
		{
			ID: c.name + "/request/known-members", Spec: at(c.section, ""), Level: conformance.MustNot,
			Doc:     "The request has no members but those that CTAP 2.3 defines.",
			Catches: []string{"request/unknown-member"},
			Run: on(func(t *trial) {
				m, _, _ := c.carriedOut(t)
				t.members(&m, int64(c.last))
			}),
		},
		{
			ID: c.name + "/request/client-data-hash", Spec: at(c.section, ""), Level: conformance.Must,
			Doc:     "clientDataHash is the SHA-256 hash of the client data.",
			Catches: []string{"hash/of-challenge", "hash/zero", "hash/cut-short"},
			Run: on(func(t *trial) {
				m, r, got := c.carriedOut(t)
				t.same("clientDataHash", t.hash(r, got), bytesAt(m.params, c.hash))
			}),
		},
		{
			ID: c.name + "/request/no-token", Spec: at(c.section, ""), Level: conformance.MustNot,
			Doc:     "Where nobody is verified there is neither pinUvAuthParam nor pinUvAuthProtocol.",
			Catches: []string{c.name + "/param-out-of-nothing"},
			Run: on(func(t *trial) {
				t.perform(c.ask(t))
				m := t.last(c.command)
				t.absent(&m, c.param, "pinUvAuthParam")
				t.absent(&m, c.protocol, "pinUvAuthProtocol")
			}),
		},
	}
}

// members complains about members with keys other than 1 to last.
func (t *trial) members(m *message, last int64) {
	for _, p := range m.params {
		if n, ok := p.Key.(int64); !ok || n < 1 || n > last {
			t.Errorf("%s has a member %v", m.command, p.Key)
		}
	}
}

// uvUnsupported is about an option that both commands have, under IDs that differ.
func (c ceremony) uvUnsupported(id string) testCase {
	return testCase{
		ID: id, Spec: at(c.section, ""), Level: conformance.MustNot,
		Doc:     "Option uv is not sent to an authenticator that has no built-in user verification.",
		Catches: []string{c.name + "/uv-unsupported"},
		Run: on(func(t *trial) {
			t.perform(c.ask(t, func(r *Request) { r.UserVerification = "preferred" }))
			m := t.last(c.command)
			if uv, given := m.option("uv"); given && uv {
				t.Fatalf("option uv is true, and getInfo has no such option")
			}
		}),
	}
}
