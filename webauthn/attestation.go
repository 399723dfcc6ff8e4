package webauthn

import (
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// AttestationObject carries authenticator data and the statement about it
// (§6.5.4). Statement is one encoded map and never empty.
type AttestationObject struct {
	Format    string    `cbor:"fmt"`
	Statement canon.Raw `cbor:"attStmt"`
	AuthData  []byte    `cbor:"authData"`
}

// Attestation statement formats (§8).
const (
	FormatPacked           = "packed"
	FormatTPM              = "tpm"
	FormatAndroidKey       = "android-key"
	FormatAndroidSafetyNet = "android-safetynet" // obsolete, and still seen
	FormatFIDOU2F          = "fido-u2f"
	FormatNone             = "none"
	FormatApple            = "apple"
	FormatCompound         = "compound"
)

// EmptyStatement is the statement of format "none" (§8.7): an empty map.
var EmptyStatement = canon.Raw{0xa0}

// Marshal encodes the attestation object in the order fmt, attStmt, authData.
func (o *AttestationObject) Marshal() []byte {
	out := make([]byte, 0, 48+len(o.Format)+len(o.Statement)+len(o.AuthData))
	out = canon.AppendMap(out, 3)
	out = canon.AppendText(out, "fmt")
	out = canon.AppendText(out, o.Format)
	out = canon.AppendText(out, "attStmt")
	out = append(out, o.Statement...)
	out = canon.AppendText(out, "authData")
	return canon.AppendBytes(out, o.AuthData)
}

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

// FIDOU2FStatement is the statement of format "fido-u2f" (§8.6). X5C is one
// certificate.
type FIDOU2FStatement struct {
	Signature []byte   `cbor:"sig"`
	X5C       [][]byte `cbor:"x5c"`
}

// Marshal encodes the statement.
func (s *PackedStatement) Marshal() canon.Raw {
	out, m := canon.OpenMap(make([]byte, 0, 32+len(s.Signature)))
	out = canon.AppendInt(m.TextKey(out, "alg"), int64(s.Algorithm))
	out = canon.AppendBytes(m.TextKey(out, "sig"), s.Signature)
	if len(s.X5C) > 0 {
		out = canon.AppendArray(m.TextKey(out, "x5c"), len(s.X5C))
		for _, certificate := range s.X5C {
			out = canon.AppendBytes(out, certificate)
		}
	}
	return out
}
