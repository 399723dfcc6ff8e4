package authenticator

import (
	"crypto/x509"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Credential is a public key credential source (WebAuthn L3 §4) with its private
// key. Once it has been handed to a [Store] or came from one it is shared and
// must not be changed; change a copy. The integer keys name the fields in store
// files and are never reused.
type Credential struct {
	ID             []byte             `cbor:"1,keyasint"` // 16 to 1023 bytes
	RPID           string             `cbor:"2,keyasint"`
	User           ctap.UserEntity    `cbor:"3,keyasint"` // empty on unwrapped credentials
	Algorithm      webauthn.Algorithm `cbor:"4,keyasint"`
	PrivateKey     Secret             `cbor:"5,keyasint"` // P-256 scalar or Ed25519 seed, 32 bytes
	Discoverable   bool               `cbor:"6,keyasint,omitempty"`
	SignCount      uint32             `cbor:"7,keyasint,omitempty"` // of the last signature; see [CounterStyle]
	BackupEligible bool               `cbor:"8,keyasint,omitempty"`
	BackedUp       bool               `cbor:"9,keyasint,omitempty"`
	Sequence       uint64             `cbor:"10,keyasint,omitempty"` // order of creation among those of one RP ID
	Created        int64              `cbor:"11,keyasint,omitempty"` // Unix seconds, for people; order is Sequence
	Extras         *Extras            `cbor:"12,keyasint,omitempty"` // of extensions; nil = none
}

// Extras is what extensions keep with a credential (CTAP 2.3 §12).
type Extras struct {
	CredProtect       ctap.CredProtect `cbor:"1,keyasint,omitempty"` // 0 = 1
	CredBlob          []byte           `cbor:"2,keyasint,omitempty"`
	LargeBlobKey      Secret           `cbor:"3,keyasint,omitempty"` // 32 bytes
	CredRandom        Secret           `cbor:"4,keyasint,omitempty"` // CredRandomWithUV ‖ CredRandomWithoutUV, 64 bytes; empty = derived from the key
	ThirdPartyPayment bool             `cbor:"5,keyasint,omitempty"`
	LargeBlob         *LargeBlob       `cbor:"6,keyasint,omitempty"` // of extension largeBlob; nil = not supported for this one
}

// LargeBlob is what a relying party keeps with one credential by extension
// largeBlob (§12.4).
type LargeBlob struct {
	Data         []byte `cbor:"1,keyasint,omitempty"` // DEFLATE data
	OriginalSize uint64 `cbor:"2,keyasint,omitempty"` // bytes before compression
}

// extras returns the Extras of a credential that is still being made.
func (c *Credential) extras() *Extras {
	if c.Extras == nil {
		c.Extras = new(Extras)
	}
	return c.Extras
}

// protection is the credential's level of credProtect.
func (c *Credential) protection() ctap.CredProtect {
	if c.Extras == nil {
		return ctap.UserVerificationOptional
	}
	return max(c.Extras.CredProtect, ctap.UserVerificationOptional)
}

// Secret is key material. It is printed as its length only.
type Secret []byte

// Format keeps the bytes out of logs and test output, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "(secret, %d bytes)", len(s)) }

// PKCS8 returns the private key in PKCS #8 DER, as browsers' own virtual
// authenticators import it.
func (c *Credential) PKCS8() ([]byte, error) {
	k, err := parseKey(c.Algorithm, c.PrivateKey)
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS8PrivateKey(k.private)
}

// SetPKCS8 sets PrivateKey and Algorithm from a private key in PKCS #8 DER.
func (c *Credential) SetPKCS8(der []byte) error {
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return fmt.Errorf("credential key: %w", err)
	}
	for id, algorithm := range algorithms {
		if secret, ok := algorithm.secretOf(private); ok {
			c.Algorithm, c.PrivateKey = id, secret
			return nil
		}
	}
	return fmt.Errorf("credential key: a %T of that kind is not implemented", private)
}

// PublicKey returns the public key as a COSE_Key in canonical CBOR.
func (c *Credential) PublicKey() ([]byte, error) {
	k, err := parseKey(c.Algorithm, c.PrivateKey)
	if err != nil {
		return nil, err
	}
	return k.cose()
}

// account is the user entity as getAssertion may return it: nil for a
// non-discoverable credential, the ID alone unless the user was verified
// (CTAP 2.3 §6.2.2 step 12.3).
func (c *Credential) account(verified bool) *ctap.UserEntity {
	switch {
	case !c.Discoverable:
		return nil
	case verified:
		user := c.User
		return &user
	}
	return &ctap.UserEntity{ID: c.User.ID}
}

// flags are the backup bits of authenticator data (WebAuthn L3 §6.1.3).
func (c *Credential) flags() webauthn.Flags {
	return webauthn.Flags(0).With(webauthn.BackupEligible, c.BackupEligible).With(webauthn.BackedUp, c.BackedUp)
}
