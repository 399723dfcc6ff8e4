package authenticators

import (
	"bytes"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// largeBlobKeyCases are those of largeBlobKey (§12.3).
func largeBlobKeyCases() []testCase {
	needs := []need{extension(ctap.ExtensionLargeBlobKey), residentKeys}
	keyed := func(k *key) request {
		return discoverable(extending(k.newCredential(), ctap.ExtensionLargeBlobKey, true))
	}
	return []testCase{
		{
			ID: "largeblobkey/kept", Spec: at("12.3", ""), Level: conformance.Must, Needs: needs,
			Doc:     "The key has 32 bytes, is the same with every assertion, and is a member of the answer and no extension output.",
			Catches: []string{"largeblob/key-changes", "largeblob/key-missing", "largeblob/key-short"},
			Run: on(func(k *key) {
				c := k.make(keyed(k))
				made := k.bytesOf(c.answer, madeLargeBlobKey)
				if len(made) != 32 {
					k.Differ("32 bytes", brief(made), "a key of another length")
				}
				k.outputIs(c.data, ctap.ExtensionLargeBlobKey, nil)
				for range 2 {
					s := k.assert(extending(k.useOf(c), ctap.ExtensionLargeBlobKey, true))
					if got := k.bytesOf(s.answer, gotLargeBlobKey); !bytes.Equal(got, made) {
						k.Differ(brief(made), brief(got), "another key")
					}
					k.outputIs(s.data, ctap.ExtensionLargeBlobKey, nil)
				}
			}),
		},
		{
			ID: "largeblobkey/each-its-own", Spec: at("12.3", ""), Level: conformance.Must, Needs: needs, Twin: "largeblobkey/kept",
			Doc:     "Two credentials have different keys.",
			Catches: []string{"largeblob/key-missing"},
			Run: on(func(k *key) {
				a, b := k.make(keyed(k)), k.make(keyed(k))
				if bytes.Equal(k.bytesOf(a.answer, madeLargeBlobKey), k.bytesOf(b.answer, madeLargeBlobKey)) {
					k.Errorf("both have the same key")
				}
			}),
		},
		{
			ID: "largeblobkey/unasked", Spec: at("12.3", ""), Level: conformance.MustNot, Needs: needs, Twin: "largeblobkey/kept",
			Doc: "The key is not handed out unasked.",
			Run: on(func(k *key) {
				c := k.make(keyed(k))
				k.absent(k.assert(k.useOf(c)).answer, gotLargeBlobKey, "though nothing asked for it")
			}),
		},
		{
			ID: "largeblobkey/none", Spec: at("12.3", ""), Level: conformance.Must, Needs: needs, Twin: "largeblobkey/kept",
			Doc: "A credential without a key hands none out.",
			Run: on(func(k *key) {
				c := k.make(discoverable(k.newCredential()))
				s := k.assert(extending(k.useOf(c), ctap.ExtensionLargeBlobKey, true))
				k.absent(s.answer, gotLargeBlobKey, "though the credential has none")
			}),
		},
		{
			ID: "largeblobkey/false", Spec: at("12.3", ""), Level: conformance.Must, Needs: needs, Twin: "largeblobkey/kept",
			Doc: "An input of false is answered with INVALID_OPTION, in both ceremonies.",
			Run: on(func(k *key) {
				c := k.make(keyed(k))
				k.expect(k.send(k.authorise(discoverable(extending(k.newCredential(), ctap.ExtensionLargeBlobKey, false)))), ctap.InvalidOption)
				k.expect(k.send(k.authorise(extending(k.useOf(c), ctap.ExtensionLargeBlobKey, false))), ctap.InvalidOption)
			}),
		},
		{
			ID: "largeblobkey/not-discoverable", Spec: at("12.3", ""), Level: conformance.Must, Needs: needs, Twin: "largeblobkey/kept",
			Doc: "Without option rk of true the answer is INVALID_OPTION.",
			Run: on(func(k *key) {
				r := extending(k.newCredential(), ctap.ExtensionLargeBlobKey, true)
				k.expect(k.send(k.authorise(r)), ctap.InvalidOption)
				k.expect(k.send(k.authorise(withOption(r, "rk", false))), ctap.InvalidOption)
			}),
		},
		{
			ID: "largeblobkey/managed", Spec: at("6.8.4", ""), Level: conformance.Must, Needs: append(needs, credMgmt, anyToken), Twin: "largeblobkey/kept",
			Doc:     "credentialManagement tells the key of a credential that has one.",
			Catches: []string{"largeblob/key-missing"},
			Run: on(func(k *key) {
				c := k.make(keyed(k))
				a := k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, hashParams(k.rp)))
				k.expectOK(a)
				want := k.bytesOf(c.answer, madeLargeBlobKey)
				if got := k.bytesOf(a, managedLargeBlobKey); !bytes.Equal(got, want) {
					k.Differ(brief(want), brief(got), "another key")
				}
			}),
		},
	}
}
