package authenticators

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// extensionCases are those of the extensions (§12), but for hmac-secret.
func extensionCases() []testCase {
	return slices.Concat(extensionCommon, credProtectCases(), credBlobCases(), largeBlobKeyCases(), minPINLengthExtensionCases(), otherExtensionCases)
}

// extending adds an input of an extension to a ceremony.
func extending(r request, id string, input any) request {
	member := gaExtensions
	if r.command == ctap.CommandMakeCredential {
		member = mcExtensions
	}
	now, _ := r.params.Get(member)
	inputs, _ := now.(cbor.Map)
	return r.with(member, inputs.With(id, input))
}

// outputIs complains unless an extension put this out; nil is for nothing at all.
func (k *key) outputIs(data *authData, id string, want any) {
	got, ok := data.output(id)
	if want == nil {
		if ok {
			k.Differ("no output", cbor.Text(got, nil), "%s put something out", id)
		}
		return
	}
	if !ok || !cbor.Same(got, want) {
		k.Differ(cbor.Text(want, nil), cbor.Text(got, nil), "%s put something else out", id)
	}
}

var extensionCommon = []testCase{
	{
		ID: "extension/unknown", Spec: at("12", ""), Level: conformance.Must, Twin: mcPlain,
		Doc: "An extension that is not known is ignored, whatever its input.",
		Run: on(func(k *key) {
			for _, input := range []any{true, 7, "text", []byte{1}, cbor.Map{{Key: 1, Value: cbor.Array{1}}}} {
				c := k.make(extending(k.newCredential(), "tomorrow", input))
				k.outputIs(c.data, "tomorrow", nil)
				k.outputIs(k.assert(extending(k.useOf(c), "tomorrow", input)).data, "tomorrow", nil)
			}
		}),
	},
	{
		ID: "extension/empty-map", Spec: at("12", ""), Level: conformance.Must, Twin: mcPlain,
		Doc:     "A map of extensions without any is as none.",
		Catches: []string{"authdata/outputs-empty"},
		Run: on(func(k *key) {
			if c := k.make(k.newCredential().with(mcExtensions, cbor.Map{})); c.data.hasOutputs {
				k.Errorf("there are extension outputs")
			}
		}),
	},
	{
		ID: "extension/outputs-are-asked-for", Spec: at("6.1.2", "15"), Level: conformance.MustNot,
		Doc:     "Every extension output is of an extension that had an input.",
		Catches: []string{"authdata/output-unasked", "quirk/extensions-refused"},
		Run: on(func(k *key) {
			r := k.newCredential()
			asked := map[any]bool{}
			for _, id := range []string{ctap.ExtensionHMACSecret, ctap.ExtensionMinPINLength} {
				r = extending(r, id, true)
				asked[id] = true
			}
			m, _ := k.make(r).data.extensions.Value.(cbor.Map)
			for _, p := range m {
				if !asked[p.Key] {
					k.Errorf("an output of %s, which had no input", cbor.Text(p.Key, nil))
				}
			}
		}),
	},
}

