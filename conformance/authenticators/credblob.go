package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// credBlobCases are those of credBlob (§12.2).
func credBlobCases() []testCase {
	needs := []need{extension(ctap.ExtensionCredBlob)}
	// Blobs may be kept for discoverable credentials alone.
	keeping := func(k *key, blob []byte) request {
		r := extending(k.newCredential(), ctap.ExtensionCredBlob, blob)
		if k.info().option(ctap.OptionRK) {
			r = discoverable(r)
		}
		return r
	}
	asking := func(k *key, c *credential) *authData {
		return k.assert(extending(k.useOf(c), ctap.ExtensionCredBlob, true)).data
	}
	return []testCase{
		{
			ID: "credblob/kept", Spec: at("12.2", ""), Level: conformance.Must, Needs: needs,
			Doc:     "A blob of maxCredBlobLength bytes is kept, and handed out with an assertion.",
			Catches: []string{"authdata/outputs-lost", "credblob/cut", "credblob/denied", "credblob/lost", "credblob/untold"},
			Run: on(func(k *key) {
				blob := k.draw(int(k.info().uint(infoMaxCredBlob, leastCredBlob)))
				c := k.make(keeping(k, blob))
				if kept, _ := c.data.output(ctap.ExtensionCredBlob); kept == any(false) && !k.info().option(ctap.OptionRK) {
					k.Unsupportedf("needs a device that keeps blobs of credentials that are not discoverable")
				}
				k.outputIs(c.data, ctap.ExtensionCredBlob, true)
				k.outputIs(asking(k, c), ctap.ExtensionCredBlob, blob)
			}),
		},
		{
			ID: "credblob/too-long", Spec: at("12.2", ""), Level: conformance.Must, Needs: needs, Twin: "credblob/kept",
			Doc:     "A blob longer than maxCredBlobLength is not kept, which is no error.",
			Catches: []string{"credblob/untold"},
			Run: on(func(k *key) {
				c := k.make(keeping(k, k.draw(int(k.info().uint(infoMaxCredBlob, leastCredBlob))+1)))
				k.outputIs(c.data, ctap.ExtensionCredBlob, false)
				k.outputIs(asking(k, c), ctap.ExtensionCredBlob, []byte{})
			}),
		},
		{
			ID: "credblob/none", Spec: at("12.2", ""), Level: conformance.Must, Needs: needs, Twin: "credblob/kept",
			Doc:     "The blob of a credential without one is empty.",
			Catches: []string{"credblob/untold"},
			Run: on(func(k *key) {
				k.outputIs(asking(k, k.make(k.newCredential())), ctap.ExtensionCredBlob, []byte{})
			}),
		},
		{
			ID: "credblob/unasked", Spec: at("12.2", ""), Level: conformance.MustNot, Needs: needs, Twin: "credblob/kept",
			Doc: "A blob is not handed out unasked.",
			Run: on(func(k *key) {
				c := k.make(keeping(k, k.draw(8)))
				k.outputIs(k.assert(k.useOf(c)).data, ctap.ExtensionCredBlob, nil)
			}),
		},
		{
			ID: "credblob/each-its-own", Spec: at("6.3", ""), Level: conformance.Must, Needs: append(needs, residentKeys), Twin: "credblob/kept",
			Doc: "Each of several credentials hands its own blob out.",
			Run: on(func(k *key) {
				blobs := [][]byte{k.draw(8), k.draw(8)}
				for _, blob := range blobs {
					k.make(keeping(k, blob))
				}
				s := k.startSequence(k.authorise(extending(k.use(), ctap.ExtensionCredBlob, true)), 2)
				k.outputIs(s.data, ctap.ExtensionCredBlob, blobs[1])
				k.outputIs(k.asserted(k.send(nextAssertion())).data, ctap.ExtensionCredBlob, blobs[0])
			}),
		},
		{
			ID: "credblob/wrong-type", Spec: at("12", ""), Level: conformance.Must, Needs: needs, Twin: "credblob/kept",
			Doc: "An input that is no byte string is an error.",
			Run: on(func(k *key) {
				for _, input := range []any{"blob", true, 1} {
					k.refused(k.send(k.authorise(extending(k.newCredential(), ctap.ExtensionCredBlob, input))))
				}
			}),
		},
	}
}
