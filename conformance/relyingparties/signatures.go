package relyingparties

import (
	"crypto/elliptic"
	"crypto/sha256"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// es256Login is a login with a key for ES256.
func es256Login(c change) login { return login{register: registration{alg: forge.ES256}, change: c} }

// badSignature is a case of a login with a key for ES256 whose signature is wrong.
func badSignature(what string, level conformance.Level, spec conformance.Spec, doc string, c change) testCase {
	return testCase{
		ID: "login/signature/" + what, Spec: spec, Level: level, Twin: algorithmID(forge.ES256) + "/login", Needs: []need{offers(forge.ES256)},
		Doc: "A login whose signature " + doc + " is refused.", Run: es256Login(c).refused(),
	}
}

func message(f func(auth, hash []byte) []byte) change {
	return change{Message: func(b []byte) []byte { return f(b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]) }}
}

var (
	verified = at72("21")
	der      = l3("6.5.5")
)

func signatureCases() []testCase {
	return append(concat(badSignatures, forgeries), []testCase{
		{
			ID: "login/signature/high-s", Spec: der, Level: conformance.Must, Twin: algorithmID(forge.ES256) + "/login", Needs: []need{offers(forge.ES256)},
			Doc: "A login whose ECDSA signature has the larger of the two numbers s that verify is accepted.",
			Run: es256Login(signature(func(b []byte) []byte { return withS(b, true) })).accepted(),
		},
		{
			ID: "login/signature/low-s", Spec: der, Level: conformance.Must, Twin: algorithmID(forge.ES256) + "/login", Needs: []need{offers(forge.ES256)},
			Doc: "A login whose ECDSA signature has the smaller of the two numbers s that verify is accepted.",
			Run: es256Login(signature(func(b []byte) []byte { return withS(b, false) })).accepted(),
		},
		{
			ID: "login/signature/other-client-data", Spec: verified, Level: conformance.Must, Twin: plainLogin,
			Doc: "A login whose client data had another member when they were signed is refused.",
			Run: login{change: response(func(o forge.Object) forge.Object {
				return o.With("clientDataJSON", changedBase64(o, "clientDataJSON", func(b []byte) []byte { return append(b[:len(b)-1], `,"more":1}`...) }))
			})}.refused(),
		},
		{
			ID: "login/signature/white-space-in-client-data", Spec: verified, Level: conformance.Must, Twin: plainLogin,
			Doc: "A login whose client data had no space after them when they were signed is refused: it is bytes that are signed.",
			Run: login{change: response(func(o forge.Object) forge.Object {
				return o.With("clientDataJSON", changedBase64(o, "clientDataJSON", func(b []byte) []byte { return then(b, ' ') }))
			})}.refused(),
		},
		{
			ID: "login/signature/other-counter", Spec: verified, Level: conformance.Must, Twin: plainLogin,
			Doc: "A login whose counter was another when it was signed is refused.",
			Run: login{change: response(func(o forge.Object) forge.Object {
				return o.With("authenticatorData", changedBase64(o, "authenticatorData", func(b []byte) []byte {
					out := then(b)
					out[36]++
					return out
				}))
			})}.refused(),
		},
		{
			ID: "login/signature/flag-added", Spec: verified, Level: conformance.Must, Twin: "login/user/verified-required", Needs: []need{verifiesLogin(required)},
			Doc: "A login whose flag UV was clear when it was signed is refused where user verification is required.",
			Run: login{ask: requestAsk{uv: required}, change: withFlags(0, forge.UV).Both(response(func(o forge.Object) forge.Object {
				return o.With("authenticatorData", changedBase64(o, "authenticatorData", func(b []byte) []byte {
					out := then(b)
					out[32] |= forge.UV
					return out
				}))
			}))}.refused(),
		},
		{
			ID: "login/signature/of-registration", Spec: verified, Level: conformance.Must, Twin: plainLogin,
			Doc: "A login whose signature is that of an earlier login is refused.",
			Run: on(func(c *client) {
				made := c.registered()
				var kept []byte
				c.wantAccepted("the first login", login{change: signature(func(b []byte) []byte { kept = b; return b })}.with(c, made))
				c.wantRefused("the second login", login{count: number(made.count + 2), change: signature(func([]byte) []byte { return kept })}.with(c, made))
			}),
		},
	}...)
}

