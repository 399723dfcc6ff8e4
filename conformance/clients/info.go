package clients

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// infoCases are about what a client makes of getInfo (§6.4).
func infoCases() []testCase {
	all := infoRequests
	for _, u := range unknownInfo {
		all = append(all, testCase{
			ID: "getinfo/unknown/" + u.name, Spec: at("8", ""), Level: conformance.Must, Twin: createPlain,
			Doc:     "An authenticator is of use although its getInfo has " + u.what + ".",
			Catches: []string{"info/unknown-" + u.name + "-refused"},
			Run: on(func(t *trial) {
				u.change(&t.device.script)
				t.accepted(t.creation())
			}),
		})
	}
	return all
}

// unknownInfo is what a later version may say.
var unknownInfo = []struct {
	name, what string
	change     func(*script)
}{
	{"member", "a member that nobody knows", func(s *script) { s.with(0x7F, cbor.Map{{Key: "a", Value: 1}}) }},
	{"option", "an option that nobody knows", func(s *script) { s.withOption("fromTheFuture", true) }},
	{"version", "a version that nobody knows", func(s *script) { s.with(infoVersions, cbor.Array{"FIDO_2_0", "FIDO_2_1", "FIDO_9_9"}) }},
	{"extension", "an extension that nobody knows", func(s *script) { s.with(infoExtensions, cbor.Array{"fromTheFuture"}) }},
	{"transport", "a transport that nobody knows", func(s *script) { s.with(infoTransports, cbor.Array{"telepathy", "usb"}) }},
	{"algorithm", "an algorithm that nobody knows", func(s *script) {
		s.with(infoAlgorithms, cbor.Array{cbor.Map{{Key: "alg", Value: -65000}, {Key: "type", Value: "public-key"}}, cbor.Map{{Key: "alg", Value: algES256}, {Key: "type", Value: "public-key"}}})
	}},
	{"certification", "a certification that nobody knows", func(s *script) { s.with(infoCertifications, cbor.Map{{Key: "FUTURE", Value: 3}}) }},
	{"format", "an attestation format that nobody knows", func(s *script) { s.with(infoAttestationFormats, cbor.Array{"future", "packed"}) }},
}

var infoRequests = []testCase{
	{
		ID: "getinfo/first", Spec: at("6.4", ""), Level: conformance.Should, Needs: besideHybrid(),
		Doc:     "A client asks an authenticator what it is before it asks it for anything else.",
		Catches: []string{"info/never-asked"},
		Run: on(func(t *trial) {
			t.perform(t.creation())
			if all := t.messages(); len(all) == 0 || all[0].command != ctap.CommandGetInfo {
				t.Fatalf("the first request is not authenticatorGetInfo")
			}
		}),
	},
	{
		ID: "getinfo/no-parameters", Spec: at("6.4", ""), Level: conformance.MustNot, Needs: besideHybrid(),
		Doc:     "authenticatorGetInfo has no parameters.",
		Catches: []string{"info/asked-with-parameters"},
		Run: on(func(t *trial) {
			t.perform(t.creation())
			for _, m := range t.sent(ctap.CommandGetInfo) {
				if len(m.raw) != 1 {
					t.Fatalf("authenticatorGetInfo is sent with %d bytes behind the command", len(m.raw)-1)
				}
			}
		}),
	},
	{
		ID: "getinfo/max-msg-size", Spec: at("6.4", ""), Level: conformance.MustNot, Needs: besideHybrid(),
		Doc:     "No request is longer than maxMsgSize.",
		Catches: []string{"request/too-large"},
		Run:     on(func(t *trial) { t.sizes(1100, true) }),
	},
	{
		ID: "getinfo/max-msg-size-default", Spec: at("6.4", ""), Level: conformance.MustNot, Needs: besideHybrid(),
		Doc:     "No request is longer than 1024 bytes where getInfo has no maxMsgSize.",
		Catches: []string{"request/too-large"},
		Run:     on(func(t *trial) { t.sizes(1024, false) }),
	},
	{
		ID: "getinfo/protocol-known", Spec: at("6.5.4", ""), Level: conformance.Must, Needs: needs(TypesPIN), Twin: "pin/protocol-1/create",
		Doc:     "A client passes PIN/UV auth protocols over that it does not know, and takes one that it knows.",
		Catches: []string{"pin/first-protocol-taken-blindly"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 99, 1)
			t.accepted(t.creation(verifiedByPIN))
		}),
	},
	{
		ID: "getinfo/protocol-none", Spec: at("6.5.4", ""), Level: conformance.MustNot, Needs: needs(TypesPIN), Twin: "pin/protocol-1/create",
		Doc:     "A client that knows none of the PIN/UV auth protocols of an authenticator sends it no PIN.",
		Catches: []string{"pin/first-protocol-taken-blindly"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 98, 99)
			t.perform(t.creation(verifiedByPIN))
			for _, m := range t.sent(ctap.CommandClientPIN) {
				if m.params.Has(pinHashEnc) {
					t.Fatalf("the PIN was sent in a protocol that is not on offer")
				}
			}
		}),
	},
	{
		ID: "getinfo/extension-unlisted", Spec: at("12", ""), Level: conformance.Should, Needs: needs(HasCredProtect),
		Doc:     "An extension is not sent to an authenticator that does not list it.",
		Catches: []string{"extension/sent-unlisted"},
		Run: on(func(t *trial) {
			m, _, _ := t.made(func(r *Request) {
				r.Extensions = map[string]any{"credentialProtectionPolicy": "userVerificationOptionalWithCredentialIDList"}
			})
			if _, sent := extension(&m, extCredProtect); sent {
				t.Fatalf("credProtect is sent, and getInfo does not list it")
			}
		}),
	},
}

// sizes has a client look for a credential in a long list, and measures its requests.
func (t *trial) sizes(most int, told bool) {
	if t.device.script.info = t.device.script.info.Without(infoMaxMsgSize); told {
		t.device.script.with(infoMaxMsgSize, most)
	}
	t.device.script.with(infoMaxCount, 40)
	t.device.script.with(infoMaxIDLength, 200)
	r := t.assertion()
	for _, id := range t.strangers(30) {
		r.List = append(r.List, bytes.Repeat(id, 4))
	}
	got := t.perform(r)
	for _, m := range t.messages() {
		if len(m.raw) > most {
			t.Differ(fmt.Sprintf("at most %d bytes", most), fmt.Sprintf("%d bytes", len(m.raw)), "%s is too long", m.command)
			t.FailNow()
		}
	}
	if !got.Succeeded() {
		t.Logf("the client gave up: %s", got.Error)
	}
}
