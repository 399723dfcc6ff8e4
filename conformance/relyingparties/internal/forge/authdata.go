package forge

import (
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

// The flags of authenticator data (WebAuthn L3 §6.1).
const (
	UP   byte = 0x01
	RFU1 byte = 0x02
	UV   byte = 0x04
	BE   byte = 0x08
	BS   byte = 0x10
	RFU2 byte = 0x20
	AT   byte = 0x40
	ED   byte = 0x80
)

// AuthData is authenticator data before it is written (WebAuthn L3 §6.1). Flags are
// written as they are: nothing holds them to the parts.
type AuthData struct {
	RPIDHash   []byte
	Flags      byte
	Count      uint32
	Attested   *Attested // nil = none
	Extensions []byte    // encoded; nil = none
}

// Attested is attested credential data (WebAuthn L3 §6.5.1).
type Attested struct {
	AAGUID [16]byte
	ID     []byte
	Length int // credentialIdLength where it is not that of the ID; 0 = that
	Key    []byte
}

// Bytes writes the authenticator data.
func (a *AuthData) Bytes() []byte {
	out := append(slices.Clone(a.RPIDHash), a.Flags)
	out = binary.BigEndian.AppendUint32(out, a.Count)
	if c := a.Attested; c != nil {
		length := len(c.ID)
		if c.Length != 0 {
			length = c.Length
		}
		out = append(out, c.AAGUID[:]...)
		out = binary.BigEndian.AppendUint16(out, uint16(length))
		out = append(append(out, c.ID...), c.Key...)
	}
	return append(out, a.Extensions...)
}

// Extend adds outputs of extensions, and says so.
func (a *AuthData) Extend(outputs cbor.Map) {
	a.Extensions = cbor.Encode(outputs)
	a.Flags |= ED
}