// credProtectCases are those of credProtect (§12.1).
func credProtectCases() []testCase {
	needs := func(more ...need) []need { return append([]need{extension(ctap.ExtensionCredProtect)}, more...) }
	protecting := func(k *key, level int) request { return extending(k.newCredential(), ctap.ExtensionCredProtect, level) }
	noUV := feature("assertions without user verification", func(i *info) bool { return !i.option(ctap.OptionAlwaysUv) })
	return []testCase{
		{
			ID: "credprotect/output", Spec: at("12.1", ""), Level: conformance.Must, Needs: needs(),
			Doc:     "The level that was asked for is put out.",
			Catches: []string{"authdata/outputs-lost", "credprotect/output-lower", "credprotect/output-missing", "flags/ed-missing"},
			Run: on(func(k *key) {
				for level := 1; level <= 3; level++ {
					k.outputIs(k.make(protecting(k, level)).data, ctap.ExtensionCredProtect, level)
				}
			}),
		},
		{
			ID: "credprotect/level-3-hidden", Spec: at("6.2.2", "7.4"), Level: conformance.MustNot, Needs: needs(noUV), Twin: "credprotect/level-3-verified",
			Doc:     "A credential of level 3 does not sign for a user who was not verified, though a list names it.",
			Catches: []string{"credprotect/level-3-used"},
			Run: on(func(k *key) {
				c := k.make(protecting(k, 3))
				k.expect(k.send(k.useOf(c)), ctap.NoCredentials)
			}),
		},
		{
			ID: "credprotect/level-3-verified", Spec: at("6.2.2", "7.4"), Level: conformance.Must, Needs: needs(feature("user verification", canVerify)),
			Doc: "A credential of level 3 signs for a user who was verified.",
			Run: on(func(k *key) {
				c := k.make(protecting(k, 3))
				k.expectOK(k.send(k.verified(k.useOf(c))))
			}),
		},
		{
			ID: "credprotect/level-2-in-list", Spec: at("6.2.2", "7.5"), Level: conformance.Must, Needs: needs(noUV),
			Doc:     "A credential of level 2 signs for a user who was not verified where a list names it.",
			Catches: []string{"credprotect/level-2-unlisted"},
			Run: on(func(k *key) {
				c := k.make(protecting(k, 2))
				k.expectOK(k.send(k.useOf(c)))
			}),
		},
		{
			ID: "credprotect/level-2-not-found", Spec: at("6.2.2", "7.5"), Level: conformance.MustNot, Needs: needs(noUV, residentKeys), Twin: "credprotect/level-1-found",
			Doc:     "A credential of level 2 is not found without a list for a user who was not verified.",
			Catches: []string{"credprotect/level-2-discovered", "credprotect/level-not-kept"},
			Run: on(func(k *key) {
				k.make(discoverable(protecting(k, 2)))
				k.expect(k.send(k.use()), ctap.NoCredentials)
			}),
		},
		{
			ID: "credprotect/level-1-found", Spec: at("12.1", ""), Level: conformance.Must, Needs: needs(noUV, residentKeys),
			Doc:     "A credential of level 1 is found without a list and without verification.",
			Catches: []string{"credprotect/forced"},
			Run: on(func(k *key) {
				c := k.make(discoverable(protecting(k, 1)))
				if v, _ := c.data.output(ctap.ExtensionCredProtect); v != any(int64(1)) {
					k.Unsupportedf("needs a device that makes credentials of level 1")
				}
				k.expectOK(k.send(k.use()))
			}),
		},
		{
			ID: "credprotect/level-3-not-counted", Spec: at("6.2.2", "7.7"), Level: conformance.MustNot, Needs: needs(noUV, residentKeys), Twin: "credprotect/level-1-found",
			Doc:     "Credentials that are hidden from a user who was not verified are not counted either.",
			Catches: []string{"credprotect/level-not-kept"},
			Run: on(func(k *key) {
				k.make(discoverable(protecting(k, 1)))
				k.make(discoverable(protecting(k, 3)))
				k.absent(k.asserted(k.send(k.use())).answer, gotNumber, "though one of two credentials is hidden")
			}),
		},
		{
			ID: "credprotect/level-3-not-excluded", Spec: at("6.1.2", "12.2"), Level: conformance.MustNot, Needs: needs(touchAlone), Twin: "makecredential/exclude/hit",
			Doc:     "A credential of level 3 in excludeList does not matter where the user was not verified.",
			Catches: []string{"credprotect/level-3-excluded"},
			Run: on(func(k *key) {
				c := k.make(protecting(k, 3))
				k.expectOK(k.send(k.excluding(c)))
			}),
		},
		{
			ID: "credprotect/level-3-excluded", Spec: at("6.1.2", "12.2"), Level: conformance.Must, Needs: needs(feature("user verification", canVerify)), Twin: "makecredential/exclude/miss",
			Doc: "A credential of level 3 in excludeList ends the command where the user was verified.",
			Run: on(func(k *key) {
				c := k.make(protecting(k, 3))
				k.expect(k.send(k.verified(k.excluding(c))), ctap.CredentialExcluded)
			}),
		},
		{
			ID: "credprotect/wrong-type", Spec: at("12", ""), Level: conformance.Must, Needs: needs(), Twin: "credprotect/output",
			Doc: "An input that is no integer is an error.",
			Run: on(func(k *key) {
				for _, input := range []any{"3", true, []byte{3}, cbor.Map{}} {
					k.refused(k.send(k.authorise(extending(k.newCredential(), ctap.ExtensionCredProtect, input))))
				}
			}),
		},
	}
}

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
			Catches: []string{"authdata/outputs-lost", "credblob/cut", "credblob/denied", "credblob/lost", "credblob/untold", "info/rk-denied"},
			Run: on(func(k *key) {
				blob := k.draw(int(k.info().uint(infoMaxCredBlob, leastCredBlob)))
				c := k.make(keeping(k, blob))
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

// minPINLengthExtensionCases are those of minPinLength (§12.5).
func minPINLengthExtensionCases() []testCase {
	needs := []need{extension(ctap.ExtensionMinPINLength), configCommand(ctap.SetMinPINLength), pinToken, feature("room for an RP ID", func(i *info) bool { return i.uint(infoMaxRPIDs, 0) > 0 })}
	asking := func(k *key, input any) *authData {
		return k.make(extending(k.newCredential(), ctap.ExtensionMinPINLength, input)).data
	}
	allow := func(k *key) {
		k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINRPIDs, Value: cbor.Array{k.rp}}})
	}
	return []testCase{
		{
			ID: "minpinlength/told", Spec: at("12.5", ""), Level: conformance.Must, Needs: needs,
			Doc:     "minPINLength is told to a relying party that may know it.",
			Catches: []string{"config/minimum-told-to-nobody", "config/rp-list-not-kept"},
			Run: on(func(k *key) {
				allow(k)
				k.outputIs(asking(k, true), ctap.ExtensionMinPINLength, k.info().uint(infoMinPINLength, leastMinPINLength))
			}),
		},
		{
			ID: "minpinlength/told-as-set", Spec: at("12.5", ""), Level: conformance.Must, Needs: needs, Twin: "minpinlength/told",
			Doc:     "Where minPINLength was raised the new one is told.",
			Catches: []string{"config/minimum-told-wrong"},
			Run: on(func(k *key) {
				allow(k)
				raised := k.info().uint(infoMinPINLength, leastMinPINLength) + 2
				k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINNew, Value: raised}})
				k.outputIs(asking(k, true), ctap.ExtensionMinPINLength, raised)
			}),
		},
		{
			ID: "minpinlength/not-told", Spec: at("12.5", ""), Level: conformance.MustNot, Needs: needs, Twin: "minpinlength/told",
			Doc:     "minPINLength is told to nobody else, which is no error.",
			Catches: []string{"config/minimum-told-to-all"},
			Run: on(func(k *key) {
				k.outputIs(asking(k, true), ctap.ExtensionMinPINLength, nil)
				k.set(ctap.SetMinPINLength, cbor.Map{{Key: minPINRPIDs, Value: cbor.Array{"other-" + k.rp}}})
				k.outputIs(asking(k, true), ctap.ExtensionMinPINLength, nil)
			}),
		},
		{
			ID: "minpinlength/reset", Spec: at("6.6", "4"), Level: conformance.Must, Needs: append(needs, power), Twin: "minpinlength/told",
			Doc:     "After a reset no relying party may know minPINLength that the factory did not let.",
			Catches: []string{"config/minimum-told-to-all", "reset/keeps-settings"},
			Run: on(func(k *key) {
				allow(k)
				k.resetNow()
				k.outputIs(asking(k, true), ctap.ExtensionMinPINLength, nil)
			}),
		},
	}
}

