package client

import (
	"crypto/ecdh"
	"fmt"

	"filippo.io/mldsa/x509"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// p256Info is a SubjectPublicKeyInfo up to its P-256 point: id-ecPublicKey with
// prime256v1, and a bit string of 65 bytes (RFC 5480 §2).
const p256Info = "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"

// publicKeyOf gives what getPublicKey() and getPublicKeyAlgorithm() return
// (§5.2.1.1): the SubjectPublicKeyInfo in DER, nil for keys that this client
// does not know, and the algorithm, which is there for every key.
func publicKeyOf(cose canon.Raw) (spki []byte, algorithm webauthn.Algorithm, err error) {
	spki, isES256 := webauthn.AppendES256Point(append(make([]byte, 0, len(p256Info)+65), p256Info...), cose)
	if isES256 {
		if _, err := ecdh.P256().NewPublicKey(spki[len(p256Info):]); err == nil { // it is on the curve
			return spki, webauthn.ES256, nil
		}
	}
	algorithm, key, err := webauthn.ParseCOSEKey(cose)
	if err != nil {
		algorithm, err = algorithmOf(cose)
		return nil, algorithm, err
	}
	if spki, err = x509.MarshalPKIXPublicKey(key); err != nil {
		return nil, algorithm, nil // Ed448 or ES256K
	}
	return spki, algorithm, nil
}

// algorithmOf reads no more of a COSE_Key than its algorithm (label 3).
func algorithmOf(cose canon.Raw) (webauthn.Algorithm, error) {
	var key struct {
		Algorithm *webauthn.Algorithm `cbor:"3,keyasint"`
	}
	if err := canon.Unmarshal(cose, &key); err != nil {
		return 0, fmt.Errorf("COSE key: %w", err)
	}
	if key.Algorithm == nil {
		return 0, fmt.Errorf("COSE key: label 3, the algorithm, is missing")
	}
	return *key.Algorithm, nil
}
