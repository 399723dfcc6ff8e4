package webauthn

import (
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// AttestationObject carries authenticator data and the statement about it
// (§6.5.4).
type AttestationObject struct {
	Format    string    `cbor:"fmt"`
	Statement canon.Raw `cbor:"attStmt"`
	AuthData  []byte    `cbor:"authData"`
}

// Attestation statement formats (§8).
const (
	FormatPacked = "packed"
	FormatNone   = "none"
)

// EmptyStatement is the statement of format "none" (§8.7): an empty map.
var EmptyStatement = canon.Raw{0xa0}

// Marshal encodes the attestation object in the order fmt, attStmt, authData.
func (o *AttestationObject) Marshal() ([]byte, error) { return canon.Marshal(o) }

// ParseAttestationObject reads an attestation object. The authenticator data
// inside is left as bytes: the statement signs exactly those.
func ParseAttestationObject(data []byte) (*AttestationObject, error) {
	o := new(AttestationObject)
	if err := canon.Unmarshal(data, o); err != nil {
		return nil, fmt.Errorf("attestation object: %w", err)
	}
	if o.Format == "" || o.Statement == nil || o.AuthData == nil {
		return nil, missing("attestation object", "fmt, attStmt or authData")
	}
	return o, nil
}

// PackedStatement is the statement of format "packed" (§8.2). Without X5C it
// is a self attestation, signed with the credential's own key.
type PackedStatement struct {
	Algorithm Algorithm `cbor:"alg"`
	Signature []byte    `cbor:"sig"`
	X5C       [][]byte  `cbor:"x5c,omitempty"`
}
