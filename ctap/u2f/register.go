package u2f

import (
	"encoding/asn1"
	"errors"
	"fmt"
)

// RegisterRequest asks for a new key (§4.1).
type RegisterRequest struct {
	Challenge, Application Parameter
	// Individual says that the caller may see an attestation certificate that
	// tells this device from all others (P1 bit 0x80, as browsers set it).
	Individual bool
}

// registerP1 is what clients send; authenticators look at its highest bit only.
const (
	registerP1   = 0x03
	p1Individual = 0x80
)

// Instruction implements [Request].
func (*RegisterRequest) Instruction() Instruction  { return InstructionRegister }
func (*RegisterRequest) answer() *RegisterResponse { return new(RegisterResponse) }

func (r *RegisterRequest) arguments() (p1 byte, data []byte, err error) {
	p1 = registerP1
	if r.Individual {
		p1 |= p1Individual
	}
	return p1, append(r.Challenge[:], r.Application[:]...), nil
}

func (r *RegisterRequest) read(p1 byte, data []byte) error {
	if len(data) != 2*ParameterSize {
		return Errorf(WrongLength, "U2F_REGISTER with %d bytes of data, want %d", len(data), 2*ParameterSize)
	}
	r.Individual = p1&p1Individual != 0
	r.Challenge, r.Application = Parameter(data), Parameter(data[ParameterSize:])
	return nil
}

// reservedByte begins the response; futureByte what is signed (§4.3).
const (
	reservedByte = 0x05
	futureByte   = 0x00
)

// RegisterResponse is a new key with its attestation (§4.3).
type RegisterResponse struct {
	PublicKey   []byte // 65 bytes: an uncompressed point of P-256
	KeyHandle   []byte // at most 255 bytes
	Certificate []byte // X.509, DER
	Signature   []byte // ECDSA with SHA-256, DER, over [RegistrationSigned]
}

// Append implements [Response].
func (r *RegisterResponse) Append(out []byte) []byte {
	out = append(out, reservedByte)
	out = append(out, r.PublicKey...)
	out = append(out, byte(len(r.KeyHandle)))
	out = append(out, r.KeyHandle...)
	out = append(out, r.Certificate...)
	return append(out, r.Signature...)
}

// read relies on the certificate's own length, since none stands before it.
func (r *RegisterResponse) read(data []byte) error {
	const head = 1 + publicKeySize + 1
	switch {
	case len(data) < head:
		return fmt.Errorf("%d bytes are too few", len(data))
	case data[0] != reservedByte:
		return fmt.Errorf("it begins with 0x%02X, want 0x%02X", data[0], reservedByte)
	case data[1] != pointUncompressed:
		return fmt.Errorf("the public key begins with 0x%02X, want 0x%02X", data[1], pointUncompressed)
	}
	handle := int(data[head-1])
	if len(data) < head+handle {
		return fmt.Errorf("the key handle has %d bytes, only %d are there", handle, len(data)-head)
	}
	var certificate asn1.RawValue
	signature, err := asn1.Unmarshal(data[head+handle:], &certificate)
	if err != nil {
		return fmt.Errorf("the certificate: %w", err)
	}
	if len(signature) == 0 {
		return errors.New("the signature is missing")
	}
	r.PublicKey, r.KeyHandle = data[1:1+publicKeySize], data[head:head+handle]
	r.Certificate, r.Signature = certificate.FullBytes, signature
	return nil
}

// RegistrationSigned is what the attestation key signs (§4.3).
func RegistrationSigned(application, challenge Parameter, keyHandle, publicKey []byte) []byte {
	out := append([]byte{futureByte}, application[:]...)
	out = append(out, challenge[:]...)
	out = append(out, keyHandle...)
	return append(out, publicKey...)
}
