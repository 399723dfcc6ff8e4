package client

import (
	"crypto/x509"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// publicKeyOf gives what getPublicKey() and getPublicKeyAlgorithm() return
// (§5.2.1.1): the SubjectPublicKeyInfo in DER, nil for keys that this client
// does not know, and the algorithm, which is there for every key.
func publicKeyOf(cose canon.Raw) (spki []byte, algorithm webauthn.Algorithm, err error) {
	algorithm, key, err := webauthn.ParseCOSEKey(cose)
	if err != nil {
		algorithm, err = algorithmOf(cose)
		return nil, algorithm, err
	}
	spki, err = x509.MarshalPKIXPublicKey(key)
	return spki, algorithm, err
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
