package clients

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// answered is a message whose answer is spoiled, by way of a request.
type answered struct {
	section, twin string
	command       ctap.Command
	request       func(*trial) *Request
	members       []answerMember
}

// answerMember is a member of the answer. Without one that is vital a client cannot
// go on.
type answerMember struct {
	key   int
	name  string
	kind  string
	vital bool
}

var answersOf = []answered{
	{
		section: "create", twin: createPlain, command: ctap.CommandMakeCredential,
		request: func(t *trial) *Request { return t.creation() },
		members: []answerMember{
			{madeFormat, "fmt", "text", true}, {madeAuthData, "authdata", "bytes", true}, {madeStatement, "attstmt", "map", false},
			{madeEnterprise, "epatt", "bool", false}, {madeBlobKey, "largeblobkey", "bytes", false},
		},
	},
	{
		section: "get", twin: getPlain, command: ctap.CommandGetAssertion,
		request: func(t *trial) *Request { return t.assertion() },
		members: []answerMember{
			{gotCredential, "credential", "map", false}, {gotAuthData, "authdata", "bytes", true}, {gotSignature, "signature", "bytes", true},
			{gotUser, "user", "map", false}, {gotNumber, "numberofcredentials", "int", false}, {gotUserSelected, "userselected", "bool", false},
		},
	},
	{
		section: "getinfo", twin: createPlain, command: ctap.CommandGetInfo,
		request: func(t *trial) *Request { return t.creation() },
		members: []answerMember{
			{infoVersions, "versions", "array", false}, {infoAAGUID, "aaguid", "bytes", false}, {infoOptions, "options", "map", false},
			{infoMaxMsgSize, "maxmsgsize", "int", false},
		},
	},
}

const believed = "answer/what-cannot-be-read-is-believed"

// malformedCases are derived: each answer in forms that are none (§8), and with each
// member of another type or missing.
func malformedCases() (all []testCase) {
	for _, a := range answersOf {
		for _, f := range forms {
			level := f.level
			if a.command == ctap.CommandGetInfo && level == conformance.Must {
				level = conformance.Should // an authenticator may be of use by U2F
			}
			all = append(all, testCase{
				ID: a.section + "/malformed/" + f.name, Spec: at("8", ""), Level: level, Twin: a.twin, Catches: f.catches,
				Doc: fmt.Sprintf("An answer to %s is refused that %s.", a.command, f.doc),
				Run: on(func(t *trial) {
					t.device.script.raw = map[ctap.Command]func([]byte) []byte{a.command: f.spoil}
					t.refused(a.request(t))
				}),
			})
		}
		for _, m := range a.members {
			all = append(all, a.memberCases(m)...)
		}
	}
	return all
}

func (a answered) memberCases(m answerMember) []testCase {
	level := conformance.Should
	if m.vital {
		level = conformance.Must
	}
	spoiled := func(change func(cbor.Map) cbor.Map) func(*conformance.Check) {
		return on(func(t *trial) {
			t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{a.command: change}
			t.refused(a.request(t))
		})
	}
	wrongType := testCase{
		ID: a.section + "/malformed/wrong-type/" + m.name, Spec: at("8", ""), Level: level, Twin: a.twin, Catches: []string{believed},
		Doc: fmt.Sprintf("An answer to %s is refused whose member %s (0x%02x) is of another type.", a.command, m.name, m.key),
		Run: spoiled(func(answer cbor.Map) cbor.Map { return answer.With(m.key, otherType(m.kind)) }),
	}
	if m.key == madeFormat && a.command == ctap.CommandMakeCredential {
		wrongType.Level = conformance.Should // a client may hand it on
	}
	if m.key == madeStatement && a.command == ctap.CommandMakeCredential {
		wrongType.Catches = append(wrongType.Catches, "check/statement")
	}
	if strings.HasPrefix(wrongType.ID, "getinfo/") {
		wrongType.Needs = needs(ServesPages)
	}
	if !m.vital {
		return []testCase{wrongType}
	}
	return []testCase{wrongType, {
		ID: a.section + "/malformed/missing/" + m.name, Spec: at("6", ""), Level: level, Twin: a.twin, Catches: []string{believed},
		Doc: fmt.Sprintf("An answer to %s is refused that has no member %s (0x%02x).", a.command, m.name, m.key),
		Run: spoiled(func(answer cbor.Map) cbor.Map { return answer.Without(m.key) }),
	}}
}

