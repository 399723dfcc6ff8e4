package authenticators

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// makeCredentialStores are about what is kept.
var makeCredentialStores = []testCase{
	{
		ID: "makecredential/discoverable/found", Spec: at("6.1.2", "17.1"), Level: conformance.Must, Needs: []need{residentKeys},
		Doc:     "A credential made with option rk is found without a list.",
		Catches: []string{"create/rk-ignored", "quirk/uv-option-unsupported", "store/forgets-new"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			r := k.authorise(k.use())
			s := k.asserted(k.send(r))
			k.signedBy(s, c, hashOf(r))
			k.ofCredential(s, c)
		}),
	},
	{
		ID: "makecredential/discoverable/not-without-rk", Spec: at("6.1.2", "18"), Level: conformance.MustNot, Needs: []need{residentKeys, atLeast21}, Twin: "makecredential/discoverable/found",
		Doc:     "A credential made without option rk, or with rk of false, is not discoverable.",
		Catches: []string{"create/rk-forced"},
		Run: on(func(k *key) {
			k.make(k.newCredential())
			k.make(withOption(k.newCredential(), "rk", false))
			k.expect(k.send(k.authorise(k.use())), ctap.NoCredentials)
		}),
	},
	{
		ID: "makecredential/discoverable/replaced", Spec: at("6.1.2", "17.2"), Level: conformance.Must, Needs: []need{residentKeys},
		Doc:     "A discoverable credential replaces the one of the same user at the same relying party, whose ID no longer works.",
		Catches: []string{"create/replaces-nobody", "create/wrong-user-id", "store/replacement-loses-old"},
		Run: on(func(k *key) {
			first := discoverable(k.newCredential())
			old := k.make(first)
			k.make(first.with(mcClientDataHash, k.draw(32)))
			s := k.assert(k.use())
			k.uncounted(s.answer, "though one of two credentials was replaced")
			k.expect(k.send(k.authorise(k.useOf(old))), ctap.NoCredentials)
		}),
	},
	{
		ID: "makecredential/discoverable/other-user-stays", Spec: at("6.1.2", "17.2"), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: "makecredential/discoverable/replaced",
		Doc:     "A discoverable credential does not replace that of another user, whose ID begins alike.",
		Catches: []string{"quirk/display-name-required", "store/any-user-replaced"},
		Run: on(func(k *key) {
			id := k.draw(16)
			a := k.make(discoverable(k.newCredential().with(mcUser, cbor.Map{{Key: "id", Value: id}})))
			b := k.make(discoverable(k.newCredential().with(mcUser, cbor.Map{{Key: "id", Value: id[:8]}})))
			k.assert(k.useOf(a))
			k.assert(k.useOf(b))
		}),
	},
	{
		ID: "makecredential/discoverable/other-rp-stays", Spec: at("6.1.2", "17.2"), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: "makecredential/discoverable/replaced",
		Doc: "A discoverable credential does not replace that of the same user at another relying party.",
		Run: on(func(k *key) {
			r := discoverable(k.newCredential())
			a := k.make(r)
			k.make(r.with(mcRP, rpEntity("other-"+k.rp)))
			k.assert(k.useOf(a))
		}),
	},
	{
		ID: "makecredential/discoverable/non-discoverable-stays", Spec: at("6.1.2", "17.2"), Level: conformance.MustNot, Needs: []need{residentKeys, atLeast21}, // in CTAP 2.0 the other may be discoverable, too
		Doc: "A discoverable credential does not replace one of the same user that is not discoverable.",
		Run: on(func(k *key) {
			r := k.newCredential()
			a := k.make(r)
			k.make(discoverable(r))
			k.assert(k.useOf(a))
		}),
	},
	{
		ID: "makecredential/power-cycle/discoverable", Spec: at("6.1.2", "17.3"), Level: conformance.Must, Needs: []need{residentKeys, power},
		Doc:     "A discoverable credential is still there after a power cycle.",
		Catches: []string{"store/writes-late"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			k.powerCycle()
			k.ofCredential(k.assert(k.use()), c)
		}),
	},
	{
		ID: "makecredential/power-cycle/non-discoverable", Spec: at("6.1.2", "18"), Level: conformance.Must, Needs: []need{power},
		Doc:     "A credential that is not discoverable still works after a power cycle.",
		Catches: []string{"store/secret-changes"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.powerCycle()
			r := k.authorise(k.useOf(c))
			k.signedBy(k.asserted(k.send(r)), c, hashOf(r))
		}),
	},
	{
		ID: "makecredential/store-full", Spec: at("6.1.2", "17.4"), Level: conformance.Must, Needs: []need{residentKeys, feature("a known, small number of discoverable credentials", func(i *info) bool {
			return i.has(infoRemaining) && i.uint(infoRemaining, 0) <= 100
		})},
		Doc:     "Where there is no room for another discoverable credential the answer is KEY_STORE_FULL, and all that are there still work.",
		Catches: []string{"create/always-full", "status/full"},
		Run: on(func(k *key) {
			var first *credential
			for range k.info().uint(infoRemaining, 0) + 400 { // the number is an estimate for large credentials
				a := k.ask(k.authorise(discoverable(k.newCredential())))
				if a.status == ctap.KeyStoreFull {
					if first == nil {
						k.Errorf("a device without credentials is full")
						return
					}
					k.assert(k.useOf(first))
					return
				}
				if c := k.created(a); first == nil {
					first = c
				}
			}
			k.Errorf("far more credentials were made than there is room for, as getInfo has it")
		}),
	},
	{
		ID: "makecredential/remaining-falls", Spec: at("6.4", ""), Level: conformance.Must, Needs: []need{residentKeys, feature("member remainingDiscoverableCredentials of getInfo", func(i *info) bool { return i.has(infoRemaining) })},
		Doc: "remainingDiscoverableCredentials does not rise when a discoverable credential is made.",
		Run: on(func(k *key) {
			before := k.info().uint(infoRemaining, 0)
			k.make(discoverable(k.newCredential()))
			if after := k.freshInfo().uint(infoRemaining, 0); after > before {
				k.Differ(fmt.Sprintf("at most %d", before), fmt.Sprint(after), "room was gained by filling it")
			}
		}),
	},
}

// ofCredential complains unless an assertion names a credential.
func (k *key) ofCredential(s *assertion, c *credential) {
	if s.id != nil && !bytes.Equal(s.id, c.id) {
		k.Differ(fmt.Sprintf("%x", c.id), fmt.Sprintf("%x", s.id), "another credential")
	}
}

// The checks of authenticator data that several commands share.
