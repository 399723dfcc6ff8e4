package authenticators

import (
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

// setPINCases are those of setPIN (§6.5.5.5).
func setPINCases() []testCase {
	const plain = "clientpin/set-pin/plain"
	padded := func(pin string) []byte { return pinuv.PadPIN(pin, pinuv.PaddedPIN) }
	set := func(k *key, bytes []byte) answer { return k.send(k.setPINRequest(k.agree(k.protocol()), bytes)) }
	return []testCase{
		{
			ID: plain, Spec: at("6.5.5.5", "12"), Level: conformance.Must, Needs: []need{clientPIN},
			Doc: "A PIN that was set is accepted.",
			Run: on(func(k *key) {
				k.expect(set(k, padded(thePIN)), ctap.OK)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/set-pin/set-already", Spec: at("6.5.5.5", "3"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "Where a PIN is set already the answer is PIN_AUTH_INVALID, and that PIN stays.",
			Catches: []string{"pin/set-again"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.expect(set(k, padded(otherPIN)), ctap.PINAuthInvalid)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/set-pin/wrong-param", Spec: at("6.5.5.5", "5"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A pinUvAuthParam that does not verify is answered with PIN_AUTH_INVALID, and no PIN is set.",
			Catches: []string{"pin/mac-unchecked"},
			Run: on(func(k *key) {
				r := k.setPINRequest(k.agree(k.protocol()), padded(thePIN))
				k.expect(k.send(r.with(pinParam, k.draw(len(bytesIn(r.params, pinParam))))), ctap.PINAuthInvalid)
				if k.freshInfo().option(ctap.OptionClientPIN) {
					k.Errorf("a PIN was set all the same")
				}
			}),
		},
		{
			ID: "clientpin/set-pin/not-64-bytes", Spec: at("6.5.5.5", "7"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A new PIN that was not padded to 64 bytes is answered with INVALID_PARAMETER, by CTAP 2.0 with any error.",
			Catches: []string{"pin/unpadded"},
			Run: on(func(k *key) {
				for _, n := range []int{16, 48, 80, 128} {
					k.refusedSince21(set(k, pinuv.PadPIN(thePIN, n)), ctap.InvalidParameter)
				}
			}),
		},
		{
			ID: "clientpin/set-pin/too-short", Spec: at("6.5.5.5", "9"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A PIN of fewer than minPINLength code points is answered with PIN_POLICY_VIOLATION.",
			Catches: []string{"pin/short-pin", "status/pin-policy"},
			Run: on(func(k *key) {
				least := int(k.info().uint(infoMinPINLength, leastMinPINLength))
				for _, pin := range []string{"", "2", strings.Repeat("7", least-1), strings.Repeat("𝟠", min(least-1, 15))} {
					k.expect(set(k, padded(pin)), ctap.PINPolicyViolation)
				}
			}),
		},
		{
			ID: "clientpin/set-pin/shortest", Spec: at("6.5.5.5", "9"), Level: conformance.Must, Needs: []need{clientPIN},
			Doc: "A PIN of minPINLength code points, counted as such and not as bytes, is accepted.",
			Run: on(func(k *key) {
				least := int(k.info().uint(infoMinPINLength, leastMinPINLength))
				pin := []rune("ä𝟠x2ü5p8qwertzuiopasdfghjklmnbvcxy0123456789ABCDEFGHIJKLMNOPQRST")[:least]
				k.setPIN(string(pin))
				k.expectOK(k.tryPIN(string(pin)))
			}),
		},
		{
			ID: "clientpin/set-pin/longest", Spec: at("6.5.1", ""), Level: conformance.Must, Needs: []need{clientPIN},
			Doc: "A PIN of 63 bytes, or of maxPINLength code points if that is less, is accepted.",
			Run: on(func(k *key) {
				pin := strings.Repeat("2a5b8c0-", 8)[:min(63, k.info().uint(infoMaxPINLength, defaultMaxPINLength))]
				k.setPIN(pin)
				k.expectOK(k.tryPIN(pin))
			}),
		},
		{
			ID: "clientpin/set-pin/no-padding", Spec: at("6.5.5.5", "8"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/set-pin/longest",
			Doc: "A PIN of 64 bytes, which leaves no padding, is an error.",
			Run: on(func(k *key) { k.refused(set(k, []byte(strings.Repeat("2a5b8c0-", 8)))) }),
		},
		{
			ID: "clientpin/set-pin/kept", Spec: at("6.5.5.5", "12"), Level: conformance.Must, Needs: []need{clientPIN, power},
			Doc: "A PIN is still set after a power cycle.",
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.powerCycle()
				k.rightPIN()
			}),
		},
	}
}
