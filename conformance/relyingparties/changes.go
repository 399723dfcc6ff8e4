package relyingparties

import (
	"bytes"
	"encoding/base64"
	"slices"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

type change = forge.Change

// Changes that cases have in common, by the stage at which they act.

func clientChange(f func(forge.Object) forge.Object) change { return change{Client: f} }

func clientMember(name string, value any) change {
	return clientChange(func(o forge.Object) forge.Object { return o.With(name, value) })
}

func clientWithout(name string) change {
	return clientChange(func(o forge.Object) forge.Object { return o.Without(name) })
}

// clientText changes a member that is a text.
func clientText(name string, f func(string) string) change {
	return clientChange(func(o forge.Object) forge.Object {
		value, _ := o.Get(name)
		text, _ := value.(string)
		return o.With(name, f(text))
	})
}

func clientJSON(f func([]byte) []byte) change { return change{ClientJSON: f} }

// clientJSONIs has client data be this text.
func clientJSONIs(text string) change { return clientJSON(func([]byte) []byte { return []byte(text) }) }

func auth(f func(*forge.AuthData)) change { return change{Auth: f} }

func authBytes(f func([]byte) []byte) change { return change{AuthBytes: f} }

func withFlags(set, clear byte) change {
	return auth(func(a *forge.AuthData) { a.Flags = a.Flags&^clear | set })
}

func keyIs(f func(cbor.Map) cbor.Map) change { return change{Key: f} }

func keyMember(label int, value any) change {
	return keyIs(func(m cbor.Map) cbor.Map { return m.With(label, value) })
}

func keyWithout(label int) change {
	return keyIs(func(m cbor.Map) cbor.Map { return m.Without(label) })
}

func objectMember(name string, value any) change {
	return change{Object: func(m cbor.Map) cbor.Map { return m.With(name, value) }}
}

func objectWithout(name string) change {
	return change{Object: func(m cbor.Map) cbor.Map { return m.Without(name) }}
}

func objectBytes(f func([]byte) []byte) change { return change{ObjectBytes: f} }

func signature(f func([]byte) []byte) change { return change{Signature: f} }

func body(f func(forge.Object) forge.Object) change { return change{Body: f} }

func response(f func(forge.Object) forge.Object) change { return change{Response: f} }

func text(f func([]byte) []byte) change { return change{Text: f} }

func textIs(s string) change { return text(func([]byte) []byte { return []byte(s) }) }

// flipped is bytes with one bit of the last byte changed.
func flipped(b []byte) []byte {
	out := bytes.Clone(b)
	if len(out) > 0 {
		out[len(out)-1] ^= 1
	}
	return out
}

func then(b []byte, more ...byte) []byte { return append(slices.Clone(b), more...) }

// decoded is the bytes of base64url, as far as there are any.
func decoded(s string) []byte {
	b, _ := base64.RawURLEncoding.DecodeString(s)
	return b
}
