package authenticators

import (
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// unaskedCases are about extensions whose input is false, which asks for nothing, and
// about how much of a name is kept.
func unaskedCases() []testCase {
	const least = 64
	return []testCase{
		{
			ID: "credblob/false", Spec: at("12.2", ""), Level: conformance.MustNot, Needs: []need{extension(ctap.ExtensionCredBlob), residentKeys}, Twin: "credblob/kept",
			Doc:     "Where credBlob is false in a getAssertion no blob is told.",
			Catches: []string{"credblob/told-unasked"},
			Run: on(func(k *key) {
				c := k.make(extending(discoverable(k.newCredential()), ctap.ExtensionCredBlob, k.draw(16)))
				k.outputIs(k.assert(extending(k.useOf(c), ctap.ExtensionCredBlob, false)).data, ctap.ExtensionCredBlob, nil)
			}),
		},
		{
			ID: "minpinlength/false", Spec: at("12.5", ""), Level: conformance.MustNot, Twin: "minpinlength/told",
			Needs:   []need{extension(ctap.ExtensionMinPINLength), configCommand(ctap.SetMinPINLength), pinToken, feature("room for an RP ID", func(i *info) bool { return i.uint(infoMaxRPIDs, 0) > 0 })},
			Doc:     "Where minPinLength is false minPINLength is not told, not even to who may know it.",
			Catches: []string{"config/minimum-told-unasked"},
			Run: on(func(k *key) {
				k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINRPIDs, Value: cbor.Array{k.rp}}})
				k.outputIs(k.make(extending(k.newCredential(), ctap.ExtensionMinPINLength, false)).data, ctap.ExtensionMinPINLength, nil)
			}),
		},
		{
			ID: "credentialmanagement/credentials/names-of-64-bytes", Spec: conformance.Spec{Document: webauthn, Section: "6.4.1"}, Level: conformance.Must, Needs: cmNeeds(), Twin: "credentialmanagement/credentials/plain",
			Doc:     "Names of 64 bytes are kept whole.",
			Catches: []string{"create/names-of-63-bytes"},
			Run: on(func(k *key) {
				name, display := strings.Repeat("n", least), strings.Repeat("d", least)
				user := cbor.Map{{Key: "id", Value: k.draw(16)}, {Key: "name", Value: name}, {Key: "displayName", Value: display}}
				k.make(discoverable(k.newCredential().with(mcUser, user)))
				told := k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, hashParams(k.rp)))
				k.expectOK(told)
				for member, want := range map[string]string{"name": name, "displayName": display} {
					got, ok := k.mapOf(told, managedUser).Get(member)
					if text, _ := got.(string); ok && text != want {
						k.Differ(want, fmt.Sprint(got), "%s of %d bytes is cut", member, least)
					}
				}
			}),
		},
	}
}
