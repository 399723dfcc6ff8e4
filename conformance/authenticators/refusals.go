package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// refusalCases are about the form of refusals, whatever command they answer, and
// about limits that hold for several.
func refusalCases() []testCase {
	limited := feature("member maxCredentialCountInList of getInfo", func(i *info) bool {
		return i.uint(infoMaxCredentialCount, 0) > 0 && i.uint(infoMaxCredentialCount, 0) <= 32
	})
	// tooMany is one entry more than a list may have, each as short as can be.
	tooMany := func(k *key) cbor.Array {
		list := cbor.Array{}
		for range k.info().uint(infoMaxCredentialCount, 0) + 1 {
			list = append(list, descriptor(k.draw(1)))
		}
		return list
	}
	return []testCase{
		{
			ID: "command/refusal-is-one-byte", Spec: at("8.2", ""), Level: conformance.Must, Twin: mcPlain,
			Doc:     "A refusal is the status alone.",
			Catches: []string{"status/with-data"},
			Run: on(func(k *key) {
				for _, r := range []request{
					{command: 0x3F}, k.newCredential().without(mcRP), k.authorise(k.use()), nextAssertion(),
					k.authorise(k.newCredential().with(mcParams, algorithms(-65000))),
				} {
					a := k.send(r)
					k.refused(a)
					k.statusAlone(a)
				}
			}),
		},
		{
			ID: "command/too-large", Spec: at("6.4", ""), Level: conformance.Should, Twin: "getinfo/max-msg-size-is-kept",
			Doc:     "A request of more than maxMsgSize bytes is answered with REQUEST_TOO_LARGE.",
			Catches: []string{"status/too-large"},
			Run: on(func(k *key) {
				size := int(k.info().uint(infoMaxMsgSize, defaultMaxMsgSize))
				if size >= ctap.MaxMsgSize {
					k.Unsupportedf("needs a maxMsgSize of less than CTAPHID carries")
				}
				r := k.authorise(k.newCredential())
				k.expect(k.send(r.with(0x70, make([]byte, size))), ctap.RequestTooLarge)
			}),
		},
		{
			ID: "makecredential/exclude/too-many", Spec: at("6.4", ""), Level: conformance.Should, Needs: []need{limited}, Twin: "makecredential/exclude/miss",
			Doc:     "A list of more than maxCredentialCountInList entries is answered with LIMIT_EXCEEDED or INVALID_LENGTH.",
			Catches: []string{"status/limit-exceeded"},
			Run: on(func(k *key) {
				k.expect(k.send(k.authorise(k.newCredential().with(mcExcludeList, tooMany(k)))), ctap.LimitExceeded, ctap.InvalidLength)
			}),
		},
		{
			ID: "getassertion/allow-list/too-many", Spec: at("6.4", ""), Level: conformance.Should, Needs: []need{limited}, Twin: gaPlain,
			Doc:     "A list of more than maxCredentialCountInList entries is answered with LIMIT_EXCEEDED or INVALID_LENGTH.",
			Catches: []string{"status/limit-exceeded"},
			Run: on(func(k *key) {
				k.expect(k.send(k.authorise(k.use().with(gaAllowList, tooMany(k)))), ctap.LimitExceeded, ctap.InvalidLength)
			}),
		},
		{
			ID: "getassertion/allow-list/as-many-as-announced", Spec: at("6.4", ""), Level: conformance.Must, Needs: []need{limited},
			Doc: "A list of maxCredentialCountInList entries is read to its end.",
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				list := tooMany(k)[1:]
				list[len(list)-1] = c.descriptor()
				k.ofCredential(k.assert(k.use().with(gaAllowList, list)), c)
			}),
		},
		{
			ID: "makecredential/long-names-stay-text", Spec: at("6.1.2", "17.3"), Level: conformance.Must, Needs: cmNeeds(), Twin: "credentialmanagement/credentials/plain",
			Doc:     "Names that are shortened are cut between characters, and begin as they did.",
			Catches: []string{"quirk/name-cut-in-character"},
			Run: on(func(k *key) {
				for _, lead := range []string{"", "a", "ab", "abc"} {
					k.cutName(lead)
				}
			}),
		},
	}
}

// lists ends the case unless lists may have so many entries.
func (k *key) lists(n uint64) {
	if most := k.info().uint(infoMaxCredentialCount, n); most < n {
		k.Unsupportedf("needs lists of %d entries", n)
	}
}

// cutName makes a passkey whose names are long, and looks at what is kept of them.
func (k *key) cutName(lead string) {
	long := lead
	for len(long) < 150 {
		long += "\U0001F511"
	}
	rp := "long" + lead + "." + k.rp
	user := cbor.Map{{Key: "id", Value: k.draw(8)}, {Key: "name", Value: long}, {Key: "displayName", Value: long}}
	k.make(discoverable(k.newCredential().with(mcRP, rpEntity(rp)).with(mcUser, user)))
	a := k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, hashParams(rp)))
	k.expectOK(a)
	k.canonical(a)
	for _, member := range []string{"name", "displayName"} {
		v, _ := k.mapOf(a, managedUser).Get(member)
		if kept, ok := v.(string); ok && (len(kept) > len(long) || kept != long[:len(kept)]) {
			k.Differ(fmt.Sprintf("a beginning of %q", long), fmt.Sprintf("%q", kept), "%s is another one", member)
		}
	}
}
