package relyingparties

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// Steps about outputs of extensions in both ceremonies.
var outputStep = steps{at71("28"), at72("23")}

// results are what the client says that extensions did.
func results(members ...forge.Member) change {
	return body(func(o forge.Object) forge.Object {
		for _, name := range []string{"clientExtensionResults", "getClientExtensionResults"} {
			if _, there := o.Get(name); there {
				return o.With(name, forge.Object(members))
			}
		}
		return o
	})
}

// outputs are what the authenticator says that extensions did.
func outputs(m cbor.Map) change { return auth(func(a *forge.AuthData) { a.Extend(m) }) }

var (
	ignoresOutputs = chosen(switchExtensions, "ignore")
	refusesOutputs = chosen(switchExtensions, "refuse")
)

func extensionCases() []testCase {
	all := casesOf("extensions", unsolicited)
	for _, kind := range []string{"registration", "login"} {
		all = append(all, testCase{
			ID: kind + "/extensions/results-missing", Spec: l3("5.1.3"), Level: conformance.May, Twin: plainOf(kind),
			Doc: "A " + kind + " without a member for extension results is accepted.",
			Run: ceremony(kind, body(func(o forge.Object) forge.Object {
				return o.Without("clientExtensionResults").Without("getClientExtensionResults")
			}), true),
		})
	}
	return append(all, askedExtensions...)
}

// unsolicited are outputs that nobody asked for. Clients send some.
var unsolicited = []mirrored{
	{what: "unsolicited-results", at: outputStep, level: conformance.Must, accept: true, needs: []need{ignoresOutputs},
		doc:    "A %s with client results of an extension that was not asked for is accepted.",
		change: results(forge.Member{Name: "credProps", Value: forge.Object{{Name: "rk", Value: true}}})},
	{what: "unsolicited-results-refused", at: outputStep, level: conformance.Must, needs: []need{refusesOutputs},
		doc:    "A %s with client results of an extension that was not asked for is refused.",
		change: results(forge.Member{Name: "credProps", Value: forge.Object{{Name: "rk", Value: true}}})},
	{what: "unknown-results", at: outputStep, level: conformance.Must, accept: true, needs: []need{ignoresOutputs},
		doc:    "A %s with client results of an extension that nobody knows is accepted.",
		change: results(forge.Member{Name: "tomorrow", Value: []any{1, "x"}})},
	{what: "unsolicited-outputs", at: outputStep, level: conformance.Must, accept: true, needs: []need{ignoresOutputs},
		doc:    "A %s with authenticator outputs of an extension that was not asked for is accepted.",
		change: outputs(cbor.Map{{Key: "credProtect", Value: 2}})},
	{what: "unknown-outputs", at: outputStep, level: conformance.Must, accept: true, needs: []need{ignoresOutputs},
		doc:    "A %s with authenticator outputs of an extension that nobody knows is accepted.",
		change: outputs(cbor.Map{{Key: "example.extension", Value: cbor.Map{{Key: "a", Value: []byte{1}}}}})},
	{what: "unsolicited-outputs-refused", at: outputStep, level: conformance.Must, needs: []need{refusesOutputs},
		doc:    "A %s with authenticator outputs of an extension that was not asked for is refused.",
		change: outputs(cbor.Map{{Key: "credProtect", Value: 2}})},
	{what: "appid-is-no-rp-id", at: rpIDStep, level: conformance.Must,
		doc:    "A %s with another RP ID hash is refused, though the client says that it used an AppID: none was asked for.",
		change: hashOf("https://attacker.example/appid.json").Both(results(forge.Member{Name: "appid", Value: true}))},
	{what: "rk-false", at: outputStep, level: conformance.Should, accept: true, needs: []need{ignoresOutputs},
		doc:    "A %s is accepted whose client says that the credential is not discoverable, where that was not required.",
		change: results(forge.Member{Name: "credProps", Value: forge.Object{{Name: "rk", Value: false}}})},
}

// askedFor is what a registration asks of extensions.
func askedFor(name string, v any) creationAsk {
	return creationAsk{extensions: forge.Object{{Name: name, Value: v}}}
}

// echoes is met where options have an extension that was asked for.
func echoes(name string, v any) need {
	return feature("extension "+name, func(c *client) bool {
		extensions, _ := c.creationFacts("extension "+name, askedFor(name, v)).all["extensions"].(map[string]any)
		_, there := extensions[name]
		return there
	})
}

