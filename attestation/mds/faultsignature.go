package mds

import (
	"crypto/hmac"
	"crypto/sha256"
)

// signatureFaults are those of the signature and of the header's word for it.
var signatureFaults = []Fault{
	{
		ID: "signature/bit-flip", Spec: "MDS §3.2 step 6", Doc: "One bit of the signature is wrong.",
		seams: seams{seal: onSignature(func(signature []byte) []byte { signature[len(signature)/2] ^= 1; return signature })},
	}, {
		ID: "signature/empty", Spec: "MDS §3.2 step 6", Doc: "The signature is there, and empty.",
		seams: seams{seal: onSignature(func([]byte) []byte { return nil })},
	}, {
		ID: "signature/other-key", Spec: "MDS §3.2 step 6", Doc: "The certificates are right, and somebody without their keys has signed.",
		seams: seams{seal: func(s *sealing) error {
			other, err := s.authority.stranger()
			s.sign = func(input []byte) ([]byte, error) { return signRaw(other.leaf.key, input) }
			return err
		}},
	}, {
		ID: "signature/der", Spec: "RFC 7518 §3.4", Doc: "The ECDSA signature is in DER, as in certificates, where r and s should stand beside each other. With RS256 nothing is wrong.",
		seams: seams{seal: func(s *sealing) error {
			leaf := s.authority.leaf
			s.sign = func(input []byte) ([]byte, error) { return signDER(leaf.key, input) }
			return nil
		}},
	}, {
		ID: "alg/none", Spec: "RFC 7518 §3.6", Doc: "The header says that nobody has signed, and nobody has.",
		seams: seams{seal: func(s *sealing) error {
			s.header["alg"] = "none"
			s.sign = func([]byte) ([]byte, error) { return nil, nil }
			return nil
		}},
	}, {
		ID: "alg/hmac", Spec: "RFC 8725 §2.1", Doc: "The header says HS256, and the secret is the public key, which anybody has.",
		seams: seams{seal: func(s *sealing) error {
			s.header["alg"] = "HS256"
			secret := s.authority.leaf.cert.RawSubjectPublicKeyInfo
			s.sign = func(input []byte) ([]byte, error) {
				mac := hmac.New(sha256.New, secret)
				mac.Write(input)
				return mac.Sum(nil), nil
			}
			return nil
		}},
	}, {
		ID: "alg/other", Spec: "RFC 7515 §4.1.1", Doc: "The header says ES384, which goes with no key of the service.",
		seams: seams{seal: onHeader("alg", "ES384")},
	}, {
		ID: "alg/missing", Spec: "RFC 7515 §4.1.1", Doc: "The header does not say how the BLOB is signed.",
		seams: seams{seal: onHeader("alg", nil)},
	}, {
		ID: "header/critical", Spec: "RFC 7515 §4.1.11", Doc: "The header names something that every reader must understand, and that none can.",
		seams: seams{seal: onHeader("crit", []string{"test.passkeylab.unheard-of"})},
	},
}

func onSignature(change func([]byte) []byte) func(*sealing) error {
	return func(s *sealing) error {
		sign := s.sign
		s.sign = func(input []byte) ([]byte, error) {
			signature, err := sign(input)
			if err != nil {
				return nil, err
			}
			return change(signature), nil
		}
		return nil
	}
}

// onHeader sets a member of the header, or drops it.
func onHeader(name string, value any) func(*sealing) error {
	return func(s *sealing) error {
		if value == nil {
			delete(s.header, name)
			return nil
		}
		s.header[name] = value
		return nil
	}
}
