package ctap

import (
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// Extension identifiers (CTAP 2.3 §12).
const (
	ExtensionCredProtect         = "credProtect"         // §12.1
	ExtensionCredBlob            = "credBlob"            // §12.2
	ExtensionLargeBlobKey        = "largeBlobKey"        // §12.3
	ExtensionLargeBlob           = "largeBlob"           // §12.4
	ExtensionMinPINLength        = "minPinLength"        // §12.5
	ExtensionPINComplexityPolicy = "pinComplexityPolicy" // §12.6
	ExtensionHMACSecret          = "hmac-secret"         // §12.7
	ExtensionHMACSecretMC        = "hmac-secret-mc"      // §12.8
	ExtensionThirdPartyPayment   = "thirdPartyPayment"   // §12.9
	ExtensionUVM                 = "uvm"                 // WebAuthn L2 §10.3
)

// CredProtect is how well a credential is protected (§12.1).
type CredProtect uint64

// The levels, with the names of the specification.
const (
	UserVerificationOptional                     CredProtect = 1
	UserVerificationOptionalWithCredentialIDList CredProtect = 2
	UserVerificationRequired                     CredProtect = 3
)

// HMACSecretInput is the input of hmac-secret at getAssertion, and of
// hmac-secret-mc (§12.7, §12.8).
type HMACSecretInput struct {
	KeyAgreement      *KeyAgreement `cbor:"1,keyasint,omitempty"` // the platform's
	SaltEnc           []byte        `cbor:"2,keyasint,omitzero"`  // one or two salts of 32 bytes, encrypted
	SaltAuth          []byte        `cbor:"3,keyasint,omitzero"`  // authenticates SaltEnc
	PinUvAuthProtocol *uint64       `cbor:"4,keyasint,omitempty"` // protocol one where it is absent
}

// Support of extension largeBlob that a relying party can ask for (§12.4).
const (
	LargeBlobRequired  = "required"
	LargeBlobPreferred = "preferred"
)

// LargeBlobInput is the input of largeBlob: Support at makeCredential, Read or
// Write with OriginalSize at getAssertion.
type LargeBlobInput struct {
	Support      *string `cbor:"support,omitempty"`
	Read         *bool   `cbor:"read,omitempty"`
	Write        []byte  `cbor:"write,omitzero"`         // DEFLATE data
	OriginalSize *uint64 `cbor:"originalSize,omitempty"` // bytes before compression
}

// LargeBlobOutput is its unsigned output: Supported at makeCredential, Blob
// with OriginalSize or Written at getAssertion.
type LargeBlobOutput struct {
	Supported    *bool   `cbor:"supported,omitempty"`
	Blob         []byte  `cbor:"blob,omitzero"` // DEFLATE data
	OriginalSize *uint64 `cbor:"originalSize,omitempty"`
	Written      *bool   `cbor:"written,omitempty"`
}

// UVMEntry is one method by which the user was verified, an element of the
// output of uvm. The values are those of the FIDO Registry of Predefined Values
// (§3.1 to §3.3).
type UVMEntry struct {
	_                 struct{} `cbor:",toarray"`
	Method            uint64
	KeyProtection     uint64
	MatcherProtection uint64
}

// Get decodes the entry of an extension into v. present is false where there is
// none; the error carries the status for an entry of the wrong type.
func (e Extensions) Get(id string, v any) (present bool, err error) {
	raw, present := e[id]
	if !present {
		return false, nil
	}
	if err := canon.Unmarshal(raw, v); err != nil {
		return true, Errorf(CBORUnexpectedType, "extension %s: %v", id, err)
	}
	return true, nil
}

// Set encodes v as the entry of an extension, in a map that is made where there
// is none.
func (e *Extensions) Set(id string, v any) error {
	raw, err := canon.Marshal(v)
	if err != nil {
		return fmt.Errorf("extension %s: %w", id, err)
	}
	if *e == nil {
		*e = Extensions{}
	}
	(*e)[id] = raw
	return nil
}
