package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// minPINLengthExtensionCases are those of minPinLength (§12.5).
func minPINLengthExtensionCases() []testCase {
	needs := []need{extension(ctap.ExtensionMinPINLength), configCommand(ctap.SetMinPINLength), pinToken, feature("room for an RP ID", func(i *info) bool { return i.uint(infoMaxRPIDs, 0) > 0 })}
	asking := func(k *key, input any) *authData {
		return k.make(extending(k.newCredential(), ctap.ExtensionMinPINLength, input)).data
	}
	allow := func(k *key) {
		k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINRPIDs, Value: cbor.Array{k.rp}}})
	}
	return []testCase{
		{
			ID: "minpinlength/told", Spec: at("12.5", ""), Level: conformance.Must, Needs: needs,
			Doc:     "minPINLength is told to a relying party that may know it.",
			Catches: []string{"config/minimum-told-to-nobody", "config/rp-list-not-kept"},
			Run: on(func(k *key) {
				allow(k)
				k.outputIs(asking(k, true), ctap.ExtensionMinPINLength, k.info().uint(infoMinPINLength, leastMinPINLength))
			}),
		},
		{
			ID: "minpinlength/told-as-set", Spec: at("12.5", ""), Level: conformance.Must, Needs: needs, Twin: "minpinlength/told",
			Doc:     "Where minPINLength was raised the new one is told.",
			Catches: []string{"config/minimum-told-wrong"},
			Run: on(func(k *key) {
				allow(k)
				raised := k.info().uint(infoMinPINLength, leastMinPINLength) + 2
				k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINNew, Value: raised}})
				k.outputIs(asking(k, true), ctap.ExtensionMinPINLength, raised)
			}),
		},
		{
			ID: "minpinlength/not-told", Spec: at("12.5", ""), Level: conformance.MustNot, Needs: needs, Twin: "minpinlength/told",
			Doc:     "minPINLength is told to nobody else, which is no error.",
			Catches: []string{"config/minimum-told-to-all"},
			Run: on(func(k *key) {
				k.outputIs(asking(k, true), ctap.ExtensionMinPINLength, nil)
				k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINRPIDs, Value: cbor.Array{"other-" + k.rp}}})
				k.outputIs(asking(k, true), ctap.ExtensionMinPINLength, nil)
			}),
		},
		{
			ID: "minpinlength/reset", Spec: at("6.6", "4"), Level: conformance.Must, Needs: append(needs, power), Twin: "minpinlength/told",
			Doc:     "After a reset no relying party may know minPINLength that the factory did not let.",
			Catches: []string{"config/minimum-told-to-all", "reset/keeps-settings"},
			Run: on(func(k *key) {
				allow(k)
				k.resetNow()
				k.outputIs(asking(k, true), ctap.ExtensionMinPINLength, nil)
			}),
		},
	}
}
