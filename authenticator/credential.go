package authenticator

import (
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
	PrivateKey     Secret             `cbor:"5,keyasint"` // see [Secret]
	Discoverable   bool               `cbor:"6,keyasint,omitempty"`
	SignCount      uint32             `cbor:"7,keyasint,omitempty"` // of the last signature; see [CounterStyle]
	BackupEligible bool               `cbor:"8,keyasint,omitempty"`
	BackedUp       bool               `cbor:"9,keyasint,omitempty"`
	Sequence       uint64             `cbor:"10,keyasint,omitempty"` // order of creation among those of one RP ID
	Created        int64              `cbor:"11,keyasint,omitempty"` // Unix seconds, for people; order is Sequence
	Extras         *Extras            `cbor:"12,keyasint,omitempty"` // of extensions; nil = none
}

// Extras is what extensions keep with a credential (CTAP 2.3 §12). It is flat,
// because canonical CBOR has no room below it in a record of a store.
type Extras struct {
	CredProtect       ctap.CredProtect `cbor:"1,keyasint,omitempty"` // 0 = 1
	CredBlob          []byte           `cbor:"2,keyasint,omitempty"`
	LargeBlobKey      Secret           `cbor:"3,keyasint,omitempty"` // 32 bytes
	CredRandom        Secret           `cbor:"4,keyasint,omitempty"` // CredRandomWithUV ‖ CredRandomWithoutUV, 64 bytes; empty = derived from the key
	ThirdPartyPayment bool             `cbor:"5,keyasint,omitempty"`
	TakesLargeBlob    bool             `cbor:"6,keyasint,omitempty"` // by extension largeBlob
	LargeBlob         []byte           `cbor:"7,keyasint,omitzero"`  // DEFLATE data; nil = nothing written
	LargeBlobSize     uint64           `cbor:"8,keyasint,omitempty"` // of it before compression, in bytes
}

// check reports what no extension would have kept.
func (e *Extras) check() error {
	switch {
	case e.CredProtect > ctap.UserVerificationRequired:
		return fmt.Errorf("CredProtect %d is not within 1 to 3", e.CredProtect)
	case len(e.LargeBlobKey) != 0 && len(e.LargeBlobKey) != largeBlobKeySize:
		return fmt.Errorf("LargeBlobKey has %d bytes, want %d", len(e.LargeBlobKey), largeBlobKeySize)
	case len(e.CredRandom) != 0 && len(e.CredRandom) != credRandomPair:
		return fmt.Errorf("CredRandom has %d bytes, want %d", len(e.CredRandom), credRandomPair)
	}
	return nil
}

// extras returns the Extras of a credential that is still being made.
func (c *Credential) extras() *Extras {
	if c.Extras == nil {
		c.Extras = new(Extras)
	}
	return c.Extras
}

// kept is what extensions keep with c. It is never nil and must not be changed.
func (c *Credential) kept() *Extras {
	if c.Extras == nil {
		return new(Extras)
	}
	return c.Extras
}

// protection is the credential's level of credProtect.
func (c *Credential) protection() ctap.CredProtect {
	return max(c.kept().CredProtect, ctap.UserVerificationOptional)
}

// Secret is key material. It is printed as its length only. As a private key it
// has 32 bytes where the device drew it: the key itself for P-256, secp256k1,
// Ed25519 and ML-DSA, for the others a seed that the key is derived from. An
// imported key may also come in its own form: scalars of 48 (P-384) and 66 bytes
// (P-521), 57 bytes for Ed448 (RFC 8032), and the two primes for RSA of 2048 to
// 4096 bits, together as long as the modulus.
type Secret []byte

// Format keeps the bytes out of logs and test output, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "(secret, %d bytes)", len(s)) }

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
