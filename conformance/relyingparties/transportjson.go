package relyingparties

import (
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// api cites the interface of the FIDO Alliance ("Conformance Test API").
func api(section string) conformance.Spec {
	return conformance.Spec{Document: "FIDO Conformance Test API", Section: section}
}

// place is a member of an answer.
type place struct {
	ceremony string // "registration" or "login"
	in       string // "response", or "" for the answer itself
	name     string
	needs    []need
}

// Members that are base64url, the type, and what is around them. What WebAuthn does not
// have a relying party look at is judged where the interface demands it alone.
var places = []place{
	{"registration", "", "id", []need{fidoInterface}},
	{"registration", "response", "clientDataJSON", nil},
	{"registration", "response", "attestationObject", nil},
	{"login", "", "id", nil},
	{"login", "response", "clientDataJSON", nil},
	{"login", "response", "authenticatorData", nil},
	{"login", "response", "signature", nil},
}

// change applies f to the value of the member.
func (p place) change(f func(o forge.Object, name string) forge.Object) change {
	at := func(o forge.Object) forge.Object { return f(o, p.name) }
	if p.in == "" && p.name == "id" {
		// rawId, of which the interface knows nothing, is left out so that it cannot
		// stand in for what is wrong with id.
		return body(func(o forge.Object) forge.Object { return at(o.Without("rawId")) })
	}
	if p.in == "" {
		return body(at)
	}
	return response(at)
}

func (p place) spec() conformance.Spec {
	switch {
	case p.ceremony == "registration" && p.name == "id":
		return api("/attestation/result")
	case p.ceremony == "registration":
		return at71("3")
	case p.name == "id":
		return at72("6")
	}
	return at72("3")
}

// spelling is one way in which a member's value is wrong.
type spelling struct {
	what, doc string
	level     conformance.Level
	change    func(o forge.Object, name string) forge.Object
}

func value(v any) func(forge.Object, string) forge.Object {
	return func(o forge.Object, name string) forge.Object { return o.With(name, v) }
}

// respelled changes the text of a member.
func respelled(f func(string) string) func(forge.Object, string) forge.Object {
	return func(o forge.Object, name string) forge.Object {
		v, _ := o.Get(name)
		s, _ := v.(string)
		return o.With(name, f(s))
	}
}

var spellings = []spelling{
	{"missing", "is missing", conformance.Must, func(o forge.Object, name string) forge.Object { return o.Without(name) }},
	{"null", "is null", conformance.Must, value(nil)},
	{"empty", "is empty", conformance.Must, value("")},
	{"number", "is a number", conformance.Must, value(42)},
	{"boolean", "is true", conformance.Must, value(true)},
	{"object", "is an object", conformance.Must, value(forge.Object{})},
	{"list", "is a list of what it should be", conformance.Must, func(o forge.Object, name string) forge.Object {
		v, _ := o.Get(name)
		return o.With(name, []any{v})
	}},
	{"bytes", "is a list of its bytes", conformance.Must, value([]any{1, 2, 3})},
	{"not-base64url", "has characters that base64 does not have", conformance.Must, respelled(func(s string) string { return "!" + s[1:] })},
	{"standard-alphabet", "is base64 of the standard alphabet", conformance.Should, respelled(standardAlphabet)},
	{"padded", "has padding", conformance.Should, respelled(padded)},
	{"line-break", "has a line break in it", conformance.Should, respelled(brokenBy("\r\n"))},
	{"line-feed", "has a line feed in it", conformance.Should, respelled(brokenBy("\n"))},
	{"carriage-return", "has a carriage return in it", conformance.Should, respelled(brokenBy("\r"))},
	{"spaced-inside", "has a space in it", conformance.Should, respelled(brokenBy(" "))},
	{"tab", "has a tab in it", conformance.Should, respelled(brokenBy("\t"))},
	{"spaced", "has a space after it", conformance.Should, respelled(func(s string) string { return s + " " })},
	{"spare-bits", "has bits set in its last character that stand for nothing", conformance.Should, respelled(spareBits)},
	{"named-otherwise", "has a name that begins with a capital", conformance.Should, func(o forge.Object, name string) forge.Object {
		return o.Renamed(name, strings.ToUpper(name[:1])+name[1:])
	}},
	{"wrong-then-right", "is there twice, the second time right", conformance.Should, func(o forge.Object, name string) forge.Object {
		return o.Before(name, "AAAA")
	}},
	{"right-then-wrong", "is there twice, the first time right", conformance.Should, func(o forge.Object, name string) forge.Object {
		return o.After(name, "AAAA")
	}},
}

// brokenBy puts something between characters.
func brokenBy(what string) func(string) string {
	return func(s string) string { return s[:8] + what + s[8:] }
}

// standardAlphabet writes what differs between the alphabets as the standard one does.
func standardAlphabet(s string) string {
	return strings.NewReplacer("-", "+", "_", "/").Replace(s)
}

// padded adds padding, at least what is needed.
func padded(s string) string {
	if n := len(s) % 4; n > 0 {
		return s + strings.Repeat("=", 4-n)
	}
	return s + "===="
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// spareBits sets a bit that decoders leave out, where the length leaves any.
func spareBits(s string) string {
	if len(s)%4 == 0 || s == "" {
		return s
	}
	last := strings.IndexByte(alphabet, s[len(s)-1])
	return s[:len(s)-1] + alphabet[last|1:last|1+1]
}

// ceremony is a case of either kind with a change.
func ceremony(kind string, c change, accept bool) func(*conformance.Check) {
	r, l := registration{change: c}, login{change: c}
	switch {
	case kind == "registration" && accept:
		return r.accepted()
	case kind == "registration":
		return r.refused()
	case accept:
		return l.accepted()
	}
	return l.refused()
}

func plainOf(kind string) string { return kind + "/plain" }

func transportCases() []testCase {
	var all []testCase
	for _, p := range places {
		for _, s := range spellings {
			if skipsSpelling(p, s) {
				continue
			}
			all = append(all, testCase{
				ID: fmt.Sprintf("%s/json/%s/%s", p.ceremony, strings.ToLower(p.name), s.what), Spec: p.spec(), Level: s.level,
				Doc:   fmt.Sprintf("A %s whose %s %s is refused.", p.ceremony, p.name, s.doc),
				Needs: p.needs, Twin: plainOf(p.ceremony), Run: ceremony(p.ceremony, p.change(s.change), false),
			})
		}
	}
	for _, kind := range []string{"registration", "login"} {
		all = append(all, typeCases(kind)...)
		all = append(all, textCases(kind)...)
		all = append(all, extraMemberCases(kind)...)
	}
	return concat(all, idCases, userHandleCases)
}

// skipsSpelling reports spellings that some values do not have.
func skipsSpelling(p place, s spelling) bool {
	switch s.what {
	case "spare-bits":
		return p.name != "id"
	case "standard-alphabet":
		return p.name != "id" && p.name != "attestationObject"
	}
	return false
}

// typeCases are about the member "type", which the interface demands and no step of
// WebAuthn looks at, and "response" itself.
func typeCases(kind string) []testCase {
	typed, spec := api("/attestation/result"), at71("3")
	if kind == "login" {
		typed, spec = api("/assertion/result"), at72("3")
	}
	var all []testCase
	for _, s := range spellings[:7] {
		for _, name := range []string{"type", "response"} {
			if name == "response" && s.what == "list" {
				continue
			}
			at := spec
			if name == "type" {
				at = typed
			}
			all = append(all, testCase{
				ID: kind + "/json/" + name + "/" + s.what, Spec: at, Level: conformance.Must, Twin: plainOf(kind), Needs: fidoFor(name),
				Doc: fmt.Sprintf("A %s whose %s %s is refused.", kind, name, s.doc),
				Run: ceremony(kind, body(func(o forge.Object) forge.Object { return s.change(o, name) }), false),
			})
		}
	}
	for what, v := range map[string]string{"unknown": "password", "upper-case": "PUBLIC-KEY", "underscore": "public_key"} {
		all = append(all, testCase{
			ID: kind + "/json/type/" + what, Spec: typed, Level: conformance.Must, Twin: plainOf(kind), Needs: fidoFor("type"),
			Doc: fmt.Sprintf("A %s whose type is %q is refused.", kind, v),
			Run: ceremony(kind, body(func(o forge.Object) forge.Object { return o.With("type", v) }), false),
		})
	}
	return all
}

func fidoFor(name string) []need {
	if name == "type" {
		return []need{fidoInterface}
	}
	return nil
}

// textCases are about the answer as a text.
func textCases(kind string) []testCase {
	spec := api("/attestation/result")
	if kind == "login" {
		spec = api("/assertion/result")
	}
	row := func(what, doc string, level conformance.Level, c change) testCase {
		return testCase{
			ID: kind + "/json/text/" + what, Spec: spec, Level: level, Twin: plainOf(kind), Needs: []need{fidoInterface},
			Doc: fmt.Sprintf("A %s %s is refused.", kind, doc), Run: ceremony(kind, c, false),
		}
	}
	return []testCase{
		row("empty", "with an empty body", conformance.Must, textIs("")),
		row("not-json", "with a body that is no JSON", conformance.Must, textIs("not JSON")),
		row("null", "with null for a body", conformance.Must, textIs("null")),
		row("string", "with a string for a body", conformance.Must, textIs(`"public-key"`)),
		row("number", "with a number for a body", conformance.Must, textIs("0")),
		row("empty-object", "with an empty object for a body", conformance.Must, textIs("{}")),
		row("list", "with a body in a list", conformance.Must, text(func(b []byte) []byte { return []byte("[" + string(b) + "]") })),
		row("cut-off", "with a body that lacks its last byte", conformance.Must, text(func(b []byte) []byte { return b[:len(b)-1] })),
		row("trailing-text", "with text after the body's JSON", conformance.Must, text(func(b []byte) []byte { return append(b, "x"...) })),
		row("trailing-object", "with a second object in the body", conformance.Must, text(func(b []byte) []byte { return append(b, "{}"...) })),
		row("trailing-comma", "with a comma after the last member", conformance.Should, text(func(b []byte) []byte { return append(b[:len(b)-1], ",}"...) })),
		row("not-utf8", "with a body that is not UTF-8 where it matters", conformance.Should, text(func(b []byte) []byte {
			return []byte(strings.Replace(string(b), "public-key", "public-ke\xff", 1))
		})),
	}
}

// extraMemberCases are about what must not disturb.
func extraMemberCases(kind string) []testCase {
	spec := l3("5.1.3")
	if kind == "login" {
		spec = l3("5.1.4")
	}
	row := func(what, doc string, level conformance.Level, c change) testCase {
		return testCase{
			ID: kind + "/json/accepted/" + what, Spec: spec, Level: level, Twin: plainOf(kind),
			Doc: fmt.Sprintf("A %s %s is accepted.", kind, doc), Run: ceremony(kind, c, true),
		}
	}
	member := func(name string, v any) change {
		return body(func(o forge.Object) forge.Object { return o.With(name, v) })
	}
	all := []testCase{
		row("unknown-member", "with a member that nobody knows", conformance.Should, member("tomorrow", forge.Object{{Name: "id", Value: "x"}})),
		row("unknown-member-in-response", "with a member in its response that nobody knows", conformance.Should, response(func(o forge.Object) forge.Object {
			return o.With("tomorrow", "x")
		})),
		row("attachment-unknown", "whose authenticatorAttachment is one that nobody knows", conformance.Should, member("authenticatorAttachment", "hover")),
		row("attachment-null", "whose authenticatorAttachment is null", conformance.Should, member("authenticatorAttachment", nil)),
		row("attachment-missing", "without an authenticatorAttachment", conformance.Must, body(func(o forge.Object) forge.Object { return o.Without("authenticatorAttachment") })),
		row("order", "with its members in another order", conformance.Must, body(reversed)),
		row("white-space", "with white space between its tokens", conformance.Must, text(func(b []byte) []byte {
			return []byte(" \n" + strings.ReplaceAll(string(b), `":`, "\" :\t") + "\n")
		})),
		row("escapes", "with escapes in place of letters", conformance.Must, text(func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"public-key"`, `"\u0070ublic-key"`, 1))
		})),
	}
	if kind == "registration" {
		all = append(all,
			row("transports-missing", "without transports", conformance.Must, response(func(o forge.Object) forge.Object { return o.Without("transports") })),
			row("transports-empty", "with no transports", conformance.Must, response(func(o forge.Object) forge.Object { return o.With("transports", []any{}) })),
			row("transport-unknown", "with a transport that nobody knows", conformance.Should, response(func(o forge.Object) forge.Object {
				return o.With("transports", []any{"usb", "carrier-pigeon"})
			})),
			row("all-members", "with the members of its response that Level 3 has besides", conformance.Must, response(func(o forge.Object) forge.Object {
				return o.With("authenticatorData", "AAAA").With("publicKeyAlgorithm", -7).With("publicKey", nil)
			})),
		)
	}
	return all
}

func reversed(o forge.Object) forge.Object {
	out := forge.Object{}
	for i := len(o) - 1; i >= 0; i-- {
		out = append(out, o[i])
	}
	return out
}
