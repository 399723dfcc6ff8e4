// Package iso7816 is the judge's own command and response APDUs (ISO 7816-4 §5).
//
// It owns their layout alone. It must never know what an instruction means.
package iso7816

import "encoding/binary"

// Form is how a command says its lengths (ISO 7816-4 §5.1).
type Form int

// The forms. NoLe is a short one that does not say how much it has room for.
const (
	Short Form = iota
	Extended
	NoLe
)

// MaxShort is what a short command carries, in bytes.
const MaxShort = 255

// Chain is the bit of the class that says that another part follows (§5.3.3).
const Chain = 0x10

// Command is a command APDU.
type Command struct {
	Class, Instruction, P1, P2 byte
	Data                       []byte
	Form                       Form
	Le                         int // of a short one, 0 = 256
}

// Bytes lays the command out. Data that are too long for the form are the caller's
// mistake.
func (c Command) Bytes() []byte {
	out := []byte{c.Class, c.Instruction, c.P1, c.P2}
	if c.Form == Extended {
		out = append(out, 0)
		if len(c.Data) > 0 {
			out = append(binary.BigEndian.AppendUint16(out, uint16(len(c.Data))), c.Data...)
		}
		return append(out, 0, 0)
	}
	if len(c.Data) > 0 {
		out = append(append(out, byte(len(c.Data))), c.Data...)
	}
	if c.Form == NoLe {
		return out
	}
	return append(out, byte(c.Le))
}

// Split takes a response apart into its data and its status word; ok is false for one
// that is too short to have one.
func Split(response []byte) (data []byte, status uint16, ok bool) {
	at := len(response) - 2
	if at < 0 {
		return nil, 0, false
	}
	return response[:at], binary.BigEndian.Uint16(response[at:]), true
}
