package relyingparties

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// keyStep is where a key is held to what was offered; keyForm is how keys are written.
var (
	keyStep = at71("20")
	keyForm = l3("6.5.1")
	curves  = l3("5.8.5")
)

// badKey is a case of a registration without attestation, so that nobody has used the
// key yet. Known relying parties look at keys only when they use them, and no step has
// them look sooner.
func badKey(what string, spec conformance.Spec, level conformance.Level, doc string, r registration) testCase {
	return testCase{
		ID: "registration/key/" + what, Spec: spec, Level: level, Twin: twinOf(r.alg), Needs: needsOf(r.alg),
		Doc: "A registration whose public key " + doc + " is refused.", Run: r.refused(),
	}
}

// twinOf is the registration without a defect of the same algorithm.
func twinOf(alg int) string {
	if alg == 0 {
		return plainRegistration
	}
	return algorithmID(alg) + "/registration"
}

func needsOf(alg int) []need {
	if alg == 0 {
		return nil
	}
	return []need{offers(alg)}
}

// es256, eddsa and rs256 are registrations with a key that is changed.
func es256(c change) registration { return registration{alg: forge.ES256, change: c} }
func eddsa(c change) registration { return registration{alg: forge.EdDSA, change: c} }
func rs256(c change) registration { return registration{alg: forge.RS256, change: c} }

func keyBytes(f func([]byte) []byte) change { return change{KeyBytes: f} }

// offCurve changes a coordinate so that the point is on no curve.
func offCurve(m cbor.Map) cbor.Map {
	y, _ := m.Get(forge.Y)
	return m.With(forge.Y, flipped(y.([]byte)))
}

func coordinate(label int, f func([]byte) []byte) change {
	return keyIs(func(m cbor.Map) cbor.Map {
		v, _ := m.Get(label)
		b, _ := v.([]byte)
		return m.With(label, f(b))
	})
}

func keyCases() []testCase {
	return concat(keyAlgorithmCases, keyFormCases, keyContentCases, newerKeyCases(), smallOrderCases())
}

var keyAlgorithmCases = []testCase{
	badKey("algorithm-missing", keyStep, conformance.Must, "says no algorithm", registration{change: keyWithout(forge.Alg)}),
	badKey("algorithm-text", keyStep, conformance.Must, "names its algorithm by a text", registration{change: keyMember(forge.Alg, "ES256")}),
	badKey("algorithm-null", keyStep, conformance.Must, "has null for an algorithm", registration{change: keyMember(forge.Alg, nil)}),
	badKey("algorithm-zero", keyStep, conformance.Must, "has the algorithm 0, which is reserved", registration{change: keyMember(forge.Alg, 0)}),
	badKey("algorithm-unknown", keyStep, conformance.Must, "has an algorithm that was not offered, and that there is not", registration{change: keyMember(forge.Alg, -65000)}),
	badKey("algorithm-positive", keyStep, conformance.Must, "has the number of its algorithm without the sign", registration{change: keyMember(forge.Alg, 7)}),
	badKey("algorithm-of-mac", keyStep, conformance.Must, "is said to be for HMAC, which was not offered", registration{change: keyMember(forge.Alg, 5)}),
	{
		ID: "registration/key/algorithm-not-offered", Spec: keyStep, Level: conformance.Must, Twin: plainRegistration,
		Needs: []need{feature("an algorithm that is not offered", func(c *client) bool { return c.notOffered() != 0 })},
		Doc:   "A registration whose public key is whole, but of an algorithm that was not offered, is refused.",
		Run: on(func(c *client) {
			o, _ := registration{alg: c.notOffered()}.attempt(c)
			c.wantRefused("the registration with "+forge.AlgorithmName(c.notOffered()), o)
		}),
	},
	{
		ID: "registration/key/last-offered", Spec: keyStep, Level: conformance.Must, Twin: plainRegistration,
		Needs: []need{feature("several algorithms that the judge knows", func(c *client) bool { return c.lastOffered() != c.firstOffered() })},
		Doc:   "A registration whose public key is of the algorithm that was offered last is accepted.",
		Run: on(func(c *client) {
			o, _ := registration{alg: c.lastOffered()}.attempt(c)
			c.wantAccepted("the registration with "+forge.AlgorithmName(c.lastOffered()), o)
		}),
	},
}

// notOffered is an algorithm that the judge has keys for and that is not offered, 0 for
// none.
func (c *client) notOffered() int {
	for _, alg := range forge.Algorithms() {
		if !c.isOffered(alg) {
			return alg
		}
	}
	return 0
}

func (c *client) isOffered(alg int) bool {
	for _, offered := range c.offered() {
		if offered == alg {
			return true
		}
	}
	return false
}

