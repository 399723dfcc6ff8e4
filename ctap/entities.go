package ctap

import (
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// PublicKey is the only credential type (CTAP 2.3 §6.1.1).
const PublicKey = "public-key"

// RPEntity is PublicKeyCredentialRpEntity. ID is mandatory.
type RPEntity struct {
	ID   string `cbor:"id"`
	Name string `cbor:"name,omitempty"`
}

// UserEntity is PublicKeyCredentialUserEntity. ID is mandatory, 1 to 64 bytes.
type UserEntity struct {
	ID          []byte `cbor:"id"`
	Name        string `cbor:"name,omitempty"`
	DisplayName string `cbor:"displayName,omitempty"`
}

// Descriptor is PublicKeyCredentialDescriptor. Transports are accepted and
// ignored.
type Descriptor struct {
	ID         []byte   `cbor:"id"`
	Type       string   `cbor:"type"`
	Transports []string `cbor:"transports,omitempty"`
}

// Parameters is one element of pubKeyCredParams: a COSE algorithm for a
// credential type.
type Parameters struct {
	Algorithm int64  `cbor:"alg"`
	Type      string `cbor:"type"`
}

// Options is the options map of makeCredential and getAssertion. A nil member
// is absent, which is not the same as false.
type Options struct {
	RK *bool `cbor:"rk,omitempty"`
	UP *bool `cbor:"up,omitempty"`
	UV *bool `cbor:"uv,omitempty"`
}

// Extensions maps an extension identifier to its encoded input or output.
type Extensions map[string]canon.Raw

// missingMember says that a structure inside a message lacks a mandatory
// member (§8 leaves the status to the authenticator; ours is InvalidCBOR, see
// §6.1.2 step 3.1.1).
type missingMember struct{ structure, member string }

func (e *missingMember) Error() string { return fmt.Sprintf("%s lacks %q", e.structure, e.member) }

// UnmarshalCBOR reads the map and insists on its mandatory members.
func (d *Descriptor) UnmarshalCBOR(data []byte) error { return canon.Read(data, d.read) }

// UnmarshalCBOR reads the map and insists on its mandatory members.
func (p *Parameters) UnmarshalCBOR(data []byte) error { return canon.Read(data, p.read) }

// parameter is a named top-level parameter and whether it is present.
type parameter struct {
	name    string
	present bool
}

// completeParameters answers MissingParameter for the first one that is not.
func completeParameters(command Command, parameters ...parameter) error {
	for _, p := range parameters {
		if !p.present {
			return Errorf(MissingParameter, "%s: parameter %s is missing", command, p.name)
		}
	}
	return nil
}

// completeAnswer reports the first mandatory member that an answer lacks. It
// is the platform's view, so the error is no status.
func completeAnswer(command Command, members ...parameter) error {
	for _, m := range members {
		if !m.present {
			return fmt.Errorf("the answer to %s lacks %s", command, m.name)
		}
	}
	return nil
}
