package relyingparties

import (
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

var clientDataTypes = []mirrored{
	{what: "type-missing", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data has no type is refused.",
		change: clientWithout("type")},
	{what: "type-null", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data has null for a type is refused.",
		change: clientMember("type", nil)},
	{what: "type-empty", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data has an empty type is refused.",
		change: clientMember("type", "")},
	{what: "type-number", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data has a number for a type is refused.",
		change: clientMember("type", 1)},
	{what: "type-list", at: typeStep, level: conformance.Must,
		doc: "A %s whose client data has its type in a list is refused.",
		change: clientChange(func(o forge.Object) forge.Object {
			kind, _ := o.Get("type")
			return o.With("type", []any{kind})
		})},
	{what: "type-unknown", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data has a type that there is not is refused.",
		change: clientMember("type", "webauthn.other")},
	{what: "type-swapped", at: typeStep, level: conformance.Must,
		doc: "A %s whose client data is of the other ceremony is refused.",
		change: clientText("type", func(s string) string {
			if s == forge.Create {
				return forge.Get
			}
			return forge.Create
		})},
	{what: "type-of-payment", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data is of a payment is refused, where none was asked for.",
		change: clientMember("type", "payment.get")},
	{what: "type-upper-case", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data has the type in capitals is refused.",
		change: clientText("type", strings.ToUpper)},
	{what: "type-spaced", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data has a space after the type is refused.",
		change: clientText("type", func(s string) string { return s + " " })},
	{what: "type-prefix", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data has a type that begins with the right one is refused.",
		change: clientText("type", func(s string) string { return s + "d" })},
	{what: "type-zero", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data has a zero after the type is refused.",
		change: clientText("type", func(s string) string { return s + "\x00" })},
	{what: "type-named-otherwise", at: typeStep, level: conformance.Must,
		doc:    "A %s whose client data has \"Type\" in place of \"type\" is refused: names are case-sensitive.",
		change: clientChange(func(o forge.Object) forge.Object { return o.Renamed("type", "Type") })},
	{what: "type-wrong-then-right", at: typeStep, level: conformance.Should,
		doc:    "A %s whose client data has two types, the second of them right, is refused.",
		change: clientChange(func(o forge.Object) forge.Object { return o.Before("type", "webauthn.other") })},
	{what: "type-right-then-wrong", at: typeStep, level: conformance.Should,
		doc:    "A %s whose client data has two types, the first of them right, is refused.",
		change: clientChange(func(o forge.Object) forge.Object { return o.After("type", "webauthn.other") })},
}

var clientDataChallenges = []mirrored{
	{what: "challenge-missing", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has no challenge is refused.",
		change: clientWithout("challenge")},
	{what: "challenge-null", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has null for a challenge is refused.",
		change: clientMember("challenge", nil)},
	{what: "challenge-empty", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has an empty challenge is refused.",
		change: clientMember("challenge", "")},
	{what: "challenge-number", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has a number for a challenge is refused.",
		change: clientMember("challenge", 0)},
	{what: "challenge-true", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has true for a challenge is refused.",
		change: clientMember("challenge", true)},
	{what: "challenge-list", at: challengeStep, level: conformance.Must,
		doc: "A %s whose client data has its challenge in a list is refused.",
		change: clientChange(func(o forge.Object) forge.Object {
			value, _ := o.Get("challenge")
			return o.With("challenge", []any{value})
		})},
	{what: "challenge-other", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has another challenge is refused.",
		change: clientMember("challenge", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")},
	{what: "challenge-not-base64url", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has a challenge that is not base64url is refused.",
		change: clientMember("challenge", "!§$%&/()")},
	{what: "challenge-one-character", at: challengeStep, level: conformance.Must,
		doc: "A %s whose client data has a challenge with its first character changed is refused.",
		change: clientText("challenge", func(s string) string {
			return otherCharacter(s[:1]) + s[1:]
		})},
	{what: "challenge-shortened", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has the challenge without its last bytes is refused.",
		change: clientText("challenge", func(s string) string { return s[:len(s)-4] })},
	{what: "challenge-lengthened", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has the challenge with bytes after it is refused.",
		change: clientText("challenge", func(s string) string { return s + "AAAA" })},
	{what: "challenge-after-bytes", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has the challenge with bytes before it is refused.",
		change: clientText("challenge", func(s string) string { return "AAAA" + s })},
	{what: "challenge-other-case", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has the challenge with capitals for small letters is refused.",
		change: clientText("challenge", swapCase)},
	{what: "challenge-padded", at: challengeStep, level: conformance.Should,
		doc:    "A %s whose client data has the challenge with padding is refused: it is not the text that clients write.",
		change: clientText("challenge", func(s string) string { return s + strings.Repeat("=", (4-len(s)%4)%4+boolInt(len(s)%4 == 0)) })},
	{what: "challenge-spaced", at: challengeStep, level: conformance.Should,
		doc:    "A %s whose client data has a space after the challenge is refused.",
		change: clientText("challenge", func(s string) string { return s + " " })},
	{what: "challenge-line-break", at: challengeStep, level: conformance.Should,
		doc:    "A %s whose client data has a line break in the challenge is refused.",
		change: clientText("challenge", func(s string) string { return s[:4] + "\n" + s[4:] })},
	{what: "challenge-encoded-twice", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has the challenge in base64url of base64url is refused.",
		change: clientText("challenge", func(s string) string { return forge.Base64([]byte(s)) })},
	{what: "challenge-named-otherwise", at: challengeStep, level: conformance.Must,
		doc:    "A %s whose client data has \"Challenge\" in place of \"challenge\" is refused: names are case-sensitive.",
		change: clientChange(func(o forge.Object) forge.Object { return o.Renamed("challenge", "Challenge") })},
	{what: "challenge-wrong-then-right", at: challengeStep, level: conformance.Should,
		doc:    "A %s whose client data has two challenges, the second of them right, is refused.",
		change: clientChange(func(o forge.Object) forge.Object { return o.Before("challenge", "AAAAAAAAAAAAAAAAAAAAAAAAAAA") })},
	{what: "challenge-right-then-wrong", at: challengeStep, level: conformance.Should,
		doc:    "A %s whose client data has two challenges, the first of them right, is refused.",
		change: clientChange(func(o forge.Object) forge.Object { return o.After("challenge", "AAAAAAAAAAAAAAAAAAAAAAAAAAA") })},
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func otherCharacter(s string) string {
	if s == "A" {
		return "B"
	}
	return "A"
}

// swapCase makes capitals of small letters and the other way round.
func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
