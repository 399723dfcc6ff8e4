package authenticators

import (
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// tokenCases are about what tokens are worth, and for how long (§6.5.2.1,
// §6.5.5.7).
func tokenCases() []testCase {
	var all []testCase
	all = append(all, ceremonyTokenCases()...)
	all = append(all, tokenTimeCases()...)
	all = append(all, tokenRequestCases("clientpin/token-by-pin", "6.5.5.7.2", pinToken, func(k *key, p ctap.Permissions, rp string) request {
		k.ensurePIN()
		return k.tokenByPIN(k.agree(k.protocol()), thePIN, p, rp)
	})...)
	all = append(all, tokenRequestCases("clientpin/token-by-uv", "6.5.5.7.3", uvToken, func(k *key, p ctap.Permissions, rp string) request {
		return k.tokenByUV(k.agree(k.protocol()), p, rp)
	})...)
	return append(all, uvTokenCases...)
}

// ceremonyTokenCases are about tokens in makeCredential and getAssertion.
func ceremonyTokenCases() []testCase {
	const mc, ga = "makecredential/token/plain", "getassertion/token/plain"
	needs := []need{ceremonyToken}
	return []testCase{
		{
			ID: mc, Spec: at("6.1.2", "11.1"), Level: conformance.Must, Needs: needs,
			Doc: "A token with permission mc makes a credential.",
			Run: on(func(k *key) { k.expectOK(k.send(k.tokenFor(k.newCredential()))) }),
		},
		{
			ID: "makecredential/token/verified", Spec: at("6.1.2", "11.1.6"), Level: conformance.Must, Needs: needs,
			Doc:     "A credential that was made by a token has the flags UP and UV.",
			Catches: []string{"flags/up-missing", "flags/uv-missing"},
			Run: on(func(k *key) {
				k.flags(k.created(k.ask(k.tokenFor(k.newCredential()))).data, flagUP|flagUV, 0)
			}),
		},
		{
			ID: ga, Spec: at("6.2.2", "6.1"), Level: conformance.Must, Needs: needs,
			Doc: "A token with permission ga signs.",
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				k.expectOK(k.send(k.tokenFor(k.useOf(c))))
			}),
		},
		{
			ID: "getassertion/token/verified", Spec: at("6.2.2", "6.1.1"), Level: conformance.Must, Needs: needs,
			Doc:     "An assertion by a token has the flags UP and UV under its signature.",
			Catches: []string{"flags/uv-missing", "signature/negative-s", "signature/raw", "signature/swapped"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				r := k.tokenFor(k.useOf(c))
				s := k.asserted(k.send(r))
				k.flags(s.data, flagUP|flagUV, 0)
				k.signedBy(s, c, hashOf(r))
			}),
		},
		{
			ID: "makecredential/token/other-rp", Spec: at("6.1.2", "11.1.3"), Level: conformance.Must, Needs: needs, Twin: mc,
			Doc:     "A token of another relying party is answered with PIN_AUTH_INVALID.",
			Catches: []string{"token/rp-unchecked"},
			Run: on(func(k *key) {
				t := k.token(k.protocol(), ctap.PermissionMakeCredential, "other-"+k.rp)
				k.expect(k.send(t.sign(k.newCredential())), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "getassertion/token/other-rp", Spec: at("6.2.2", "6.1.5"), Level: conformance.Must, Needs: needs, Twin: ga,
			Doc:     "A token of another relying party is answered with PIN_AUTH_INVALID.",
			Catches: []string{"token/rp-unchecked"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				t := k.token(k.protocol(), ctap.PermissionGetAssertion, "other-"+k.rp)
				k.expect(k.send(t.sign(k.useOf(c))), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "makecredential/token/used-up", Spec: at("6.1.2", "14.4"), Level: conformance.Must, Needs: needs, Twin: mc,
			Doc:     "A token serves one credential, and then neither another nor an assertion.",
			Catches: []string{"token/reusable"},
			Run: on(func(k *key) {
				t := k.token(k.protocol(), ctap.PermissionMakeCredential|ctap.PermissionGetAssertion, k.rp)
				c := k.created(k.ask(t.sign(k.newCredential())))
				k.expect(k.send(t.sign(k.newCredential())), ctap.PINAuthInvalid)
				k.expect(k.send(t.sign(k.useOf(c))), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "getassertion/token/used-up", Spec: at("6.2.2", "9"), Level: conformance.Must, Needs: needs, Twin: ga,
			Doc:     "A token serves one assertion with a touch, and then neither another nor a credential.",
			Catches: []string{"token/reusable"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				t := k.token(k.protocol(), ctap.PermissionMakeCredential|ctap.PermissionGetAssertion, k.rp)
				k.asserted(k.send(t.sign(k.useOf(c))))
				k.expect(k.send(t.sign(k.useOf(c))), ctap.PINAuthInvalid)
				k.expect(k.send(t.sign(k.newCredential())), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "getassertion/token/silent-is-free", Spec: at("6.2.2", "9"), Level: conformance.Must, Needs: needs, Twin: ga,
			Doc:     "An assertion with option up of false does not use the token up.",
			Catches: []string{"flags/up-always", "quirk/silent-refused", "user/asks-when-silent"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				t := k.token(k.protocol(), ctap.PermissionGetAssertion, k.rp)
				for range 2 {
					s := k.asserted(k.send(t.sign(withOption(k.useOf(c), "up", false))))
					k.flags(s.data, flagUV, flagUP)
				}
				k.asserted(k.send(t.sign(k.useOf(c))))
			}),
		},
		{
			ID: "makecredential/token/bound-by-first-use", Spec: at("6.1.2", "11.1.7"), Level: conformance.Must, Needs: []need{clientPIN, pinForKeys, atLeast21}, Twin: mc,
			Doc:     "A token that names no relying party serves the first one that uses it, and no other.",
			Catches: []string{"token/rp-binding-too-strict"},
			Run: on(func(k *key) {
				k.ensurePIN()
				c := k.make(k.newCredential())
				s := k.agree(k.protocol())
				t := k.opened(s, k.send(k.tokenByPIN(s, thePIN, 0, "")))
				k.asserted(k.send(t.sign(withOption(k.useOf(c), "up", false))))
				k.expect(k.send(t.sign(withOption(k.use().with(gaRPID, "other-"+k.rp), "up", false))), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "makecredential/token/option-uv-ignored", Spec: at("6.1.2", "5.2"), Level: conformance.Must, Needs: needs, Twin: mc,
			Doc:     "With a pinUvAuthParam option uv does not matter, even where the device has no user verification of its own.",
			Catches: []string{"quirk/uv-option-unsupported"},
			Run: on(func(k *key) {
				k.created(k.ask(k.tokenFor(withOption(k.newCredential(), "uv", true))))
				k.created(k.ask(k.tokenFor(withOption(k.newCredential(), "uv", false))))
			}),
		},
		{
			ID: "makecredential/token/ends-with-power", Spec: at("6.5.4", ""), Level: conformance.Must, Needs: []need{ceremonyToken, power}, Twin: mc,
			Doc:     "A token is of no use after a power cycle.",
			Catches: []string{"token/survives-power-cycle"},
			Run: on(func(k *key) {
				t := k.token(k.protocol(), ctap.PermissionMakeCredential, k.rp)
				k.powerCycle()
				k.expect(k.send(t.sign(k.newCredential())), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "makecredential/token/spent-by-declined", Spec: at("6.1.2", "14.1"), Level: conformance.Must, Needs: []need{pinToken, pinForKeys, person}, Twin: mc,
			Doc:     "A token got by PIN is no touch: where the user declines then, the answer is OPERATION_DENIED.",
			Catches: []string{"user/creates-without-touch", "user/takes-no-for-yes"},
			Run: on(func(k *key) {
				k.ensurePIN()
				s := k.agree(k.protocol())
				t := k.opened(s, k.send(k.tokenByPIN(s, thePIN, ctap.PermissionMakeCredential, k.rp)))
				k.user(Decline)
				k.expect(k.send(t.sign(k.newCredential())), ctap.OperationDenied)
			}),
		},
		{
			ID: "makecredential/token/excluded", Spec: at("6.1.2", "12"), Level: conformance.Must, Needs: needs, Twin: mc,
			Doc: "With a token, too, a credential in excludeList ends the command with CREDENTIAL_EXCLUDED.",
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				k.expect(k.send(k.tokenFor(k.excluding(c))), ctap.CredentialExcluded)
			}),
		},
	}
}

// tokenTimeCases are about the limits of time (§6.5.2.1).
func tokenTimeCases() []testCase {
	return []testCase{
		{
			ID: "makecredential/token/unused-for-31-seconds", Spec: at("6.5.3", ""), Level: conformance.Must, Needs: []need{ceremonyToken, clock}, Twin: "makecredential/token/plain",
			Doc:     "A token that is not used within 30 seconds is of no use.",
			Catches: []string{"token/no-initial-limit"},
			Run: on(func(k *key) {
				t := k.token(k.protocol(), ctap.PermissionMakeCredential, k.rp)
				k.wait(31 * time.Second)
				k.expect(k.send(t.sign(k.newCredential())), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "getassertion/token/used-for-longer", Spec: at("6.5.3", ""), Level: conformance.Should, Needs: []need{ceremonyToken, clock}, Twin: "getassertion/token/plain",
			Doc: "A token that was used in time stays of use for longer than 30 seconds.",
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				t := k.token(k.protocol(), ctap.PermissionGetAssertion, k.rp)
				silent := func() request { return t.sign(withOption(k.useOf(c), "up", false)) }
				k.expectOK(k.send(silent()))
				k.wait(40 * time.Second)
				k.expectOK(k.send(silent()))
			}),
		},
		{
			ID: "getassertion/token/ten-minutes", Spec: at("6.5.2.1", ""), Level: conformance.Should, Needs: []need{ceremonyToken, clock}, Twin: "getassertion/token/plain",
			Doc:     "No token is of use for longer than ten minutes without being used.",
			Catches: []string{"token/no-usage-period"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				t := k.token(k.protocol(), ctap.PermissionGetAssertion, k.rp)
				k.expectOK(k.send(t.sign(withOption(k.useOf(c), "up", false))))
				k.wait(11 * time.Minute)
				k.expect(k.send(t.sign(withOption(k.useOf(c), "up", false))), ctap.PINAuthInvalid)
			}),
		},
	}
}
