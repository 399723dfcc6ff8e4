package authenticators

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

// Members of authenticatorConfig (§6.11) and of setMinPINLength (§6.11.4).
const (
	cfgSubCommand = iota + 1
	cfgParams
	cfgProtocol
	cfgParam

	minPINNew         = 1
	minPINRPIDs       = 2
	minPINForceChange = 3
	minPINComplexity  = 4
)

// configure is a request of authenticatorConfig, authorised by a token.
func configure(t token, sub ctap.SubCommand, params cbor.Map) request {
	r := request{command: ctap.CommandConfig, params: cbor.Map{{Key: cfgSubCommand, Value: int64(sub)}}}
	message := append(bytes.Repeat([]byte{0xFF}, 32), byte(ctap.CommandConfig), byte(sub))
	if params != nil {
		r = r.with(cfgParams, params)
		message = append(message, cbor.Encode(params)...)
	}
	return r.with(cfgProtocol, t.protocol).with(cfgParam, t.over(message))
}

func (k *key) configurer() token {
	return k.token(k.protocol(), ctap.PermissionAuthenticatorConfig, "")
}

// set has authenticatorConfig do something, and asks what the device is anew.
func (k *key) set(sub ctap.SubCommand, params cbor.Map) *info {
	a := k.send(configure(k.configurer(), sub, params))
	k.expect(a, ctap.OK)
	k.statusAlone(a)
	return k.freshInfo()
}

// configCases are those of authenticatorConfig (§6.11).
func configCases() []testCase {
	return slices.Concat(configCommon, alwaysUvCases(), unprotectedCases(), minPINCases(), configOthers, enterpriseCases())
}

var configCommon = []testCase{
	{
		ID: "config/unknown-subcommand", Spec: at("6.11", "2"), Level: conformance.Must, Needs: []need{authnrCfg, anyToken}, Twin: "command/0x0d-as-claimed",
		Doc:     "A subcommand that there is not is answered with INVALID_SUBCOMMAND or INVALID_PARAMETER.",
		Catches: []string{"config/unknown-succeeds"},
		Run: on(func(k *key) {
			for _, sub := range []ctap.SubCommand{0x05, 0x20, 0x7F} {
				k.expect(k.send(configure(k.configurer(), sub, nil)), ctap.InvalidSubcommand, ctap.InvalidParameter)
			}
		}),
	},
	{
		ID: "config/listed-commands-are-there", Spec: at("6.4", ""), Level: conformance.Must, Needs: []need{authnrCfg, anyToken, feature("member authenticatorConfigCommands of getInfo", func(i *info) bool { return i.has(infoConfigCommands) })},
		Doc:     "Subcommands of authenticatorConfig are there exactly where authenticatorConfigCommands lists them.",
		Catches: []string{"info/config-command-claimed"},
		Run: on(func(k *key) {
			listed := k.info().uints(infoConfigCommands)
			for sub := uint64(1); sub <= 4; sub++ {
				params := cbor.Map(nil)
				if sub == uint64(ctap.SetMinPINLength) {
					params = cbor.Map{}
				}
				a := k.send(configure(k.configurer(), ctap.SubCommand(sub), params))
				unknown := a.status == ctap.InvalidSubcommand || a.status == ctap.InvalidParameter
				if unknown == slices.Contains(listed, sub) {
					k.Differ(fmt.Sprintf("listed: %v", slices.Contains(listed, sub)), a.status.String(), "subcommand 0x%02x is not as listed", sub)
				}
			}
		}),
	},
}