// otherType is a value that is not of a kind.
func otherType(kind string) any {
	if kind == "text" || kind == "int" {
		return []byte("not of that type")
	}
	return "not of that type"
}

// form is how bytes that answer can be spoiled as a whole.
type form struct {
	name, doc string
	level     conformance.Level
	catches   []string
	spoil     func([]byte) []byte
}

var forms = []form{
	{"no-bytes", "has no bytes, not even a status", conformance.Must, []string{believed}, func([]byte) []byte { return []byte{} }},
	{"status-alone", "says that all is well, and nothing else", conformance.Must, []string{believed}, func([]byte) []byte { return []byte{0} }},
	{"not-cbor", "is not CBOR", conformance.Must, []string{believed}, func([]byte) []byte { return []byte{0, 0xFF, 0x1C, 0x42} }},
	{"not-a-map", "is no map", conformance.Must, []string{believed}, func([]byte) []byte { return []byte{0, 0x83, 1, 2, 3} }},
	{"empty-map", "is an empty map", conformance.Must, []string{believed}, func([]byte) []byte { return []byte{0, 0xA0} }},
	{"null", "is null", conformance.Must, []string{believed}, func([]byte) []byte { return []byte{0, 0xF6} }},
	{"cut-in-the-middle", "ends in the middle", conformance.Must, []string{believed}, func(b []byte) []byte { return b[:len(b)/2] }},
	{"cut-at-the-end", "lacks its last byte", conformance.Must, []string{believed}, func(b []byte) []byte { return b[:len(b)-1] }},
	{"huge-length", "announces more than it has", conformance.Must, []string{believed}, func([]byte) []byte { return []byte{0, 0xA1, 1, 0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF} }},
	{"huge-map", "announces a map of more members than there are bytes", conformance.Must, []string{believed}, func([]byte) []byte { return []byte{0, 0xBB, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF} }},
	{"deep", "is nested a thousand deep", conformance.Must, []string{believed}, func([]byte) []byte { return append([]byte{0}, append(bytes.Repeat([]byte{0x81}, 1000), 0)...) }},
	{"trailing", "is followed by another byte", conformance.May, []string{"answer/trailing-bytes-ignored"}, func(b []byte) []byte { return append(b, 0) }},
	{"twice", "has a member twice", conformance.May, []string{"answer/form-ignored"}, func(b []byte) []byte { return doubled(b) }},
	{"order", "has its members in another order", conformance.May, []string{"answer/form-ignored"}, func(b []byte) []byte { return disordered(b) }},
	{"indefinite", "has a map that does not tell its length", conformance.May, []string{"answer/form-ignored"}, func(b []byte) []byte {
		m := membersOf(b)
		return append([]byte{0}, cbor.IndefiniteMap(m)...)
	}},
	{"long-key", "has a key in more bytes than it needs", conformance.May, []string{"answer/form-ignored"}, func(b []byte) []byte {
		m := membersOf(b)
		if len(m) == 0 {
			return b
		}
		out := cbor.Head([]byte{0}, 5, uint64(len(m)))
		for i, p := range m {
			key := cbor.Encode(p.Key)
			if i == 0 && len(key) == 1 {
				key = cbor.LongInt(key[0])
			}
			out = append(append(out, key...), cbor.Encode(p.Value)...)
		}
		return out
	}},
}

func membersOf(answer []byte) cbor.Map {
	item, err := cbor.Decode(answer[min(1, len(answer)):])
	m, ok := item.Value.(cbor.Map)
	if err != nil || !ok {
		return nil
	}
	return m
}

func doubled(answer []byte) []byte {
	m := membersOf(answer)
	if len(m) == 0 {
		return answer
	}
	return append([]byte{0}, cbor.EncodeAsIs(append(cbor.Map{m[0]}, m...))...)
}

func disordered(answer []byte) []byte {
	m := membersOf(answer)
	if len(m) < 2 {
		return answer
	}
	return append([]byte{0}, cbor.EncodeAsIs(append(cbor.Map{m[len(m)-1]}, m[:len(m)-1]...))...)
}
