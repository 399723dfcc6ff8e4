package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// unauthorised is a request of authenticatorConfig that nobody vouches for.
func unauthorised(sub ctap.SubCommand, params cbor.Map) request {
	return configure(token{protocol: 1}, sub, params).without(cfgProtocol).without(cfgParam)
}

// unprotectedCases are about alwaysUv on a device that knows no user yet: there is no
// token to be had, and nothing but toggleAlwaysUv goes without (§6.11 steps 3 and 4,
// §6.10.2).
func unprotectedCases() []testCase {
	const shut = "config/always-uv/unprotected"
	needs := func(more ...need) []need {
		return append([]need{
			configCommand(ctap.ToggleAlwaysUv), feature("alwaysUv off, and nobody to verify", func(i *info) bool { return !i.option(ctap.OptionAlwaysUv) && !i.protected() }),
		}, more...)
	}
	toggle := func(k *key) { k.expect(k.send(unauthorised(ctap.ToggleAlwaysUv, nil)), ctap.OK) }
	return []testCase{
		{
			ID: shut, Spec: at("6.11", "4.1"), Level: conformance.Must, Needs: needs(configCommand(ctap.SetMinPINLength)),
			Doc:     "A device that anybody may configure, since it knows no user, is not that any more while alwaysUv is on: the answer is PUAT_REQUIRED.",
			Catches: []string{"config/anybody"},
			Run: on(func(k *key) {
				least := cbor.Map{{Key: minPINNew, Value: k.info().uint(infoMinPINLength, leastMinPINLength)}}
				k.expect(k.send(unauthorised(ctap.SetMinPINLength, least)), ctap.OK)
				toggle(k)
				k.expect(k.send(unauthorised(ctap.SetMinPINLength, least)), ctap.PUATRequired)
			}),
		},
		{
			ID: "config/always-uv/unprotected-off", Spec: at("6.11", "3"), Level: conformance.Must, Needs: needs(), Twin: shut,
			Doc:     "As nobody could get a token there, toggleAlwaysUv needs none: alwaysUv is off again, or the answer is OPERATION_DENIED.",
			Catches: []string{"config/always-uv-shut"},
			Run: on(func(k *key) {
				toggle(k)
				a := k.send(unauthorised(ctap.ToggleAlwaysUv, nil))
				k.expect(a, ctap.OK, ctap.OperationDenied)
				if a.status == ctap.OK && k.freshInfo().option(ctap.OptionAlwaysUv) {
					k.Errorf("alwaysUv is still on")
				}
			}),
		},
		{
			ID: "largeblobs/set/always-uv-unprotected", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: needs(largeBlobs), Twin: "largeblobs/set/token-missing",
			Doc:     "While alwaysUv is on large blobs are not written without a token, though there is nobody to get one: the answer is PUAT_REQUIRED.",
			Catches: []string{"largeblob/token-unchecked"},
			Run: on(func(k *key) {
				toggle(k)
				all := k.blobs(64)
				k.expect(k.send(writeFragment(token{protocol: 1}, all, 0, len(all)).without(lbProtocol).without(lbParam)), ctap.PUATRequired)
				k.arrayIs(initialLargeBlobs)
			}),
		},
	}
}
