package authenticator

import (
	"fmt"

	"filippo.io/mldsa/x509"

	"github.com/passkeylab/passkeylab/webauthn"
)

// maxPKCS8 bounds what SetPKCS8 reads, in bytes. RSA keys of 4096 bits take 2.4
// KB, ML-DSA-87 keys in the longest of their forms 5 KB.
const maxPKCS8 = 8192

// adopted lists what a key in PKCS #8 is taken for, which names the kind of key
// but not the algorithm. Of two that share keys it has the one that more relying
// parties know (WebAuthn L3 §5.4).
var adopted = []webauthn.Algorithm{
	webauthn.ES256, webauthn.EdDSA, webauthn.RS256, webauthn.ES384, webauthn.ES512,
	webauthn.MLDSA44, webauthn.MLDSA65, webauthn.MLDSA87,
}

// PKCS8 returns the private key in PKCS #8 DER, as browsers' own virtual
// authenticators import it. It fails for Ed448 and ES256K, whose keys neither
// crypto/x509 nor its addition for ML-DSA can write.
func (c *Credential) PKCS8() ([]byte, error) {
	k, err := parseKey(c.Algorithm, c.PrivateKey)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.private.plain())
	if err != nil {
		return nil, fmt.Errorf("credential key: %s in PKCS #8: %w", c.Algorithm, err)
	}
	return der, nil
}

// PortableKey is [Credential.PKCS8] for a reader who is told nothing of the
// algorithm. It also fails where the key would be taken for that of another one.
func (c *Credential) PortableKey() ([]byte, error) {
	der, err := c.PKCS8()
	if err != nil {
		return nil, err
	}
	var taken Credential
	if err := taken.SetPKCS8(der); err != nil {
		return nil, err
	}
	if was := fullySpecified(c.Algorithm); fullySpecified(taken.Algorithm) != was {
		return nil, fmt.Errorf("credential key: a key of %s would be taken for one of %s", c.Algorithm, taken.Algorithm)
	}
	return der, nil
}

// fullySpecified is the name of an algorithm that says all of it, where there are
// two names (RFC 9864).
func fullySpecified(id webauthn.Algorithm) webauthn.Algorithm {
	switch id {
	case webauthn.ES256:
		return webauthn.ESP256
	case webauthn.ES384:
		return webauthn.ESP384
	case webauthn.ES512:
		return webauthn.ESP512
	case webauthn.EdDSA:
		return webauthn.Ed25519
	}
	return id
}

// SetPKCS8 sets PrivateKey and Algorithm from a private key in PKCS #8 DER. An
// Algorithm that goes with the key stays, any other becomes the usual one for
// such a key. It fails for kinds of key that [Credential.PKCS8] fails for, for
// ML-DSA keys without their seed, and for RSA keys of fewer than 2048 or more
// than 4096 bits, with other exponents than 65537 or more primes than two; and for
// a key that comes with another one's public key, or with anything after it.
func (c *Credential) SetPKCS8(der []byte) error {
	if len(der) > maxPKCS8 {
		return fmt.Errorf("credential key: %d bytes of PKCS #8, at most %d are read", len(der), maxPKCS8)
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return fmt.Errorf("credential key: %w", err)
	}
	if err := checkPublicHalf(der, private); err != nil {
		return fmt.Errorf("credential key: %w", err)
	}
	for _, id := range append([]webauthn.Algorithm{c.Algorithm}, adopted...) {
		adopt := algorithms[id].adopt
		if adopt == nil {
			continue
		}
		if secret, ok := adopt(private); ok {
			c.Algorithm, c.PrivateKey = id, secret
			return nil
		}
	}
	return fmt.Errorf("credential key: a %T of that kind is not implemented", private)
}
