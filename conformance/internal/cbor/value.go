package cbor

import (
	"bytes"
	"reflect"
)

// Values are int64, uint64 above that, []byte, string, bool, nil for null, and
// the types below. For writing, int and Raw will do, too.
type (
	// Map is a map with its pairs in order.
	Map []Pair
	// Pair is one of them.
	Pair struct{ Key, Value any }
	// Array is an array.
	Array []any
	// Raw is what is encoded already.
	Raw []byte
	// Tag is a tagged value.
	Tag struct {
		Number  uint64
		Content any
	}
	// Simple is a simple value other than false, true and null.
	Simple byte
	// Float is a floating-point number, by the bytes that it was written with.
	Float []byte
)

// Get returns the value of a key.
func (m Map) Get(key any) (value any, ok bool) {
	for _, p := range m {
		if same(p.Key, key) {
			return p.Value, true
		}
	}
	return nil, false
}

// Has reports whether there is a key.
func (m Map) Has(key any) bool {
	_, ok := m.Get(key)
	return ok
}

// With returns the map with a key of this value instead of the one it has, or as
// one more.
func (m Map) With(key, value any) Map {
	out := make(Map, 0, len(m)+1)
	found := false
	for _, p := range m {
		if same(p.Key, key) {
			p.Value, found = value, true
		}
		out = append(out, p)
	}
	if !found {
		out = append(out, Pair{key, value})
	}
	return out
}

// Without returns the map without a key.
func (m Map) Without(key any) Map {
	out := make(Map, 0, len(m))
	for _, p := range m {
		if !same(p.Key, key) {
			out = append(out, p)
		}
	}
	return out
}

// same compares keys as they are encoded, so that int and int64 are the same.
func same(a, b any) bool { return reflect.DeepEqual(a, b) || bytes.Equal(Encode(a), Encode(b)) }

// Same reports whether two values are encoded alike.
func Same(a, b any) bool { return same(a, b) }

// Kind names the type of a value as CBOR calls it.
func Kind(v any) string {
	switch v.(type) {
	case int, int64, uint64:
		return "integer"
	case []byte:
		return "byte string"
	case string:
		return "text string"
	case bool:
		return "boolean"
	case Map:
		return "map"
	case Array:
		return "array"
	case nil:
		return "null"
	case Float:
		return "floating-point number"
	case Tag:
		return "tagged item"
	}
	return "simple value"
}
