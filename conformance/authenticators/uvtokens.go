package authenticators

import (
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// uvTokenCases are about tokens got by built-in user verification.
var uvTokenCases = []testCase{
	{
		ID: "makecredential/token/old-touch", Spec: at("6.5.2.1", ""), Level: conformance.Must, Needs: []need{uvToken, person, clock}, Twin: "makecredential/token/plain",
		Doc:     "The touch by which a token was got does not count after more than 30 seconds, though the token does.",
		Catches: []string{"token/old-touch-counts"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			t := k.gestured()
			k.expectOK(k.send(t.sign(withOption(k.useOf(c), "up", false))))
			k.wait(35 * time.Second)
			k.user(Decline)
			k.expect(k.send(t.sign(k.newCredential())), ctap.OperationDenied)
		}),
	},
	{
		ID: "clientpin/token-by-uv/touch-counts", Spec: at("6.5.5.7.3", "13"), Level: conformance.May, Needs: []need{uvToken, person}, Twin: "makecredential/token/plain",
		Doc: "Where the gesture was a touch too, a token makes a credential without another.",
		Run: on(func(k *key) {
			s := k.agree(k.protocol())
			t := k.opened(s, k.send(k.tokenByUV(s, ctap.PermissionMakeCredential, k.rp)))
			k.user(Decline)
			a := k.send(t.sign(k.newCredential()))
			k.expect(a, ctap.OK, ctap.OperationDenied)
		}),
	},
	{
		ID: "makecredential/token/gesture-used-up", Spec: at("6.1.2", "14.4"), Level: conformance.Must, Needs: []need{uvToken}, Twin: "makecredential/token/plain",
		Doc:     "A token whose gesture may count for a touch serves one credential all the same, and then neither another nor an assertion.",
		Catches: []string{"token/gesture-reusable", "token/reusable"},
		Run: on(func(k *key) {
			t := k.gestured()
			c := k.created(k.ask(t.sign(k.newCredential())))
			k.expect(k.send(t.sign(k.newCredential())), ctap.PINAuthInvalid)
			k.expect(k.send(t.sign(k.useOf(c))), ctap.PINAuthInvalid)
		}),
	},
	{
		ID: "getassertion/token/gesture-used-up", Spec: at("6.2.2", "9"), Level: conformance.Must, Needs: []need{uvToken}, Twin: "getassertion/token/plain",
		Doc:     "A token whose gesture may count for a touch serves one assertion all the same, and then neither another nor a credential.",
		Catches: []string{"token/gesture-reusable", "token/reusable"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			t := k.gestured()
			k.asserted(k.send(t.sign(k.useOf(c))))
			k.expect(k.send(t.sign(k.useOf(c))), ctap.PINAuthInvalid)
			k.expect(k.send(t.sign(k.newCredential())), ctap.PINAuthInvalid)
		}),
	},
	{
		ID: "clientpin/token-by-uv/declined", Spec: at("6.5.5.7.3", "8"), Level: conformance.Must, Needs: []need{uvToken, person}, Twin: "clientpin/token-by-uv/plain",
		Doc:     "Where the user refuses no token is handed out.",
		Catches: []string{"user/verifies-without-asking"},
		Run: on(func(k *key) {
			k.user(Decline)
			k.refused(k.send(k.tokenByUV(k.agree(k.protocol()), ctap.PermissionMakeCredential, k.rp)))
		}),
	},
	{
		ID: "clientpin/token-by-uv/wrong-finger", Spec: at("6.5.5.7.3", "10"), Level: conformance.Must, Needs: []need{uvToken, person}, Twin: "clientpin/token-by-uv/plain",
		Doc:     "A verification that fails is answered with UV_INVALID, or UV_BLOCKED at the last retry, and spends retries.",
		Catches: []string{"user/any-finger", "user/uv-misses-not-counted"},
		Run: on(func(k *key) {
			before := k.uvRetries()
			k.wrongFinger(100)
			k.expect(k.send(k.tokenByUV(k.agree(k.protocol()), ctap.PermissionMakeCredential, k.rp)), ctap.UVInvalid, ctap.UVBlocked)
			if after := k.uvRetries(); after >= before {
				k.Differ(fmt.Sprintf("less than %d", before), fmt.Sprint(after), "no retry was spent")
			}
		}),
	},
	{
		ID: "clientpin/token-by-uv/blocked", Spec: at("6.5.5.7.3", "7"), Level: conformance.Must, Needs: []need{uvToken, person}, Twin: "clientpin/token-by-uv/plain",
		Doc: "When no retry is left the right finger is answered with UV_BLOCKED.",
		Run: on(func(k *key) {
			k.blockUV()
			k.expect(k.send(k.tokenByUV(k.agree(k.protocol()), ctap.PermissionMakeCredential, k.rp)), ctap.UVBlocked)
		}),
	},
	{
		ID: "clientpin/token-by-uv/pin-unblocks", Spec: at("6.5.2.3", "6"), Level: conformance.Must, Needs: []need{uvToken, clientPIN, person}, Twin: "clientpin/token-by-uv/blocked",
		Doc:     "The right PIN brings the retries of built-in user verification back.",
		Catches: []string{"user/verifies-without-asking"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			all := k.uvRetries()
			k.blockUV()
			k.rightPIN()
			if got := k.uvRetries(); got != all {
				k.Differ(fmt.Sprint(all), fmt.Sprint(got), "uvRetries is another number")
			}
		}),
	},
	{
		ID: "clientpin/token-by-uv/retries-kept", Spec: at("6.5.3.1", ""), Level: conformance.Must, Needs: []need{uvToken, person, power}, Twin: "clientpin/token-by-uv/wrong-finger",
		Doc: "Retries of built-in user verification that were spent are still spent after a power cycle.",
		Run: on(func(k *key) {
			k.wrongFinger(100)
			k.send(k.tokenByUV(k.agree(k.protocol()), ctap.PermissionMakeCredential, k.rp))
			spent := k.uvRetries()
			k.powerCycle()
			if got := k.uvRetries(); got != spent {
				k.Differ(fmt.Sprint(spent), fmt.Sprint(got), "uvRetries is another number")
			}
		}),
	},
	{
		ID: "makecredential/uv/blocked", Spec: at("6.1.2", "11.2.3"), Level: conformance.Must, Needs: []need{uvToken, person}, Twin: "makecredential/verified-flag",
		Doc:     "When no retry is left option uv of true is an error: PUAT_REQUIRED where a PIN would help, else PIN_BLOCKED or OPERATION_DENIED.",
		Catches: []string{"quirk/uv-option-unsupported", "status/pin-blocked"},
		Run: on(func(k *key) {
			k.blockUV()
			k.expect(k.send(withOption(k.newCredential(), "uv", true)), ctap.PINBlocked, ctap.PUATRequired, ctap.OperationDenied)
		}),
	},
	{
		ID: "makecredential/uv/wrong-finger", Spec: at("6.1.2", "11.2.3"), Level: conformance.MustNot, Needs: []need{uvToken, person}, Twin: "makecredential/verified-flag",
		Doc:     "Where the verification fails no credential is made.",
		Catches: []string{"user/any-finger", "user/verifies-without-asking"},
		Run: on(func(k *key) {
			k.wrongFinger(100)
			k.refused(k.send(withOption(k.newCredential(), "uv", true)))
		}),
	},
	{
		ID: "getassertion/uv/wrong-finger", Spec: at("6.2.2", "6.2"), Level: conformance.MustNot, Needs: []need{uvToken, person}, Twin: "getassertion/verified-flag",
		Doc:     "Where the verification fails nothing is signed.",
		Catches: []string{"user/ignores-uv"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.wrongFinger(100)
			k.refused(k.send(withOption(k.useOf(c), "uv", true)))
		}),
	},
}

// gestured is a token for both ceremonies, got by built-in user verification.
func (k *key) gestured() token {
	s := k.agree(k.protocol())
	return k.opened(s, k.send(k.tokenByUV(s, ctap.PermissionMakeCredential|ctap.PermissionGetAssertion, k.rp)))
}

func (k *key) uvRetries() uint64 {
	a := k.send(clientPINRequest(ctap.GetUVRetries).with(pinProtocol, k.protocol()))
	k.expectOK(a)
	return k.uintOf(a, pinAnswerUVRetries)
}

// blockUV presents wrong fingers until no retry is left.
func (k *key) blockUV() {
	k.wrongFinger(100)
	for last := uint64(1 << 32); k.uvRetries() > 0; {
		k.refused(k.send(k.tokenByUV(k.agree(k.protocol()), ctap.PermissionMakeCredential, k.rp)))
		now := k.uvRetries()
		if now >= last {
			k.Differ(fmt.Sprintf("less than %d", last), fmt.Sprint(now), "uvRetries does not fall")
			k.FailNow()
		}
		last = now
	}
	k.wrongFinger(0)
}
