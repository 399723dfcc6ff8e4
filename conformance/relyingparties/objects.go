package relyingparties

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

var (
	decodeObject = at71("13")
	formatStep   = at71("21")
)

// badObject is a case of a registration whose attestation object is wrong.
func badObject(what string, level conformance.Level, doc string, c change, needs ...need) testCase {
	return testCase{
		ID: "registration/object/" + what, Spec: decodeObject, Level: level, Twin: plainRegistration, Needs: needs,
		Doc: "A registration whose attestation object " + doc + " is refused.", Run: registration{change: c}.refused(),
	}
}

// rewritten writes the members of the object anew.
func rewritten(f func(cbor.Map) []byte) change {
	return objectBytes(func(b []byte) []byte {
		item, err := cbor.Decode(b)
		m, is := item.Value.(cbor.Map)
		if err != nil || !is {
			return b
		}
		return f(m)
	})
}

func objectCases() []testCase { return concat(objectForms, objectMembers, formats, canonicalObjects) }

var objectForms = []testCase{
	badObject("empty", conformance.Must, "has no bytes", objectBytes(func([]byte) []byte { return []byte{} })),
	badObject("not-cbor", conformance.Must, "is no CBOR", objectBytes(func([]byte) []byte { return []byte{0xff, 0x00, 0xff} })),
	badObject("empty-map", conformance.Must, "has no members", objectBytes(func([]byte) []byte { return cbor.Encode(cbor.Map{}) })),
	badObject("array", conformance.Must, "is a list", rewritten(func(m cbor.Map) []byte { return cbor.Encode(cbor.Array{m}) })),
	badObject("byte-string", conformance.Must, "stands in a byte string", objectBytes(func(b []byte) []byte { return cbor.Encode(b) })),
	badObject("text", conformance.Must, "is a text", objectBytes(func([]byte) []byte { return cbor.Encode("none") })),
	badObject("number", conformance.Must, "is a number", objectBytes(func([]byte) []byte { return cbor.Encode(1) })),
	badObject("null", conformance.Must, "is null", objectBytes(func([]byte) []byte { return cbor.Encode(nil) })),
	badObject("json", conformance.Must, "is JSON", objectBytes(func([]byte) []byte { return []byte(`{"fmt":"none","attStmt":{},"authData":""}`) })),
	badObject("cut-off", conformance.Must, "lacks its last byte", objectBytes(func(b []byte) []byte { return b[:len(b)-1] })),
	badObject("half", conformance.Must, "ends in the middle", objectBytes(func(b []byte) []byte { return b[:len(b)/2] })),
	badObject("trailing-byte", conformance.Should, "is followed by a byte", objectBytes(func(b []byte) []byte { return then(b, 0) })),
	badObject("trailing-map", conformance.Should, "is followed by another", objectBytes(func(b []byte) []byte { return then(b, b...) })),
	badObject("tagged", conformance.Should, "is tagged", objectBytes(func(b []byte) []byte { return append([]byte{0xd9, 0xd9, 0xf7}, b...) })),
}

// What a statement of format none is, no step looks at (§8.7), so that several libraries
// do not either.
var objectMembers = []testCase{
	badObject("fmt-missing", conformance.Must, "has no fmt", objectWithout("fmt")),
	badObject("fmt-number", conformance.Must, "has a number for fmt", objectMember("fmt", 0), heeded),
	badObject("fmt-null", conformance.Must, "has null for fmt", objectMember("fmt", nil), heeded),
	badObject("fmt-bytes", conformance.Must, "has its fmt in a byte string", objectMember("fmt", []byte("none")), heeded),
	badObject("fmt-list", conformance.Must, "has its fmt in a list", objectMember("fmt", cbor.Array{"none"}), heeded),
	badObject("attstmt-missing", conformance.Should, "has no attStmt", objectWithout("attStmt")),
	badObject("attstmt-null", conformance.Should, "has null for attStmt", objectMember("attStmt", nil), heeded),
	badObject("attstmt-text", conformance.Should, "has a text for attStmt", objectMember("attStmt", "none"), heeded),
	badObject("attstmt-bytes", conformance.Should, "has a byte string for attStmt", objectMember("attStmt", []byte{}), heeded),
	badObject("attstmt-array", conformance.Should, "has a list for attStmt", objectMember("attStmt", cbor.Array{}), heeded),
	badObject("attstmt-number", conformance.Should, "has a number for attStmt", objectMember("attStmt", 0), heeded),
	badObject("authdata-missing", conformance.Must, "has no authData", objectWithout("authData")),
	badObject("authdata-null", conformance.Must, "has null for authData", objectMember("authData", nil)),
	badObject("authdata-text", conformance.Must, "has its authData as a text", change{Object: func(m cbor.Map) cbor.Map {
		v, _ := m.Get("authData")
		b, _ := v.([]byte)
		return m.With("authData", forge.Base64(b))
	}}),
	badObject("authdata-empty", conformance.Must, "has no bytes in its authData", objectMember("authData", []byte{})),
	badObject("authdata-list", conformance.Must, "has its authData in a list", change{Object: func(m cbor.Map) cbor.Map {
		v, _ := m.Get("authData")
		return m.With("authData", cbor.Array{v})
	}}),
	badObject("authdata-number", conformance.Must, "has a number for authData", objectMember("authData", 0)),
	badObject("capitals", conformance.Should, "has names that begin with capitals", rewritten(func(m cbor.Map) []byte {
		out := cbor.Map{}
		for _, p := range m {
			name, _ := p.Key.(string)
			out = append(out, cbor.Pair{Key: map[string]string{"fmt": "Fmt", "attStmt": "AttStmt", "authData": "AuthData"}[name], Value: p.Value})
		}
		return cbor.Encode(out)
	})),
	badObject("numbers-for-names", conformance.Must, "has the numbers that CTAP has for its members", rewritten(func(m cbor.Map) []byte {
		out := cbor.Map{}
		for _, p := range m {
			name, _ := p.Key.(string)
			out = append(out, cbor.Pair{Key: map[string]int{"fmt": 1, "authData": 2, "attStmt": 3}[name], Value: p.Value})
		}
		return cbor.Encode(out)
	})),
}

