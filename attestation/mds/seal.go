package mds

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"time"
)

// sealing is a BLOB that is about to be signed (MDS §3.1.7): a JSON Web Signature in
// compact form (RFC 7515 §7.1).
type sealing struct {
	authority *authority
	now       time.Time
	header    map[string]any
	sign      func(input []byte) ([]byte, error)
}

// seal begins a BLOB that is signed as it should be. The root is not among the
// certificates that it names: who trusts it has it.
func (a *authority) seal(now time.Time) *sealing {
	s := &sealing{authority: a, now: now, header: map[string]any{"alg": a.algorithm.String(), "typ": "JWT"}}
	s.by(a.leaf, a.intermediate)
	return s
}

// by makes a certificate the one that signs, and names it with those above it.
func (s *sealing) by(leaf *issued, above ...*issued) {
	s.sign = func(input []byte) ([]byte, error) { return signRaw(leaf.key, input) }
	s.name(append([]*issued{leaf}, above...)...)
}

// name says in the header who signs.
func (s *sealing) name(chain ...*issued) {
	x5c := make([][]byte, len(chain)) // encoding/json makes base64 of it, with padding, as RFC 7515 §4.1.6 wants
	for i, c := range chain {
		x5c[i] = c.cert.Raw
	}
	s.header["x5c"] = x5c
}

// token signs the payload.
func (s *sealing) token(payload []byte) ([]byte, error) {
	header, err := json.Marshal(s.header)
	if err != nil {
		return nil, fmt.Errorf("mds: JWS header: %w", err)
	}
	token := base64.RawURLEncoding.AppendEncode(nil, header)
	token = base64.RawURLEncoding.AppendEncode(append(token, '.'), payload)
	signature, err := s.sign(token)
	if err != nil {
		return nil, fmt.Errorf("mds: sign: %w", err)
	}
	return base64.RawURLEncoding.AppendEncode(append(token, '.'), signature), nil
}

// signRaw signs as RFC 7518 §3.3 and §3.4 have it: with ECDSA, r and s stand beside
// each other.
func signRaw(key crypto.Signer, input []byte) ([]byte, error) {
	signature, err := signDER(key, input)
	if _, is := key.(*ecdsa.PrivateKey); err != nil || !is {
		return signature, err
	}
	var rs struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &rs); err != nil {
		return nil, err
	}
	raw := make([]byte, 64)
	rs.R.FillBytes(raw[:32])
	rs.S.FillBytes(raw[32:])
	return raw, nil
}

// signDER signs as certificates have it. There is no chance in it: ECDSA without a
// source of randomness is that of RFC 6979, and RSASSA-PKCS1-v1_5 needs none.
func signDER(key crypto.Signer, input []byte) ([]byte, error) {
	digest := sha256.Sum256(input)
	return key.Sign(nil, digest[:], crypto.SHA256)
}
