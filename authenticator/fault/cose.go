package fault

import (
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Labels of COSE_Key (RFC 9052 §7.1, RFC 9053 §7.1).
const (
	labelKeyType = 1
	labelKeyID   = 2
	labelAlg     = 3
	labelKeyOps  = 4
	labelCurve   = -1
	labelX       = -2
	labelY       = -3
	labelD       = -4
)

// Values of them.
const (
	keyTypeOKP = 1
	curveP384  = 2
)

// onKey makes a seam of a change to the public key of a new credential, member by
// member. Nothing checks what comes of it.
func onKey(change func([]pair) []pair) authenticator.Seams { return onEncodedKey(onPairs(change)) }

// onEncodedKey finds the key behind the credential ID, and leaves what follows it.
func onEncodedKey(change func([]byte) []byte) authenticator.Seams {
	return onAuthData(func(authData []byte) []byte {
		data, err := webauthn.ParseAuthenticatorData(authData)
		if err != nil || data.Attested == nil {
			return authData
		}
		keyAt := idAt + len(data.Attested.CredentialID)
		spoiled := change(data.Attested.PublicKey)
		return slices.Concat(authData[:keyAt], spoiled, data.Extensions)
	})
}

// onEC2 is onKey for keys with two coordinates.
func onEC2(change func(pairs []pair, x, y []byte) []pair) authenticator.Seams {
	const head = 2 // of a string of 32 bytes and more
	return onKey(func(pairs []pair) []pair {
		x, y := valueOf(pairs, labelX), valueOf(pairs, labelY)
		if len(x) <= head || len(y) <= head {
			return pairs
		}
		return change(pairs, slices.Clone(x[head:]), slices.Clone(y[head:]))
	})
}

func coseFaults() []Fault {
	return append(append(coseMembers(), cosePoints()...), coseForms()...)
}

func coseMembers() []Fault {
	const belongs = "WebAuthn L3 §5.8.5, §7.1 step 20"
	const others = "WebAuthn L3 §6.5.1"
	return []Fault{
		{
			ID: "cose/alg-missing", Spec: others,
			Doc:   "The public key of a new credential does not say its algorithm.",
			Seams: onKey(without(labelAlg)),
		}, {
			ID: "cose/alg-other", Spec: belongs,
			Doc:   "The public key of a new credential says an algorithm that nobody asked for, ES512.",
			Seams: onKey(with(labelAlg, canon.AppendInt(nil, int64(webauthn.ES512)))),
		}, {
			ID: "cose/kty-other", Spec: belongs,
			Doc:   "The public key of a new credential says that it is of type OKP.",
			Seams: onKey(with(labelKeyType, canon.AppendInt(nil, keyTypeOKP))),
		}, {
			ID: "cose/kty-missing", Spec: belongs,
			Doc:   "The public key of a new credential does not say its type.",
			Seams: onKey(without(labelKeyType)),
		}, {
			ID: "cose/crv-other", Spec: belongs,
			Doc:   "The public key of a new credential says that it is on P-384.",
			Seams: onKey(with(labelCurve, canon.AppendInt(nil, curveP384))),
		}, {
			ID: "cose/crv-missing", Spec: belongs,
			Doc:   "The public key of a new credential does not say its curve.",
			Seams: onKey(without(labelCurve)),
		}, {
			ID: "cose/kid", Spec: others,
			Doc: "The public key of a new credential has a key identifier, a member that it must not have.",
			Seams: onKey(func(pairs []pair) []pair {
				return slices.Insert(slices.Clone(pairs), 1, pair{canon.AppendInt(nil, labelKeyID), canon.AppendBytes(nil, []byte{1})})
			}),
		}, {
			ID: "cose/key-ops", Spec: others,
			Doc: "The public key of a new credential lists what it is for, a member that it must not have.",
			Seams: onKey(func(pairs []pair) []pair {
				const verify = 2
				ops := canon.AppendInt(canon.AppendArray(nil, 1), verify)
				return slices.Insert(slices.Clone(pairs), 2, pair{canon.AppendInt(nil, labelKeyOps), ops})
			}),
		},
		coseWithPrivateKey(),
	}
}

// coseWithPrivateKey remembers the key that was drawn last, which of P-256 is the
// scalar.
func coseWithPrivateKey() Fault {
	var private []byte
	seams := onEC2(func(pairs []pair, _, _ []byte) []pair {
		return append(slices.Clone(pairs), pair{canon.AppendInt(nil, labelD), canon.AppendBytes(nil, private)})
	})
	seams.Key = func(_ string, drawn authenticator.Secret) authenticator.Secret {
		private = slices.Clone(drawn)
		return drawn
	}
	return Fault{
		ID: "cose/private-key", Spec: "WebAuthn L3 §6.5.1, RFC 9053 §7.1.1",
		Doc:   "The public key of a new credential has the private key beside it.",
		Seams: seams,
	}
}

func cosePoints() []Fault {
	const point = "WebAuthn L3 §5.8.5, RFC 9053 §7.1.1"
	put := func(pairs []pair, x, y []byte) []pair {
		return with(labelX, canon.AppendBytes(nil, x))(with(labelY, canon.AppendBytes(nil, y))(pairs))
	}
	return []Fault{
		{
			ID: "cose/off-curve", Spec: point,
			Doc: "The public key of a new credential is not on its curve: one bit of y is flipped.",
			Seams: onEC2(func(pairs []pair, x, y []byte) []pair {
				y[len(y)-1] ^= 1
				return put(pairs, x, y)
			}),
		}, {
			ID: "cose/other-point", Spec: "WebAuthn L3 §7.1 step 22, §7.2 step 21",
			Doc:   "The public key of a new credential is the right one mirrored: a point on the curve, with which nothing verifies.",
			Seams: onEC2(func(pairs []pair, x, y []byte) []pair { return put(pairs, x, mirrored(y)) }),
		}, {
			ID: "cose/zero-point", Spec: point,
			Doc: "Both coordinates of a new credential's public key are zero.",
			Seams: onEC2(func(pairs []pair, x, y []byte) []pair {
				clear(x)
				clear(y)
				return put(pairs, x, y)
			}),
		}, {
			ID: "cose/short-x", Spec: point,
			Doc:   "The x coordinate of a new credential's public key lacks its first byte.",
			Seams: onEC2(func(pairs []pair, x, y []byte) []pair { return put(pairs, x[1:], y) }),
		}, {
			ID: "cose/padded-x", Spec: point,
			Doc:   "The x coordinate of a new credential's public key has a zero byte before it.",
			Seams: onEC2(func(pairs []pair, x, y []byte) []pair { return put(pairs, append([]byte{0}, x...), y) }),
		}, {
			ID: "cose/compressed", Spec: "WebAuthn L3 §5.8.5",
			Doc: "The public key of a new credential is compressed: y is true or false.",
			Seams: onEC2(func(pairs []pair, _, y []byte) []pair {
				return with(labelY, canon.AppendBool(nil, y[len(y)-1]&1 == 1))(pairs)
			}),
		}, {
			ID: "cose/y-missing", Spec: point,
			Doc:   "The public key of a new credential has no y coordinate.",
			Seams: onKey(without(labelY)),
		},
	}
}

func coseForms() []Fault {
	const canonical = "WebAuthn L3 §6.5.1, CTAP 2.3 §8"
	return []Fault{
		{
			ID: "cose/order", Spec: canonical,
			Doc: "The members of a new credential's public key come in the opposite order.",
			Seams: onKey(func(pairs []pair) []pair {
				backwards := slices.Clone(pairs)
				slices.Reverse(backwards)
				return backwards
			}),
		}, {
			ID: "cose/duplicate-label", Spec: canonical,
			Doc:   "The public key of a new credential says its type twice.",
			Seams: onKey(func(pairs []pair) []pair { return append([]pair{pairs[0]}, pairs...) }),
		}, {
			ID: "cose/long-integer", Spec: canonical,
			Doc: "The type of a new credential's public key takes two bytes where one would do.",
			Seams: onKey(func(pairs []pair) []pair {
				value := valueOf(pairs, labelKeyType)
				if len(value) != 1 {
					return pairs
				}
				return with(labelKeyType, []byte{oneByteMore, value[0]})(pairs)
			}),
		}, {
			ID: "cose/indefinite", Spec: canonical,
			Doc:   "The public key of a new credential is a map of indefinite length.",
			Seams: onEncodedKey(onOpenMap),
		},
	}
}

// onOpenMap leaves the length of a map open.
func onOpenMap(raw []byte) []byte {
	pairs, ok := pairsOf(raw)
	if !ok {
		return raw
	}
	out := []byte{majorMap<<5 | indefinite}
	for _, p := range pairs {
		out = slices.Concat(out, p.key, p.value)
	}
	return append(out, breakStop)
}