// alwaysUvCases are about toggleAlwaysUv (§6.11.2) and what follows from it (§7.2).
func alwaysUvCases() []testCase {
	const plain = "config/always-uv/on"
	needs := []need{configCommand(ctap.ToggleAlwaysUv), anyToken}
	off := feature("option alwaysUv that is off", func(i *info) bool { return i.listed(ctap.OptionAlwaysUv) && !i.option(ctap.OptionAlwaysUv) })
	needs = append(needs, off)
	toggle := func(k *key) *info { return k.set(ctap.ToggleAlwaysUv, nil) }
	return []testCase{
		{
			ID: plain, Spec: at("6.11.2", ""), Level: conformance.Must, Needs: needs,
			Doc: "toggleAlwaysUv switches alwaysUv on and makeCredUvNotRqd off, and U2F_V2 is no longer listed.",
			Run: on(func(k *key) {
				i := toggle(k)
				if !i.option(ctap.OptionAlwaysUv) || i.option(ctap.OptionMakeCredUvNotRqd) {
					k.Differ("alwaysUv true, makeCredUvNotRqd false", i.summary(), "other options")
				}
				if i.version(ctap.VersionU2FV2) && !i.option(ctap.OptionUV) {
					k.Errorf("U2F_V2 is still listed")
				}
			}),
		},
		{
			ID: "config/always-uv/off", Spec: at("6.11.2", ""), Level: conformance.Must, Needs: needs, Twin: plain,
			Doc: "toggleAlwaysUv again brings options and versions back, or is answered with OPERATION_DENIED.",
			Run: on(func(k *key) {
				k.ensurePINWhere()
				before := k.freshInfo()
				toggle(k)
				a := k.send(configure(k.configurer(), ctap.ToggleAlwaysUv, nil))
				k.expect(a, ctap.OK, ctap.OperationDenied)
				if a.status == ctap.OK {
					k.sameInfo(before, k.freshInfo())
				}
			}),
		},
		{
			ID: "config/always-uv/kept", Spec: at("6.11.2", ""), Level: conformance.Must, Needs: append(needs, power), Twin: plain,
			Doc:     "alwaysUv is still on after a power cycle.",
			Catches: []string{"config/always-uv-not-kept"},
			Run: on(func(k *key) {
				toggle(k)
				k.powerCycle()
				if !k.info().option(ctap.OptionAlwaysUv) {
					k.Errorf("alwaysUv is off")
				}
			}),
		},
		{
			ID: "config/always-uv/reset", Spec: at("6.6", "4"), Level: conformance.Must, Needs: append(needs, power), Twin: plain,
			Doc:     "A reset switches alwaysUv off where the factory had it off.",
			Catches: []string{"reset/keeps-settings"},
			Run: on(func(k *key) {
				before := k.info()
				toggle(k)
				k.resetNow()
				k.sameInfo(before, k.freshInfo())
			}),
		},
		{
			ID: "config/always-uv/ceremonies", Spec: at("7.2", ""), Level: conformance.Must, Needs: append(needs, levelOne, noBuiltInUV, ceremonyToken), Twin: plain,
			Doc: "While alwaysUv is on a touch is enough neither for a credential nor for an assertion: the answer is PUAT_REQUIRED.",
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				toggle(k)
				k.expect(k.send(k.newCredential()), ctap.PUATRequired)
				k.expect(k.send(k.useOf(c)), ctap.PUATRequired)
				k.assert(k.useOf(c))
			}),
		},
		{
			ID: "config/always-uv/built-in", Spec: at("6.1.2", "6.3"), Level: conformance.Must, Needs: append(needs, levelOne, builtInUV), Twin: plain,
			Doc:     "While alwaysUv is on a device with user verification of its own verifies without being asked to.",
			Catches: []string{"config/always-uv-ignored", "user/ignores-uv"},
			Run: on(func(k *key) {
				toggle(k)
				c := k.created(k.ask(k.newCredential()))
				k.flags(c.data, flagUV, 0)
				k.flags(k.asserted(k.send(k.useOf(c))).data, flagUV, 0)
			}),
		},
		{
			ID: "config/always-uv/silent", Spec: at("6.2.2", "5"), Level: conformance.Must, Needs: append(needs, levelOne), Twin: plain,
			Doc:     "While alwaysUv is on an assertion with option up of false is still possible without verification.",
			Catches: []string{"flags/up-always", "quirk/silent-refused"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				toggle(k)
				k.flags(k.asserted(k.send(withOption(k.useOf(c), "up", false))).data, 0, flagUP)
			}),
		},
	}
}

// ensurePINWhere sets the PIN where the device takes one.
func (k *key) ensurePINWhere() {
	if k.info().listed(ctap.OptionClientPIN) {
		k.ensurePIN()
	}
}

