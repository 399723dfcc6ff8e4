package clients

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// exceptionCases are about the names by which pages learn that a request was wrong, or
// that they have withdrawn it (WebAuthn L3 §5.1.3, §5.1.4).
func exceptionCases() []testCase { return exceptions }

var exceptions = []testCase{
	{
		ID: "page/error/user-id", Spec: page("5.1.3"), Level: conformance.Should, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "A page learns by TypeError that a user handle is too long.",
		Catches: []string{"page/mistakes-not-allowed"},
		Run: on(func(t *trial) {
			t.refusedAs(t.creation(func(r *Request) { r.UserID = make([]byte, 65) }), "TypeError")
		}),
	},
	{
		ID: "page/error/no-known-type", Spec: page("5.1.3"), Level: conformance.Should, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "A page learns by NotSupportedError that none of pubKeyCredParams is of a type that there is.",
		Catches: []string{"page/mistakes-not-allowed"},
		Run: on(func(t *trial) {
			t.refusedAs(t.creation(func(r *Request) { r.Types = []string{"private-key"} }), "NotSupportedError")
		}),
	},
	{
		ID: "page/error/rp-id", Spec: page("5.1.4"), Level: conformance.Should, Needs: needs(ServesPages), Twin: getPlain,
		Doc:     "A page learns by SecurityError that it may not use an RP ID.",
		Catches: []string{"page/mistakes-not-allowed"},
		Run: on(func(t *trial) {
			t.refusedAs(t.assertion(func(r *Request) { r.RPID = "example.org" }), "SecurityError")
		}),
	},
	{
		ID: "page/error/aborted", Spec: page("5.1.3"), Level: conformance.Should, Needs: needs(ServesPages, Cancels), Limit: limit, Twin: createPlain,
		Doc:     "A page that withdraws its request while the authenticator waits for its user gets AbortError.",
		Catches: []string{"page/abort-not-allowed"},
		Run: on(func(t *trial) {
			t.device.script.hold = map[ctap.Command]bool{ctap.CommandMakeCredential: true}
			r := t.creation()
			r.Cancel = t.device.Held()
			t.refusedAs(r, "AbortError")
		}),
	},
	{
		ID: "page/rp-id/create/absent", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages),
		Doc:     "A page at https://login.example.com that names no RP ID has its own domain for one.",
		Catches: []string{"create/rp-id-other"},
		Run: on(func(t *trial) {
			m, _, _ := t.made(func(r *Request) { r.Origin, r.RPID = "https://login.example.com", "" })
			id, _ := textIn(mapAt(m.params, mcRP), "id")
			t.sameText("rp.id", "login.example.com", id)
		}),
	},
	{
		ID: "create/error/full-required", Spec: page("5.4.6"), Level: conformance.Must, Needs: needs(ServesPages), Twin: "create/options/rk",
		Doc:     "Where there is no room for a discoverable credential that is required, no other is made.",
		Catches: []string{"create/rk-not-required"},
		Run: on(func(t *trial) {
			t.device.script.status = map[ctap.Command]func(int) ctap.Status{
				ctap.CommandMakeCredential: func(n int) ctap.Status {
					if n == 1 {
						return ctap.KeyStoreFull
					}
					return ctap.OK
				},
			}
			t.refused(t.creation(t.discoverable))
		}),
	},
	{
		ID: "create/options/rk-preferred", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages, VerifiesBuiltIn),
		Doc:     "Option rk is true where a discoverable credential is preferred and the authenticator has them.",
		Catches: []string{"create/rk-left-out"},
		Run: on(func(t *trial) {
			m, _, _ := t.made(t.discoverable, func(r *Request) { r.ResidentKey = "preferred" })
			if rk, _ := m.option("rk"); !rk {
				t.Fatalf("option rk is not true")
			}
		}),
	},
	{
		ID: "create/options/rk-absent", Spec: page("5.4.4"), Level: conformance.Must, Needs: needs(ServesPages, VerifiesBuiltIn),
		Doc:     "Option rk is not true where a page says neither residentKey nor requireResidentKey.",
		Catches: []string{"create/rk-always"},
		Run: on(func(t *trial) {
			m, _, _ := t.made(t.discoverable, func(r *Request) { r.ResidentKey = "" })
			if rk, _ := m.option("rk"); rk {
				t.Fatalf("option rk is true")
			}
		}),
	},
}
