package forge

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
)

// Object is a JSON object with its members in order, doubles included. Values are
// what encoding/json can write, objects and [Raw].
type Object []Member

// Member is one of them.
type Member struct {
	Name  string
	Value any
}

// Raw is JSON, or what should be, as it is written.
type Raw string

// Get returns the first value of a name.
func (o Object) Get(name string) (value any, ok bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}

// With returns the object with this value in place of the one a name has, or as one
// member more.
func (o Object) With(name string, value any) Object {
	out := slices.Clone(o)
	for i := range out {
		if out[i].Name == name {
			out[i].Value = value
			return out
		}
	}
	return append(out, Member{name, value})
}

// Without returns the object without a name.
func (o Object) Without(name string) Object {
	return slices.DeleteFunc(slices.Clone(o), func(m Member) bool { return m.Name == name })
}

// Before returns the object with one more member, in front.
func (o Object) Before(name string, value any) Object {
	return slices.Insert(slices.Clone(o), 0, Member{name, value})
}

// After returns the object with one more member at the end, though there may be one
// of the name.
func (o Object) After(name string, value any) Object {
	return append(slices.Clone(o), Member{name, value})
}

// Renamed returns the object with another name for a member.
func (o Object) Renamed(from, to string) Object {
	out := slices.Clone(o)
	for i := range out {
		if out[i].Name == from {
			out[i].Name = to
		}
	}
	return out
}

// JSON writes the object as browsers do: no spaces, and nothing escaped that need not
// be.
func (o Object) JSON() []byte {
	var out bytes.Buffer
	o.write(&out)
	return out.Bytes()
}

func (o Object) write(out *bytes.Buffer) {
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		write(out, m.Name)
		out.WriteByte(':')
		write(out, m.Value)
	}
	out.WriteByte('}')
}

// write writes a value. What is none of JSON is a mistake of the caller, and panics.
func write(out *bytes.Buffer, v any) {
	switch v := v.(type) {
	case Object:
		v.write(out)
		return
	case List:
		out.WriteByte('[')
		for i, element := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			write(out, element)
		}
		out.WriteByte(']')
		return
	case Raw:
		out.WriteString(string(v))
		return
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Sprintf("forge: %T is no JSON: %v", v, err))
	}
	out.Write(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}

// Base64 writes bytes as WebAuthn does: base64url without padding (WebAuthn L3 §3).
func Base64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// List is a JSON array, of what objects may have.
type List []any

// JSON writes any value that objects may have.
func JSON(v any) []byte {
	var out bytes.Buffer
	write(&out, v)
	return out.Bytes()
}