// minPINCases are about setMinPINLength (§6.11.4).
func minPINCases() []testCase {
	const plain = "config/min-pin-length/raised"
	needs := []need{configCommand(ctap.SetMinPINLength), pinToken}
	raise := func(k *key, to uint64) *info {
		return k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINNew, Value: to}})
	}
	return []testCase{
		{
			ID: plain, Spec: at("6.11.4", ""), Level: conformance.Must, Needs: needs,
			Doc: "setMinPINLength raises minPINLength.",
			Run: on(func(k *key) {
				to := k.info().uint(infoMinPINLength, leastMinPINLength) + 2
				if got := raise(k, to).uint(infoMinPINLength, 0); got != to {
					k.Differ(fmt.Sprint(to), fmt.Sprint(got), "minPINLength is another number")
				}
			}),
		},
		{
			ID: "config/min-pin-length/not-lowered", Spec: at("6.11.4", ""), Level: conformance.MustNot, Needs: needs, Twin: plain,
			Doc:     "A smaller minimum is answered with PIN_POLICY_VIOLATION, an equal one is fine.",
			Catches: []string{"config/minimum-lowered", "config/minimum-not-kept", "info/minimum-stale"},
			Run: on(func(k *key) {
				to := k.info().uint(infoMinPINLength, leastMinPINLength) + 2
				raise(k, to)
				raise(k, to)
				t := k.configurer()
				k.expect(k.send(configure(t, ctap.SetMinPINLength, cbor.Map{{Key: minPINNew, Value: to - 1}})), ctap.PINPolicyViolation)
				if got := k.freshInfo().uint(infoMinPINLength, 0); got != to {
					k.Differ(fmt.Sprint(to), fmt.Sprint(got), "minPINLength is another number")
				}
			}),
		},
		{
			ID: "config/min-pin-length/kept", Spec: at("6.11.4", ""), Level: conformance.Must, Needs: append(needs, power), Twin: plain,
			Doc:     "minPINLength is what it was set to after a power cycle, and what the factory had after a reset.",
			Catches: []string{"config/minimum-not-kept", "info/minimum-stale", "reset/keeps-settings"},
			Run: on(func(k *key) {
				factory := k.info().uint(infoMinPINLength, leastMinPINLength)
				raise(k, factory+2)
				k.powerCycle()
				if got := k.info().uint(infoMinPINLength, 0); got != factory+2 {
					k.Differ(fmt.Sprint(factory+2), fmt.Sprint(got), "minPINLength is another number after a power cycle")
				}
				k.resetNow()
				if got := k.info().uint(infoMinPINLength, 0); got != factory {
					k.Differ(fmt.Sprint(factory), fmt.Sprint(got), "minPINLength is another number after a reset")
				}
			}),
		},
		{
			ID: "config/min-pin-length/forces-change-of-short-pin", Spec: at("6.11.4", ""), Level: conformance.Must, Needs: needs, Twin: plain,
			Doc:     "A minimum above the length of the PIN that is set forces its change, and ends tokens.",
			Catches: []string{"config/force-change-ignored", "info/force-change-untold", "token/survives-stale-pin"},
			Run: on(func(k *key) {
				k.ensurePIN()
				t := k.configurer()
				to := uint64(len([]rune(thePIN)) + 1)
				k.expect(k.send(configure(t, ctap.SetMinPINLength, cbor.Map{{Key: minPINNew, Value: to}})), ctap.OK)
				if !k.freshInfo().isTrue(infoForcePINChange) {
					k.Errorf("forcePINChange is not true")
				}
				k.expect(k.send(configure(t, ctap.SetMinPINLength, cbor.Map{{Key: minPINNew, Value: to}})), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "config/min-pin-length/long-pin-stays", Spec: at("6.11.4", ""), Level: conformance.MustNot, Needs: needs, Twin: plain,
			Doc: "A minimum that the PIN which is set keeps to already forces no change.",
			Run: on(func(k *key) {
				if raise(k, uint64(len([]rune(thePIN)))).isTrue(infoForcePINChange) {
					k.Errorf("forcePINChange is true")
				}
			}),
		},
		{
			ID: "config/force-change/refuses-tokens", Spec: at("6.5.5.7.2", "11"), Level: conformance.Must, Needs: needs, Twin: plain,
			Doc:     "While a change of the PIN is forced the PIN is worth no token: the answer is PIN_INVALID or, unless it is to getPinToken, PIN_POLICY_VIOLATION.",
			Catches: []string{"pin/stale-pin", "status/pin-invalid"},
			Run: on(func(k *key) {
				k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINForceChange, Value: true}})
				s := k.agree(k.protocol())
				k.expect(k.send(k.tokenByPIN(s, thePIN, ctap.PermissionAuthenticatorConfig, "")), ctap.PINPolicyViolation, ctap.PINInvalid)
				k.expect(k.tryPIN(thePIN), ctap.PINInvalid)
			}),
		},
		{
			ID: "config/force-change/ends-with-change", Spec: at("6.5.5.6", "16"), Level: conformance.Must, Needs: needs, Twin: plain,
			Doc: "A change of the PIN ends the force; the same PIN again does not, and is answered with PIN_POLICY_VIOLATION.",
			Run: on(func(k *key) {
				k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINForceChange, Value: true}})
				change := func(to string) answer {
					return k.send(k.changePINRequest(k.agree(k.protocol()), thePIN, pinuv.PadPIN(to, pinuv.PaddedPIN)))
				}
				k.expect(change(thePIN), ctap.PINPolicyViolation)
				k.expect(change(otherPIN), ctap.OK)
				if k.freshInfo().isTrue(infoForcePINChange) {
					k.Errorf("forcePINChange is still true")
				}
				k.expectOK(k.tryPIN(otherPIN))
			}),
		},
		{
			ID: "config/min-pin-length/too-many-rps", Spec: at("6.11.4", ""), Level: conformance.Must, Needs: needs, Twin: plain,
			Doc: "More RP IDs than maxRPIDsForSetMinPINLength are answered with KEY_STORE_FULL.",
			Run: on(func(k *key) {
				list := cbor.Array{}
				for n := range k.info().uint(infoMaxRPIDs, 0) + 1 {
					list = append(list, fmt.Sprintf("rp%d.example", n))
				}
				k.expect(k.send(configure(k.configurer(), ctap.SetMinPINLength, cbor.Map{{Key: minPINRPIDs, Value: list}})), ctap.KeyStoreFull)
			}),
		},
		{
			ID: "config/min-pin-length/applies", Spec: at("6.5.5.6", "12"), Level: conformance.Must, Needs: needs, Twin: plain,
			Doc:     "A new PIN shorter than the new minimum is answered with PIN_POLICY_VIOLATION.",
			Catches: []string{"pin/short-pin"},
			Run: on(func(k *key) {
				raise(k, 8)
				k.expect(k.send(k.changePINRequest(k.agree(k.protocol()), thePIN, pinuv.PadPIN("7a5b8c0", pinuv.PaddedPIN))), ctap.PINPolicyViolation)
				k.expect(k.send(k.changePINRequest(k.agree(k.protocol()), thePIN, pinuv.PadPIN("7a5b8c0-", pinuv.PaddedPIN))), ctap.OK)
			}),
		},
	}
}

