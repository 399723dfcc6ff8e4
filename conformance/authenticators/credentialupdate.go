package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// credMgmtWrites are about what is changed.
func credMgmtWrites() []testCase {
	const remove, update = "credentialmanagement/delete/plain", "credentialmanagement/update/plain"
	return []testCase{
		{
			ID: remove, Spec: at("6.8.5", "9"), Level: conformance.Must, Needs: cmNeeds(),
			Doc: "A credential that was deleted is gone, and others are not.",
			Run: on(func(k *key) {
				made := k.makeSeveral(2)
				a := k.send(k.manage(k.manager(), ctap.DeleteCredential, credentialParams(made[0])))
				k.expect(a, ctap.OK)
				k.statusAlone(a)
				k.expect(k.send(k.authorise(k.useOf(made[0]))), ctap.NoCredentials)
				k.assert(k.useOf(made[1]))
			}),
		},
		{
			ID: "credentialmanagement/delete/others-found", Spec: at("6.8.5", "9"), Level: conformance.Must, Needs: cmNeeds(), Twin: remove,
			Doc:     "Where one of several credentials was deleted, the others are still found without their IDs.",
			Catches: []string{"management/delete-hides-others"},
			Run: on(func(k *key) {
				made := k.makeSeveral(3)
				k.expect(k.send(k.manage(k.manager(), ctap.DeleteCredential, credentialParams(made[1]))), ctap.OK)
				s := k.startSequence(k.authorise(k.use()), 2)
				k.ofCredential(s, made[2])
				k.ofCredential(k.asserted(k.send(nextAssertion())), made[0])
			}),
		},
		{
			ID: "credentialmanagement/delete/unknown", Spec: at("6.8.5", "7"), Level: conformance.Must, Needs: cmNeeds(), Twin: remove,
			Doc:     "A credential that is not there is answered with NO_CREDENTIALS, and nothing is deleted.",
			Catches: []string{"management/delete-unknown-succeeds"},
			Run: on(func(k *key) {
				made := k.makeSeveral(1)
				k.expect(k.send(k.manage(k.manager(), ctap.DeleteCredential, credentialParams(&credential{id: k.draw(32)}))), ctap.NoCredentials)
				k.assert(k.useOf(made[0]))
			}),
		},
		{
			ID: "credentialmanagement/delete/kept", Spec: at("6.8.5", "9"), Level: conformance.Must, Needs: cmNeeds(power), Twin: remove,
			Doc:     "A credential that was deleted is still gone after a power cycle.",
			Catches: []string{"store/resurrects-deleted", "management/delete-lost"},
			Run: on(func(k *key) {
				made := k.makeSeveral(1)
				k.expect(k.send(k.manage(k.manager(), ctap.DeleteCredential, credentialParams(made[0]))), ctap.OK)
				k.powerCycle()
				k.expect(k.send(k.authorise(k.useOf(made[0]))), ctap.NoCredentials)
			}),
		},
		{
			ID: update, Spec: at("6.8.6", ""), Level: conformance.Must, Needs: cmNeeds(atLeast21),
			Doc: "The names of a user can be changed.",
			Run: on(func(k *key) {
				c := k.makeSeveral(1)[0]
				user := cbor.Map{{Key: "id", Value: c.user}, {Key: "name", Value: "new name"}, {Key: "displayName", Value: "New Name"}}
				a := k.send(k.manage(k.manager(), ctap.UpdateUserInformation, userParams(c, user)))
				k.expect(a, ctap.OK)
				k.statusAlone(a)
				told := k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, hashParams(k.rp)))
				k.expectOK(told)
				if got := k.mapOf(told, managedUser); !cbor.Same(got, user) {
					k.Differ(cbor.Text(user, nil), cbor.Text(got, nil), "another user")
				}
				k.assert(k.useOf(c))
			}),
		},
		{
			ID: "credentialmanagement/update/names-removed", Spec: at("6.8.6", ""), Level: conformance.Must, Needs: cmNeeds(atLeast21), Twin: update,
			Doc:     "Names that are absent or empty are removed.",
			Catches: []string{"management/update-keeps-names", "management/update-lost"},
			Run: on(func(k *key) {
				c := k.makeSeveral(1)[0]
				user := cbor.Map{{Key: "id", Value: c.user}, {Key: "name", Value: ""}}
				k.expect(k.send(k.manage(k.manager(), ctap.UpdateUserInformation, userParams(c, user))), ctap.OK)
				told := k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, hashParams(k.rp)))
				k.expectOK(told)
				for _, name := range []string{"name", "displayName"} {
					if v, ok := k.mapOf(told, managedUser).Get(name); ok && v != any("") {
						k.Differ("absent", cbor.Text(v, nil), "%s is still there", name)
					}
				}
			}),
		},
		{
			ID: "credentialmanagement/update/other-user", Spec: at("6.8.6", ""), Level: conformance.Must, Needs: cmNeeds(atLeast21), Twin: update,
			Doc:     "A user of another ID is answered with INVALID_PARAMETER.",
			Catches: []string{"management/update-other-user"},
			Run: on(func(k *key) {
				c := k.makeSeveral(1)[0]
				k.expect(k.send(k.manage(k.manager(), ctap.UpdateUserInformation, userParams(c, k.someUser()))), ctap.InvalidParameter)
			}),
		},
		{
			ID: "credentialmanagement/update/unknown", Spec: at("6.8.6", ""), Level: conformance.Must, Needs: cmNeeds(atLeast21), Twin: update,
			Doc: "A credential that is not there is answered with NO_CREDENTIALS.",
			Run: on(func(k *key) {
				k.makeSeveral(1)
				k.expect(k.send(k.manage(k.manager(), ctap.UpdateUserInformation, userParams(&credential{id: k.draw(32)}, k.someUser()))), ctap.NoCredentials)
			}),
		},
	}
}

