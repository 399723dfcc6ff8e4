package authenticators

import (
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// malformedCases derives what every message must bear or refuse, member by member.
func malformedCases() (all []testCase) {
	for _, m := range messages() {
		all = append(all, m.plainCase())
		for _, p := range m.places() {
			all = append(all, m.memberCases(p)...)
		}
		all = append(all, m.extraCases()...)
		all = append(all, m.formCases()...)
		all = append(all, m.brokenCases()...)
	}
	return all
}

// derived begins a case of a message. Each is a twin of the plain request, which
// they all change in one thing.
func (m *message) derived(id string, level conformance.Level, section, doc string, run func(*key, request, func(request) request)) testCase {
	return testCase{
		ID: m.name + "/malformed/" + id, Spec: at(section, ""), Level: level, Needs: m.needs, Twin: m.name + "/malformed/plain", Doc: doc,
		Run: on(func(k *key) {
			r, resign := m.build(k)
			run(k, r, resign)
		}),
	}
}

func (m *message) plainCase() testCase {
	c := m.derived("plain", conformance.Must, m.section, m.begin()+" is accepted, of which the malformed ones are made.",
		func(k *key, r request, _ func(request) request) { k.succeeds(k.send(r), m.answers) })
	c.Twin = ""
	return c
}

// memberCases are about a member that is missing or of another type.
func (m *message) memberCases(p place) (all []testCase) {
	if p.missing != nil {
		doc := fmt.Sprintf("%s without %s is answered with %s.", m.begin(), p.name, statuses(p.missing))
		if len(p.missing) == 0 {
			doc = fmt.Sprintf("%s without %s is an error.", m.begin(), p.name)
		}
		all = append(all, m.derived("missing/"+p.id, conformance.Must, m.section, doc, func(k *key, r request, resign func(request) request) {
			a := k.send(resign(r.changed(p.path, absent{})))
			if len(p.missing) == 0 {
				k.refused(a)
				return
			}
			k.expect(a, p.missing...)
		}))
	}
	refusal := conformance.Should
	if p.missing != nil {
		refusal = conformance.MustNot
	}
	wrong := func(k *key, r request, resign func(request) request, check func(answer)) {
		for of, value := range samples {
			if kind(of) != p.kind {
				check(k.send(resign(r.changed(p.path, value))))
			}
		}
	}
	all = append(all,
		m.derived("wrong-type/"+p.id, refusal, m.section, fmt.Sprintf("%s with %s of another CBOR type is an error.", m.begin(), p.name),
			func(k *key, r request, resign func(request) request) { wrong(k, r, resign, k.refused) }),
		m.derived("wrong-type-status/"+p.id, conformance.Should, "8", fmt.Sprintf("%s with %s of another CBOR type is answered with CBOR_UNEXPECTED_TYPE.", m.begin(), p.name),
			func(k *key, r request, resign func(request) request) {
				wrong(k, r, resign, func(a answer) { k.expect(a, ctap.CBORUnexpectedType) })
			}))
	for i := range all {
		all[i].Needs = append(slices.Clone(all[i].Needs), p.needs...)
	}
	return all
}

// extraCases are about members that nobody knows, which must be ignored.
func (m *message) extraCases() (all []testCase) {
	for _, extra := range []struct {
		name, what string
		key, value any
	}{
		{"number", "an unknown number as its key", 0x60, 1},
		{"negative", "a negative number as its key", -9, "text"},
		{"text", "a text as its key", "tomorrow", []byte{1}},
		{"nested", "an unknown number as its key and a map in its value", 0x61, cbor.Map{{Key: "a", Value: cbor.Array{1, "b"}}}},
	} {
		all = append(all, m.derived("extra/"+extra.name, conformance.Must, "8", fmt.Sprintf("%s with one more member, with %s, is accepted as without it.", m.begin(), extra.what),
			func(k *key, r request, _ func(request) request) {
				k.succeeds(k.send(r.with(extra.key, extra.value)), m.answers)
			}))
	}
	return all
}

// formCases are about encodings that are not canonical.
func (m *message) formCases() (all []testCase) {
	for _, form := range []struct {
		name, what string
		encode     func(cbor.Map) []byte
	}{
		{"long-key", "a key in more bytes than it needs", func(p cbor.Map) []byte {
			return cbor.EncodeAsIs(sorted(p, func(i int, pair cbor.Pair) cbor.Pair {
				if n, ok := pair.Key.(int64); ok && i == 0 {
					pair.Key = cbor.LongInt(byte(n))
				}
				return pair
			}))
		}},
		{"long-head", "the number of its members in more bytes than it needs", func(p cbor.Map) []byte {
			encoded := cbor.Encode(p)
			return append([]byte{0xB8, byte(len(p))}, encoded[1:]...)
		}},
		{"indefinite", "a map of indefinite length", func(p cbor.Map) []byte { return cbor.IndefiniteMap(p) }},
		{"order", "its keys in the opposite order", func(p cbor.Map) []byte {
			p = sorted(p.With(0x60, 1), nil)
			for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
				p[i], p[j] = p[j], p[i]
			}
			return cbor.EncodeAsIs(p)
		}},
		{"duplicate", "a key that is there twice", func(p cbor.Map) []byte {
			p = sorted(p, nil)
			return cbor.EncodeAsIs(append(cbor.Map{p[0]}, p...))
		}},
		{"tag", "a tag before its map", func(p cbor.Map) []byte { return cbor.Encode(cbor.Tag{Number: 55799, Content: p}) }},
		{"trailing", "a byte behind its map", func(p cbor.Map) []byte { return append(cbor.Encode(p), 0) }},
	} {
		all = append(all, m.derived("form/"+form.name, conformance.Should, "8", fmt.Sprintf("%s with %s is answered with INVALID_CBOR.", m.begin(), form.what),
			func(k *key, r request, _ func(request) request) {
				k.expect(k.sendRaw(append([]byte{byte(r.command)}, form.encode(r.params)...)), ctap.InvalidCBOR)
			}))
	}
	return all
}

