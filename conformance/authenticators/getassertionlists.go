package authenticators

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// getAssertionLists are about which credentials apply.
var getAssertionLists = []testCase{
	{
		ID: "getassertion/none/allow-list", Spec: at("6.2.2", "7.6"), Level: conformance.Must, Twin: gaPlain,
		Doc:     "Where no credential of allowList is there the answer is NO_CREDENTIALS.",
		Catches: []string{"quirk/invalid-credential", "status/no-credentials"},
		Run: on(func(k *key) {
			k.make(k.newCredential())
			for _, n := range []int{1, 16, 64, 200} {
				k.expect(k.send(k.authorise(k.use().with(gaAllowList, cbor.Array{descriptor(k.draw(n))}))), ctap.NoCredentials)
			}
		}),
	},
	{
		ID: "getassertion/none/discoverable", Spec: at("6.2.2", "7.6"), Level: conformance.Must, Twin: gaPlain,
		Doc:     "Where there is no list and no discoverable credential the answer is NO_CREDENTIALS.",
		Catches: []string{"quirk/invalid-credential", "status/no-credentials"},
		Run:     on(func(k *key) { k.expect(k.send(k.authorise(k.use())), ctap.NoCredentials) }),
	},
	{
		ID: "getassertion/none/other-rp", Spec: at("6.2.2", "7.1"), Level: conformance.MustNot, Twin: gaPlain,
		Doc: "A credential does not sign for another relying party, named by its ID.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			for _, rp := range []string{"other-" + k.rp, "sub." + k.rp, k.rp[1:], k.rp + "."} {
				k.expect(k.send(k.authorise(k.useOf(c).with(gaRPID, rp))), ctap.NoCredentials)
			}
		}),
	},
	{
		ID: "getassertion/none/other-rp-by-id", Spec: at("6.2.2", "7.1"), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: "getassertion/allow-list/discoverable",
		Doc:     "A discoverable credential does not sign for another relying party that names it in allowList.",
		Catches: []string{"assert/other-rp-found"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			k.expect(k.send(k.authorise(k.useOf(c).with(gaRPID, "other-"+k.rp))), ctap.NoCredentials)
		}),
	},
	{
		ID: "getassertion/none/other-rp-discoverable", Spec: at("6.2.2", "7.2"), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: "getassertion/user-of-discoverable",
		Doc: "A discoverable credential is not found for another relying party.",
		Run: on(func(k *key) {
			k.make(discoverable(k.newCredential()))
			k.expect(k.send(k.authorise(k.use().with(gaRPID, "sub."+k.rp))), ctap.NoCredentials)
		}),
	},
	{
		ID: "getassertion/none/altered-id", Spec: at("6.2.2", "7.1"), Level: conformance.MustNot, Twin: gaPlain,
		Doc: "A credential ID with one bit changed, one byte less or one more is none.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			altered := []cbor.Map{descriptor(c.id[:len(c.id)-1]), descriptor(append(bytes.Clone(c.id), 0))}
			for _, at := range []int{0, len(c.id) / 2, len(c.id) - 1} {
				other := bytes.Clone(c.id)
				other[at] ^= 1
				altered = append(altered, descriptor(other))
			}
			for _, d := range altered {
				k.expect(k.send(k.authorise(k.use().with(gaAllowList, cbor.Array{d}))), ctap.NoCredentials)
			}
		}),
	},
	{
		ID: "getassertion/allow-list/several", Spec: at("6.2.2", "11"), Level: conformance.Must,
		Doc:     "Of several credentials in allowList one signs, and numberOfCredentials is absent.",
		Catches: []string{"assert/credential-missing", "quirk/lists-of-one"},
		Run: on(func(k *key) {
			k.lists(3)
			a, b := k.make(k.newCredential()), k.make(k.newCredential())
			s := k.assert(k.use().with(gaAllowList, cbor.Array{descriptor(k.draw(64)), a.descriptor(), b.descriptor()}))
			k.absent(s.answer, gotNumber, "though there was a list")
			if !bytes.Equal(s.id, a.id) && !bytes.Equal(s.id, b.id) {
				k.Differ("one of the list", fmt.Sprintf("%x", s.id), "another credential signed")
			}
		}),
	},
	{
		ID: "getassertion/allow-list/unknown-type", Spec: at("6.2", ""), Level: conformance.Must, Twin: gaPlain,
		Doc:     "An entry of allowList of a type that is not known is passed over.",
		Catches: []string{"quirk/lists-of-one"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.lists(2)
			other := c.descriptor().With("type", "private-key")
			k.assert(k.use().with(gaAllowList, cbor.Array{other, c.descriptor()}))
			k.expect(k.send(k.authorise(k.use().with(gaAllowList, cbor.Array{other}))), ctap.NoCredentials)
		}),
	},
	{
		ID: "getassertion/allow-list/transports-ignored", Spec: at("6.2", ""), Level: conformance.Must, Twin: gaPlain,
		Doc: "transports of an entry of allowList do not matter, nor do members that are not known.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.assert(k.use().with(gaAllowList, cbor.Array{c.descriptor().With("transports", cbor.Array{"carrier-pigeon"}).With("tomorrow", 1)}))
		}),
	},
	{
		ID: "getassertion/allow-list/discoverable", Spec: at("6.2.2", "7.1"), Level: conformance.Must, Needs: []need{residentKeys},
		Doc:     "A discoverable credential signs where allowList names it.",
		Catches: []string{"assert/credential-unlisted", "assert/list-ignored"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			k.make(discoverable(k.newCredential()))
			s := k.assert(k.useOf(c))
			k.ofCredential(s, c)
			k.uncounted(s.answer, "though there was a list")
		}),
	},
}
