package authenticator

import "github.com/passkeylab/passkeylab/webauthn"

// AttestationKey is a key of the maker, which speaks for many devices or, for
// enterprise attestation, for one. It is shared and must not be changed.
type AttestationKey struct {
	Algorithm    webauthn.Algorithm
	Private      Secret   // as [Credential.PrivateKey] has it
	Certificates [][]byte // DER, the key's own first
}

// attestationKey returns the maker's key ready for use.
func (a *Authenticator) attestationKey(k *AttestationKey) (*key, error) {
	return a.keys.get(k.Algorithm, k.Private)
}

// servesU2F reports whether the key can attest to U2F registrations, which know
// no algorithm but ES256 and no attestation without a certificate.
func (k *AttestationKey) servesU2F() bool {
	return k != nil && k.Algorithm == webauthn.ES256 && len(k.Certificates) > 0
}