// sorted returns a map as it is read again, in the order of its encoding, with
// each pair changed where a change is wanted.
func sorted(m cbor.Map, change func(int, cbor.Pair) cbor.Pair) cbor.Map {
	item, err := cbor.Decode(cbor.Encode(m))
	if err != nil {
		panic(err) // what was just written can be read
	}
	out, _ := item.Value.(cbor.Map)
	for i := range out {
		if change != nil {
			out[i] = change(i, out[i])
		}
	}
	return out
}

// brokenCases are about what is no message at all.
func (m *message) brokenCases() []testCase {
	return []testCase{
		m.derived("truncated", conformance.Must, "8", fmt.Sprintf("Whatever is cut off the end of %s is an error.", m.what()),
			func(k *key, r request, _ func(request) request) {
				whole := r.bytes()
				for n := 1; n < len(whole); n++ {
					k.refused(k.sendRaw(whole[:n]))
				}
			}),
		m.derived("not-a-map", conformance.Must, "8", fmt.Sprintf("Anything but a map behind the command of %s is an error.", m.what()),
			func(k *key, r request, _ func(request) request) {
				for _, v := range []any{1, []byte{1}, "text", cbor.Array{r.params}, true, nil} {
					k.refused(k.sendRaw(append([]byte{byte(r.command)}, cbor.Encode(v)...)))
				}
			}),
		m.derived("empty-map", conformance.Must, "8", fmt.Sprintf("A map without members is an error where %s has mandatory ones.", m.what()),
			func(k *key, r request, _ func(request) request) {
				k.refused(k.sendRaw([]byte{byte(r.command), 0xA0}))
			}),
		m.derived("not-cbor", conformance.Must, "8", fmt.Sprintf("Bytes that are no CBOR behind the command of %s are an error.", m.what()),
			func(k *key, r request, _ func(request) request) {
				for _, garbage := range [][]byte{{0xFF}, {0x1C}, {0xBF}, {0xA1, 0x01}, {0xBB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, {0x5B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}} {
					k.refused(k.sendRaw(append([]byte{byte(r.command)}, garbage...)))
				}
				k.expectOK(k.send(r))
			}),
	}
}
