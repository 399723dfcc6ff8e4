package authenticators

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// makeCredentialSteps are about the refusals of single steps.
var makeCredentialSteps = []testCase{
	{
		ID: "makecredential/zero-length-param/no-pin", Spec: at("6.1.2", "1"), Level: conformance.Must, Needs: []need{clientPIN},
		Doc:     "An empty pinUvAuthParam is answered with PIN_NOT_SET after a touch, on a device without a PIN.",
		Catches: []string{"create/zero-length-probe-untouched", "status/pin-not-set"},
		Run:     on(func(k *key) { k.expect(k.send(k.newCredential().with(mcParam, []byte{})), ctap.PINNotSet) }),
	},
	{
		ID: "makecredential/zero-length-param/pin-set", Spec: at("6.1.2", "1"), Level: conformance.Must, Needs: []need{clientPIN},
		Doc: "An empty pinUvAuthParam is answered with PIN_INVALID after a touch, on a device with a PIN.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.expect(k.send(k.newCredential().with(mcParam, []byte{})), ctap.PINInvalid)
		}),
	},
	{
		ID: "makecredential/zero-length-param/declined", Spec: at("6.1.2", "1"), Level: conformance.Must, Needs: []need{clientPIN, person}, Twin: "makecredential/zero-length-param/no-pin",
		Doc:     "An empty pinUvAuthParam waits for a touch: declined, it is answered with OPERATION_DENIED.",
		Catches: []string{"create/zero-length-probe-untouched", "status/denied"},
		Run: on(func(k *key) {
			k.user(Decline)
			k.expect(k.send(k.newCredential().with(mcParam, []byte{})), ctap.OperationDenied, ctap.UPRequired)
		}),
	},
	{
		ID: "makecredential/zero-length-param/before-protocol", Spec: at("6.1.2", "1"), Level: conformance.Should, Needs: []need{clientPIN}, Twin: "makecredential/zero-length-param/no-pin",
		Doc:     "An empty pinUvAuthParam is answered before pinUvAuthProtocol is looked at.",
		Catches: []string{"status/pin-not-set"},
		Run: on(func(k *key) {
			k.expect(k.send(k.newCredential().with(mcParam, []byte{}).with(mcProtocol, 99)), ctap.PINNotSet)
		}),
	},
	{
		ID: "makecredential/protocol-unsupported", Spec: at("6.1.2", "2.1"), Level: conformance.Must, Needs: []need{ceremonyToken}, Twin: "makecredential/token/plain",
		Doc:     "A pinUvAuthParam of a protocol that the device does not have is answered with INVALID_PARAMETER.",
		Catches: []string{"status/invalid-parameter"},
		Run: on(func(k *key) {
			r := k.tokenFor(k.newCredential())
			k.expect(k.send(r.with(mcProtocol, 99)), ctap.InvalidParameter)
		}),
	},
	{
		ID: "makecredential/protocol-missing", Spec: at("6.1.2", "2.2"), Level: conformance.Must, Needs: []need{ceremonyToken}, Twin: "makecredential/token/plain",
		Doc:     "A pinUvAuthParam without pinUvAuthProtocol is answered with MISSING_PARAMETER.",
		Catches: []string{"status/missing-parameter"},
		Run: on(func(k *key) {
			r := k.tokenFor(k.newCredential())
			k.expect(k.send(r.without(mcProtocol)), ctap.MissingParameter)
		}),
	},
	{
		ID: "makecredential/protocol-without-param", Spec: at("6.1.2", "2"), Level: conformance.Must, Twin: mcPlain,
		Doc: "pinUvAuthProtocol without pinUvAuthParam does not matter.",
		Run: on(func(k *key) {
			r := k.authorise(k.newCredential())
			if _, ok := r.params.Get(mcParam); ok {
				k.Unsupportedf("a device that makes credentials without a pinUvAuthParam")
			}
			k.succeeds(k.send(r.with(mcProtocol, 1)), madeAuthData)
		}),
	},
	{
		ID: "makecredential/algorithm/none-supported", Spec: at("6.1.2", "3.2"), Level: conformance.Must, Twin: mcPlain,
		Doc:     "Where no algorithm is supported the answer is UNSUPPORTED_ALGORITHM.",
		Catches: []string{"create/algorithm-unasked", "status/algorithm"},
		Run: on(func(k *key) {
			k.expect(k.send(k.authorise(k.newCredential().with(mcParams, algorithms(-65000, -65001)))), ctap.UnsupportedAlgorithm)
		}),
	},
	{
		ID: "makecredential/algorithm/first-supported", Spec: at("6.1.2", "3.1.3"), Level: conformance.Must,
		Doc:     "The first element of pubKeyCredParams that is supported is chosen, whatever the device prefers.",
		Catches: []string{"create/algorithm-order"},
		Run: on(func(k *key) {
			all := slices.Clone(k.info().algorithms())
			slices.Reverse(all)
			if c := k.make(k.newCredential().with(mcParams, algorithms(all...))); c.publicKey.alg != all[0] {
				k.Differ(fmt.Sprint(all[0]), fmt.Sprint(c.publicKey.alg), "another algorithm was chosen")
			}
		}),
	},
	{
		ID: "makecredential/algorithm/unknown-skipped", Spec: at("6.1.2", "3.1.3"), Level: conformance.Must, Twin: mcPlain,
		Doc: "An algorithm that is not known is passed over.",
		Run: on(func(k *key) {
			known := k.info().algorithms()[0]
			if c := k.make(k.newCredential().with(mcParams, algorithms(-65000, known))); c.publicKey.alg != known {
				k.Differ(fmt.Sprint(known), fmt.Sprint(c.publicKey.alg), "another algorithm was chosen")
			}
		}),
	},
	{
		ID: "makecredential/algorithm/unknown-type-skipped", Spec: at("6.1.2", "3.1.3"), Level: conformance.Must, Twin: mcPlain,
		Doc: "An element of a type that is not known is passed over, though its algorithm is.",
		Run: on(func(k *key) {
			known := k.info().algorithms()[0]
			other := cbor.Map{{Key: "alg", Value: known}, {Key: "type", Value: "private-key"}}
			k.expectOK(k.send(k.authorise(k.newCredential().with(mcParams, append(cbor.Array{other}, algorithms(known)...)))))
			k.expect(k.send(k.authorise(k.newCredential().with(mcParams, cbor.Array{other}))), ctap.UnsupportedAlgorithm)
		}),
	},
	{
		ID: "makecredential/algorithm/later-elements-validated", Spec: at("6.1.2", "3.1.1"), Level: conformance.Must, Needs: []need{atLeast21}, Twin: mcPlain,
		Doc: "An element without alg is an error, though one before it is supported.",
		Run: on(func(k *key) {
			list := append(algorithms(k.info().algorithms()...), cbor.Map{{Key: "type", Value: "public-key"}})
			k.refused(k.send(k.authorise(k.newCredential().with(mcParams, list))))
		}),
	},
	{
		ID: "makecredential/option/up-false", Spec: at("6.1.2", "5.6.1"), Level: conformance.Must, Needs: []need{atLeast21}, Twin: mcPlain,
		Doc:     "Option up of false is answered with INVALID_OPTION.",
		Catches: []string{"create/up-false-accepted", "status/invalid-option"},
		Run: on(func(k *key) {
			k.expect(k.send(k.authorise(withOption(k.newCredential(), "up", false))), ctap.InvalidOption)
		}),
	},
	{
		ID: "makecredential/option/up-true", Spec: at("6.1.2", "5.7"), Level: conformance.Must, Needs: []need{atLeast21},
		Doc:     "Option up of true is what it is by default.",
		Catches: []string{"quirk/up-option-refused"},
		Run:     on(func(k *key) { k.make(withOption(k.newCredential(), "up", true)) }),
	},
	{
		ID: "makecredential/option/unknown", Spec: at("8", ""), Level: conformance.Must, Twin: mcPlain,
		Doc: "An option that is not known is ignored.",
		Run: on(func(k *key) {
			k.make(withOption(k.newCredential(), "tomorrow", true))
			k.make(withOption(k.newCredential(), "tomorrow", false))
		}),
	},
	{
		ID: "makecredential/option/uv-without-uv", Spec: at("6.1.2", "5.3"), Level: conformance.Must, Needs: []need{noBuiltInUV}, Twin: mcPlain,
		Doc:     "Option uv of true is answered with INVALID_OPTION by a device without built-in user verification that is set up, or as CTAP 2.0 has it with UNSUPPORTED_OPTION.",
		Catches: []string{"info/uv-untold"},
		Run: on(func(k *key) {
			k.expect(k.send(withOption(k.newCredential(), "uv", true)), k.unusableOption()...)
		}),
	},
	{
		ID: "makecredential/option/rk-without-rk", Spec: at("6.1.2", "5.4.1"), Level: conformance.Must, Twin: mcPlain,
		Needs:   []need{feature("no discoverable credentials", func(i *info) bool { return !i.option(ctap.OptionRK) })},
		Doc:     "Option rk of true is refused by a device without discoverable credentials, with UNSUPPORTED_OPTION where getInfo does not list rk.",
		Catches: []string{"info/rk-denied"},
		Run: on(func(k *key) {
			a := k.send(k.authorise(withOption(k.newCredential(), "rk", true)))
			if k.info().listed(ctap.OptionRK) {
				k.refused(a)
				return
			}
			k.expect(a, ctap.UnsupportedOption)
		}),
	},
	{
		ID: "makecredential/enterprise/not-capable", Spec: at("6.1.2", "9.1"), Level: conformance.Must, Twin: mcPlain,
		Needs: []need{atLeast21, feature("no enterprise attestation that is switched on", func(i *info) bool { return !i.option(ctap.OptionEP) })},
		Doc:   "enterpriseAttestation is answered with INVALID_PARAMETER where it is not possible or not switched on, whatever its value.",
		Run: on(func(k *key) {
			for _, value := range []int{1, 2, 7} {
				k.expect(k.send(k.authorise(k.newCredential().with(mcEnterprise, value))), ctap.InvalidParameter)
			}
		}),
	},
	{
		ID: "makecredential/presence/declined", Spec: at("6.1.2", "14.2"), Level: conformance.Must, Needs: []need{person, touchAlone}, Twin: mcPlain,
		Doc:     "Where the user declines, no credential is made.",
		Catches: []string{"user/creates-without-touch", "user/takes-no-for-yes"},
		Run: on(func(k *key) {
			k.user(Decline)
			k.expect(k.send(k.newCredential()), ctap.OperationDenied)
		}),
	},
	{
		ID: "makecredential/presence/cancelled", Spec: at("11.2.9.1.5", ""), Level: conformance.Must, Needs: []need{person, touchAlone}, Twin: mcPlain,
		Doc:     "A platform that cancels while the device waits for a touch is answered with KEEPALIVE_CANCEL.",
		Catches: []string{"quirk/cancel-status"},
		Run:     on(func(k *key) { k.expect(k.cancelled(k.newCredential()), ctap.KeepaliveCancel) }),
	},
	{
		ID: "makecredential/client-data-hash-length", Spec: at("6.1", ""), Level: conformance.Should, Twin: mcPlain,
		Doc: "A clientDataHash of another length than 32 bytes is an error.",
		Run: on(func(k *key) {
			r := k.newCredential()
			for _, n := range []int{0, 31, 33} {
				k.refused(k.send(k.authorise(r.with(mcClientDataHash, k.draw(n)))))
			}
		}),
	},
	{
		ID: "makecredential/user-id-length", Spec: conformance.Spec{Document: webauthn, Section: "5.4.3"}, Level: conformance.Must, Twin: "makecredential/user-id-64",
		Doc: "A user.id of more than 64 bytes is an error.",
		Run: on(func(k *key) { k.refused(k.send(k.authorise(k.withUserID(65)))) }),
	},
	{
		ID: "makecredential/user-id-64", Spec: conformance.Spec{Document: webauthn, Section: "5.4.3"}, Level: conformance.Must,
		Doc: "A user.id of 1 byte and one of 64 bytes are accepted.",
		Run: on(func(k *key) {
			k.make(k.withUserID(1))
			k.make(k.withUserID(64))
		}),
	},
	{
		ID: "makecredential/long-names", Spec: at("6.1.2", "17.3"), Level: conformance.MustNot, Twin: mcPlain,
		Doc: "Names that are too long are shortened, and never an error.",
		Run: on(func(k *key) {
			long := string(bytes.Repeat([]byte("ü"), 60))
			r := k.newCredential().with(mcRP, cbor.Map{{Key: "id", Value: k.rp}, {Key: "name", Value: long}}).
				with(mcUser, cbor.Map{{Key: "id", Value: k.draw(8)}, {Key: "name", Value: long}, {Key: "displayName", Value: long}})
			k.make(r)
		}),
	},
	{
		ID: "makecredential/icons", Spec: at("6.1", ""), Level: conformance.MustNot, Twin: mcPlain,
		Doc: "Icons, which CTAP 2.0 had, are no error.",
		Run: on(func(k *key) {
			r := k.newCredential()
			rp, user := k.rpAndUser(r)
			k.make(r.with(mcRP, rp.With("icon", "https://judged.example/i.png")).with(mcUser, user.With("icon", "data:,")))
		}),
	},
}

func canVerify(i *info) bool {
	return i.option(ctap.OptionUV) || i.listed(ctap.OptionClientPIN) && i.pinServesCeremonies()
}

func (k *key) rpAndUser(r request) (rp, user cbor.Map) {
	v, _ := r.params.Get(mcRP)
	rp, _ = v.(cbor.Map)
	v, _ = r.params.Get(mcUser)
	user, _ = v.(cbor.Map)
	return rp, user
}

func (k *key) withUserID(n int) request {
	return k.newCredential().with(mcUser, cbor.Map{{Key: "id", Value: k.draw(n)}, {Key: "name", Value: "n"}, {Key: "displayName", Value: "d"}})
}