var configOthers = []testCase{
	{
		ID: "config/token/params-covered", Spec: at("6.11", "4"), Level: conformance.Must, Needs: []need{configCommand(ctap.SetMinPINLength), pinToken}, Twin: "config/min-pin-length/raised",
		Doc:     "A pinUvAuthParam covers subCommand and subCommandParams: over others it is answered with PIN_AUTH_INVALID.",
		Catches: []string{"config/anybody"},
		Run: on(func(k *key) {
			t := k.configurer()
			r := configure(t, ctap.SetMinPINLength, cbor.Map{{Key: minPINNew, Value: 6}})
			k.expect(k.send(r.with(cfgParams, cbor.Map{{Key: minPINNew, Value: 7}})), ctap.PINAuthInvalid)
			k.expect(k.send(r.without(cfgParams)), ctap.PINAuthInvalid, ctap.MissingParameter)
			short := bytes.Repeat([]byte{0xFF}, 32)
			k.expect(k.send(r.with(cfgParam, t.over(append(short, byte(ctap.CommandConfig))))), ctap.PINAuthInvalid)
		}),
	},
	{
		ID: "config/token/missing", Spec: at("6.11", "4.1"), Level: conformance.Must, Needs: []need{configCommand(ctap.ToggleAlwaysUv), anyToken}, Twin: "config/always-uv/on",
		Doc:     "Without a pinUvAuthParam a protected device answers with PUAT_REQUIRED.",
		Catches: []string{"status/token-required"},
		Run: on(func(k *key) {
			r := configure(k.configurer(), ctap.ToggleAlwaysUv, nil)
			k.expect(k.send(r.without(cfgParam).without(cfgProtocol)), ctap.PUATRequired)
		}),
	},
	{
		ID: "config/long-touch/on", Spec: at("6.11.5", ""), Level: conformance.Must, Needs: []need{configCommand(ctap.EnableLongTouchForReset), anyToken},
		Doc:     "enableLongTouchForReset sets longTouchForReset, again too.",
		Catches: []string{"config/long-touch-not-kept"},
		Run: on(func(k *key) {
			k.set(ctap.EnableLongTouchForReset, nil)
			if !k.set(ctap.EnableLongTouchForReset, nil).isTrue(infoLongTouch) {
				k.Errorf("longTouchForReset is not true")
			}
		}),
	},
}
