package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// managedScopeCases are about which credentials a manager sees, and which a token for
// one relying party changes.
func managedScopeCases() []testCase {
	return []testCase{
		{
			ID: "credentialmanagement/rps/discoverable-only", Spec: at("6.8.3", "7"), Level: conformance.MustNot, Twin: "credentialmanagement/rps/plain",
			Needs:   cmNeeds(atLeast21, feature("credentials that are not discoverable", func(i *info) bool { return !i.option(ctap.OptionPlat) })),
			Doc:     "A relying party that has no discoverable credential is not told of.",
			Catches: []string{"create/rk-forced"},
			Run: on(func(k *key) {
				k.make(k.newCredential().with(mcRP, rpEntity("other-"+k.rp)))
				k.make(discoverable(k.newCredential()))
				a := k.send(k.manage(k.manager(), ctap.EnumerateRPsBegin, nil))
				k.expectOK(a)
				if n := k.uintOf(a, managedTotalRPs); n != 1 {
					k.Errorf("%d relying parties are told of, one has a discoverable credential", n)
				}
			}),
		},
		{
			ID: "credentialmanagement/token/bound-elsewhere-updates", Spec: at("6.8.6", "6"), Level: conformance.MustNot, Needs: cmNeeds(atLeast21), Twin: "credentialmanagement/update/plain",
			Doc:     "A token of another relying party renames nobody, and is answered with PIN_AUTH_INVALID.",
			Catches: []string{"management/any-rp"},
			Run: on(func(k *key) {
				c := k.makeSeveral(1)[0]
				bound := k.token(k.protocol(), ctap.PermissionCredentialManagement, "other-"+k.rp)
				r := k.manage(bound, ctap.UpdateUserInformation, userParams(c, cbor.Map{{Key: "id", Value: c.user}, {Key: "name", Value: "new"}}))
				k.expect(k.send(r), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "credentialmanagement/credentials/short-hash", Spec: at("6.8.4", ""), Level: conformance.MustNot, Needs: cmNeeds(), Twin: "credentialmanagement/credentials/plain",
			Doc:     "The start of an rpIDHash is no rpIDHash: nothing is told of the credentials behind it.",
			Catches: []string{"management/hash-start"},
			Run: on(func(k *key) {
				k.makeSeveral(1)
				whole, _ := hashParams(k.rp).Get(cmRPIDHash)
				hash, _ := whole.([]byte)
				for _, n := range []int{0, 31} {
					k.refused(k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, cbor.Map{{Key: cmRPIDHash, Value: hash[:n]}})))
				}
			}),
		},
	}
}
