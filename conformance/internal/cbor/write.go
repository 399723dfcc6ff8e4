package cbor

import (
	"bytes"
	"fmt"
	"slices"
)

// The major types of RFC 8949 §3.1.
const (
	majorUint = iota
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

// Simple values of RFC 8949 §3.3, and what a length without a number looks like.
const (
	simpleFalse = 20
	simpleTrue  = 21
	simpleNull  = 22
	indefinite  = 31
)

// Encode writes a value in canonical form: whatever order the pairs of a map have.
// What is no value of this package is a mistake of the caller, and panics.
func Encode(v any) []byte { return appendValue(nil, v, true) }

// EncodeAsIs writes a value with the pairs of its maps in the order that they
// have, doubles included.
func EncodeAsIs(v any) []byte { return appendValue(nil, v, false) }

func appendValue(out []byte, v any, sorted bool) []byte {
	switch v := v.(type) {
	case int:
		return appendInt(out, int64(v))
	case int64:
		return appendInt(out, v)
	case uint64:
		return Head(out, majorUint, v)
	case []byte:
		return append(Head(out, majorBytes, uint64(len(v))), v...)
	case string:
		return append(Head(out, majorText, uint64(len(v))), v...)
	case bool:
		if v {
			return append(out, majorSimple<<5|simpleTrue)
		}
		return append(out, majorSimple<<5|simpleFalse)
	case nil:
		return append(out, majorSimple<<5|simpleNull)
	case Array:
		out = Head(out, majorArray, uint64(len(v)))
		for _, element := range v {
			out = appendValue(out, element, sorted)
		}
		return out
	case Map:
		return appendMap(out, v, sorted)
	case Raw:
		return append(out, v...)
	case Tag:
		return appendValue(Head(out, majorTag, v.Number), v.Content, sorted)
	case Simple:
		return Head(out, majorSimple, uint64(v))
	case Float:
		return append(out, v...)
	}
	panic(fmt.Sprintf("cbor: %T has no encoding", v))
}

func appendInt(out []byte, n int64) []byte {
	if n < 0 {
		return Head(out, majorNegative, uint64(-1-n))
	}
	return Head(out, majorUint, uint64(n))
}

func appendMap(out []byte, m Map, sorted bool) []byte {
	type pair struct{ key, value []byte }
	pairs := make([]pair, len(m))
	for i, p := range m {
		pairs[i] = pair{appendValue(nil, p.Key, sorted), appendValue(nil, p.Value, sorted)}
	}
	if sorted {
		slices.SortStableFunc(pairs, func(a, b pair) int { return compareKeys(a.key, b.key) })
	}
	out = Head(out, majorMap, uint64(len(m)))
	for _, p := range pairs {
		out = append(append(out, p.key...), p.value...)
	}
	return out
}

// compareKeys orders encoded keys as CTAP 2.3 §8 does: by major type, then by
// length, then byte by byte.
func compareKeys(a, b []byte) int {
	switch {
	case len(a) == 0 || len(b) == 0:
		return len(a) - len(b)
	case a[0]>>5 != b[0]>>5:
		return int(a[0]>>5) - int(b[0]>>5)
	case len(a) != len(b):
		return len(a) - len(b)
	}
	return bytes.Compare(a, b)
}

// Head appends the head of an item of a major type in the shortest form.
func Head(out []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(out, major<<5|byte(n))
	case n < 1<<8:
		return append(out, major<<5|24, byte(n))
	case n < 1<<16:
		return append(out, major<<5|25, byte(n>>8), byte(n))
	case n < 1<<32:
		return append(out, major<<5|26, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(out, major<<5|27, byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// LongInt writes a small integer with one byte more than it needs.
func LongInt(n byte) Raw {
	if n < 24 {
		return Raw{24, n}
	}
	return Raw{25, 0, n}
}

// LongBytes writes a byte string whose length has two bytes more than it needs.
func LongBytes(b []byte) Raw {
	return append(Raw{majorBytes<<5 | 26, 0, 0, byte(len(b) >> 8), byte(len(b))}, b...)
}

// LongText writes a text string in the same way.
func LongText(s string) Raw {
	return append(Raw{majorText<<5 | 26, 0, 0, byte(len(s) >> 8), byte(len(s))}, s...)
}

// IndefiniteMap writes a map whose end is marked instead of its length told.
func IndefiniteMap(m Map) Raw {
	encoded := Encode(m)
	head := Head(nil, majorMap, uint64(len(m)))
	out := append(Raw{majorMap<<5 | indefinite}, encoded[len(head):]...)
	return append(out, 0xFF)
}