var formats = []testCase{
	unknownFormat("unknown", "passkeylab-unknown"), unknownFormat("upper-case", "NONE"), unknownFormat("capital", "None"),
	unknownFormat("spaced", "none "), unknownFormat("empty", ""), unknownFormat("longer", "none2"), unknownFormat("packed-upper-case", "Packed"),
	{
		ID: "registration/format/statement-of-packed", Spec: l3("8.7"), Level: conformance.Should, Twin: plainRegistration, Needs: []need{heeded},
		Doc: "A registration of format none whose statement is one of format packed is refused.",
		Run: registration{attest: func(_ *client, key *forge.Key) forge.Attest {
			return func(authData, hash []byte) (string, any, error) {
				_, statement, err := forge.Self(key)(authData, hash)
				return none, statement, err
			}
		}}.refused(),
	},
	{
		ID: "registration/format/statement-with-member", Spec: l3("8.7"), Level: conformance.Should, Twin: plainRegistration, Needs: []need{heeded},
		Doc: "A registration of format none whose statement has a member is refused.",
		Run: registration{change: objectMember("attStmt", cbor.Map{{Key: "ver", Value: "2.0"}})}.refused(),
	},
	{
		ID: "registration/format/packed-without-statement", Spec: l3("8.2"), Level: conformance.Must, Twin: plainRegistration, Needs: []need{heeded},
		Doc: "A registration of format packed with an empty statement is refused.",
		Run: registration{change: objectMember("fmt", "packed")}.refused(),
	},
	{
		ID: "registration/format/u2f-without-statement", Spec: l3("8.6"), Level: conformance.Must, Twin: plainRegistration, Needs: []need{heeded},
		Doc: "A registration of format fido-u2f with an empty statement is refused.",
		Run: registration{change: objectMember("fmt", "fido-u2f")}.refused(),
	},
	{
		ID: "registration/format/none-though-direct", Spec: at71("24"), Level: conformance.Must, Twin: plainRegistration,
		Needs: []need{conveys(direct), chosen(switchNone, "accept")},
		Doc:   "A registration without attestation is accepted where it was asked for.",
		Run:   registration{ask: creationAsk{attestation: direct}}.accepted(),
	},
	{
		ID: "registration/format/none-though-direct-refused", Spec: at71("24"), Level: conformance.Must, Twin: plainRegistration,
		Needs: []need{conveys(direct), chosen(switchNone, "refuse")},
		Doc:   "A registration without attestation is refused where it was asked for.",
		Run:   registration{ask: creationAsk{attestation: direct}}.refused(),
	},
	{
		ID: "registration/format/self-though-none", Spec: at71("24"), Level: conformance.May, Twin: plainRegistration,
		Doc: "A registration that is self attested is accepted where no attestation was asked for.",
		Run: registration{attest: selfAttested}.accepted(),
	},
}

func unknownFormat(what, name string) testCase {
	return testCase{
		ID: "registration/format/" + what, Spec: formatStep, Level: conformance.Must, Twin: plainRegistration, Needs: []need{heeded},
		Doc: "A registration of the format \"" + name + "\" is refused: formats are compared with regard to case.",
		Run: registration{change: objectMember("fmt", name)}.refused(),
	}
}

// canonicalObjects are about the form that authenticators have to write CBOR in.
var canonicalObjects = []testCase{
	badObject("duplicate-member", conformance.Should, "has a member twice", rewritten(func(m cbor.Map) []byte {
		return cbor.EncodeAsIs(append(m, cbor.Pair{Key: "fmt", Value: "none"}))
	})),
	badObject("unknown-member", conformance.Must, "has a member that nobody knows", objectMember("new", 1), chosen(switchMembers, "refuse")),
	badObject("order", conformance.Must, "has its members in another order than canonical CBOR", rewritten(backwards), chosen(switchCanonical, "refuse")),
	badObject("indefinite", conformance.Should, "is a map of indefinite length", rewritten(func(m cbor.Map) []byte { return cbor.IndefiniteMap(m) })),
	badObject("long-text", conformance.Must, "tells a length in more bytes than it needs", objectMember("fmt", cbor.LongText("none")), chosen(switchCanonical, "refuse")),
	{
		ID: "registration/object/order-accepted", Spec: decodeObject, Level: conformance.Should, Twin: plainRegistration,
		Needs: []need{chosen(switchCanonical, "any", "accept")},
		Doc:   "A registration whose attestation object has its members in another order is accepted: browsers have written several.",
		Run:   registration{change: rewritten(backwards)}.accepted(),
	},
	{
		ID: "registration/object/unknown-member-accepted", Spec: decodeObject, Level: conformance.Must, Twin: plainRegistration,
		Needs: []need{chosen(switchMembers, "ignore")},
		Doc:   "A registration whose attestation object has a member that nobody knows is accepted.",
		Run:   registration{change: objectMember("new", 1)}.accepted(),
	},
}

// backwards writes members in the order of their names: attStmt, authData, fmt, which
// is not that of canonical CBOR.
func backwards(m cbor.Map) []byte {
	out := cbor.Map{}
	for _, name := range []string{"attStmt", "authData", "fmt"} {
		v, _ := m.Get(name)
		out = append(out, cbor.Pair{Key: name, Value: v})
	}
	return cbor.EncodeAsIs(out)
}
