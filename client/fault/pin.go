package fault

import (
	"context"
	"io"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

const (
	pinSpec   = "CTAP 2.3 §6.5"
	byPIN     = ctap.GetPinUvAuthTokenUsingPinWithPermissions
	byUV      = ctap.GetPinUvAuthTokenUsingUvWithPermissions
	permitted = uint64(0x3F) // all that CTAP 2.1 has
)

func pins(id, doc string, messages func(Exchange) Exchange) Fault {
	return Fault{ID: "pin/" + id, Spec: pinSpec, Doc: doc, Messages: messages}
}

func agreementKey(m members) members { return inner(m, key(3)) }

// onParam changes pinUvAuthParam of both ceremonies, where there is one.
func onParam(change func(m members, at uint64)) func(Exchange) Exchange {
	return both(
		onRequest(create, func(m members) {
			if m[key(8)] != nil {
				change(m, 8)
			}
		}),
		onRequest(assert, func(m members) {
			if m[key(6)] != nil {
				change(m, 6)
			}
		}))
}

func pinFaults() []Fault {
	remembered := append([]byte{0}, written(members{key(3): uint64(8)})...)
	token := func(_ ctap.Command, m members) bool { return subCommand(m) == byPIN }
	return []Fault{
		pins("first-protocol-taken-blindly", "The first PIN/UV auth protocol of getInfo is taken, known or not.", blindly()),
		pins("agreement-without-protocol", "getKeyAgreement names no protocol.", onPIN(ctap.GetKeyAgreement, func(m members) { delete(m, key(1)) })),
		pins("all-permissions", "Every permission is asked for.", onPIN(byPIN, func(m members) { m[key(9)] = permitted })),
		pins("permissions-left-out", "No permissions are asked for.", onPIN(byPIN, func(m members) { delete(m, key(9)) })),
		pins("rp-id-left-out", "A token is asked for without an RP ID.", onPIN(byPIN, func(m members) { delete(m, key(10)) })),
		pins("legacy-with-permissions", "getPinToken is sent with permissions.", onPIN(ctap.GetPINToken, func(m members) { m[key(9)], m[key(10)] = uint64(3), "example.com" })),
		pins("key-off-curve", "The platform's key is not on the curve.", onPIN(0, func(m members) {
			if k := agreementKey(m); k != nil {
				k[int64(-3)] = make32(0)
			}
		})),
		pins("key-of-other-algorithm", "The platform's key says ES256.", onPIN(0, func(m members) {
			if k := agreementKey(m); k != nil {
				k[key(3)] = int64(-7)
			}
		})),
		pins("new-not-padded", "A new PIN is shorter than 64 bytes.", both(
			onPIN(ctap.SetPIN, shortPIN), onPIN(ctap.ChangePIN, shortPIN))),
		pins("new-not-authenticated", "pinUvAuthParam of a new PIN is zero.", both(
			onPIN(ctap.SetPIN, func(m members) { m[key(4)] = make32(0) }), onPIN(ctap.ChangePIN, func(m members) { m[key(4)] = make32(0) }))),
		pins("old-agreement", "After a wrong PIN the old secret is used again.", oldAgreement()),
		pins("param-over-other", "pinUvAuthParam is over something else.", onParam(func(m members, at uint64) {
			b, _ := m[key(at)].([]byte)
			m[key(at)] = flipped(b)
		})),
		pins("param-long", "pinUvAuthParam is longer than it may be.", onParam(func(m members, at uint64) {
			b, _ := m[key(at)].([]byte)
			m[key(at)] = append(b, make([]byte, 16)...)
		})),
		pins("param-of-nothing", "A token is not used once it is there.", onParam(func(m members, at uint64) {
			delete(m, key(at))
			delete(m, key(at+1))
		})),
		pins("protocol-not-told", "pinUvAuthProtocol is left out.", onParam(func(m members, at uint64) { delete(m, key(at+1)) })),
		pins("uv-beside-param", "Option uv is true beside pinUvAuthParam.", onParam(func(m members, at uint64) {
			innerOf(m, key(at-1))["uv"] = true
		})),
		pins("retries-never-asked", "The tries that are left are supposed.", func(next Exchange) Exchange {
			return func(ctx context.Context, request []byte) ([]byte, error) {
				if m, ok := parametersOf(clientPIN, request); ok && subCommand(m) == ctap.GetPINRetries {
					return remembered, nil
				}
				return next(ctx, request)
			}
		}),
		pins("power-cycle-ignored", "powerCycleState is not looked at.", onPINAnswer(ctap.GetPINRetries, func([]byte) []byte { return remembered })),
		pins("tries-for-ever", "A PIN that is wrong is sent again and again.", again(40, token, ctap.PINInvalid)),
		pins("tries-when-blocked", "A PIN is sent again when it is blocked.", again(3, token, ctap.PINBlocked, ctap.PINAuthBlocked)),
		pins("forced-change-ignored", "Nobody is asked for another PIN where the authenticator wants one.", both(
			onMembers(getInfo, func(_, info members) { delete(info, key(0x0C)) }), onStatus(clientPIN, ctap.OperationDenied, ctap.PINPolicyViolation))),
		pins("never-against-the-page", "An authenticator that wants verification gets none where the page discourages it.", onMembers(getInfo, func(_, info members) {
			options := innerOf(info, key(4))
			options["makeCredUvNotRqd"] = true
			delete(options, "alwaysUv")
		})),
		{ID: "pin/always", Spec: "WebAuthn L3 §5.8.6", Doc: "Verification is required whatever the page says.", Request: func(o *webauthn.RequestOptions) error {
			o.UserVerification = webauthn.Required
			return nil
		}},
		{ID: "pin/not-normalised", Spec: "CTAP 2.3 §6.5.1", Doc: "A PIN is sent as it was typed.", Seams: client.Seams{PIN: func(typed, _ string) string { return typed }}},
		{ID: "pin/compatibility-form", Spec: "CTAP 2.3 §6.5.1", Doc: "A PIN is sent in Normalization Form KC.", Seams: client.Seams{PIN: func(typed, _ string) string { return norm.NFKC.String(typed) }}},
		{ID: "pin/trimmed", Spec: "CTAP 2.3 §6.5.1", Doc: "Spaces around a PIN are dropped.", Seams: client.Seams{PIN: func(_, pin string) string { return strings.TrimSpace(pin) }}},
		{ID: "pin/new-of-any-length", Spec: "CTAP 2.3 §6.5.5.5", Doc: "A new PIN that is too short or too long is made to fit.", Seams: client.Seams{PIN: func(_, pin string) string {
			for len(pin) < 8 {
				pin += "0"
			}
			return pin[:min(len(pin), pinuv.MaxPIN)]
		}}},
		{ID: "pin/short-new-ones-only", Spec: "CTAP 2.3 §6.5.5.5", Doc: "A PIN of more than 32 bytes is refused.", Seams: client.Seams{PIN: func(_, pin string) string {
			if len(pin) > 32 {
				return ""
			}
			return pin
		}}},
		pins("discoverable-without", "makeCredUvNotRqd is taken for one of discoverable credentials, too.", onRequest(create, func(m members) {
			if inner(m, key(7))["rk"] == true {
				delete(m, key(8))
				delete(m, key(9))
			}
		})),
		{ID: "pin/other-pin", Spec: pinSpec, Doc: "The hash of another PIN is sent.", Seams: client.Seams{PIN: func(_, pin string) string { return pin + "0" }}},
		inClear(),
		{ID: "pin/randomness-repeats", Spec: "CTAP 2.3 §6.5.7", Doc: "Keys and initialisation vectors are the same in every ceremony.", Random: func() io.Reader { return seed.Stream(1, "the same again") }},
		{ID: "agreement/any-key", Spec: "CTAP 2.3 §6.5.6", Doc: "A key agreement key that is none is taken for another.", Messages: onPINAnswer(ctap.GetKeyAgreement, func(answer []byte) []byte {
			var r ctap.ClientPINResponse
			if ctap.DecodeResponse(answer, &r) == nil && r.KeyAgreement != nil {
				if _, _, err := pinuv.Encapsulate(seed.Stream(1, "probe"), pinuv.One, r.KeyAgreement); err == nil {
					return answer
				}
			}
			return supposedAgreement()
		})},
		{ID: "agreement/type-ignored", Spec: "CTAP 2.3 §6.5.6", Doc: "Type and curve of a key agreement key are not looked at.", Messages: onPINAnswer(ctap.GetKeyAgreement, func(answer []byte) []byte {
			if m, ok := readMembers(answer[1:]); ok && inner(m, key(1)) != nil {
				inner(m, key(1))[key(1)], inner(m, key(1))[int64(-1)] = uint64(2), uint64(1)
				return append([]byte{0}, written(m)...)
			}
			return answer
		})},
		{ID: "token/any-length", Spec: "CTAP 2.3 §6.5.6", Doc: "A token that is none is taken for one.", Messages: onAnswers(clientPIN, anyToken)},
	}
}

// blindly has the client believe that it knows the first protocol.
func blindly() func(Exchange) Exchange {
	var first any
	return both(
		onRequest(clientPIN, func(m members) {
			if m[key(1)] != nil && first != nil {
				m[key(1)] = first
			}
		}),
		onMembers(getInfo, func(_, info members) {
			if all := entries(info, 6); len(all) > 0 && first == nil {
				first, info[key(6)] = all[0], []any{uint64(1)}
			}
		}))
}

func shortPIN(m members) {
	if b, _ := m[key(5)].([]byte); len(b) > 32 {
		m[key(5)] = b[:32]
	}
}

// oldAgreement answers getKeyAgreement from memory.
func oldAgreement() func(Exchange) Exchange {
	var old []byte
	return func(next Exchange) Exchange {
		return func(ctx context.Context, request []byte) ([]byte, error) {
			m, ok := parametersOf(clientPIN, request)
			if !ok || subCommand(m) != ctap.GetKeyAgreement {
				return next(ctx, request)
			}
			if old != nil {
				return old, nil
			}
			answer, err := next(ctx, request)
			old = answer
			return answer, err
		}
	}
}

// inClear sends the PIN's hash as it is.
func inClear() Fault {
	var hash []byte
	return Fault{
		ID: "pin/in-clear", Spec: pinSpec, Doc: "The hash of the PIN is sent without encryption.",
		Seams: client.Seams{PIN: func(_, pin string) string {
			hash = pinuv.HashPIN(pin)
			return pin
		}},
		Messages: onPIN(byPIN, func(m members) { m[key(6)] = hash }),
	}
}

// supposedAgreement is a key on the curve that nobody has.
func supposedAgreement() []byte {
	k, ok := readMembers(supposedKey())
	if !ok {
		return nil
	}
	k[key(3)] = int64(-25)
	return append([]byte{0}, written(members{key(1): k})...)
}

// anyToken makes a token of whatever came, of the length that its protocol has.
func anyToken(request members, answer []byte) []byte {
	if subCommand(request) != byPIN || len(answer) == 0 || answer[0] != 0 {
		return answer
	}
	want := 32
	if request[key(1)] != uint64(1) {
		want += 16
	}
	m, _ := readMembers(answer[1:])
	sealed, _ := m[key(2)].([]byte)
	if len(sealed) == want {
		return answer
	}
	return append([]byte{0}, written(members{key(2): append(sealed, make([]byte, want)...)[:want]})...)
}

func uvFaults() []Fault {
	uvSpec := "CTAP 2.3 §6.5.5.7.3"
	verification := func(id, doc string, change func(webauthn.Requirement) webauthn.Requirement) Fault {
		return Fault{
			ID: "uv/" + id, Spec: "WebAuthn L3 §5.8.6", Doc: doc,
			Creation: func(o *webauthn.CreationOptions) error {
				o.AuthenticatorSelection.UserVerification = change(o.AuthenticatorSelection.UserVerification)
				return nil
			},
			Request: func(o *webauthn.RequestOptions) error {
				o.UserVerification = change(o.UserVerification)
				return nil
			},
		}
	}
	deleteUV := func(at uint64) func(members) { return func(m members) { delete(innerOf(m, key(at)), "uv") } }
	mended := func(instead, when ctap.Status) func(Exchange) Exchange {
		return onPINAnswer(byUV, func(answer []byte) []byte {
			if len(answer) > 0 && ctap.Status(answer[0]) == when {
				return []byte{byte(instead)}
			}
			return answer
		})
	}
	return []Fault{
		verification("always", "Verification is required whatever the page says.", func(webauthn.Requirement) webauthn.Requirement { return webauthn.Required }),
		verification("not-required", "Verification that is required counts as discouraged.", func(r webauthn.Requirement) webauthn.Requirement {
			if r == webauthn.Required {
				return webauthn.Discouraged
			}
			return r
		}),
		verification("only-if-required", "Verification that is preferred counts as discouraged.", func(r webauthn.Requirement) webauthn.Requirement {
			if r == webauthn.Preferred {
				return webauthn.Discouraged
			}
			return r
		}),
		verification("only-if-asked-for", "Verification of which the page says nothing counts as discouraged.", func(r webauthn.Requirement) webauthn.Requirement {
			if r == "" {
				return webauthn.Discouraged
			}
			return r
		}),
		{ID: "uv/option-left-out", Spec: makeSpec, Doc: "Option uv is never sent.", Messages: both(onRequest(create, deleteUV(7)), onRequest(assert, deleteUV(5)))},
		{ID: "uv/permissions-left-out", Spec: uvSpec, Doc: "A token by built-in verification is asked for without permissions.", Messages: onPIN(byUV, func(m members) { delete(m, key(9)) })},
		{ID: "uv/rp-id-left-out", Spec: uvSpec, Doc: "A token by built-in verification is asked for without an RP ID.", Messages: onPIN(byUV, func(m members) { delete(m, key(10)) })},
		{ID: "uv/all-permissions", Spec: uvSpec, Doc: "Every permission is asked for by built-in verification.", Messages: onPIN(byUV, func(m members) { m[key(9)] = permitted })},
		{ID: "uv/no-fallback", Spec: uvSpec, Doc: "Built-in verification that is blocked ends the request.", Messages: mended(ctap.OperationDenied, ctap.UVBlocked)},
		{ID: "uv/one-try", Spec: uvSpec, Doc: "Verification that has failed is not tried again.", Messages: mended(ctap.OperationDenied, ctap.UVInvalid)},
		{ID: "uv/tries-for-ever", Spec: uvSpec, Doc: "Verification that has failed is tried again and again.", Messages: again(20, func(_ ctap.Command, m members) bool { return subCommand(m) == byUV }, ctap.UVInvalid)},
	}
}
