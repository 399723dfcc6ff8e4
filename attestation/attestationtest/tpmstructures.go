package attestationtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
)

// Numbers of TPM 2.0 Part 2: 6.2, 6.3, 6.4 and 6.9.
const (
	tpmGenerated = 0xff544347
	tpmCertify   = 0x8017

	tpmRSA  = 0x0001
	tpmNull = 0x0010
	tpmECC  = 0x0023
)

var (
	tpmHashes = map[uint16]crypto.Hash{0x0004: crypto.SHA1, 0x000b: crypto.SHA256, 0x000c: crypto.SHA384, 0x000d: crypto.SHA512}
	tpmCurves = map[uint16]elliptic.Curve{0x0003: elliptic.P256(), 0x0004: elliptic.P384(), 0x0005: elliptic.P521()}
)

// maxTPMStructure bounds what is read, in bytes. The longest, a public area of an RSA
// key of 4096 bits named by SHA-512, takes about 600.
const maxTPMStructure = 1024

// tpmPublic is what is needed of a TPMT_PUBLIC (TPM 2.0 Part 2, 12.2.4).
type tpmPublic struct {
	nameAlg uint16
	key     crypto.PublicKey // nil where the structure describes none that there can be
}

// readTPMPublic reads one, and nothing behind it.
func readTPMPublic(data []byte) (*tpmPublic, bool) {
	if len(data) > maxTPMStructure {
		return nil, false
	}
	in := cryptobyte.String(data)
	var kind, symmetric uint16
	var attributes uint32
	var policy cryptobyte.String
	p := new(tpmPublic)
	if !in.ReadUint16(&kind) || !in.ReadUint16(&p.nameAlg) || !in.ReadUint32(&attributes) || !in.ReadUint16LengthPrefixed(&policy) ||
		!in.ReadUint16(&symmetric) || symmetric != tpmNull || !skipScheme(&in) {
		return nil, false
	}
	var ok bool
	switch kind {
	case tpmECC:
		p.key, ok = readECC(&in)
	case tpmRSA:
		p.key, ok = readRSA(&in)
	}
	return p, ok && in.Empty()
}

// skipScheme passes over a signature scheme, which has a hash if it is one.
func skipScheme(in *cryptobyte.String) bool {
	var scheme, hash uint16
	return in.ReadUint16(&scheme) && (scheme == tpmNull || in.ReadUint16(&hash))
}

func readECC(in *cryptobyte.String) (crypto.PublicKey, bool) {
	var curve uint16
	var x, y cryptobyte.String
	// A key derivation function has the form of a scheme.
	if !in.ReadUint16(&curve) || !skipScheme(in) || !in.ReadUint16LengthPrefixed(&x) || !in.ReadUint16LengthPrefixed(&y) {
		return nil, false
	}
	if tpmCurves[curve] == nil {
		return nil, true
	}
	key, err := ecdsa.ParseUncompressedPublicKey(tpmCurves[curve], slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil, true
	}
	return key, true
}

func readRSA(in *cryptobyte.String) (crypto.PublicKey, bool) {
	var bits uint16
	var exponent uint32
	var modulus cryptobyte.String
	if !in.ReadUint16(&bits) || !in.ReadUint32(&exponent) || !in.ReadUint16LengthPrefixed(&modulus) {
		return nil, false
	}
	n := new(big.Int).SetBytes(modulus)
	if n.BitLen() != int(bits) {
		return nil, true
	}
	if exponent == 0 {
		exponent = 65537
	}
	return &rsa.PublicKey{N: n, E: int(exponent)}, true
}

// tpmAttest is what is needed of a TPMS_ATTEST (TPM 2.0 Part 2, 10.12.8).
type tpmAttest struct {
	magic     uint32
	kind      uint16
	extraData []byte
	name      []byte // where a key is certified
}

// readTPMAttest reads one, and nothing behind it. What is attested is read where it
// is a key's names (10.12.3).
func readTPMAttest(data []byte) (*tpmAttest, bool) {
	if len(data) > maxTPMStructure {
		return nil, false
	}
	in := cryptobyte.String(data)
	const clockAndFirmware = 8 + 4 + 4 + 1 + 8
	var signer, extra, name, qualified cryptobyte.String
	a := new(tpmAttest)
	if !in.ReadUint32(&a.magic) || !in.ReadUint16(&a.kind) || !in.ReadUint16LengthPrefixed(&signer) || !in.ReadUint16LengthPrefixed(&extra) ||
		!in.Skip(clockAndFirmware) {
		return nil, false
	}
	a.extraData = extra
	if a.kind != tpmCertify {
		return a, true
	}
	ok := in.ReadUint16LengthPrefixed(&name) && in.ReadUint16LengthPrefixed(&qualified) && in.Empty()
	a.name = name
	return a, ok
}
