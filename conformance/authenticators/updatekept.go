package authenticators

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// rename gives the user of a credential another name.
func (k *key) rename(c *credential) {
	user := cbor.Map{{Key: "id", Value: c.user}, {Key: "name", Value: "renamed"}}
	k.expect(k.send(k.manage(k.manager(), ctap.UpdateUserInformation, userParams(c, user))), ctap.OK)
}

// updateKeptCases are about what a credential is besides its user: updateUserInformation
// leaves that as it is.
func updateKeptCases() []testCase {
	const update = "credentialmanagement/update/plain"
	needs := func(more ...need) []need { return cmNeeds(append(more, atLeast21)...) }
	return []testCase{
		{
			ID: "credentialmanagement/update/keeps-protection", Spec: at("6.8.6", ""), Level: conformance.Must, Needs: needs(extension(ctap.ExtensionCredProtect)), Twin: update,
			Doc:     "A credential of credProtect level 3 is of level 3 after its user was renamed.",
			Catches: []string{"management/update-drops-extensions"},
			Run: on(func(k *key) {
				k.rename(k.make(discoverable(extending(k.newCredential(), ctap.ExtensionCredProtect, 3))))
				told := k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, hashParams(k.rp)))
				k.expectOK(told)
				if level := k.uintOf(told, managedCredProtect); level != 3 {
					k.Differ("3", fmt.Sprint(level), "credProtect is another level")
				}
			}),
		},
		{
			ID: "credentialmanagement/update/keeps-large-blob-key", Spec: at("6.8.6", ""), Level: conformance.Must, Needs: needs(extension(ctap.ExtensionLargeBlobKey)), Twin: update,
			Doc:     "The largeBlobKey of a credential is the same after its user was renamed.",
			Catches: []string{"management/update-drops-extensions"},
			Run: on(func(k *key) {
				c := k.make(extending(discoverable(k.newCredential()), ctap.ExtensionLargeBlobKey, true))
				before := k.bytesOf(c.answer, madeLargeBlobKey)
				k.rename(c)
				after := k.bytesOf(k.assert(extending(k.useOf(c), ctap.ExtensionLargeBlobKey, true)).answer, gotLargeBlobKey)
				if !bytes.Equal(before, after) {
					k.Differ(fmt.Sprintf("%x", before), fmt.Sprintf("%x", after), "another largeBlobKey")
				}
			}),
		},
		{
			ID: "credentialmanagement/update/keeps-counter", Spec: conformance.Spec{Document: webauthn, Section: "6.1.1"}, Level: conformance.Must, Needs: needs(), Twin: update,
			Doc:     "The counter goes on from where it was after a user was renamed.",
			Catches: []string{"management/update-resets-counter"},
			Run: on(func(k *key) {
				c := k.makeSeveral(1)[0]
				var before uint32
				for range 3 {
					before = k.assert(k.useOf(c)).data.count
				}
				k.rename(c)
				if after := k.assert(k.useOf(c)).data.count; before > 0 && after <= before {
					k.Differ(fmt.Sprintf("more than %d", before), fmt.Sprint(after), "the counter has gone back")
				}
			}),
		},
		{
			ID: "credentialmanagement/update/keeps-order", Spec: at("6.2.2", "12.2.1"), Level: conformance.Must, Needs: needs(), Twin: update,
			Doc:     "The credential that was made last is the first to sign, also after the user of another was renamed.",
			Catches: []string{"management/update-makes-newest"},
			Run: on(func(k *key) {
				made := k.makeSeveral(2)
				k.rename(made[0])
				s := k.assert(k.use())
				if selected, _ := s.answer.members.Get(gotSelected); selected == any(true) {
					k.Unsupportedf("needs a device that does not let its user choose among accounts")
				}
				if !bytes.Equal(s.id, made[1].id) {
					k.Differ(fmt.Sprintf("%x", made[1].id), fmt.Sprintf("%x", s.id), "another credential signs first")
				}
			}),
		},
		{
			ID: "getinfo/store-state/changes-with-management", Spec: at("6.4", ""), Level: conformance.Must, Needs: needs(readOnlyMgmt, pinToken), Twin: "getinfo/store-state/changes",
			Doc:     "encCredStoreState decrypts to another state after a user was renamed, and after a credential was deleted.",
			Catches: []string{"info/store-state-of-creation-alone"},
			Run: on(func(k *key) {
				k.ensurePIN()
				c := k.makeSeveral(1)[0]
				t := k.token(k.protocol(), ctap.PermissionPersistentReadOnly, "")
				if !k.freshInfo().has(infoEncCredStoreState) {
					k.Unsupportedf("needs member encCredStoreState of getInfo")
				}
				state := func() []byte { return k.identifier(t, infoEncCredStoreState, "encCredStoreState") }
				first := state()
				k.rename(c)
				second := state()
				k.expect(k.send(k.manage(k.manager(), ctap.DeleteCredential, credentialParams(c))), ctap.OK)
				if bytes.Equal(first, second) {
					k.Errorf("the state is the same after a user was renamed")
				}
				if bytes.Equal(second, state()) {
					k.Errorf("the state is the same after a credential was deleted")
				}
			}),
		},
		{
			ID: "credentialmanagement/delete/leaves-large-blobs", Spec: at("6.8.5", ""), Level: conformance.MustNot, Needs: cmNeeds(largeBlobs), Twin: "credentialmanagement/delete/plain",
			Doc:     "Deleting a credential does not change the large-blob array, which is the platform's business.",
			Catches: []string{"largeblob/deleted-with-passkey"},
			Run: on(func(k *key) {
				c := k.makeSeveral(1)[0]
				array := k.blobs(40)
				k.expect(k.send(writeFragment(k.token(k.protocol(), ctap.PermissionLargeBlobWrite, ""), array, 0, len(array))), ctap.OK)
				k.expect(k.send(k.manage(k.manager(), ctap.DeleteCredential, credentialParams(c))), ctap.OK)
				if got := k.readLargeBlobs(); !bytes.Equal(got, array) {
					k.Differ(fmt.Sprintf("%x", array), fmt.Sprintf("%x", got), "another large-blob array")
				}
			}),
		},
		{
			ID: "config/token/not-used-up", Spec: at("6.5.5.7", ""), Level: conformance.MustNot, Needs: []need{configCommand(ctap.SetMinPINLength), pinToken}, Twin: "config/min-pin-length/raised",
			Doc:     "Configuring does not use a token up.",
			Catches: []string{"token/used-up-by-anything"},
			Run: on(func(k *key) {
				t := k.configurer()
				for range 3 {
					k.expect(k.send(configure(t, ctap.SetMinPINLength, cbor.Map{})), ctap.OK)
				}
			}),
		},
		{
			ID: "bioenrollment/token/not-used-up", Spec: at("6.5.5.7", ""), Level: conformance.MustNot, Needs: []need{bioEnroll, pinToken}, Twin: "bioenrollment/enumerate/plain",
			Doc:     "Managing fingers does not use a token up.",
			Catches: []string{"token/used-up-by-anything"},
			Run: on(func(k *key) {
				t := k.enroller()
				id := k.enrolFinger(t)
				for _, name := range []string{"one", "two"} {
					k.expect(k.send(enrol(t, ctap.SetFriendlyName, cbor.Map{{Key: bioTemplateID, Value: id}, {Key: bioName, Value: name}})), ctap.OK)
				}
			}),
		},
	}
}