// answered is a case of an extension that was asked for, and answers.
func answered(what, name string, asks any, doc string, ch change) testCase {
	return testCase{
		ID: "registration/extensions/" + what, Spec: at71("28"), Level: conformance.Should, Twin: plainRegistration, Needs: []need{echoes(name, asks)},
		Doc: "A registration " + doc + " is accepted, where that was asked for.", Run: registration{ask: askedFor(name, asks), change: ch}.accepted(),
	}
}

// methods has the client name ways in which the user was verified, and the
// authenticator none.
var methods = withFlags(0, forge.UV).Both(results(forge.Member{Name: "uvm", Value: []any{[]any{2, 4, 2}}}))

var askedExtensions = []testCase{
	{
		ID: "registration/extensions/uvm-is-no-verification", Spec: at71("16"), Level: conformance.Must, Twin: "registration/user/verified-required", Needs: []need{verifies(required)},
		Doc: "A registration without the flag UV is refused where user verification is required, whatever the client says of methods.",
		Run: registration{ask: creationAsk{uv: required}, change: methods}.refused(),
	},
	{
		ID: "login/extensions/uvm-is-no-verification", Spec: at72("17"), Level: conformance.Must, Twin: "login/user/verified-required", Needs: []need{verifiesLogin(required)},
		Doc: "A login without the flag UV is refused where user verification is required, whatever the client says of methods.",
		Run: login{ask: requestAsk{uv: required}, change: methods}.refused(),
	},
	answered("cred-props", "credProps", true, "whose client says that the credential is discoverable", results(forge.Member{Name: "credProps", Value: forge.Object{{Name: "rk", Value: true}}})),
	answered("cred-props-not", "credProps", true, "whose client says that the credential is not discoverable", results(forge.Member{Name: "credProps", Value: forge.Object{{Name: "rk", Value: false}}})),
	answered("prf-enabled", "prf", forge.Object{}, "whose client says that there is a PRF", results(forge.Member{Name: "prf", Value: forge.Object{{Name: "enabled", Value: true}}})),
	answered("prf-disabled", "prf", forge.Object{}, "whose client says that there is no PRF", results(forge.Member{Name: "prf", Value: forge.Object{{Name: "enabled", Value: false}}})),
	answered("prf-unanswered", "prf", forge.Object{}, "whose client says nothing of a PRF", results()),
	answered("hmac-secret", "prf", forge.Object{}, "whose authenticator says that it has an hmac-secret", outputs(cbor.Map{{Key: "hmac-secret", Value: true}})),
	answered("large-blob", "largeBlob", forge.Object{{Name: "support", Value: preferred}}, "whose client says that there is room for a large blob", results(forge.Member{Name: "largeBlob", Value: forge.Object{{Name: "supported", Value: true}}})),
	answered("min-pin-length", "minPinLength", true, "whose authenticator says how long its PIN is", outputs(cbor.Map{{Key: "minPinLength", Value: 4}})),
	answered("cred-protect", "credentialProtectionPolicy", "userVerificationRequired", "whose authenticator says how it protects the credential", outputs(cbor.Map{{Key: "credProtect", Value: 3}})),
	{
		ID: "registration/extensions/example", Spec: testList("AttestationResponse-Resp-3"), Level: conformance.Must, Twin: plainRegistration,
		Needs: []need{fidoInterface, echoes("example.extension", true)},
		Doc:   "A registration whose authenticator answers the extension that was asked for is accepted.",
		Run:   registration{ask: askedFor("example.extension", true), change: outputs(cbor.Map{{Key: "example.extension", Value: "this is an example"}})}.accepted(),
	},
	{
		ID: "login/extensions/example", Spec: testList("AssertionResponse-Resp-3"), Level: conformance.Must, Twin: plainLogin,
		Needs: []need{fidoInterface, echoes("example.extension", true)},
		Doc:   "A login whose authenticator answers the extension that was asked for is accepted.",
		Run: login{ask: requestAsk{extensions: forge.Object{{Name: "example.extension", Value: true}}},
			change: outputs(cbor.Map{{Key: "example.extension", Value: "this is an example"}})}.accepted(),
	},
}
