package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// getAssertionSteps are about the refusals of single steps.
var getAssertionSteps = []testCase{
	{
		ID: "getassertion/zero-length-param/no-pin", Spec: at("6.2.2", "1"), Level: conformance.Must, Needs: []need{clientPIN},
		Doc:     "An empty pinUvAuthParam is answered with PIN_NOT_SET after a touch, on a device without a PIN.",
		Catches: []string{"create/zero-length-probe-untouched"},
		Run:     on(func(k *key) { k.expect(k.send(k.use().with(gaParam, []byte{})), ctap.PINNotSet) }),
	},
	{
		ID: "getassertion/zero-length-param/pin-set", Spec: at("6.2.2", "1"), Level: conformance.Must, Needs: []need{clientPIN},
		Doc: "An empty pinUvAuthParam is answered with PIN_INVALID after a touch, on a device with a PIN.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.expect(k.send(k.use().with(gaParam, []byte{})), ctap.PINInvalid)
		}),
	},
	{
		ID: "getassertion/zero-length-param/declined", Spec: at("6.2.2", "1"), Level: conformance.Must, Needs: []need{clientPIN, person}, Twin: "getassertion/zero-length-param/no-pin",
		Doc:     "An empty pinUvAuthParam waits for a touch: declined, it is answered with OPERATION_DENIED.",
		Catches: []string{"status/denied"},
		Run: on(func(k *key) {
			k.user(Decline)
			k.expect(k.send(k.use().with(gaParam, []byte{})), ctap.OperationDenied, ctap.UPRequired)
		}),
	},
	{
		ID: "getassertion/protocol-unsupported", Spec: at("6.2.2", "2.1"), Level: conformance.Must, Needs: []need{ceremonyToken}, Twin: "getassertion/token/plain",
		Doc: "A pinUvAuthParam of a protocol that the device does not have is answered with INVALID_PARAMETER.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expect(k.send(k.tokenFor(k.useOf(c)).with(gaProtocol, 99)), ctap.InvalidParameter)
		}),
	},
	{
		ID: "getassertion/protocol-missing", Spec: at("6.2.2", "2.2"), Level: conformance.Must, Needs: []need{ceremonyToken}, Twin: "getassertion/token/plain",
		Doc: "A pinUvAuthParam without pinUvAuthProtocol is answered with MISSING_PARAMETER.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expect(k.send(k.tokenFor(k.useOf(c)).without(gaProtocol)), ctap.MissingParameter)
		}),
	},
	{
		ID: "getassertion/option/rk", Spec: at("6.2.2", "4.4"), Level: conformance.Must, Needs: []need{atLeast21}, Twin: gaPlain,
		Doc:     "Option rk is answered with UNSUPPORTED_OPTION or, as CTAP 2.0 has it, INVALID_OPTION, whatever its value.",
		Catches: []string{"assert/rk-option-accepted"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			for _, value := range []bool{true, false} {
				k.expect(k.send(k.authorise(withOption(k.useOf(c), "rk", value))), ctap.UnsupportedOption, ctap.InvalidOption)
			}
		}),
	},
	{
		ID: "getassertion/option/uv-without-uv", Spec: at("6.2.2", "4.3"), Level: conformance.Must, Needs: []need{noBuiltInUV}, Twin: gaPlain,
		Doc: "Option uv of true is answered with INVALID_OPTION by a device without built-in user verification that is set up, or as CTAP 2.0 has it with UNSUPPORTED_OPTION.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expect(k.send(withOption(k.useOf(c), "uv", true)), k.unusableOption()...)
		}),
	},
	{
		ID: "getassertion/option/unknown", Spec: at("8", ""), Level: conformance.Must, Twin: gaPlain,
		Doc: "An option that is not known is ignored.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.assert(withOption(k.useOf(c), "tomorrow", true))
		}),
	},
	{
		ID: "getassertion/presence/declined", Spec: at("6.2.2", "9"), Level: conformance.Must, Needs: []need{person, touchSigns}, Twin: gaPlain,
		Doc:     "Where the user declines, nothing is signed.",
		Catches: []string{"status/denied", "user/signs-without-touch"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.user(Decline)
			k.expect(k.send(k.useOf(c)), ctap.OperationDenied)
		}),
	},
	{
		ID: "getassertion/presence/cancelled", Spec: at("11.2.9.1.5", ""), Level: conformance.Must, Needs: []need{person, touchSigns}, Twin: gaPlain,
		Doc:     "A platform that cancels while the device waits for a touch is answered with KEEPALIVE_CANCEL.",
		Catches: []string{"quirk/cancel-status"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expect(k.cancelled(k.useOf(c)), ctap.KeepaliveCancel)
		}),
	},
	{
		ID: "getassertion/client-data-hash-length", Spec: at("6.2", ""), Level: conformance.Should, Twin: gaPlain,
		Doc: "A clientDataHash of another length than 32 bytes is an error.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			for _, n := range []int{0, 31, 33} {
				k.refused(k.send(k.authorise(k.useOf(c).with(gaClientDataHash, k.draw(n)))))
			}
		}),
	},
}
