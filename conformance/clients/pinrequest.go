package clients

import (
	"bytes"
	"crypto/ecdh"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

const thePIN = "2718-28"

// verifiedByPIN has the user verified, who knows the PIN.
func verifiedByPIN(r *Request) { r.UserVerification, r.PIN = "required", thePIN }

// pinCases are about what clientPIN carries (§6.5), in both protocols.
func pinCases() (all []testCase) {
	cases := slices.Concat(creating.pinRequests("", "makes a credential", "mc", permissionMake), getting.pinRequests("get-", "signs", "ga", permissionGet), pinRequests)
	for _, protocol := range both {
		for _, c := range cases {
			all = append(all, testCase{
				ID: fmt.Sprintf("pin/protocol-%d/%s", protocol, c.name), Spec: c.spec, Level: c.level, Catches: c.catches, Twin: c.twin,
				Needs: append(needs(TypesPIN), c.needs...), Doc: c.doc,
				Run: on(func(t *trial) {
					t.device.givePIN(thePIN, protocol)
					c.run(t, protocol)
				}),
			})
		}
	}
	return all
}

// pinCase is a case in both protocols.
type pinCase struct {
	name, doc, twin string
	spec            conformance.Spec
	level           conformance.Level
	needs           []conformance.Need
	catches         []string
	run             func(t *trial, protocol int)
}

// pinRequests are what both ceremonies share; prefix is what the names begin with that
// would otherwise be the same.
func (c ceremony) pinRequests(prefix, does, name string, permission int64) []pinCase {
	return []pinCase{
		{
			name: c.name, doc: "A user who knows the PIN " + does + ".", spec: at("6.5.5.7", ""), level: conformance.Must,
			catches: []string{"answer/everything-refused", "pin/param-of-nothing"},
			run:     func(t *trial, _ int) { t.accepted(c.ask(t, verifiedByPIN)) },
		},
		{
			name: prefix + "param", doc: "pinUvAuthParam of " + c.command.String() + " is made of the token and the client data hash.", spec: at(c.section, ""), level: conformance.Must,
			catches: []string{"pin/param-over-other", "pin/param-long"},
			run: func(t *trial, protocol int) {
				t.perform(c.ask(t, verifiedByPIN))
				m := t.last(c.command)
				want := pinuv.Authenticate(protocol, t.device.pin.token, bytesAt(m.params, c.hash))
				t.same("pinUvAuthParam", want, bytesAt(m.params, c.param))
			},
		},
		{
			name: prefix + "permissions", doc: fmt.Sprintf("A token for %s() is asked for with permission %s, and for the RP ID.", c.name, name), spec: at("6.5.5.7.2", ""), level: conformance.Must,
			catches: []string{"pin/permissions-left-out", "pin/rp-id-left-out"},
			run:     func(t *trial, _ int) { t.perform(c.ask(t, verifiedByPIN)); t.permissions(permission, site) },
		},
		{
			name: prefix + "protocol-told", doc: "pinUvAuthProtocol names the protocol of the token in " + c.command.String() + ".", spec: at(c.section, ""), level: conformance.Must,
			catches: []string{"pin/protocol-not-told"},
			run: func(t *trial, protocol int) {
				t.perform(c.ask(t, verifiedByPIN))
				m := t.last(c.command)
				t.number(&m, c.protocol, "pinUvAuthProtocol", int64(protocol))
			},
		},
		{
			name: prefix + "no-option-uv", doc: "Option uv is not sent beside pinUvAuthParam in " + c.command.String() + ".", spec: at(c.section, ""), level: conformance.MustNot,
			catches: []string{"pin/uv-beside-param"},
			run: func(t *trial, _ int) {
				t.perform(c.ask(t, verifiedByPIN))
				m := t.last(c.command)
				if uv, given := m.option("uv"); given && uv {
					t.Fatalf("option uv is true beside pinUvAuthParam")
				}
			},
		},
		{
			name: prefix + "no-needless-permissions", doc: "A token for " + c.name + "() is asked for with no permissions beyond mc and ga where nothing else will be done.", spec: at("6.5.5.7", ""), level: conformance.Should,
			catches: []string{"pin/all-permissions"},
			run: func(t *trial, _ int) {
				t.accepted(c.ask(t, verifiedByPIN))
				t.noNeedlessPermissions(subGetTokenByPIN)
			},
		},
	}
}

// noNeedlessPermissions holds requests for tokens to what ceremonies need.
func (t *trial) noNeedlessPermissions(sub int64) {
	for _, m := range t.pinRequests(sub) {
		if p, _ := intAt(m.params, pinPermissions); p&^(permissionMake|permissionGet) != 0 {
			t.Fatalf("permissions 0x%02x", p)
		}
	}
}

var pinRequests = []pinCase{
	{
		name: "canonical", doc: "Every request is in the canonical form of CTAP2, with a PIN too.", spec: at("8", ""), level: conformance.Must,
		catches: []string{"request/long-integers", "request/member-order"},
		run:     func(t *trial, _ int) { t.accepted(t.creation(verifiedByPIN)); t.canonical(t.messages()) },
	},
	{
		name: "key-agreement", doc: "getKeyAgreement names the protocol, and nothing but that.", spec: at("6.5.5.4", ""), level: conformance.Must,
		catches: []string{"pin/agreement-without-protocol"},
		run: func(t *trial, protocol int) {
			t.perform(t.creation(verifiedByPIN))
			all := t.pinRequests(subGetKeyAgreement)
			if len(all) == 0 {
				t.Fatalf("getKeyAgreement is not sent")
			}
			t.number(&all[0], pinProtocol, "pinUvAuthProtocol", int64(protocol))
			if len(all[0].params) != 2 {
				t.Fatalf("getKeyAgreement has %d members, want two", len(all[0].params))
			}
		},
	},
	{
		name: "platform-key", doc: "The platform's key is a COSE_Key on P-256 with algorithm -25, and has no other members.", spec: at("6.5.6", ""), level: conformance.Must,
		catches: []string{"pin/key-off-curve", "pin/key-of-other-algorithm"},
		run:     func(t *trial, _ int) { t.perform(t.creation(verifiedByPIN)); t.platformKey() },
	},
	{
		name: "pin-hash", doc: "pinHashEnc is the first half of the PIN's SHA-256 hash, encrypted.", spec: at("6.5.5.7", ""), level: conformance.Must,
		catches: []string{"pin/other-pin", "pin/in-clear"},
		run: func(t *trial, protocol int) {
			t.perform(t.creation(verifiedByPIN))
			if len(t.device.pin.secrets) == 0 {
				t.Fatalf("no PIN was sent")
			}
			first := t.device.pin.secrets[0]
			if first.wrong != "" {
				t.Fatalf("pinHashEnc cannot be decrypted: %s", first.wrong)
			}
			t.same("what pinHashEnc decrypts to", pinuv.HashPIN(thePIN), first.pinHash)
		},
	},
	{
		name: "not-in-clear", doc: "Neither the PIN nor its hash travels in clear.", spec: at("6.5.5", ""), level: conformance.MustNot,
		catches: []string{"pin/in-clear"},
		run: func(t *trial, _ int) {
			t.perform(t.creation(verifiedByPIN))
			for _, m := range t.messages() {
				if bytes.Contains(m.raw, []byte(thePIN)) || bytes.Contains(m.raw, pinuv.HashPIN(thePIN)) {
					t.Fatalf("the PIN or its hash is in %s", m.command)
				}
			}
		},
	},
	{
		name: "legacy-token", doc: "An authenticator without pinUvAuthToken is asked by getPinToken, without permissions and RP ID.", spec: at("6.5.5.7.1", ""), level: conformance.Must,
		catches: []string{"pin/legacy-with-permissions"},
		run: func(t *trial, _ int) {
			t.device.script.withOption("pinUvAuthToken", false)
			t.perform(t.creation(verifiedByPIN))
			if n := len(t.pinRequests(subGetTokenByPIN)); n > 0 {
				t.Fatalf("a token with permissions is asked for %d times", n)
			}
			all := t.pinRequests(subGetPINToken)
			if len(all) == 0 {
				t.Fatalf("getPinToken is not sent")
			}
			t.absent(&all[0], pinPermissions, "permissions")
			t.absent(&all[0], pinRPID, "rpId")
		},
	},
	{
		name: "retries-first", doc: "The tries that are left are asked for before a PIN is.", spec: at("6.5.5.2", ""), level: conformance.Should,
		catches: []string{"pin/retries-never-asked"},
		run: func(t *trial, _ int) {
			t.perform(t.creation(verifiedByPIN))
			if len(t.pinRequests(subGetPINRetries)) == 0 {
				t.Fatalf("getPinRetries is not sent")
			}
		},
	},
	{
		name: "normalised", doc: "A PIN is sent in Unicode Normalization Form C.", spec: at("6.5.1", ""), level: conformance.Must, needs: needs(ServesPages, TypesAnyPIN),
		catches: []string{"pin/not-normalised"},
		run: func(t *trial, protocol int) {
			const composed, decomposed = "pässword", "pa\u0308ssword"
			t.device.givePIN(composed, protocol)
			t.accepted(t.creation(func(r *Request) { r.UserVerification, r.PIN = "required", decomposed }))
		},
	},
	{
		name: "normalised-no-further", doc: "A PIN that is in Normalization Form C is sent as it is, also where compatibility forms would change it.", spec: at("6.5.1", ""), level: conformance.Must, needs: needs(TypesAnyPIN),
		catches: []string{"pin/compatibility-form"},
		run: func(t *trial, protocol int) {
			const pin = "ﬁve ①②③"
			t.device.givePIN(pin, protocol)
			t.accepted(t.creation(func(r *Request) { r.UserVerification, r.PIN = "required", pin }))
		},
	},
	{
		name: "spaces", doc: "Spaces around a PIN are part of it.", spec: at("6.5.1", ""), level: conformance.Must,
		catches: []string{"pin/trimmed"},
		run: func(t *trial, protocol int) {
			const pin = " 2718-28 "
			t.device.givePIN(pin, protocol)
			t.accepted(t.creation(func(r *Request) { r.UserVerification, r.PIN = "required", pin }))
		},
	},
	{
		name: "set-pin", doc: "A PIN that the user chooses where there is none is padded with zeros to 64 bytes, and authenticated.", spec: at("6.5.5.5", ""), level: conformance.Must,
		needs: needs(SetsPIN), catches: []string{"pin/new-not-padded", "pin/new-not-authenticated"},
		run: func(t *trial, protocol int) {
			t.device.givePIN("", protocol)
			t.perform(t.creation(func(r *Request) { r.UserVerification, r.PIN, r.NewPIN = "required", thePIN, thePIN }))
			t.newPIN(subSetPIN, thePIN)
		},
	},
	{
		name: "change-pin", doc: "Where the authenticator wants another PIN, and gives no token before it has it, the user chooses one.", spec: at("6.4", ""), level: conformance.Must,
		needs: needs(SetsPIN), catches: []string{"pin/forced-change-ignored", "pin/new-not-padded", "pin/new-not-authenticated"},
		run: func(t *trial, _ int) {
			t.device.script.with(infoForcePINChange, true)
			t.perform(t.creation(func(r *Request) { r.UserVerification, r.PIN, r.NewPIN = "required", thePIN, "31415926" }))
			if len(t.pinRequests(subChangePIN)) == 0 {
				t.Fatalf("changePIN is not sent")
			}
			t.newPIN(subChangePIN, "31415926")
		},
	},
}

func (t *trial) number(m *message, key int, name string, want int64) {
	got, ok := intAt(m.params, key)
	if !ok || got != want {
		v, _ := m.params.Get(key)
		t.Differ(fmt.Sprint(want), cbor.Text(v, nil), "%s of %s is another", name, m.command)
		t.FailNow()
	}
}

// permissions holds the request for the last token to what it is for.
func (t *trial) permissions(want int64, rpID string) {
	all := t.pinRequests(subGetTokenByPIN)
	if len(all) == 0 {
		t.Fatalf("getPinUvAuthTokenUsingPinWithPermissions is not sent, although there is pinUvAuthToken")
	}
	last := all[len(all)-1]
	if p, _ := intAt(last.params, pinPermissions); p&want == 0 {
		t.Differ(fmt.Sprintf("0x%02x among them", want), fmt.Sprintf("0x%02x", p), "the permissions lack one")
	}
	id, _ := textIn(last.params, pinRPID)
	t.sameText("rpId", rpID, id)
}

// platformKey holds the platform's keys to their form.
func (t *trial) platformKey() {
	seen := false
	for _, m := range t.sent(ctap.CommandClientPIN) {
		v, sent := m.params.Get(pinKeyAgreement)
		if !sent {
			continue
		}
		seen = true
		key, _ := v.(cbor.Map)
		kty, _ := intAt(key, 1)
		alg, _ := intAt(key, 3)
		crv, _ := intAt(key, -1)
		x, y := bytesAt(key, -2), bytesAt(key, -3)
		if kty != 2 || alg != algKeyAgreement || crv != 1 || len(key) != 5 {
			t.Fatalf("the platform's key is %s", cbor.Text(v, nil))
		}
		if _, err := ecdh.P256().NewPublicKey(append(append([]byte{4}, x...), y...)); err != nil || len(x) != 32 {
			t.Fatalf("the platform's key is no point of P-256: %v", err)
		}
	}
	if !seen {
		t.Fatalf("no key of the platform's was sent")
	}
}

// newPIN holds a new PIN to its form.
func (t *trial) newPIN(sub int64, pin string) {
	for _, u := range t.device.pin.secrets {
		if u.subCommand != sub {
			continue
		}
		if u.wrong != "" {
			t.Fatalf("the new PIN: %s", u.wrong)
		}
		t.same("the new PIN", pinuv.PadPIN(pin, pinuv.PaddedPIN), u.newPIN)
		return
	}
	t.Fatalf("no new PIN was sent")
}
