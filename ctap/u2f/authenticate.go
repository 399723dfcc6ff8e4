package u2f

import (
	"encoding/binary"
	"fmt"
)

// Control says what an authentication is for (§5.1).
type Control byte

// The control bytes.
const (
	EnforcePresence Control = 0x03 // sign, with a touch
	CheckOnly       Control = 0x07 // tell whether the key handle is known: never sign, never ask for a touch
	DontEnforce     Control = 0x08 // sign, with a touch or without
)

func (c Control) known() bool {
	return c == EnforcePresence || c == CheckOnly || c == DontEnforce
}

// AuthenticateRequest asks for a signature with a key of this device (§5.1).
type AuthenticateRequest struct {
	Control                Control
	Challenge, Application Parameter
	KeyHandle              []byte // at most 255 bytes
}

// Instruction implements [Request].
func (*AuthenticateRequest) Instruction() Instruction      { return InstructionAuthenticate }
func (*AuthenticateRequest) answer() *AuthenticateResponse { return new(AuthenticateResponse) }

func (r *AuthenticateRequest) arguments() (p1 byte, data []byte, err error) {
	if len(r.KeyHandle) > MaxKeyHandle {
		return 0, nil, fmt.Errorf("a key handle of %d bytes, at most %d fit", len(r.KeyHandle), MaxKeyHandle)
	}
	data = append(r.Challenge[:], r.Application[:]...)
	data = append(data, byte(len(r.KeyHandle)))
	return byte(r.Control), append(data, r.KeyHandle...), nil
}

// read refuses a control byte that the text does not define as a wrong P1.
// Other devices answer WrongData.
func (r *AuthenticateRequest) read(p1 byte, data []byte) error {
	const head = 2*ParameterSize + 1
	if len(data) < head || len(data) != head+int(data[head-1]) {
		return Errorf(WrongLength, "U2F_AUTHENTICATE with %d bytes of data, want %d and a key handle as long as is said", len(data), head)
	}
	if !Control(p1).known() {
		return Errorf(IncorrectParameters, "control byte 0x%02X", p1)
	}
	r.Control = Control(p1)
	r.Challenge, r.Application = Parameter(data), Parameter(data[ParameterSize:])
	r.KeyHandle = data[head:]
	return nil
}

// presenceBit of the user presence byte; the others are reserved (§5.4).
const presenceBit = 0x01

// AuthenticateResponse is a signature (§5.4).
type AuthenticateResponse struct {
	Presence  byte // bit 0: the user was there
	Counter   uint32
	Signature []byte // ECDSA with SHA-256, DER, over [AuthenticationSigned]
}

// UserPresent tells whether the device says that its user was there.
func (r *AuthenticateResponse) UserPresent() bool { return r.Presence&presenceBit != 0 }

// Append implements [Response].
func (r *AuthenticateResponse) Append(out []byte) []byte {
	out = binary.BigEndian.AppendUint32(append(out, r.Presence), r.Counter)
	return append(out, r.Signature...)
}

func (r *AuthenticateResponse) read(data []byte) error {
	const head = 1 + 4
	if len(data) <= head {
		return fmt.Errorf("%d bytes are too few", len(data))
	}
	r.Presence, r.Counter, r.Signature = data[0], binary.BigEndian.Uint32(data[1:]), data[head:]
	return nil
}

// AuthenticationSigned is what the credential's key signs (§5.4).
func AuthenticationSigned(application Parameter, presence byte, counter uint32, challenge Parameter) []byte {
	out := append(application[:], presence)
	out = binary.BigEndian.AppendUint32(out, counter)
	return append(out, challenge[:]...)
}
