package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// replacingCases are about what makes an account the same: the RP ID and the user ID, and
// nothing else (§6.1.2 step 17.2).
func replacingCases() []testCase {
	const replaced = "makecredential/discoverable/replaced"
	replacedBy := func(k *key, first, second request) {
		old := k.make(first)
		made := k.make(second)
		s := k.assert(k.use())
		k.uncounted(s.answer, "though one of two credentials was replaced")
		k.expect(k.send(k.authorise(k.useOf(old))), ctap.NoCredentials)
		k.assert(k.useOf(made))
	}
	return []testCase{
		{
			ID: "makecredential/discoverable/replaced-under-other-names", Spec: at("6.1.2", "17.2"), Level: conformance.Must, Needs: []need{residentKeys}, Twin: replaced,
			Doc:     "A discoverable credential replaces the one of the same user ID, also where the names are others.",
			Catches: []string{"create/replaces-same-names-alone"},
			Run: on(func(k *key) {
				id := k.draw(16)
				under := func(name string) request {
					return discoverable(k.newCredential().with(mcUser, cbor.Map{{Key: "id", Value: id}, {Key: "name", Value: name}, {Key: "displayName", Value: "Mx " + name}}))
				}
				replacedBy(k, under("before"), under("after"))
			}),
		},
		{
			ID: "makecredential/discoverable/replaced-by-other-algorithm", Spec: at("6.1.2", "17.2"), Level: conformance.Must, Twin: replaced,
			Needs:   []need{residentKeys, feature("two algorithms", func(i *info) bool { return len(i.quickest()) > 1 })},
			Doc:     "A discoverable credential replaces the one of the same user, also where its key is of another algorithm.",
			Catches: []string{"create/replaces-same-algorithm-alone"},
			Run: on(func(k *key) {
				r, all := discoverable(k.newCredential()), k.info().quickest()
				replacedBy(k, r.with(mcParams, algorithms(all[0])), r.with(mcParams, algorithms(all[1])))
			}),
		},
		{
			ID: "makecredential/store-full-replaced", Spec: at("6.1.2", "17.2"), Level: conformance.Must, Twin: "makecredential/store-full",
			Needs: []need{residentKeys, feature("a known, small number of discoverable credentials", func(i *info) bool {
				return i.has(infoRemaining) && i.uint(infoRemaining, 0) <= 100
			})},
			Doc:     "Where there is no room for another discoverable credential there is still room for one that takes the place of another.",
			Catches: []string{"create/full-refuses-replacement"},
			Run: on(func(k *key) {
				first := discoverable(k.newCredential())
				k.make(first)
				for range k.info().uint(infoRemaining, 0) + 400 {
					a := k.send(k.authorise(discoverable(k.newCredential())))
					if a.status == ctap.KeyStoreFull {
						break
					}
					k.expectOK(a)
				}
				k.make(first.with(mcClientDataHash, k.draw(32)))
			}),
		},
	}
}
