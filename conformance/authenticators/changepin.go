package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

// changePINCases are those of changePIN (§6.5.5.6).
func changePINCases() []testCase {
	const plain = "clientpin/change-pin/plain"
	change := func(k *key, before string, padded []byte) answer {
		return k.send(k.changePINRequest(k.agree(k.protocol()), before, padded))
	}
	padded := func(pin string) []byte { return pinuv.PadPIN(pin, pinuv.PaddedPIN) }
	return []testCase{
		{
			ID: plain, Spec: at("6.5.5.6", ""), Level: conformance.Must, Needs: []need{clientPIN},
			Doc: "A PIN can be changed by who knows it.",
			Run: on(func(k *key) {
				k.setPIN(otherPIN)
				a := change(k, otherPIN, padded(thePIN))
				k.expect(a, ctap.OK)
				k.statusAlone(a)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/change-pin/wrong-pin", Spec: at("6.5.5.6", "7"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc: "A wrong PIN is answered with PIN_INVALID, costs one retry, and the PIN stays.",
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				before := k.pinRetries()
				k.expect(change(k, otherPIN, padded("3690-other")), ctap.PINInvalid)
				k.retriesAre(before - 1)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/change-pin/wrong-param", Spec: at("6.5.5.6", "5"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A pinUvAuthParam that does not verify is answered with PIN_AUTH_INVALID, and costs no retry.",
			Catches: []string{"pin/mac-unchecked"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				before := k.pinRetries()
				r := k.changePINRequest(k.agree(k.protocol()), thePIN, padded(otherPIN))
				k.expect(k.send(r.with(pinParam, k.draw(len(bytesIn(r.params, pinParam))))), ctap.PINAuthInvalid)
				k.retriesAre(before)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/change-pin/param-over-new-pin-alone", Spec: at("6.5.5.6", "5"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A pinUvAuthParam over newPinEnc without pinHashEnc does not verify.",
			Catches: []string{"pin/mac-unchecked"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				s := k.agree(k.protocol())
				r := k.changePINRequest(s, thePIN, padded(otherPIN))
				k.expect(k.send(r.with(pinParam, s.Authenticate(bytesIn(r.params, pinNewPinEnc)))), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "clientpin/change-pin/not-64-bytes", Spec: at("6.5.5.6", "10"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A new PIN that was not padded to 64 bytes is answered with INVALID_PARAMETER, by CTAP 2.0 with any error, and the PIN stays.",
			Catches: []string{"pin/unpadded"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.refusedSince21(change(k, thePIN, pinuv.PadPIN(otherPIN, 48)), ctap.InvalidParameter)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/change-pin/too-short", Spec: at("6.5.5.6", "12"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A new PIN of fewer than minPINLength code points is answered with PIN_POLICY_VIOLATION, and the PIN stays.",
			Catches: []string{"pin/short-pin"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.expect(change(k, thePIN, padded("258")), ctap.PINPolicyViolation)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/change-pin/not-set", Spec: at("6.5.5.6", ""), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc: "Where no PIN is set there is none to change.",
			Run: on(func(k *key) { k.refused(change(k, thePIN, padded(otherPIN))) }),
		},
		{
			ID: "clientpin/change-pin/ends-tokens", Spec: at("6.5.5.6", "19"), Level: conformance.Must, Needs: []need{clientPIN, pinForKeys, atLeast21}, Twin: plain,
			Doc:     "A token from before the change is of no use after it.",
			Catches: []string{"token/survives-pin-change"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				t := k.token(k.protocol(), ctap.PermissionMakeCredential, k.rp)
				k.expect(change(k, thePIN, padded(otherPIN)), ctap.OK)
				k.expect(k.send(t.sign(k.newCredential())), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "clientpin/change-pin/ends-persistent-token", Spec: at("6.5.2.2", ""), Level: conformance.Must, Needs: []need{clientPIN, readOnlyMgmt}, Twin: plain,
			Doc: "A persistent token from before the change is of no use after it.",
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				t := k.token(k.protocol(), ctap.PermissionPersistentReadOnly, "")
				k.expectOK(k.send(k.manage(t, ctap.GetCredsMetadata, nil)))
				k.expect(change(k, thePIN, padded(otherPIN)), ctap.OK)
				k.expect(k.send(k.manage(t, ctap.GetCredsMetadata, nil)), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "clientpin/change-pin/restores-retries", Spec: at("6.5.5.6", "8"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "The right PIN brings all retries back.",
			Catches: []string{"pin/any-pin", "pin/right-pin-keeps-misses"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				all := k.pinRetries()
				k.miss()
				k.expect(change(k, thePIN, padded(otherPIN)), ctap.OK)
				k.retriesAre(all)
			}),
		},
	}
}
