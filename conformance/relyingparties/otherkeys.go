package relyingparties

import (
	"encoding/hex"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// keyOf is a registration with a changed key of an algorithm.
func keyOf(alg int, c change) registration { return registration{alg: alg, change: c} }

// publicLabel is where keys of an algorithm have their bytes.
func publicLabel(alg int) int {
	if alg == forge.Ed448 {
		return forge.X
	}
	return forge.Crv
}

// newerKeyCases are derived for algorithms that most libraries do not know yet, and whose
// keys servers read themselves.
func newerKeyCases() (all []testCase) {
	for _, alg := range []int{forge.Ed448, forge.MLDSA44, forge.MLDSA65, forge.MLDSA87} {
		name, label, length := forge.AlgorithmName(alg), publicLabel(alg), conformance.Spec{Document: "RFC 9964", Section: "3"}
		if alg == forge.Ed448 {
			length = conformance.Spec{Document: "RFC 8032", Section: "5.2.5"}
		}
		row := func(what, doc string, spec conformance.Spec, c change) {
			id := strings.TrimPrefix(algorithmID(alg), "algorithm/") + "-" + what
			all = append(all, badKey(id, spec, conformance.Should, "is for "+name+" and "+doc, keyOf(alg, c)))
		}
		row("short", "lacks its last byte", length, coordinate(label, func(b []byte) []byte { return b[:len(b)-1] }))
		row("long", "has a byte after it", length, coordinate(label, func(b []byte) []byte { return then(b, 0) }))
		row("empty", "has no bytes", length, coordinate(label, func([]byte) []byte { return []byte{} }))
		row("missing", "lacks the member that it is in", length, keyWithout(label))
		row("text", "is a text", length, keyMember(label, "key"))
		row("type-ec2", "says that it is of type EC2", keyForm, keyMember(forge.Kty, 2))
		row("identifier", "has an identifier, which is optional in COSE and must not be there", keyForm, keyMember(forge.Kid, []byte{1}))
		row("unknown-label", "has a member that nobody knows", keyForm, keyMember(-70001, []byte{1}))
	}
	return all
}

// smallOrder is how a point of edwards25519 can be written under which anybody can sign:
// its order is 8 at most. The first two are cases of their own, of old. The sign of an x
// of zero, and a y beyond the field, are spellings that RFC 8032 §5.1.3 does not decode,
// but that many libraries do.
var smallOrder = []struct{ what, doc, y string }{
	{"order-2", "the point of order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
	{"order-8", "a point of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
	{"order-8-other", "another point of order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"},
	{"zero-beyond-field", "a point of order 4, whose y of zero is written as the prime of the field", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
	{"neutral-beyond-field", "the neutral point, whose y of one is written as one more than the prime of the field", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
}

var alsoSigned = []struct{ what, doc, y string }{
	{"zero", "the other point of order 4", "0000000000000000000000000000000000000000000000000000000000000000"},
	{"neutral", "the neutral point", "0100000000000000000000000000000000000000000000000000000000000000"},
}

func smallOrderCases() (all []testCase) {
	row := func(what, doc string, x []byte) {
		all = append(all, badKey("eddsa-"+what, curves, conformance.Should, "is for EdDSA and "+doc, eddsa(keyMember(forge.X, x))))
	}
	for _, p := range smallOrder {
		row(p.what, p.doc, pointOf(p.y, 0))
	}
	for _, p := range append(alsoSigned, smallOrder...) {
		row(p.what+"-signed", p.doc+", with the sign of x set", pointOf(p.y, 0x80))
	}
	return all
}

// pointOf is the encoding of a point by its y, and the sign of its x.
func pointOf(y string, sign byte) []byte {
	b, err := hex.DecodeString(y)
	if err != nil {
		panic(err) // they are constant
	}
	b[len(b)-1] |= sign
	return b
}