// credMgmtAuthorisation is about which tokens count; which permissions do is
// derived elsewhere.
func credMgmtAuthorisation() []testCase {
	return []testCase{
		{
			ID: "credentialmanagement/token/bound-elsewhere", Spec: at("6.8", ""), Level: conformance.Must, Needs: cmNeeds(), Twin: "credentialmanagement/delete/plain",
			Doc:     "A token of another relying party neither reads nor deletes, and is answered with PIN_AUTH_INVALID.",
			Catches: []string{"management/any-rp", "management/anybody"},
			Run: on(func(k *key) {
				c := k.makeSeveral(1)[0]
				bound := k.token(k.protocol(), ctap.PermissionCredentialManagement, "other-"+k.rp)
				for _, r := range []request{
					k.manage(bound, ctap.GetCredsMetadata, nil), k.manage(bound, ctap.EnumerateRPsBegin, nil),
					k.manage(bound, ctap.EnumerateCredentialsBegin, hashParams(k.rp)), k.manage(bound, ctap.DeleteCredential, credentialParams(c)),
				} {
					k.expect(k.send(r), ctap.PINAuthInvalid)
				}
				k.assert(k.useOf(c))
			}),
		},
		{
			ID: "credentialmanagement/token/bound-here-deletes", Spec: at("6.8.5", ""), Level: conformance.Must, Needs: cmNeeds(), Twin: "credentialmanagement/delete/plain",
			Doc: "A token of the relying party of a credential deletes it.",
			Run: on(func(k *key) {
				c := k.makeSeveral(1)[0]
				bound := k.token(k.protocol(), ctap.PermissionCredentialManagement, k.rp)
				k.expect(k.send(k.manage(bound, ctap.DeleteCredential, credentialParams(c))), ctap.OK)
			}),
		},
		{
			ID: "credentialmanagement/token/params-covered", Spec: at("6.8", ""), Level: conformance.Must, Needs: cmNeeds(), Twin: "credentialmanagement/delete/plain",
			Doc:     "A pinUvAuthParam covers subCommand and subCommandParams: over others it is answered with PIN_AUTH_INVALID.",
			Catches: []string{"management/anybody"},
			Run: on(func(k *key) {
				made := k.makeSeveral(2)
				t := k.manager()
				r := k.manage(t, ctap.DeleteCredential, credentialParams(made[0]))
				k.expect(k.send(r.with(cmParams, credentialParams(made[1]))), ctap.PINAuthInvalid)
				k.expect(k.send(r.with(cmParam, t.over([]byte{byte(ctap.DeleteCredential)}))), ctap.PINAuthInvalid)
				k.expect(k.send(k.manage(t, ctap.GetCredsMetadata, nil).with(cmSubCommand, int64(ctap.EnumerateRPsBegin))), ctap.PINAuthInvalid)
				k.assert(k.useOf(made[0]))
				k.assert(k.useOf(made[1]))
			}),
		},
		{
			ID: "credentialmanagement/token/not-used-up", Spec: at("6.5.5.7", ""), Level: conformance.MustNot, Needs: cmNeeds(), Twin: "credentialmanagement/metadata/plain",
			Doc: "Managing credentials does not use a token up.",
			Run: on(func(k *key) {
				t := k.manager()
				for range 3 {
					k.expectOK(k.send(k.manage(t, ctap.GetCredsMetadata, nil)))
				}
			}),
		},
		{
			ID: "credentialmanagement/read-only/reads", Spec: at("6.8", ""), Level: conformance.Must, Needs: cmNeeds(readOnlyMgmt),
			Doc: "A persistent token reads what there is, also after a power cycle where the bench has one.",
			Run: on(func(k *key) {
				k.makeSeveral(1)
				t := k.token(k.protocol(), ctap.PermissionPersistentReadOnly, "")
				if _, can := k.device.(Power); can {
					k.powerCycle()
				}
				k.expectOK(k.send(k.manage(t, ctap.GetCredsMetadata, nil)))
				k.expectOK(k.send(k.manage(t, ctap.EnumerateRPsBegin, nil)))
				k.expectOK(k.send(k.manage(t, ctap.EnumerateCredentialsBegin, hashParams(k.rp))))
			}),
		},
		{
			ID: "credentialmanagement/read-only/does-not-write", Spec: at("6.8", ""), Level: conformance.MustNot, Needs: cmNeeds(readOnlyMgmt), Twin: "credentialmanagement/read-only/reads",
			Doc:     "A persistent token neither deletes nor changes a credential.",
			Catches: []string{"management/anybody"},
			Run: on(func(k *key) {
				c := k.makeSeveral(1)[0]
				t := k.token(k.protocol(), ctap.PermissionPersistentReadOnly, "")
				k.expect(k.send(k.manage(t, ctap.DeleteCredential, credentialParams(c))), ctap.PINAuthInvalid)
				user := cbor.Map{{Key: "id", Value: c.user}, {Key: "name", Value: "x"}}
				k.expect(k.send(k.manage(t, ctap.UpdateUserInformation, userParams(c, user))), ctap.PINAuthInvalid)
				k.assert(k.useOf(c))
			}),
		},
	}
}
