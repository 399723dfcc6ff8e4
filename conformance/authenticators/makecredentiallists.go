package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// makeCredentialLists are about excludeList.
var makeCredentialLists = []testCase{
	{
		ID: "makecredential/exclude/hit", Spec: at("6.1.2", "12"), Level: conformance.Must, Twin: "makecredential/exclude/miss",
		Doc:     "A credential in excludeList that the device has for this relying party ends the command with CREDENTIAL_EXCLUDED.",
		Catches: []string{"create/exclude-ignored", "status/excluded"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expect(k.send(k.authorise(k.excluding(c))), ctap.CredentialExcluded)
		}),
	},
	{
		ID: "makecredential/exclude/miss", Spec: at("6.1.2", "12"), Level: conformance.Must,
		Doc: "A credential in excludeList that no device has does not matter.",
		Run: on(func(k *key) {
			k.make(k.newCredential().with(mcExcludeList, cbor.Array{descriptor(k.draw(64))}))
		}),
	},
	{
		ID: "makecredential/exclude/other-rp", Spec: at("6.1.2", "12"), Level: conformance.MustNot, Twin: "makecredential/exclude/hit",
		Doc: "A credential in excludeList that belongs to another relying party does not matter.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.make(k.excluding(c).with(mcRP, rpEntity("other-"+k.rp)))
		}),
	},
	{
		ID: "makecredential/exclude/second-entry", Spec: at("6.1.2", "12"), Level: conformance.Must, Twin: "makecredential/exclude/miss",
		Doc:     "Every entry of excludeList counts, also one behind others that are not there.",
		Catches: []string{"create/exclude-ignored"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.lists(3)
			list := cbor.Array{descriptor(k.draw(64)), descriptor(k.draw(16)), c.descriptor()}
			k.expect(k.send(k.authorise(k.newCredential().with(mcExcludeList, list))), ctap.CredentialExcluded)
		}),
	},
	{
		ID: "makecredential/exclude/unknown-type", Spec: at("6.1", ""), Level: conformance.Must, Twin: "makecredential/exclude/hit",
		Doc: "An entry of excludeList of a type that is not known is passed over.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.make(k.newCredential().with(mcExcludeList, cbor.Array{c.descriptor().With("type", "private-key")}))
		}),
	},
	{
		ID: "makecredential/exclude/transports-ignored", Spec: at("6.1", ""), Level: conformance.Must, Twin: "makecredential/exclude/miss",
		Doc: "transports of an entry of excludeList do not matter, nor do members that are not known.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			entry := c.descriptor().With("transports", cbor.Array{"carrier-pigeon"}).With("tomorrow", true)
			k.expect(k.send(k.authorise(k.newCredential().with(mcExcludeList, cbor.Array{entry}))), ctap.CredentialExcluded)
		}),
	},
	{
		ID: "makecredential/exclude/discoverable-hit", Spec: at("6.1.2", "12"), Level: conformance.Must, Needs: []need{residentKeys}, Twin: "makecredential/exclude/miss",
		Doc:     "A discoverable credential in excludeList ends the command with CREDENTIAL_EXCLUDED.",
		Catches: []string{"create/exclude-ignored", "status/excluded"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			k.expect(k.send(k.authorise(k.excluding(c))), ctap.CredentialExcluded)
		}),
	},
	{
		ID: "makecredential/exclude/waits-for-touch", Spec: at("6.1.2", "12.1.4"), Level: conformance.Must, Needs: []need{levelOne, person, touchAlone}, Twin: "makecredential/exclude/hit",
		Doc:     "CREDENTIAL_EXCLUDED is told after the user was asked, and not before; who declines may be told OPERATION_DENIED.",
		Catches: []string{"user/reveals-excluded-without-touch"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.user(Decline)
			// The text tells of a user who is there and of one who is not, and nothing of one who declines.
			k.expect(k.send(k.excluding(c)), ctap.CredentialExcluded, ctap.OperationDenied)
			k.user(Approve)
			k.expect(k.send(k.excluding(c)), ctap.CredentialExcluded)
			if k.user(Ignore); k.cancelled(k.excluding(c)).status == ctap.CredentialExcluded {
				k.Errorf("CREDENTIAL_EXCLUDED was told although the user did nothing")
			}
		}),
	},
	{
		ID: "makecredential/exclude/changes-nothing", Spec: at("6.1.2", "12"), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: "makecredential/exclude/discoverable-hit",
		Doc:     "A command that ends with CREDENTIAL_EXCLUDED makes no credential, and the excluded one still works.",
		Catches: []string{"status/excluded"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			k.expect(k.send(k.authorise(discoverable(k.excluding(c)))), ctap.CredentialExcluded)
			k.uncounted(k.assert(k.use()).answer, "though no other credential was made")
			k.assert(k.useOf(c))
		}),
	},
}

// excluding is a new request that excludes a credential.
func (k *key) excluding(c *credential) request {
	return k.newCredential().with(mcExcludeList, cbor.Array{c.descriptor()})
}
