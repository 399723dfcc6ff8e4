package canon

import (
	"encoding/binary"
	"slices"
)

// The Append functions lay out items of shapes known beforehand, for what is
// encoded in every ceremony. They put heads in the shortest form; that map keys
// come in their order is for the caller to see to.

// AppendMap appends the head of a map of n pairs, which the caller appends next.
func AppendMap(out []byte, n int) []byte { return appendHead(out, majorMap, uint64(n)) }

// Map is a map of at most 255 pairs whose number shows as they are appended. It
// is the place of its head in the buffer, so it holds for what grew out of that
// buffer only.
type Map int

// OpenMap appends the head of a map without pairs.
func OpenMap(out []byte) ([]byte, Map) { return append(out, majorMap<<5), Map(len(out)) }

// IntKey counts one more pair and appends its key; the caller appends the value
// next.
func (m Map) IntKey(out []byte, key int64) []byte { return AppendInt(m.count(out), key) }

// TextKey does the same with a text key.
func (m Map) TextKey(out []byte, key string) []byte { return AppendText(m.count(out), key) }

// count moves what stands behind the head where that needs a second byte.
func (m Map) count(out []byte) []byte {
	const long = majorMap<<5 | 24
	switch {
	case out[m] == majorMap<<5|longestShort:
		out[m] = long
		return slices.Insert(out, int(m)+1, longestShort+1)
	case out[m] != long:
		out[m]++
	case out[m+1] == 0xff:
		panic("canon: a Map takes 255 pairs")
	default:
		out[m+1]++
	}
	return out
}

// AppendArray appends the head of an array of n elements, which the caller
// appends next.
func AppendArray(out []byte, n int) []byte { return appendHead(out, majorArray, uint64(n)) }

// AppendText appends a text string.
func AppendText(out []byte, s string) []byte {
	return append(appendHead(out, majorText, uint64(len(s))), s...)
}

// AppendBytes appends a byte string, or null for nil.
func AppendBytes(out, b []byte) []byte {
	if b == nil {
		return AppendNull(out)
	}
	return append(appendHead(out, majorBytes, uint64(len(b))), b...)
}

// AppendInt appends an integer.
func AppendInt(out []byte, n int64) []byte {
	if n < 0 {
		return appendHead(out, majorNegative, uint64(-1-n))
	}
	return AppendUint(out, uint64(n))
}

// AppendUint appends an integer that is not negative.
func AppendUint(out []byte, n uint64) []byte { return appendHead(out, majorUint, n) }

// AppendBool appends true or false.
func AppendBool(out []byte, b bool) []byte {
	if b {
		return append(out, majorSimple<<5|simpleTrue)
	}
	return append(out, majorSimple<<5|simpleFalse)
}

// AppendNull appends null.
func AppendNull(out []byte) []byte { return append(out, majorSimple<<5|simpleNull) }

// longestShort is the largest argument that stands in the initial byte.
const longestShort = 23

func appendHead(out []byte, major byte, arg uint64) []byte {
	major <<= 5
	switch {
	case arg <= longestShort:
		return append(out, major|byte(arg))
	case arg <= 0xff:
		return append(out, major|24, byte(arg))
	case arg <= 0xffff:
		return binary.BigEndian.AppendUint16(append(out, major|25), uint16(arg))
	case arg <= 0xffffffff:
		return binary.BigEndian.AppendUint32(append(out, major|26), uint32(arg))
	}
	return binary.BigEndian.AppendUint64(append(out, major|27), arg)
}