func (c *client) firstOffered() int {
	for _, alg := range c.offered() {
		if forge.Makes(alg) {
			return alg
		}
	}
	return 0
}

func (c *client) lastOffered() (last int) {
	for _, alg := range c.offered() {
		if forge.Makes(alg) {
			last = alg
		}
	}
	return last
}

var keyFormCases = []testCase{
	badKey("empty-map", keyForm, conformance.Must, "has no members", registration{change: keyIs(func(cbor.Map) cbor.Map { return cbor.Map{} })}),
	badKey("array", keyForm, conformance.Must, "is a list", registration{change: keyBytes(func([]byte) []byte { return cbor.Encode(cbor.Array{1, 2}) })}),
	badKey("byte-string", keyForm, conformance.Must, "stands in a byte string", registration{change: keyBytes(func(b []byte) []byte { return cbor.Encode(b) })}),
	badKey("not-cbor", keyForm, conformance.Must, "is no CBOR", registration{change: keyBytes(func([]byte) []byte { return []byte{0xff, 0xff} })}),
	badKey("type-missing", keyForm, conformance.Should, "says no key type", registration{change: keyWithout(forge.Kty)}),
	badKey("type-text", keyForm, conformance.Should, "names its type by a text", registration{change: keyMember(forge.Kty, "EC2")}),
	badKey("identifier", keyForm, conformance.Should, "has an identifier, which is optional in COSE and must not be there", registration{change: keyMember(forge.Kid, []byte{1})}),
	badKey("operations", keyForm, conformance.Should, "says what it may be used for, which must not be there", registration{change: keyMember(forge.Ops, cbor.Array{2})}),
	badKey("unknown-label", keyForm, conformance.Should, "has a member that nobody knows", registration{change: keyMember(-70001, []byte{1})}),
	badKey("private", keyForm, conformance.Should, "has the private key with it", es256(keyMember(forge.D, make([]byte, 32)))),
	badKey("duplicate-label", keyForm, conformance.Should, "has a member twice", es256(keyBytes(func(b []byte) []byte {
		return then(append([]byte{b[0] + 1}, b[1:]...), 0x03, 0x26)
	}))),
	canonicalKey("order", "has its members in another order than canonical CBOR", keyBytes(func(b []byte) []byte {
		item, err := cbor.Decode(b)
		m, is := item.Value.(cbor.Map)
		if err != nil || !is {
			return b
		}
		out := cbor.Map{}
		for i := len(m) - 1; i >= 0; i-- {
			out = append(out, m[i])
		}
		return cbor.EncodeAsIs(out)
	})),
	canonicalKey("long-integer", "has a number that takes a byte more than it needs", keyIs(func(m cbor.Map) cbor.Map {
		return m.With(forge.Kty, cbor.LongInt(2))
	})),
	badKey("indefinite", keyForm, conformance.Should, "is a map of indefinite length", es256(keyBytes(func(b []byte) []byte {
		item, err := cbor.Decode(b)
		m, is := item.Value.(cbor.Map)
		if err != nil || !is {
			return b
		}
		return cbor.IndefiniteMap(m)
	}))),
}

// canonicalKey is a key that CTAP2 would have written otherwise.
func canonicalKey(what, doc string, c change) testCase {
	one := badKey(what, keyForm, conformance.Must, doc, es256(c))
	one.Needs = append(one.Needs, chosen(switchCanonical, "refuse"))
	return one
}

