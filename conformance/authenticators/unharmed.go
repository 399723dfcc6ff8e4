package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// unharmedCases are about what a request that is refused must not have done.
func unharmedCases() []testCase {
	return []testCase{
		{
			ID: "largeblobs/set/digest-keeps-old", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: []need{largeBlobs, anyToken}, Twin: "largeblobs/set/plain",
			Doc:     "An array whose digest is wrong leaves the one that was written before.",
			Catches: []string{"largeblob/failure-empties"},
			Run: on(func(k *key) {
				before, after := k.blobs(64), k.blobs(80)
				k.writeLargeBlobs(before)
				after[len(after)-1] ^= 1
				k.expect(k.send(writeFragment(k.blobWriter(), after, 0, len(after))), ctap.IntegrityFailure)
				k.arrayIs(before)
			}),
		},
		{
			ID: "largeblobs/set/later-token-missing", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: []need{largeBlobs, anyToken}, Twin: "largeblobs/set/several-fragments",
			Doc:     "A fragment that is not the first, and comes without a pinUvAuthParam, is answered with PUAT_REQUIRED by a protected device.",
			Catches: []string{"largeblob/later-fragments-of-anybody"},
			Run: on(func(k *key) {
				all, t := k.blobs(300), k.blobWriter()
				k.expect(k.send(writeFragment(t, all[:200], 0, 300)), ctap.OK)
				k.expect(k.send(writeFragment(t, all[200:], 200, 300).without(lbParam).without(lbProtocol)), ctap.PUATRequired)
				k.arrayIs(initialLargeBlobs)
			}),
		},
		{
			ID: "largeblobs/set/overlap", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: []need{largeBlobs, anyToken}, Twin: "largeblobs/set/several-fragments",
			Doc:     "A fragment that begins before the end of the one before is answered with INVALID_SEQ.",
			Catches: []string{"lenient/sequence", "status/sequence"},
			Run: on(func(k *key) {
				all, t := k.blobs(300), k.blobWriter()
				k.expect(k.send(writeFragment(t, all[:200], 0, 300)), ctap.OK)
				k.expect(k.send(writeFragment(t, all[100:200], 100, 300)), ctap.InvalidSeq)
			}),
		},
		{
			ID: "makecredential/failure-makes-nothing", Spec: at("6.1.2", "15"), Level: conformance.MustNot, Needs: []need{residentKeys, extension(ctap.ExtensionLargeBlobKey)}, Twin: "largeblobkey/kept",
			Doc:     "Where an extension is refused no credential is made.",
			Catches: []string{"create/refused-is-kept"},
			Run: on(func(k *key) {
				k.refused(k.send(k.authorise(extending(discoverable(k.newCredential()), ctap.ExtensionLargeBlobKey, false))))
				k.expect(k.send(k.authorise(k.use())), ctap.NoCredentials)
			}),
		},
		{
			ID: "getassertion/counter-silent", Spec: conformance.Spec{Document: webauthn, Section: "6.1.1"}, Level: conformance.Should, Needs: []need{touchSigns}, Twin: "getassertion/counter",
			Doc:     "The signature counter rises also with assertions that nobody was asked for, or is always 0.",
			Catches: []string{"counter/silent-frozen"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential())
				last := k.assert(k.useOf(c)).data.count
				for range 2 {
					now := k.asserted(k.send(withOption(k.useOf(c), "up", false))).data.count
					if (now != 0 || last != 0) && now <= last {
						k.Differ(fmt.Sprintf("more than %d", last), fmt.Sprint(now), "the counter does not rise")
					}
					last = now
				}
			}),
		},
	}
}
