package fault

import (
	"bytes"
	"encoding/hex"
)

// smallOrderY are the y of the points of edwards25519 of small order, as a key has them
// without the sign of x. The last two are 0 and 1 beyond the field.
var smallOrderY = func() (all [][]byte) {
	for _, s := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		y, err := hex.DecodeString(s)
		if err != nil {
			panic(err) // they are constant
		}
		all = append(all, y)
	}
	return all
}()

// smallOrderAt is which of them a key is, and whether its sign is set; -1 for none.
func smallOrderAt(cose []byte) (at int, signed bool) {
	x, _ := coseKey(cose)[-2].([]byte)
	if keyNumber(cose, labelType) != typeOKP || len(x) != 32 {
		return -1, false
	}
	y := bytes.Clone(x)
	y[31] &= 0x7f
	for i, weak := range smallOrderY {
		if bytes.Equal(y, weak) {
			return i, x[31]&0x80 != 0
		}
	}
	return -1, false
}

func smallOrder(cose []byte) bool {
	at, _ := smallOrderAt(cose)
	return at >= 0
}

// canonicalPoint reports whether a point of small order is written as RFC 8032 §5.1.2 has
// it: the neutral one and that of order 2 have an x of zero, which has no sign.
func canonicalPoint(cose []byte) bool {
	at, signed := smallOrderAt(cose)
	return at < 5 && !(signed && (at == 1 || at == 2))
}

// keyShape is what a key of an algorithm consists of.
type keyShape struct {
	label   int64 // of the bytes
	length  int
	members int
}

var keyShapes = map[int64]keyShape{
	-8: {-2, 32, 4}, -19: {-2, 32, 4}, -53: {-2, 57, 4},
	-48: {-1, 1312, 3}, -49: {-1, 1952, 3}, -50: {-1, 2592, 3},
}

// wrongLength reports a key whose bytes are there, and too few or too many.
func wrongLength(cose []byte) bool {
	shape, known := keyShapes[keyNumber(cose, labelAlgorithm)]
	public, are := coseKey(cose)[shape.label].([]byte)
	return known && are && len(public) != shape.length
}

// otherMembers reports a key with more members than its type has.
func otherMembers(cose []byte) bool {
	want := map[int64]int{typeEC2: 5, typeRSA: 4}[keyNumber(cose, labelType)]
	if shape, known := keyShapes[keyNumber(cose, labelAlgorithm)]; known {
		want = shape.members
	}
	return want > 0 && len(coseKey(cose)) > want
}
