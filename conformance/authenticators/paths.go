package authenticators

import (
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

// path leads to a member: keys of maps and indices of arrays.
type path []any

// index is a step of a path into an array.
type index int

// place is a member with the path to it and its name from the top.
type place struct {
	member
	path path
	name string // in sentences
	id   string // in IDs
}

// places lists the members of a message, the inner ones too.
func (m *message) places() []place { return placesIn(nil, "", m.members) }

func placesIn(at path, prefix string, members []member) (out []place) {
	for _, m := range members {
		here := append(slices.Clone(at), m.key)
		name := prefix + m.name
		out = append(out, place{m, here, name, strings.ToLower(name)})
		out = append(out, placesIn(here, name+".", m.members)...)
		if m.element != nil {
			element := *m.element
			inside := append(slices.Clone(here), index(0))
			out = append(out, place{element, inside, name + ".element", strings.ToLower(name) + ".element"})
			out = append(out, placesIn(inside, name+".element.", element.members)...)
		}
	}
	return out
}

// absent is what is put at a path to take away what is there.
type absent struct{}

// put returns a value with another one at a path: containers that are not there
// are made.
func put(v any, at path, to any) any {
	if len(at) == 0 {
		return to
	}
	if i, ok := at[0].(index); ok {
		list, _ := v.(cbor.Array)
		list = slices.Clone(list)
		for len(list) <= int(i) {
			list = append(list, cbor.Map{})
		}
		list[i] = put(list[i], at[1:], to)
		return list
	}
	m, _ := v.(cbor.Map)
	if _, gone := to.(absent); gone && len(at) == 1 {
		return m.Without(at[0])
	}
	inner, _ := m.Get(at[0])
	return m.With(at[0], put(inner, at[1:], to))
}

// changed returns a request with another value at a path.
func (r request) changed(at path, to any) request {
	r.params, _ = put(r.params, at, to).(cbor.Map)
	return r
}
