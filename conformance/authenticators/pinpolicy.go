package authenticators

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

// pinPolicyCases are about what a device remembers of a PIN, and of the rules for it.
func pinPolicyCases() []testCase {
	needs := []need{configCommand(ctap.SetMinPINLength), pinToken}
	return []testCase{
		{
			ID: "config/min-pin-length/counts-code-points", Spec: at("6.11.4", ""), Level: conformance.Must, Needs: needs, Twin: "config/min-pin-length/long-pin-stays",
			Doc:     "Whether the PIN that is set keeps to a new minimum is counted in code points, not in bytes.",
			Catches: []string{"config/length-in-bytes"},
			Run: on(func(k *key) {
				least := k.info().uint(infoMinPINLength, leastMinPINLength)
				k.fits(least + 2)
				pin := strings.Repeat("ü", int(least)-1) + "7" // nearly twice as many bytes
				k.setPIN(pin)
				s := k.agree(k.protocol())
				t := k.opened(s, k.send(k.tokenByPIN(s, pin, ctap.PermissionAuthenticatorConfig, "")))
				k.expect(k.send(configure(t, ctap.SetMinPINLength, cbor.Map{{Key: minPINNew, Value: least + 2}})), ctap.OK)
				if !k.freshInfo().isTrue(infoForcePINChange) {
					k.Differ("forcePINChange true", "not true", "a PIN of %d code points need not be changed for a minimum of %d", least, least+2)
				}
			}),
		},
		{
			ID: "config/min-pin-length/refused-changes-nothing", Spec: at("6.11.4", "3"), Level: conformance.Must, Needs: needs, Twin: "config/force-change/refuses-tokens",
			Doc:     "setMinPINLength with a smaller minimum is refused before anything else of it is done: forceChangePin in the same request forces nothing.",
			Catches: []string{"config/refused-forces-change"},
			Run: on(func(k *key) {
				k.ensurePIN()
				least := k.info().uint(infoMinPINLength, leastMinPINLength)
				lowered := cbor.Map{{Key: minPINNew, Value: least - 1}, {Key: minPINForceChange, Value: true}}
				k.expect(k.send(configure(k.configurer(), ctap.SetMinPINLength, lowered)), ctap.PINPolicyViolation)
				if k.freshInfo().isTrue(infoForcePINChange) {
					k.Differ("forcePINChange not true", "true", "a request that was refused forces a change of the PIN")
				}
				k.expectOK(k.tryPIN(thePIN))
			}),
		},
		{
			ID: "config/min-pin-length/too-many-rps-changes-nothing", Spec: at("6.11.4", ""), Level: conformance.Should, Needs: needs, Twin: "config/min-pin-length/too-many-rps",
			Doc:     "Where there are too many RP IDs the minimum that came with them is not set either.",
			Catches: []string{"config/refused-raises-minimum"},
			Run: on(func(k *key) {
				least, list := k.info().uint(infoMinPINLength, leastMinPINLength), cbor.Array{}
				for n := range k.info().uint(infoMaxRPIDs, 0) + 1 {
					list = append(list, fmt.Sprintf("rp%d.example", n))
				}
				params := cbor.Map{{Key: minPINNew, Value: least + 1}, {Key: minPINRPIDs, Value: list}}
				k.expect(k.send(configure(k.configurer(), ctap.SetMinPINLength, params)), ctap.KeyStoreFull)
				if got := k.freshInfo().uint(infoMinPINLength, leastMinPINLength); got != least {
					k.Differ(fmt.Sprint(least), fmt.Sprint(got), "a request that was refused raised minPINLength")
				}
			}),
		},
		{
			ID: "config/force-change/false-is-no-order", Spec: at("6.11.4", "4"), Level: conformance.Must, Needs: needs, Twin: "config/min-pin-length/forces-change-of-short-pin",
			Doc:     "forceChangePin of false takes no force away: a minimum above the length of the PIN in the same request forces its change.",
			Catches: []string{"config/false-ends-force"},
			Run: on(func(k *key) {
				k.ensurePIN()
				params := cbor.Map{{Key: minPINNew, Value: uint64(len([]rune(thePIN)) + 1)}, {Key: minPINForceChange, Value: false}}
				if !k.set(ctap.SetMinPINLength, params).isTrue(infoForcePINChange) {
					k.Differ("forcePINChange true", "not true", "a PIN that is too short need not be changed")
				}
			}),
		},
		{
			ID: "minpinlength/list-replaced", Spec: at("6.11.4", ""), Level: conformance.MustNot, Twin: "minpinlength/told",
			Needs:   append(needs, extension(ctap.ExtensionMinPINLength), feature("room for an RP ID", func(i *info) bool { return i.uint(infoMaxRPIDs, 0) > 0 })),
			Doc:     "A list of RP IDs takes the place of the one before: who is not in it may not know minPINLength any more.",
			Catches: []string{"config/rp-list-grows"},
			Run: on(func(k *key) {
				for _, rp := range []string{k.rp, "other-" + k.rp} {
					k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINRPIDs, Value: cbor.Array{rp}}})
				}
				k.outputIs(k.make(extending(k.newCredential(), ctap.ExtensionMinPINLength, true)).data, ctap.ExtensionMinPINLength, nil)
			}),
		},
		{
			ID: "clientpin/change-pin/refused-costs-nothing", Spec: at("6.5.5.6", "12"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/change-pin/plain",
			Doc:     "That a new PIN is too short costs no retry where the old one was right.",
			Catches: []string{"pin/policy-costs-retry"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				all := k.pinRetries()
				k.expect(k.send(k.changePINRequest(k.agree(k.protocol()), thePIN, pinuv.PadPIN("7", pinuv.PaddedPIN))), ctap.PINPolicyViolation)
				k.retriesAre(all)
			}),
		},
		{
			ID: "clientpin/retries/new-key-agreement", Spec: at("6.5.2.3", "5"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/retries/stale-key-agreement",
			Doc:     "After every wrong PIN there is another key agreement key, not only after the first.",
			Catches: []string{"pin/key-agreement-renewed-once"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.fourRetries()
				for miss := range 2 {
					x, _ := k.keyAgreement(k.protocol())
					k.miss()
					if now, _ := k.keyAgreement(k.protocol()); bytes.Equal(now, x) {
						k.Differ("another key", fmt.Sprintf("%x", now), "the key agreement key is the same after wrong PIN %d", miss+1)
					}
				}
			}),
		},
		{
			ID: "clientpin/retries/last-of-three", Spec: at("6.5.2.3", "4"), Level: conformance.Must, Needs: []need{clientPIN, power}, Twin: "clientpin/retries/blocked",
			Doc:     "A wrong PIN that is the third in a row and spends the last retry is answered with PIN_BLOCKED, not with PIN_AUTH_BLOCKED.",
			Catches: []string{"status/pin-blocked", "pin/never-blocks"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.fourRetries()
				for k.pinRetries() > 3 {
					k.miss()
					k.powerCycle()
				}
				k.miss()
				k.miss()
				k.expect(k.tryPIN(otherPIN), ctap.PINBlocked)
			}),
		},
		{
			ID: "reset/new-key-agreement", Spec: at("6.6", "4"), Level: conformance.Must, Needs: []need{power, keyAgreement}, Twin: "reset/plain",
			Doc:     "After a reset there is another key agreement key.",
			Catches: []string{"pin/key-agreement-frozen"},
			Run: on(func(k *key) {
				k.powerCycle()
				before, _ := k.keyAgreement(k.protocol())
				k.resetInUse()
				if after, _ := k.keyAgreement(k.protocol()); bytes.Equal(before, after) {
					k.Differ("another key", fmt.Sprintf("%x", after), "the key agreement key is the same")
				}
			}),
		},
		{
			ID: "reset/forgets-misses", Spec: at("6.6", "4"), Level: conformance.Should, Needs: []need{power, clientPIN}, Twin: "reset/unblocks-pin",
			Doc:     "Wrong PINs of the time before a reset are no part of three in a row after it.",
			Catches: []string{"reset/keeps-misses-in-a-row"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.fourRetries()
				k.powerCycle()
				k.miss()
				k.miss()
				k.resetInUse()
				k.freshInfo()
				k.setPIN(thePIN)
				k.expect(k.tryPIN(otherPIN), ctap.PINInvalid)
				k.expectOK(k.tryPIN(thePIN))
			}),
		},
		{
			ID: "reset/window-open", Spec: at("6.6", "1"), Level: conformance.Should, Needs: []need{ctap2, power, clock}, Twin: "reset/plain",
			Doc:     "Nine seconds after the power came a reset is still possible.",
			Catches: []string{"reset/window-short"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				k.powerCycle()
				k.wait(9 * time.Second)
				k.expect(k.send(reset()), ctap.OK)
				k.freshInfo()
				k.expect(k.send(k.authorise(k.useOf(c))), ctap.NoCredentials)
			}),
		},
		{
			ID: "reset/window-not-renewed", Spec: at("6.6", "1"), Level: conformance.Must, Needs: []need{power, clock, feature("no display", func(i *info) bool { return !i.option(ctap.OptionPlat) })}, Twin: "reset/plain",
			Doc:     "The 10 seconds are counted from when the power came, also where there was a reset meanwhile.",
			Catches: []string{"reset/at-any-time"},
			Run: on(func(k *key) {
				k.withoutDisplay()
				k.powerCycle()
				k.wait(5 * time.Second)
				k.expect(k.send(reset()), ctap.OK)
				k.wait(7 * time.Second)
				k.expect(k.send(reset()), ctap.NotAllowed)
			}),
		},
	}
}

// fits ends the case unless a minimum is within what the device can have for one.
func (k *key) fits(minimum uint64) {
	if minimum > k.info().uint(infoMaxPINLength, pinuv.PaddedPIN-1) {
		k.Unsupportedf("needs PINs of %d code points", minimum)
	}
}