var keyContentCases = []testCase{
	badKey("curve-p384-for-es256", curves, conformance.Should, "is for ES256 and on another curve than P-256", es256(keyMember(forge.Crv, 2))),
	badKey("key-of-p384-for-es256", curves, conformance.Should, "is for ES256 and a point of P-384", registration{alg: forge.ES256, more: func(c *client, r *forge.Registration, _ *change) {
		alg := r.Key.Public
		r.Key = c.key(forge.ES384)
		v, _ := alg.Get(forge.Alg)
		r.Key.Public = r.Key.Public.With(forge.Alg, v)
	}}),
	badKey("curve-missing", curves, conformance.Should, "has no curve", es256(keyWithout(forge.Crv))),
	badKey("curve-unknown", curves, conformance.Should, "has a curve that there is not", es256(keyMember(forge.Crv, 99))),
	badKey("curve-text", curves, conformance.Should, "names its curve by a text", es256(keyMember(forge.Crv, "P-256"))),
	badKey("type-okp-for-es256", curves, conformance.Should, "is for ES256 and says that it is of type OKP", es256(keyMember(forge.Kty, 1))),
	badKey("type-rsa-for-es256", curves, conformance.Should, "is for ES256 and says that it is of type RSA", es256(keyMember(forge.Kty, 3))),
	badKey("type-symmetric", curves, conformance.Should, "says that it is symmetric", es256(keyMember(forge.Kty, 4))),
	badKey("off-curve", curves, conformance.Should, "is no point of its curve", es256(keyIs(offCurve))),
	badKey("point-zero", curves, conformance.Should, "has zeros for its coordinates", es256(keyMember(forge.X, make([]byte, 32)).Both(keyMember(forge.Y, make([]byte, 32))))),
	badKey("x-missing", curves, conformance.Should, "has no x", es256(keyWithout(forge.X))),
	badKey("y-missing", curves, conformance.Should, "has no y", es256(keyWithout(forge.Y))),
	badKey("x-short", curves, conformance.Should, "has an x of 31 bytes", es256(coordinate(forge.X, func(b []byte) []byte { return b[:31] }))),
	badKey("x-empty", curves, conformance.Should, "has an x of no bytes", es256(coordinate(forge.X, func([]byte) []byte { return []byte{} }))),
	badKey("x-long", curves, conformance.Should, "has an x with a byte before it", es256(coordinate(forge.X, func(b []byte) []byte { return append([]byte{0}, b...) }))),
	badKey("x-text", curves, conformance.Should, "has a text for x", es256(keyMember(forge.X, "x"))),
	badKey("compressed", curves, conformance.Should, "is a compressed point, which WebAuthn does not allow", es256(keyMember(forge.Y, true))),
	badKey("x-beyond-field", curves, conformance.Should, "has an x beyond the field of its curve", es256(coordinate(forge.X, func([]byte) []byte {
		return []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	}))),
	badKey("eddsa-x-short", curves, conformance.Should, "is for EdDSA and has 31 bytes", eddsa(coordinate(forge.X, func(b []byte) []byte { return b[:31] }))),
	badKey("eddsa-x-long", curves, conformance.Should, "is for EdDSA and has 33 bytes", eddsa(coordinate(forge.X, func(b []byte) []byte { return then(b, 0) }))),
	badKey("eddsa-x-missing", curves, conformance.Should, "is for EdDSA and has no x", eddsa(keyWithout(forge.X))),
	badKey("eddsa-zero", curves, conformance.Should, "is for EdDSA and all zeros, a point of small order", eddsa(keyMember(forge.X, make([]byte, 32)))),
	badKey("eddsa-neutral", curves, conformance.Should, "is for EdDSA and the neutral point, under which anything verifies", eddsa(keyMember(forge.X, append([]byte{1}, make([]byte, 31)...)))),
	badKey("eddsa-curve-ed448", curves, conformance.Should, "is for EdDSA and says that it is on Ed448", eddsa(keyMember(forge.Crv, 7))),
	badKey("eddsa-curve-x25519", curves, conformance.Should, "is for EdDSA and on a curve for key agreement", eddsa(keyMember(forge.Crv, 4))),
	badKey("eddsa-type-ec2", curves, conformance.Should, "is for EdDSA and says that it is of type EC2", eddsa(keyMember(forge.Kty, 2))),
	badKey("rsa-modulus-missing", curves, conformance.Should, "is for RS256 and has no modulus", rs256(keyWithout(forge.Crv))),
	badKey("rsa-exponent-missing", curves, conformance.Should, "is for RS256 and has no exponent", rs256(keyWithout(forge.X))),
	badKey("rsa-modulus-empty", curves, conformance.Should, "is for RS256 and has a modulus of no bytes", rs256(keyMember(forge.Crv, []byte{}))),
	badKey("rsa-modulus-tiny", curves, conformance.Should, "is for RS256 and has a modulus of 8 bits", rs256(keyMember(forge.Crv, []byte{0xfb}))),
	badKey("rsa-modulus-even", curves, conformance.Should, "is for RS256 and has an even modulus", rs256(coordinate(forge.Crv, func(b []byte) []byte {
		out := then(b)
		out[len(out)-1] &^= 1
		return out
	}))),
	badKey("rsa-exponent-one", curves, conformance.Should, "is for RS256 and has an exponent of 1, under which anybody can sign", rs256(keyMember(forge.X, []byte{1}))),
	badKey("rsa-exponent-even", curves, conformance.Should, "is for RS256 and has an even exponent", rs256(keyMember(forge.X, []byte{1, 0, 0}))),
	badKey("rsa-1024", conformance.Spec{Document: "RFC 8230", Section: "6.1"}, conformance.Should, "is for RS256 and has a modulus of 1024 bits", registration{
		alg: forge.RS256, more: func(c *client, r *forge.Registration, _ *change) {
			weak, err := forge.WeakRSA()
			if err != nil {
				c.Brokenf("%v", err)
			}
			r.Key = weak
		},
	}),
}