// otherExtensionCases are those of extensions with few rules.
var otherExtensionCases = []testCase{
	{
		ID: "thirdpartypayment/kept", Spec: at("12.9", ""), Level: conformance.Must, Needs: []need{extension(ctap.ExtensionThirdPartyPayment)},
		Doc: "Whether a credential was made for payments is told with an assertion that asks for it.",
		Run: on(func(k *key) {
			plain := k.make(k.newCredential())
			paying := k.make(extending(k.newCredential(), ctap.ExtensionThirdPartyPayment, true))
			for c, want := range map[*credential]bool{plain: false, paying: true} {
				k.outputIs(k.assert(extending(k.useOf(c), ctap.ExtensionThirdPartyPayment, true)).data, ctap.ExtensionThirdPartyPayment, want)
			}
		}),
	},
	{
		ID: "uvm/told", Spec: conformance.Spec{Document: "WebAuthn L2", Section: "10.3"}, Level: conformance.Must, Needs: []need{extension("uvm"), feature("user verification", canVerify)},
		Doc:     "How the user was verified is told, in one to three entries of three numbers.",
		Catches: []string{"info/extension-claimed"},
		Run: on(func(k *key) {
			out, _ := k.created(k.ask(k.verified(extending(k.newCredential(), "uvm", true)))).data.output("uvm")
			list, _ := out.(cbor.Array)
			if len(list) < 1 || len(list) > 3 {
				k.Differ("one to three entries", brief(out), "another output")
			}
			for _, entry := range list {
				if numbers, _ := entry.(cbor.Array); len(numbers) != 3 {
					k.Differ("three numbers", brief(entry), "another entry")
				}
			}
		}),
	},
	{
		ID: "pincomplexitypolicy/not-told", Spec: at("12.6", ""), Level: conformance.MustNot, Needs: []need{extension(ctap.ExtensionPINComplexityPolicy)},
		Doc: "The PIN complexity policy is told to no relying party that may not know it.",
		Run: on(func(k *key) {
			k.outputIs(k.make(extending(k.newCredential(), ctap.ExtensionPINComplexityPolicy, true)).data, ctap.ExtensionPINComplexityPolicy, nil)
		}),
	},
	{
		ID: "largeblob/supported", Spec: at("12.4", ""), Level: conformance.Must, Needs: []need{extension(ctap.ExtensionLargeBlob)},
		Doc: "The input support is answered with an unsigned output that says whether blobs can be kept.",
		Run: on(func(k *key) {
			r := extending(k.newCredential(), ctap.ExtensionLargeBlob, cbor.Map{{Key: "support", Value: "preferred"}})
			if k.info().option(ctap.OptionRK) {
				r = discoverable(r)
			}
			c := k.make(r)
			k.outputIs(c.data, ctap.ExtensionLargeBlob, nil)
			out, _ := k.mapOf(c.answer, madeUnsigned).Get(ctap.ExtensionLargeBlob)
			m, _ := out.(cbor.Map)
			if supported, _ := m.Get("supported"); len(m) != 1 || cbor.Kind(supported) != "boolean" {
				k.Differ(`{"supported": true or false}`, cbor.Text(out, nil), "another output")
			}
		}),
	},
	{
		ID: "largeblob/kept", Spec: at("12.4", ""), Level: conformance.Must, Needs: []need{extension(ctap.ExtensionLargeBlob), residentKeys}, Twin: "largeblob/supported",
		Doc: "A blob that was written is read.",
		Run: on(func(k *key) {
			c := k.make(discoverable(extending(k.newCredential(), ctap.ExtensionLargeBlob, cbor.Map{{Key: "support", Value: "required"}})))
			blob := k.draw(60)
			output := func(input cbor.Map) cbor.Map {
				s := k.assert(extending(k.useOf(c), ctap.ExtensionLargeBlob, input))
				out, _ := k.mapOf(s.answer, gotUnsigned).Get(ctap.ExtensionLargeBlob)
				m, _ := out.(cbor.Map)
				return m
			}
			if written, _ := output(cbor.Map{{Key: "write", Value: blob}, {Key: "originalSize", Value: 100}}).Get("written"); written != any(true) {
				k.Fatalf("the blob was not written")
			}
			read := output(cbor.Map{{Key: "read", Value: true}})
			if want := (cbor.Map{{Key: "blob", Value: blob}, {Key: "originalSize", Value: 100}}); !cbor.Same(read, want) {
				k.Differ(cbor.Text(want, nil), cbor.Text(read, nil), "another blob")
			}
		}),
	},
	{
		ID: "extension/all-at-once", Spec: at("12", ""), Level: conformance.Must, Needs: []need{extension(ctap.ExtensionCredProtect), extension(ctap.ExtensionHMACSecret)},
		Doc:     "Several extensions in one request each put out what they put out alone, in canonical form.",
		Catches: []string{"authdata/outputs-lost", "hmacsecret/support-denied", "hmacsecret/support-untold"},
		Run: on(func(k *key) {
			r := extending(extending(k.newCredential(), ctap.ExtensionHMACSecret, true), ctap.ExtensionCredProtect, 2)
			c := k.make(r)
			k.outputIs(c.data, ctap.ExtensionHMACSecret, true)
			k.outputIs(c.data, ctap.ExtensionCredProtect, 2)
			if m, _ := c.data.extensions.Value.(cbor.Map); len(m) != 2 || len(c.data.extensions.Defects) > 0 {
				k.Differ("two outputs in canonical form", fmt.Sprint(m, c.data.extensions.Defects), "other outputs")
			}
		}),
	},
}
