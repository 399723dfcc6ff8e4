package canon

import "encoding/binary"

// The Append functions lay out items of shapes known beforehand, for what is
// encoded in every ceremony. They put heads in the shortest form; that map keys
// come in their order is for the caller to see to.

// AppendMap appends the head of a map of n pairs, which the caller appends next.
func AppendMap(out []byte, n int) []byte { return appendHead(out, majorMap, uint64(n)) }

// AppendText appends a text string.
func AppendText(out []byte, s string) []byte {
	return append(appendHead(out, majorText, uint64(len(s))), s...)
}

// AppendBytes appends a byte string.
func AppendBytes(out, b []byte) []byte {
	return append(appendHead(out, majorBytes, uint64(len(b))), b...)
}

func appendHead(out []byte, major byte, arg uint64) []byte {
	major <<= 5
	switch {
	case arg < 24:
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