var badSignatures = []testCase{
	badSignature("bit-flip", conformance.Must, verified, "has a bit flipped", signature(middleFlipped)),
	badSignature("empty", conformance.Must, verified, "has no bytes", signature(func([]byte) []byte { return []byte{} })),
	badSignature("zeros", conformance.Must, verified, "is as long as it should be, and zeros", signature(func(b []byte) []byte { return make([]byte, len(b)) })),
	badSignature("r-and-s-zero", conformance.Must, verified, "has zero for both numbers", signature(func([]byte) []byte { return encodeDER(new(big.Int), new(big.Int)) })),
	badSignature("r-and-s-one", conformance.Must, verified, "has one for both numbers", signature(func([]byte) []byte { return encodeDER(big.NewInt(1), big.NewInt(1)) })),
	badSignature("r-and-s-order", conformance.Must, verified, "has the order of the curve for both numbers", signature(func([]byte) []byte {
		n := elliptic.P256().Params().N
		return encodeDER(n, n)
	})),
	badSignature("s-beyond-order", conformance.Must, verified, "has a number s that is larger by the order of the curve", signature(func(b []byte) []byte {
		r, s, ok := decodeDER(b)
		if !ok {
			return b
		}
		return encodeDER(r, s.Add(s, elliptic.P256().Params().N))
	})),
	badSignature("s-negative", conformance.Must, verified, "has the number s with the other sign", signature(func(b []byte) []byte {
		r, s, ok := decodeDER(b)
		if !ok {
			return b
		}
		return encodeDER(r, s.Neg(s))
	})),
	badSignature("swapped", conformance.Must, verified, "has its two numbers swapped", signature(func(b []byte) []byte {
		r, s, ok := decodeDER(b)
		if !ok {
			return b
		}
		return encodeDER(s, r)
	})),
	badSignature("raw", conformance.Must, der, "is r ‖ s, where WebAuthn wants DER", signature(raw)),
	badSignature("without-client-data", conformance.Must, verified, "is over authenticator data alone", message(func(auth, _ []byte) []byte { return auth })),
	badSignature("without-authenticator-data", conformance.Must, verified, "is over the hash of client data alone", message(func(_, hash []byte) []byte { return hash })),
	badSignature("order", conformance.Must, verified, "is over the hash of client data before authenticator data", message(func(auth, hash []byte) []byte { return append(then(hash), auth...) })),
	badSignature("hash-of-nothing", conformance.Must, verified, "is over the hash of no client data", message(func(auth, _ []byte) []byte {
		sum := sha256.Sum256(nil)
		return append(then(auth), sum[:]...)
	})),
	badSignature("hashed-twice", conformance.Must, verified, "is over the hash of what it should be over", message(func(auth, hash []byte) []byte {
		sum := sha256.Sum256(append(then(auth), hash...))
		return sum[:]
	})),
	{
		ID: "login/signature/client-data-unhashed", Spec: verified, Level: conformance.Must, Twin: algorithmID(forge.ES256) + "/login", Needs: []need{offers(forge.ES256)},
		Doc: "A login whose signature is over client data and not over their hash is refused.",
		Run: login{register: registration{alg: forge.ES256}, more: func(_ *client, _ *forge.Login, ch *change) {
			var client []byte
			ch.ClientJSON = func(b []byte) []byte { client = b; return b }
			ch.Message = func(b []byte) []byte { return append(then(b[:len(b)-sha256.Size]), client...) }
		}}.refused(),
	},
	badSignature("ber-padded", conformance.Should, der, "has needless zeros before its numbers, which DER forbids", signature(func(b []byte) []byte {
		r, s, ok := decodeDER(b)
		if !ok {
			return b
		}
		return encodePadded(r, s)
	})),
	badSignature("ber-length", conformance.Should, der, "tells its length in a byte more than DER allows", signature(func(b []byte) []byte {
		return append([]byte{b[0], 0x81, b[1]}, b[2:]...)
	})),
	badSignature("trailing-zero", conformance.Should, der, "is followed by a zero", signature(func(b []byte) []byte { return then(b, 0) })),
	badSignature("trailing-inside", conformance.Should, der, "has a third number in its sequence", signature(func(b []byte) []byte {
		out := then(b, 2, 1, 0)
		out[1] += 3
		return out
	})),
}

func changedBase64(o forge.Object, name string, f func([]byte) []byte) string {
	v, _ := o.Get(name)
	s, _ := v.(string)
	return forge.Base64(f(decoded(s)))
}

// decodeDER reads ECDSA-Sig-Value (RFC 3279 §2.2.3).
func decodeDER(b []byte) (r, s *big.Int, ok bool) {
	in := cryptobyte.String(b)
	var sequence cryptobyte.String
	r, s = new(big.Int), new(big.Int)
	ok = in.ReadASN1(&sequence, asn1.SEQUENCE) && sequence.ReadASN1Integer(r) && sequence.ReadASN1Integer(s)
	return r, s, ok
}

func encodeDER(r, s *big.Int) []byte {
	var out cryptobyte.Builder
	out.AddASN1(asn1.SEQUENCE, func(in *cryptobyte.Builder) {
		in.AddASN1BigInt(r)
		in.AddASN1BigInt(s)
	})
	return out.BytesOrPanic()
}

// encodePadded is [encodeDER] with zeros that are not needed.
func encodePadded(r, s *big.Int) []byte {
	var out cryptobyte.Builder
	out.AddASN1(asn1.SEQUENCE, func(in *cryptobyte.Builder) {
		for _, n := range []*big.Int{r, s} {
			in.AddASN1(asn1.INTEGER, func(number *cryptobyte.Builder) { number.AddBytes(append([]byte{0, 0}, n.Bytes()...)) })
		}
	})
	return out.BytesOrPanic()
}

// withS has one of the two numbers s that verify: the larger, or the smaller.
func withS(b []byte, larger bool) []byte {
	r, s, ok := decodeDER(b)
	if !ok {
		return b
	}
	n := elliptic.P256().Params().N
	if other := new(big.Int).Sub(n, s); (other.Cmp(s) > 0) == larger {
		s = other
	}
	return encodeDER(r, s)
}

// raw is r ‖ s.
func raw(b []byte) []byte {
	r, s, ok := decodeDER(b)
	if !ok {
		return b
	}
	const size = 32
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
}
