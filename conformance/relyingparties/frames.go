package relyingparties

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

var (
	noFrames = chosen(switchCrossOrigin, "refuse")
	frames   = chosen(switchCrossOrigin, "accept")
)

// framed is client data of a page inside another.
func framed(top string) change {
	return clientMember("crossOrigin", true).Both(clientMember("topOrigin", top))
}

var clientDataFrames = []mirrored{
	{what: "cross-origin-missing", at: crossOriginStep, level: conformance.Must, accept: true,
		doc:    "A %s whose client data has no crossOrigin is accepted: older clients send none.",
		change: clientWithout("crossOrigin")},
	{what: "cross-origin", at: crossOriginStep, level: conformance.Must, needs: []need{noFrames},
		doc:    "A %s of a page inside a page of another origin is refused, where none is expected.",
		change: clientMember("crossOrigin", true)},
	{what: "cross-origin-with-top", at: topOriginStep, level: conformance.Must, needs: []need{noFrames},
		doc:    "A %s of a page inside a page of another origin, which is named, is refused, where none is expected.",
		change: framed("https://attacker.example")},
	{what: "cross-origin-expected", at: crossOriginStep, level: conformance.Should, accept: true, needs: []need{frames},
		doc:    "A %s of a page inside a page of another origin is accepted, where that is expected.",
		change: clientMember("crossOrigin", true)},
	{what: "top-origin-alone", at: topOriginStep, level: conformance.Must, needs: []need{noFrames},
		doc:    "A %s whose client data names a foreign top origin is refused, whatever it says of crossOrigin.",
		change: clientMember("topOrigin", "https://attacker.example")},
	{what: "top-origin-without-cross-origin", at: definition, level: conformance.Should, needs: []need{noFrames},
		doc:    "A %s whose client data names a top origin without crossOrigin is refused: clients never send that.",
		change: clientWithout("crossOrigin").Both(clientMember("topOrigin", "https://attacker.example"))},
	{what: "top-origin-own", at: definition, level: conformance.Should,
		doc: "A %s whose client data names the own origin as the top origin is refused, as it was not made across origins.",
		change: clientChange(func(o forge.Object) forge.Object {
			value, _ := o.Get("origin")
			return o.With("topOrigin", value)
		})},
	{what: "cross-origin-text", at: definition, level: conformance.Should,
		doc:    "A %s whose client data has a text for crossOrigin is refused.",
		change: clientMember("crossOrigin", "true")},
	{what: "cross-origin-number", at: definition, level: conformance.Should,
		doc:    "A %s whose client data has a number for crossOrigin is refused.",
		change: clientMember("crossOrigin", 1)},
	{what: "top-origin-number", at: definition, level: conformance.Should,
		doc:    "A %s whose client data has a number for topOrigin is refused.",
		change: clientMember("topOrigin", 1)},
}

var tokenBindings = []mirrored{
	{what: "token-binding-supported", at: tokenBindingStep, level: conformance.Must, accept: true,
		doc:    "A %s whose client data has a tokenBinding that says no more than that the client has such a thing is accepted.",
		change: clientMember("tokenBinding", forge.Object{{Name: "status", Value: "supported"}})},
	tokenBinding("text", "is a text", "supported"),
	tokenBinding("number", "is a number", 1),
	tokenBinding("without-status", "has no status", forge.Object{}),
	tokenBinding("status-unknown", "has a status that there is not", forge.Object{{Name: "status", Value: "maybe"}}),
	tokenBinding("without-id", "is present without an id", forge.Object{{Name: "status", Value: "present"}}),
}

func tokenBinding(what, doc string, value any) mirrored {
	return mirrored{
		what: "token-binding-" + what, at: tokenBindingStep, level: conformance.Must,
		needs:  []need{chosen(switchTokenBind, "refuse")},
		doc:    "A %s whose client data has a tokenBinding that " + doc + " is refused.",
		change: clientMember("tokenBinding", value),
	}
}
