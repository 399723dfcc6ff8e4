package attestation

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/internal/primes"
	"github.com/passkeylab/passkeylab/webauthn"
)

// TPMAttributes say what a TPM does with a key (TPMA_OBJECT, TPM 2.0 Part 2, 8.3).
type TPMAttributes uint32

// The attributes that keys for signatures have.
const (
	TPMFixedTPM            TPMAttributes = 1 << 1 // never leaves the TPM
	TPMFixedParent         TPMAttributes = 1 << 4
	TPMSensitiveDataOrigin TPMAttributes = 1 << 5 // made by the TPM itself
	TPMUserWithAuth        TPMAttributes = 1 << 6 // used with a password rather than by a policy
	TPMNoDA                TPMAttributes = 1 << 10
	TPMRestricted          TPMAttributes = 1 << 16 // signs what the TPM made, nothing else
	TPMDecrypt             TPMAttributes = 1 << 17
	TPMSign                TPMAttributes = 1 << 18
)

// What Windows has its credential keys and attestation keys be: decoded from
// statements in public test suites, 2018 to 2022.
const (
	windowsECC = TPMSign | TPMUserWithAuth | TPMSensitiveDataOrigin | TPMFixedParent | TPMFixedTPM
	windowsRSA = windowsECC | TPMDecrypt | TPMNoDA
	windowsAIK = windowsECC | TPMRestricted | TPMNoDA
)

// Algorithms and curves by their numbers (TPM_ALG_ID, TPM_ECC_CURVE; TPM 2.0 Part 2,
// 6.3 and 6.4).
const (
	tpmRSA    = 0x0001
	tpmNull   = 0x0010
	tpmRSASSA = 0x0014
	tpmRSAPSS = 0x0016
	tpmECDSA  = 0x0018
	tpmECC    = 0x0023

	tpmP256 = 0x0003
	tpmP384 = 0x0004
	tpmP521 = 0x0005
)

var (
	tpmHashes = map[crypto.Hash]uint16{crypto.SHA1: 0x0004, crypto.SHA256: 0x000b, crypto.SHA384: 0x000c, crypto.SHA512: 0x000d}
	tpmCurves = map[elliptic.Curve]uint16{elliptic.P256(): tpmP256, elliptic.P384(): tpmP384, elliptic.P521(): tpmP521}

	// tpmSchemes are the signature schemes of what keys in a TPM can sign with.
	tpmSchemes = map[webauthn.Algorithm]tpmScheme{
		webauthn.ES256: {tpmECDSA, crypto.SHA256}, webauthn.ESP256: {tpmECDSA, crypto.SHA256},
		webauthn.ES384: {tpmECDSA, crypto.SHA384}, webauthn.ESP384: {tpmECDSA, crypto.SHA384},
		webauthn.ES512: {tpmECDSA, crypto.SHA512}, webauthn.ESP512: {tpmECDSA, crypto.SHA512},
		webauthn.RS256: {tpmRSASSA, crypto.SHA256}, webauthn.PS256: {tpmRSAPSS, crypto.SHA256},
		webauthn.RS1: {tpmRSASSA, crypto.SHA1},
	}
)

// tpmScheme is a TPMT_ECC_SCHEME or TPMT_RSA_SCHEME. Its zero value is TPM_ALG_NULL:
// whoever uses the key chooses.
type tpmScheme struct {
	id   uint16
	hash crypto.Hash
}

// tpmPublic is a TPMT_PUBLIC, a key as a TPM describes it (TPM 2.0 Part 2, 12.2.4).
type tpmPublic struct {
	kind       uint16 // tpmECC or tpmRSA
	nameAlg    uint16
	attributes TPMAttributes
	authPolicy []byte
	scheme     tpmScheme
	curve      uint16   // ECC
	bits       uint16   // RSA
	exponent   uint32   // RSA; 0 = 65537
	unique     [][]byte // x and y, or the modulus
}

// area describes a credential's key.
func (o *TPMOptions) area(c *credential) (tpmPublic, error) {
	scheme, ok := tpmSchemes[c.algorithm]
	if !ok {
		return tpmPublic{}, fmt.Errorf("attestation: no key in a TPM signs with %s", c.algorithm)
	}
	if !o.NamesScheme {
		scheme = tpmScheme{}
	}
	p, err := describe(c.public)
	if err != nil {
		return p, err
	}
	p.nameAlg, p.authPolicy, p.scheme, p.attributes = tpmHashes[o.NameAlg], o.AuthPolicy, scheme, o.Attributes
	switch {
	case p.attributes != 0:
	case p.kind == tpmECC:
		p.attributes = windowsECC
	case o.NamesScheme:
		p.attributes = windowsRSA &^ TPMDecrypt
	default:
		p.attributes = windowsRSA
	}
	return p, nil
}

// describe fills in what follows from a key itself.
func describe(public crypto.PublicKey) (tpmPublic, error) {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		curve, ok := tpmCurves[k.Curve]
		point, err := k.Bytes()
		if !ok || err != nil {
			return tpmPublic{}, fmt.Errorf("attestation: a TPM has no key on %s", k.Curve.Params().Name)
		}
		size := len(point) / 2
		return tpmPublic{kind: tpmECC, curve: curve, unique: [][]byte{point[1 : 1+size], point[1+size:]}}, nil
	case *rsa.PublicKey:
		p := tpmPublic{kind: tpmRSA, bits: uint16(k.N.BitLen()), unique: [][]byte{k.N.Bytes()}}
		if k.E != primes.Exponent {
			p.exponent = uint32(k.E)
		}
		return p, nil
	}
	return tpmPublic{}, fmt.Errorf("attestation: a TPM has no %T", public)
}

func (p *tpmPublic) encode() []byte {
	b := binary.BigEndian
	out := b.AppendUint16(make([]byte, 0, 512), p.kind)
	out = b.AppendUint16(out, p.nameAlg)
	out = b.AppendUint32(out, uint32(p.attributes))
	out = appendSized(out, p.authPolicy)
	out = b.AppendUint16(out, tpmNull) // symmetric algorithm, which only parents of other keys have
	out = p.scheme.append(out)
	switch p.kind {
	case tpmECC:
		out = b.AppendUint16(out, p.curve)
		out = b.AppendUint16(out, tpmNull) // key derivation, which no command does with it
	case tpmRSA:
		out = b.AppendUint16(out, p.bits)
		out = b.AppendUint32(out, p.exponent)
	}
	for _, number := range p.unique {
		out = appendSized(out, number)
	}
	return out
}

func (s tpmScheme) append(out []byte) []byte {
	if s.id == 0 {
		return binary.BigEndian.AppendUint16(out, tpmNull)
	}
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(out, s.id), tpmHashes[s.hash])
}

// appendSized appends a TPM2B structure: its size, then itself.
func appendSized(out, value []byte) []byte {
	return append(binary.BigEndian.AppendUint16(out, uint16(len(value))), value...)
}

// tpmName is the name of an object with an encoded public area (TPM 2.0 Part 1, 16).
// An object whose nameAlg is no hash has an empty one.
func tpmName(nameAlg uint16, area []byte) []byte {
	for hash, id := range tpmHashes {
		if id == nameAlg {
			return append(binary.BigEndian.AppendUint16(nil, id), digest(hash, area)...)
		}
	}
	return []byte{}
}

// qualifiedName tells an object with its ancestors apart from others: the parent's
// qualified name and the object's name, hashed (TPM 2.0 Part 1, 16).
func qualifiedName(nameAlg uint16, parent, name []byte) []byte {
	return tpmName(nameAlg, slices.Concat(parent, name))
}

func digest(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}
