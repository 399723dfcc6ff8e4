package relyingparties

import (
	"strings"
	"unicode/utf16"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

func clientDataCases() []testCase {
	return casesOf("clientdata", concat(clientDataForms, clientDataTypes, clientDataChallenges, clientDataOrigins, clientDataFrames, tokenBindings))
}

func concat[T any](all ...[]T) []T {
	var out []T
	for _, some := range all {
		out = append(out, some...)
	}
	return out
}

// clientDataForms are about client data as a text.
var clientDataForms = []mirrored{
	{what: "not-json", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data is no JSON is refused.",
		change: clientJSONIs("not JSON")},
	{what: "no-bytes", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data has no bytes is refused.",
		change: clientJSONIs("")},
	{what: "null", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data is null is refused.",
		change: clientJSONIs("null")},
	{what: "number", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data is a number is refused.",
		change: clientJSONIs("1")},
	{what: "text", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data is a string is refused.",
		change: clientJSONIs(`"webauthn.create"`)},
	{what: "empty-object", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data has no members is refused.",
		change: clientJSONIs("{}")},
	{what: "array", at: parseStep, level: conformance.Must,
		doc: "A %s whose client data is a list, of the object that it should be, is refused.",
		change: clientJSON(func(b []byte) []byte {
			return []byte("[" + string(b) + "]")
		})},
	{what: "cut-off", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data lacks its last byte is refused.",
		change: clientJSON(func(b []byte) []byte { return b[:len(b)-1] })},
	{what: "trailing-text", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data is followed by text is refused.",
		change: clientJSON(func(b []byte) []byte { return append(b, "x"...) })},
	{what: "trailing-brace", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data is followed by a brace is refused.",
		change: clientJSON(func(b []byte) []byte { return append(b, '}') })},
	{what: "trailing-zero", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data is followed by a zero byte is refused.",
		change: clientJSON(func(b []byte) []byte { return append(b, 0) })},
	{what: "twice", at: parseStep, level: conformance.Must,
		doc:    "A %s whose client data is two objects is refused.",
		change: clientJSON(func(b []byte) []byte { return append(b, b...) })},
	{what: "trailing-comma", at: parseStep, level: conformance.Should,
		doc: "A %s whose client data has a comma after the last member is refused.",
		change: clientJSON(func(b []byte) []byte {
			return append(b[:len(b)-1], ",}"...)
		})},
	{what: "comment", at: parseStep, level: conformance.Should,
		doc:    "A %s whose client data has a comment in it is refused.",
		change: clientJSON(func(b []byte) []byte { return append(b, "/* */"...) })},
	{what: "single-quotes", at: parseStep, level: conformance.Should,
		doc: "A %s whose client data quotes with apostrophes is refused.",
		change: clientJSON(func(b []byte) []byte {
			return []byte(strings.ReplaceAll(string(b), `"`, "'"))
		})},
	{what: "utf-16", at: decodeStep, level: conformance.Must,
		doc:    "A %s whose client data is UTF-16 is refused: it is read as UTF-8.",
		change: clientJSON(inUTF16)},
	{what: "byte-order-mark", at: decodeStep, level: conformance.Should, accept: true, // no client writes one, and most libraries refuse it
		doc: "A %s whose client data begins with a byte order mark is accepted: UTF-8 decode strips it.",
		change: clientJSON(func(b []byte) []byte {
			return append([]byte("\xef\xbb\xbf"), b...)
		})},
	{what: "two-byte-order-marks", at: decodeStep, level: conformance.Should,
		doc: "A %s whose client data begins with two byte order marks is refused: UTF-8 decode strips one.",
		change: clientJSON(func(b []byte) []byte {
			return append([]byte("\xef\xbb\xbf\xef\xbb\xbf"), b...)
		})},
	{what: "white-space", at: parseStep, level: conformance.Should, accept: true,
		doc: "A %s whose client data has white space around its tokens is accepted.",
		change: clientJSON(func(b []byte) []byte {
			return []byte(" \n" + strings.ReplaceAll(string(b), `","`, "\",\t\"") + "\r\n")
		})},
	{what: "order", at: parseStep, level: conformance.Should, accept: true,
		doc: "A %s whose client data has its members in another order is accepted.",
		change: clientChange(func(o forge.Object) forge.Object {
			out := forge.Object{}
			for i := len(o) - 1; i >= 0; i-- {
				out = append(out, o[i])
			}
			return out
		})},
	{what: "escapes", at: parseStep, level: conformance.Should, accept: true,
		doc: "A %s whose client data has escapes in place of letters is accepted.",
		change: clientJSON(func(b []byte) []byte {
			return []byte(strings.Replace(string(b), "webauthn.", `\u0077ebauthn.`, 1))
		})},
	{what: "unknown-member", at: definition, level: conformance.Must, accept: true,
		doc:    "A %s whose client data has a member that nobody knows is accepted: clients may add some.",
		change: clientMember("other_keys_can_be_added_here", "do not compare clientDataJSON against a template")},
	{what: "unknown-member-first", at: definition, level: conformance.Should, accept: true,
		doc: "A %s whose client data has a member in front that nobody knows is accepted.",
		change: clientChange(func(o forge.Object) forge.Object {
			return o.Before("new", forge.Object{{Name: "type", Value: "x"}, {Name: "challenge", Value: "x"}})
		})},
	{what: "unknown-member-large", at: definition, level: conformance.Should, accept: true,
		doc:    "A %s whose client data has an unknown member of 2000 characters is accepted.",
		change: clientMember("new", strings.Repeat("x", 2000))},
	{what: "unknown-member-not-utf8", at: decodeStep, level: conformance.May, accept: true,
		doc:    "A %s whose client data has an unknown member that is not UTF-8 is accepted: UTF-8 decode makes U+FFFD of it.",
		change: clientMember("new", forge.Raw("\"\xff\xfe\""))},
}

func inUTF16(b []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(b))) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return out
}
