package clients

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// probeCases are about how clients look for credentials before they ask their user for a
// touch: by getAssertion without user presence (§6.1.1, §6.2.1).
func probeCases() []testCase { return probes }

// longExclusion asks for a credential unless one that stands behind many others is held.
func (t *trial) longExclusion(change ...func(*Request)) *Request {
	id := t.hold(false)
	return t.creation(append(change, func(r *Request) { r.List = append(t.strangers(12), id) })...)
}

// asked ends the case unless the client has asked the device something.
func (t *trial) asked(r *Request) {
	t.perform(r)
	if len(t.messages()) == 0 {
		t.Fatalf("the authenticator was asked nothing")
	}
}

// hide has credProtect hide all that the device holds from who is not verified.
func (t *trial) hide() {
	for i := range t.device.passkeys {
		t.device.passkeys[i].hidden = true
	}
}

var probes = []testCase{
	{
		ID: "list/probe/hash", Spec: at("6.2", ""), Level: conformance.Must, Needs: besideHybrid(ServesPages),
		Doc:     "A getAssertion that only looks for credentials has a clientDataHash of 32 bytes, as all have.",
		Catches: []string{"list/probe-hash-short"},
		Run: on(func(t *trial) {
			t.accepted(t.longList())
			for _, m := range t.messages() {
				if hash := bytesAt(m.params, gaClientDataHash); m.command == ctap.CommandGetAssertion && len(hash) != 32 {
					t.Fatalf("clientDataHash has %d bytes", len(hash))
				}
			}
		}),
	},
	{
		ID: "list/probe/silent", Spec: at("6.1.1", ""), Level: conformance.MustNot, Needs: besideHybrid(ServesPages),
		Doc:     "Where credentials of a long excludeList are looked for, nobody is asked for a touch: option up is false.",
		Catches: []string{"list/probe-with-touch"},
		Run: on(func(t *trial) {
			t.asked(t.longExclusion())
			if n := len(t.sent(ctap.CommandGetAssertion)); n > 0 {
				t.Fatalf("getAssertion is sent %d times without option up being false", n)
			}
		}),
	},
	{
		ID: "list/probe/permission", Spec: page("5.1.3"), Level: conformance.Must, Needs: besideHybrid(ServesPages, TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "A credential of a long excludeList is found where the user is verified by a PIN, too: the token may look for it.",
		Catches: []string{"list/probe-without-permission"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			t.refusedAs(t.longExclusion(verifiedByPIN), "InvalidStateError")
		}),
	},
	{
		ID: "list/probe/protected", Spec: at("12.1", ""), Level: conformance.Should, Needs: besideHybrid(ServesPages, TypesPIN), Twin: "pin/protocol-2/get",
		Doc:     "A credential of a long allowList that credProtect hides is found once the user is verified.",
		Catches: []string{"list/probe-without-token"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			r := t.longList()
			t.hide()
			verifiedByPIN(r)
			t.accepted(r)
		}),
	},
	{
		ID: "list/probe/protected-excluded", Spec: at("12.1", ""), Level: conformance.Should, Needs: besideHybrid(ServesPages, TypesPIN), Twin: "pin/protocol-2/create",
		Doc:     "A credential of a long excludeList that credProtect hides is found once the user is verified.",
		Catches: []string{"list/probe-without-token"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			r := t.longExclusion(verifiedByPIN)
			t.hide()
			t.refusedAs(r, "InvalidStateError")
		}),
	},
	{
		ID: "list/probe/no-verification", Spec: at("6.2.1", ""), Level: conformance.Should, Needs: besideHybrid(ServesPages, VerifiesBuiltIn),
		Doc:     "Where credentials are looked for, the authenticator is not asked to verify its user: option uv is not true beside up that is false.",
		Catches: []string{"list/probe-with-verification"},
		Run: on(func(t *trial) {
			t.device.script.withOption("uv", true)
			r := t.longList()
			verified(r)
			t.asked(r)
			for _, m := range t.messages() {
				if uv, _ := m.option("uv"); m.silent() && uv {
					t.Fatalf("option uv is true")
				}
			}
		}),
	},
}
