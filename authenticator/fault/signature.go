package fault

import (
	"bytes"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// verified is what a relying party does with signatures.
const verified = "WebAuthn L3 §7.1 step 22, §7.2 step 21"

// onSignature makes a seam of a change to a copy of a signature.
func onSignature(change func(signature []byte) []byte) authenticator.Seams {
	return authenticator.Seams{Sign: func(_, signature []byte) []byte {
		if len(signature) == 0 {
			return signature
		}
		return change(slices.Clone(signature))
	}}
}

// ecdsaValue is Ecdsa-Sig-Value (RFC 3279 §2.2.3).
type ecdsaValue struct{ R, S *big.Int }

// onECDSA makes a seam of a change to the two numbers of an ECDSA signature. Others
// are left alone.
func onECDSA(change func(ecdsaValue) []byte) authenticator.Seams {
	return onSignature(func(signature []byte) []byte {
		var value ecdsaValue
		if rest, err := asn1.Unmarshal(signature, &value); err != nil || len(rest) > 0 || value.R == nil || value.S == nil {
			return signature
		}
		return change(value)
	})
}

func (v ecdsaValue) der() []byte {
	out, err := asn1.Marshal(v)
	if err != nil {
		return nil
	}
	return out
}

// SignatureBitFlip flips the lowest bit of the last byte, which leaves the DER
// structure of an ECDSA signature whole.
var SignatureBitFlip = Fault{
	ID:    "signature/bit-flip",
	Spec:  verified,
	Doc:   "Every signature has one bit flipped, in assertions and in packed attestation statements.",
	Seams: onSignature(inPlace(func(signature []byte) { signature[len(signature)-1] ^= 1 })),
}

func signatureFaults() []Fault {
	return append(spelledSignatures(), append(misledSignatures(), SignatureBitFlip)...)
}

// spelledSignatures are over the right data, in the wrong form.
func spelledSignatures() []Fault {
	const form = "WebAuthn L3 §6.5.5"
	return []Fault{
		{
			ID: "signature/empty", Spec: verified,
			Doc:   "Every signature is a string of no bytes.",
			Seams: onSignature(func([]byte) []byte { return []byte{} }),
		}, {
			ID: "signature/truncated", Spec: verified,
			Doc:   "Every signature lacks its last byte.",
			Seams: onSignature(func(signature []byte) []byte { return signature[:len(signature)-1] }),
		}, {
			ID: "signature/trailing-byte", Spec: form,
			Doc:   "A zero byte follows every signature, which a lenient DER parser passes over.",
			Seams: onSignature(func(signature []byte) []byte { return append(signature, 0) }),
		}, {
			ID: "signature/raw", Spec: form,
			Doc: "ECDSA signatures are the two numbers side by side, as JOSE and COSE have them, and not DER.",
			Seams: onECDSA(func(v ecdsaValue) []byte {
				size := max((v.R.BitLen()+7)/8, (v.S.BitLen()+7)/8, 32)
				return append(v.R.FillBytes(make([]byte, size)), v.S.FillBytes(make([]byte, size))...)
			}),
		}, {
			ID: "signature/padded-integer", Spec: form,
			Doc: "The first number of ECDSA signatures has a needless zero byte before it, which DER forbids and BER does not.",
			Seams: onECDSA(func(v ecdsaValue) []byte {
				sound := v.der()
				const first = 2 // behind the head of the sequence
				spoiled := slices.Insert(slices.Clone(sound), first+2, 0)
				spoiled[1]++
				spoiled[first+1]++
				return spoiled
			}),
		}, {
			ID: "signature/long-form-length", Spec: form,
			Doc: "The length of ECDSA signatures takes two bytes where one would do, which DER forbids and BER does not.",
			Seams: onECDSA(func(v ecdsaValue) []byte {
				const longForm = 0x81
				return slices.Insert(v.der(), 1, longForm)
			}),
		}, {
			ID: "signature/zero", Spec: verified,
			Doc:   "Both numbers of ECDSA signatures are zero, which broken verifiers accept for every message.",
			Seams: onECDSA(func(ecdsaValue) []byte { return ecdsaValue{new(big.Int), new(big.Int)}.der() }),
		}, {
			ID: "signature/swapped", Spec: verified,
			Doc:   "The two numbers of ECDSA signatures have changed places.",
			Seams: onECDSA(func(v ecdsaValue) []byte { return ecdsaValue{v.S, v.R}.der() }),
		}, {
			ID: "signature/high-s", Spec: "WebAuthn L3 §5.8.5, FIPS 186-5 §6.4.2",
			Doc: "The second number of P-256 signatures is the larger of the two that verify: nothing forbids that, and verifiers have to accept it.",
			Seams: onECDSA(func(v ecdsaValue) []byte {
				order := elliptic.P256().Params().N
				if low := new(big.Int).Sub(order, v.S); low.Sign() > 0 && low.Cmp(v.S) > 0 {
					v.S = low
				}
				return v.der()
			}),
		}, {
			ID: "signature/negative-s", Spec: verified,
			Doc:   "The second number of ECDSA signatures is negative.",
			Seams: onECDSA(func(v ecdsaValue) []byte { return ecdsaValue{v.R, new(big.Int).Neg(v.S)}.der() }),
		},
	}
}

// misledSignatures are in the right form, over the wrong data or by the wrong key.
func misledSignatures() []Fault {
	return []Fault{replayedSignature(), signatureOfOtherData(), signatureOfOtherHash(), signatureByOtherKey(), signatureOfOtherAlgorithm()}
}

func replayedSignature() Fault {
	var first []byte
	return Fault{
		ID: "signature/replayed", Spec: verified,
		Doc: "Every signature is the first one again, whatever there is to sign.",
		Seams: onSignature(func(signature []byte) []byte {
			if first == nil {
				first = signature
			}
			return first
		}),
	}
}

// signatureOfOtherData signs what it does not return.
func signatureOfOtherData() Fault {
	var sound, signed []byte
	restore := func(authData []byte) []byte {
		if bytes.Equal(authData, signed) {
			return sound
		}
		return authData
	}
	seams := onAuthData(func(authData []byte) []byte {
		sound = slices.Clone(authData)
		authData[countEnd-1]++
		signed = slices.Clone(authData)
		return authData
	})
	seams.Result = func(req ctap.Request, resp any, err error) (any, error) {
		resp, err = answering(func(r *ctap.GetAssertionResponse) { r.AuthData = restore(r.AuthData) })(req, resp, err)
		return answering(func(r *ctap.MakeCredentialResponse) { r.AuthData = restore(r.AuthData) })(req, resp, err)
	}
	return Fault{
		ID: "signature/other-authdata", Spec: verified,
		Doc:   "Signatures are over authenticator data with the counter one higher than in those that are returned.",
		Seams: seams,
	}
}

// signatureOfOtherHash leaves requests alone whose hash a token vouches for.
func signatureOfOtherHash() Fault {
	again := func(hash []byte) []byte {
		sum := sha256.Sum256(hash)
		return sum[:]
	}
	assert := asking(func(r *ctap.GetAssertionRequest) {
		if r.PinUvAuthParam == nil && len(r.ClientDataHash) == sha256.Size {
			r.ClientDataHash = again(r.ClientDataHash)
		}
	})
	create := asking(func(r *ctap.MakeCredentialRequest) {
		if r.PinUvAuthParam == nil && len(r.ClientDataHash) == sha256.Size {
			r.ClientDataHash = again(r.ClientDataHash)
		}
	})
	return Fault{
		ID: "signature/hashed-twice", Spec: "CTAP 2.3 §6.2.2 step 13",
		Doc:   "Without a pinUvAuthParam, signatures are over the hash of clientDataHash instead of clientDataHash.",
		Seams: authenticator.Seams{Request: func(r ctap.Request) ctap.Request { return create(assert(r)) }},
	}
}

// toAssert is where getAssertion looks for credentials.
var toAssert = at("6.2.2", "7")

// signatureByOtherKey has 32 other bytes for a key, which nearly all are one.
func signatureByOtherKey() Fault {
	var asserting bool
	return Fault{
		ID: "signature/other-key", Spec: verified,
		Doc: "Assertions are signed with another key than the one that was registered.",
		Seams: authenticator.Seams{Steps: within(&asserting, toAssert), Found: func(_ string, found []*authenticator.Credential) []*authenticator.Credential {
			if !asserting {
				return found
			}
			return altered(found, func(c *authenticator.Credential) {
				if len(c.PrivateKey) == sha256.Size {
					other := sha256.Sum256(c.PrivateKey)
					c.PrivateKey = other[:]
				}
			})
		}},
	}
}

func signatureOfOtherAlgorithm() Fault {
	var asserting bool
	return Fault{
		ID: "signature/other-algorithm", Spec: verified,
		Doc: "Assertions of ES256 credentials are signed with Ed25519.",
		Seams: authenticator.Seams{Steps: within(&asserting, toAssert), Found: func(_ string, found []*authenticator.Credential) []*authenticator.Credential {
			if !asserting {
				return found
			}
			return altered(found, func(c *authenticator.Credential) {
				if c.Algorithm == webauthn.ES256 {
					c.Algorithm = webauthn.EdDSA
				}
			})
		}},
	}
}
