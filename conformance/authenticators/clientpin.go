package authenticators

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// clientPINCases are those of authenticatorClientPIN (§6.5).
func clientPINCases() []testCase {
	all := slices.Concat(clientPINCommon, setPINCases(), changePINCases(), pinRetryCases)
	for _, p := range []int{1, 2} {
		all = append(all, protocolCases(p)...)
	}
	return all
}

// Deeds with the PIN that the case has set.

// tryPIN asks for a token by a PIN, with a key agreement of its own.
func (k *key) tryPIN(pin string) answer {
	return k.send(k.tokenByPIN(k.agree(k.protocol()), pin, 0, ""))
}

// rightPIN ends the case unless the PIN is accepted.
func (k *key) rightPIN() { k.expectOK(k.tryPIN(thePIN)) }

// fourRetries, with the PIN set, ends the case unless three misses in a row leave a retry: where they
// do not, the PIN is blocked for good, which outweighs that it is for now.
func (k *key) fourRetries() {
	if k.pinRetries() < 4 {
		k.Unsupportedf("needs more than three PIN retries")
	}
}

// miss enters a wrong PIN once.
func (k *key) miss() { k.expect(k.tryPIN(otherPIN), ctap.PINInvalid) }

func (k *key) retriesAre(want uint64) {
	if got := k.pinRetries(); got != want {
		k.Differ(fmt.Sprint(want), fmt.Sprint(got), "pinRetries is another number")
	}
}

// blockPIN enters wrong PINs until only a reset helps: at most 8 of them, and a power
// cycle after each third.
func (k *key) blockPIN() {
	const most = 8
	for range most {
		if k.pinRetries() == 0 {
			return
		}
		a := k.tryPIN(otherPIN)
		k.expect(a, ctap.PINInvalid, ctap.PINAuthBlocked, ctap.PINBlocked)
		if a.status == ctap.PINAuthBlocked {
			k.powerCycle()
		}
	}
	k.retriesAre(0)
	if k.Failed() {
		k.FailNow()
	}
}

var clientPINCommon = []testCase{
	{
		ID: "clientpin/retries/plain", Spec: at("6.5.5.2", ""), Level: conformance.Must, Needs: []need{clientPIN},
		Doc: "getPINRetries tells 1 to 8 retries.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			if n := k.pinRetries(); n < 1 || n > 8 {
				k.Differ("1 to 8", fmt.Sprint(n), "a number of retries that cannot be")
			}
		}),
	},
	{
		ID: "clientpin/retries/without-protocol", Spec: at("6.5.5.2", ""), Level: conformance.Should, Needs: []need{clientPIN, atLeast21}, Twin: "clientpin/retries/plain",
		Doc:     "getPINRetries needs no protocol.",
		Catches: []string{"pin/retries-want-protocol"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.expectOK(k.send(clientPINRequest(ctap.GetPINRetries)))
		}),
	},
	{
		ID: "clientpin/uv-retries/plain", Spec: at("6.5.5.3", ""), Level: conformance.Must, Needs: []need{builtInUV, pinUvAuthToken},
		Doc: "getUVRetries tells 1 to 25 retries.",
		Run: on(func(k *key) {
			a := k.send(clientPINRequest(ctap.GetUVRetries).with(pinProtocol, k.protocol()))
			k.expectOK(a)
			if n := k.uintOf(a, pinAnswerUVRetries); n < 1 || n > 25 {
				k.Differ("1 to 25", fmt.Sprint(n), "a number of retries that cannot be")
			}
		}),
	},
	{
		ID: "clientpin/unknown-subcommand", Spec: at("8.1", ""), Level: conformance.Must, Needs: []need{keyAgreement, atLeast21}, Twin: "clientpin/key-agreement/one-key",
		Doc:     "A subcommand that there is not is answered with INVALID_SUBCOMMAND.",
		Catches: []string{"status/invalid-subcommand"},
		Run: on(func(k *key) {
			for _, sub := range []int{0x08, 0x0A, 0x7F} {
				k.expect(k.send(clientPINRequest(ctap.SubCommand(sub), pinProtocol, k.protocol())), ctap.InvalidSubcommand)
			}
		}),
	},
	{
		ID: "clientpin/key-agreement/one-key", Spec: at("6.5.5.4", ""), Level: conformance.Must, Needs: []need{keyAgreement},
		Doc:     "getKeyAgreement does not change the key.",
		Catches: []string{"pin/key-agreement-missing"},
		Run: on(func(k *key) {
			x, y := k.keyAgreement(k.protocol())
			if x2, y2 := k.keyAgreement(k.protocol()); !bytes.Equal(x, x2) || !bytes.Equal(y, y2) {
				k.Errorf("two answers in a row hold different keys")
			}
		}),
	},
	{
		ID: "clientpin/key-agreement/unsupported-protocol", Spec: at("6.5.5.4", ""), Level: conformance.Must, Needs: []need{keyAgreement}, Twin: "clientpin/key-agreement/one-key",
		Doc: "A protocol that the device does not have is answered with INVALID_PARAMETER, by CTAP 2.0 with any error.",
		Run: on(func(k *key) {
			for _, p := range []int{0, 3, 99} {
				k.refusedSince21(k.send(clientPINRequest(ctap.GetKeyAgreement, pinProtocol, p)), ctap.InvalidParameter)
			}
		}),
	},
	{
		ID: "clientpin/key-agreement/new-after-power-cycle", Spec: at("6.5.4", ""), Level: conformance.Must, Needs: []need{keyAgreement, power}, Twin: "clientpin/key-agreement/one-key",
		Doc:     "After a power cycle the key is another one.",
		Catches: []string{"pin/key-agreement-frozen"},
		Run: on(func(k *key) {
			x, _ := k.keyAgreement(k.protocol())
			k.powerCycle()
			if again, _ := k.keyAgreement(k.protocol()); bytes.Equal(x, again) {
				k.Errorf("the key is the same after a power cycle")
			}
		}),
	},
	{
		ID: "clientpin/key-agreement/key-per-protocol", Spec: at("6.5.4", ""), Level: conformance.Should, Needs: []need{protocolNumber(1), protocolNumber(2)}, Twin: "clientpin/key-agreement/one-key",
		Doc: "Each protocol has a key of its own.",
		Run: on(func(k *key) {
			one, _ := k.keyAgreement(1)
			if two, _ := k.keyAgreement(2); bytes.Equal(one, two) {
				k.Errorf("both protocols have the same key")
			}
		}),
	},
}
