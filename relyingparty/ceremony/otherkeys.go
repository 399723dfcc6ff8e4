package ceremony

import (
	"errors"
	"fmt"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// otherKey is a public key that go-webauthn does not verify with: one for Ed448, or for
// ML-DSA, which it does once it is built by Go 1.27.
type otherKey struct {
	algorithm int64
	verify    func(message, signature []byte) bool
}

// Members of COSE keys (RFC 9052, RFC 9053, RFC 9964).
const (
	keyTypeOKP, keyTypeAKP = 1, 7
	curveEd448             = 7
	algorithmEd448         = -53
)

var parametersOfMLDSA = map[int64]mldsa.Parameters{-48: mldsa.MLDSA44(), -49: mldsa.MLDSA65(), -50: mldsa.MLDSA87()}

// readOtherKey reads a COSE key of one of these, which has no other members than it has
// to have.
func readOtherKey(cose []byte) (*otherKey, error) {
	var kind struct {
		Type      int64 `cbor:"1,keyasint"`
		Algorithm int64 `cbor:"3,keyasint"`
	}
	if err := webauthncbor.Unmarshal(cose, &kind); err != nil {
		return nil, err
	}
	switch parameters, is := parametersOfMLDSA[kind.Algorithm]; {
	case is && kind.Type == keyTypeAKP:
		return readMLDSA(cose, kind.Algorithm, parameters)
	case kind.Algorithm == algorithmEd448 && kind.Type == keyTypeOKP:
		return readEd448(cose)
	}
	return nil, fmt.Errorf("there are no keys of type %d for algorithm %d", kind.Type, kind.Algorithm)
}

func readMLDSA(cose []byte, algorithm int64, parameters mldsa.Parameters) (*otherKey, error) {
	var key struct {
		Public []byte `cbor:"-1,keyasint"`
	}
	if err := webauthncbor.Unmarshal(cose, &key); err != nil {
		return nil, err
	}
	public, err := mldsa.NewPublicKey(parameters, key.Public)
	if err != nil {
		return nil, err
	}
	return &otherKey{algorithm, func(message, signature []byte) bool {
		return mldsa.Verify(public, message, signature, nil) == nil
	}}, countMembers(cose, 3)
}

func readEd448(cose []byte) (*otherKey, error) {
	var key struct {
		Curve int64  `cbor:"-1,keyasint"`
		X     []byte `cbor:"-2,keyasint"`
	}
	if err := webauthncbor.Unmarshal(cose, &key); err != nil {
		return nil, err
	}
	if key.Curve != curveEd448 || len(key.X) != ed448.PublicKeySize {
		return nil, errors.New("the key is no point of edwards448")
	}
	return &otherKey{algorithmEd448, func(message, signature []byte) bool {
		return ed448.Verify(ed448.PublicKey(key.X), message, signature, "")
	}}, countMembers(cose, 4)
}

// verifyOther verifies a signature by a key that go-webauthn has not read, for the reason
// given.
func verifyOther(cose, message, signature []byte, reason error) error {
	key, err := readOtherKey(cose)
	if err != nil {
		return reason
	}
	if !key.verify(message, signature) {
		return errors.New("the signature does not verify")
	}
	return nil
}

// selfAttestedByOther reports whether a statement is self attestation (WebAuthn L3 §8.2)
// by a key that go-webauthn does not read, and how that verifies.
func (v *Verification) selfAttestedByOther(clientDataHash []byte) (is bool, err error) {
	statement := v.Attestation.AttStatement
	_, certified := statement["x5c"]
	cose := v.Auth.AttData.CredentialPublicKey
	if v.Attestation.Format != "packed" || certified || v.Models != nil {
		return false, nil
	}
	if _, err := webauthncose.ParsePublicKey(cose); err == nil {
		return false, nil
	}
	key, err := readOtherKey(cose)
	if err != nil {
		return false, nil
	}
	signature, _ := statement["sig"].([]byte)
	algorithm, _ := statement["alg"].(int64)
	switch {
	case algorithm != key.algorithm:
		return true, errors.New("the algorithm of self attestation is not the credential's")
	case !key.verify(append(v.Attestation.RawAuthData[:len(v.Attestation.RawAuthData):len(v.Attestation.RawAuthData)], clientDataHash...), signature):
		return true, errors.New("the signature of self attestation does not verify")
	}
	return true, nil
}
