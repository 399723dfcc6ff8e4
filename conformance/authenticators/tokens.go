package authenticators

import (
	"fmt"
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
			ID: "makecredential/token/bound-by-first-use", Spec: at("6.1.2", "11.1.7"), Level: conformance.Must, Needs: []need{clientPIN, pinForKeys}, Twin: mc,
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

// tokenRequestCases are about asking for tokens with permissions, by either way.
func tokenRequestCases(name, section string, way need, one func(*key, ctap.Permissions, string) request) []testCase {
	plain := name + "/plain"
	byPIN := way.Name == pinToken.Name
	all := []testCase{
		{
			ID: plain, Spec: at(section, ""), Level: conformance.Must, Needs: []need{way},
			Doc: "A token with one permission that the device can give is handed out.",
			Run: on(func(k *key) {
				p, rp := k.possible(byPIN)
				k.expectOK(k.send(one(k, p, rp)))
			}),
		},
		{
			ID: name + "/no-permissions", Spec: at(section, "3"), Level: conformance.Must, Needs: []need{way}, Twin: plain,
			Doc: "Permissions of 0 are answered with INVALID_PARAMETER.",
			Run: on(func(k *key) {
				p, rp := k.possible(byPIN)
				k.expect(k.send(one(k, p, rp).with(pinPermissions, 0)), ctap.InvalidParameter)
			}),
		},
		{
			ID: name + "/unknown-bits", Spec: at(section, "4"), Level: conformance.Must, Needs: []need{way}, Twin: plain,
			Doc: "Bits of permissions that are not defined do not matter.",
			Run: on(func(k *key) {
				p, rp := k.possible(byPIN)
				k.expectOK(k.send(one(k, p|0x80, rp)))
			}),
		},
		{
			ID: name + "/rp-missing", Spec: at(section, "1"), Level: conformance.Must, Needs: []need{way, ceremonyToken}, Twin: plain,
			Doc: "Permission mc or ga without an RP ID is answered with MISSING_PARAMETER or INVALID_PARAMETER.",
			Run: on(func(k *key) {
				for _, p := range []ctap.Permissions{ctap.PermissionMakeCredential, ctap.PermissionGetAssertion} {
					a := k.send(one(k, p, ""))
					k.expect(a, ctap.MissingParameter, ctap.InvalidParameter, ctap.UnauthorizedPermission)
				}
			}),
		},
		{
			ID: name + "/read-only-alone", Spec: at(section, "4"), Level: conformance.Must, Needs: []need{way, readOnlyMgmt}, Twin: plain,
			Doc: "Permission pcmr together with another is answered with UNAUTHORIZED_PERMISSION.",
			Run: on(func(k *key) {
				k.expect(k.send(one(k, ctap.PermissionPersistentReadOnly|ctap.PermissionCredentialManagement, "")), ctap.UnauthorizedPermission)
			}),
		},
		{
			ID: name + "/unsupported-protocol", Spec: at(section, "2"), Level: conformance.Must, Needs: []need{way}, Twin: plain,
			Doc: "A protocol that the device does not have is answered with INVALID_PARAMETER.",
			Run: on(func(k *key) {
				p, rp := k.possible(byPIN)
				k.expect(k.send(one(k, p, rp).with(pinProtocol, 99)), ctap.InvalidParameter)
			}),
		},
	}
	for _, p := range permissions {
		all = append(all, testCase{
			ID: name + "/unobtainable/" + p.name, Spec: at(section, "4"), Level: conformance.Must, Needs: []need{way}, Twin: plain,
			Doc: fmt.Sprintf("Permission %s is given exactly where getInfo has what it is for, and else answered with UNAUTHORIZED_PERMISSION.", p.name),
			Run: on(func(k *key) {
				a := k.send(one(k, p.bit, k.rp))
				if p.given(k.info(), byPIN) {
					k.expectOK(a)
					return
				}
				k.expect(a, ctap.UnauthorizedPermission)
			}),
		})
	}
	return all
}

// possible is a permission that the device can give.
func (k *key) possible(byPIN bool) (ctap.Permissions, string) {
	for _, p := range permissions {
		if p.given(k.info(), byPIN) {
			return p.bit, k.rp
		}
	}
	k.Unsupportedf("needs a permission that a token can have")
	return 0, ""
}

// permission is one of §6.5.5.7.
type permission struct {
	bit  ctap.Permissions
	name string
	// given reports whether a token can have it, as getInfo has it.
	given func(i *info, byPIN bool) bool
}

var permissions = []permission{
	{ctap.PermissionMakeCredential, "mc", func(i *info, byPIN bool) bool { return !byPIN || i.pinServesCeremonies() }},
	{ctap.PermissionGetAssertion, "ga", func(i *info, byPIN bool) bool { return !byPIN || i.pinServesCeremonies() }},
	{ctap.PermissionCredentialManagement, "cm", func(i *info, _ bool) bool { return i.option(ctap.OptionCredMgmt) }},
	{ctap.PermissionBioEnrollment, "be", func(i *info, byPIN bool) bool {
		return i.listed(ctap.OptionBioEnroll) && (byPIN || i.option(ctap.OptionUVBioEnroll))
	}},
	{ctap.PermissionLargeBlobWrite, "lbw", func(i *info, _ bool) bool { return i.option(ctap.OptionLargeBlobs) }},
	{ctap.PermissionAuthenticatorConfig, "acfg", func(i *info, byPIN bool) bool {
		return i.option(ctap.OptionAuthnrCfg) && (byPIN || i.option(ctap.OptionUVAcfg))
	}},
	{ctap.PermissionPersistentReadOnly, "pcmr", func(i *info, _ bool) bool { return i.option(ctap.OptionPerCredMgmtRO) }},
}

// uvTokenCases are about tokens got by built-in user verification.
var uvTokenCases = []testCase{
	{
		ID: "makecredential/token/old-touch", Spec: at("6.5.2.1", ""), Level: conformance.Must, Needs: []need{uvToken, person, clock}, Twin: "makecredential/token/plain",
		Doc:     "The touch by which a token was got does not count after more than 30 seconds, though the token does.",
		Catches: []string{"token/old-touch-counts"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			s := k.agree(k.protocol())
			t := k.opened(s, k.send(k.tokenByUV(s, ctap.PermissionMakeCredential|ctap.PermissionGetAssertion, k.rp)))
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

func (k *key) uvRetries() uint64 {
	a := k.send(clientPINRequest(ctap.GetUVRetries))
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
