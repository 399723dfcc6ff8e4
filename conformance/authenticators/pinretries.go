package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

// pinRetryCases are about wrong PINs (§6.5.2.3).
var pinRetryCases = []testCase{
	{
		ID: "clientpin/get-pin-token/plain", Spec: at("6.5.5.7.1", ""), Level: conformance.Must, Needs: []need{clientPIN},
		Doc: "The right PIN is worth a token.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.rightPIN()
		}),
	},
	{
		ID: "clientpin/get-pin-token/permissions-refused", Spec: at("6.5.5.7.1", "3"), Level: conformance.Must, Needs: []need{clientPIN, atLeast21}, Twin: "clientpin/get-pin-token/plain",
		Doc: "getPinToken with permissions or an RP ID is answered with INVALID_PARAMETER.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			r := k.tokenByPIN(k.agree(k.protocol()), thePIN, 0, "")
			k.expect(k.send(r.with(pinPermissions, 1)), ctap.InvalidParameter)
			k.expect(k.send(r.with(pinRPID, k.rp)), ctap.InvalidParameter)
		}),
	},
	{
		ID: "clientpin/get-pin-token/not-set", Spec: at("6.5.5.7.1", ""), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/get-pin-token/plain",
		Doc: "Where no PIN is set no PIN is worth a token.",
		Run: on(func(k *key) { k.refused(k.tryPIN(thePIN)) }),
	},
	{
		ID: "clientpin/retries/restored", Spec: at("6.5.2.3", "2"), Level: conformance.Must, Needs: []need{clientPIN},
		Doc:     "The right PIN brings all retries back.",
		Catches: []string{"pin/misses-counted-twice", "pin/retries-frozen", "pin/right-pin-keeps-misses"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			all := k.pinRetries()
			k.miss()
			k.miss()
			k.retriesAre(all - 2)
			k.rightPIN()
			k.retriesAre(all)
		}),
	},
	{
		ID: "clientpin/retries/kept", Spec: at("6.5.2.3", "1"), Level: conformance.Must, Needs: []need{clientPIN, power},
		Doc: "Retries that were spent are still spent after a power cycle.",
		Catches: []string{
			"pin/misses-counted-twice", "pin/misses-in-memory", "pin/misses-not-counted", "pin/retries-frozen",
			"store/forgets-without-power",
		},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			all := k.pinRetries()
			k.miss()
			k.powerCycle()
			k.retriesAre(all - 1)
		}),
	},
	{
		ID: "clientpin/retries/three-misses", Spec: at("6.5.2.3", "3"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/get-pin-token/plain",
		Doc: "The third wrong PIN in a row is answered with PIN_AUTH_BLOCKED; then the right one is refused too, and no retry is spent.",
		Catches: []string{
			"pin/misses-counted-twice", "pin/misses-not-counted", "pin/no-power-cycle-limit", "pin/status-of-third-miss",
			"status/pin-auth-blocked",
		},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.fourRetries()
			all := k.pinRetries()
			k.miss()
			k.miss()
			k.expect(k.tryPIN(otherPIN), ctap.PINAuthBlocked)
			k.expect(k.tryPIN(thePIN), ctap.PINAuthBlocked)
			k.retriesAre(all - 3)
		}),
	},
	{
		ID: "clientpin/retries/not-in-a-row", Spec: at("6.5.2.3", "2"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/retries/three-misses",
		Doc:     "The right PIN ends a row of wrong ones: the next is answered with PIN_INVALID, however many there were before.",
		Catches: []string{"pin/row-goes-on"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.fourRetries()
			k.miss()
			k.miss()
			k.rightPIN()
			k.miss()
			k.rightPIN()
		}),
	},
	{
		ID: "clientpin/retries/power-cycle-unblocks", Spec: at("6.5.2.3", "3"), Level: conformance.Must, Needs: []need{clientPIN, power}, Twin: "clientpin/retries/three-misses",
		Doc:     "A power cycle lets PINs be entered again after three misses in a row.",
		Catches: []string{"pin/no-power-cycle-limit", "store/forgets-without-power"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.fourRetries()
			k.miss()
			k.miss()
			k.expect(k.tryPIN(otherPIN), ctap.PINAuthBlocked)
			k.powerCycle()
			k.rightPIN()
		}),
	},
	{
		ID: "clientpin/retries/power-cycle-state", Spec: at("6.5.5.2", ""), Level: conformance.Must, Needs: []need{clientPIN, power}, Twin: "clientpin/retries/three-misses",
		Doc:     "powerCycleState, where it is told, is true exactly while a power cycle is needed.",
		Catches: []string{"pin/status-of-third-miss"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.fourRetries()
			state := func() any {
				a := k.send(k.getPINRetries())
				k.expectOK(a)
				v, _ := a.members.Get(pinAnswerPowerCycle)
				return v
			}
			if state() == any(true) {
				k.Errorf("a power cycle is needed already")
			}
			k.miss()
			k.miss()
			k.expect(k.tryPIN(otherPIN), ctap.PINAuthBlocked)
			if state() == any(false) {
				k.Errorf("no power cycle is needed after three misses")
			}
			k.powerCycle()
			if state() == any(true) {
				k.Errorf("a power cycle is needed after one")
			}
		}),
	},
	{
		ID: "clientpin/retries/power-cycle-state-told", Spec: at("6.5.5.2", ""), Level: conformance.May, Needs: []need{clientPIN}, Twin: "clientpin/retries/three-misses",
		Doc:     "That a power cycle is needed is told after three misses in a row.",
		Catches: []string{"pin/power-cycle-untold"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.fourRetries()
			k.miss()
			k.miss()
			k.expect(k.tryPIN(otherPIN), ctap.PINAuthBlocked)
			a := k.send(k.getPINRetries())
			k.expectOK(a)
			if state := k.member(a, pinAnswerPowerCycle); state != any(true) {
				k.Differ("true", cbor.Text(state, nil), "powerCycleState is another one")
			}
		}),
	},
	{
		ID: "clientpin/retries/blocked", Spec: at("6.5.2.3", "4"), Level: conformance.Must, Needs: []need{clientPIN, power}, Twin: "clientpin/retries/power-cycle-unblocks",
		Doc: "When no retry is left the right PIN is answered with PIN_BLOCKED, and a power cycle does not help.",
		Catches: []string{
			"pin/misses-in-memory", "pin/misses-not-counted", "pin/never-blocks", "pin/retries-frozen",
			"status/pin-auth-blocked", "status/pin-blocked", "store/forgets-without-power",
		},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.blockPIN()
			k.powerCycle()
			k.expect(k.tryPIN(thePIN), ctap.PINBlocked)
			k.expect(k.send(k.changePINRequest(k.agree(k.protocol()), thePIN, pinuv.PadPIN(otherPIN, pinuv.PaddedPIN))), ctap.PINBlocked)
			k.retriesAre(0)
		}),
	},
	{
		ID: "clientpin/retries/counted-by-change", Spec: at("6.5.5.6", "7"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/retries/three-misses",
		Doc:     "Wrong PINs count the same whether a token is asked for or the PIN is to be changed.",
		Catches: []string{"pin/change-refused", "pin/status-of-third-miss"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.fourRetries()
			k.miss()
			k.miss()
			k.expect(k.send(k.changePINRequest(k.agree(k.protocol()), otherPIN, pinuv.PadPIN("3690-new", pinuv.PaddedPIN))), ctap.PINAuthBlocked)
		}),
	},
	{
		ID: "clientpin/retries/stale-key-agreement", Spec: at("6.5.2.3", "5"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/get-pin-token/plain",
		Doc: "After a wrong PIN what was agreed on before it is of no use, even with the right PIN.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			s := k.agree(k.protocol())
			k.expect(k.send(k.tokenByPIN(s, otherPIN, 0, "")), ctap.PINInvalid)
			k.refused(k.send(k.tokenByPIN(s, thePIN, 0, "")))
		}),
	},
}
