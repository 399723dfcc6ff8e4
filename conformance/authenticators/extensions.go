package authenticators

import (
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
			k.outputIs(c.data, ctap.ExtensionCredProtect, max(2, k.level()))
			if m, _ := c.data.extensions.Value.(cbor.Map); len(m) != 2 || len(c.data.extensions.Defects) > 0 {
				k.Differ("two outputs in canonical form", fmt.Sprint(m, c.data.extensions.Defects), "other outputs")
			}
		}),
	},
}
