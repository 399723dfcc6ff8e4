package authenticators

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

// Flags of authenticator data (WebAuthn L3 §6.1).
const (
	flagUP = 0x01
	flagUV = 0x04
	flagBE = 0x08
	flagBS = 0x10
	flagAT = 0x40
	flagED = 0x80
)

// authData is authenticator data, as far as it could be read.
type authData struct {
	raw        []byte
	rpIDHash   []byte
	flags      byte
	count      uint32
	aaguid     []byte
	id         []byte // of the credential
	publicKey  cbor.Item
	extensions cbor.Item
	hasOutputs bool
	rest       []byte // what follows all that was announced
}

func (a *authData) has(flag byte) bool { return a.flags&flag != 0 }

// output is what an extension put out.
func (a *authData) output(id string) (any, bool) {
	m, _ := a.extensions.Value.(cbor.Map)
	return m.Get(id)
}

const (
	authDataHead = 32 + 1 + 4  // RP ID hash, flags, counter
	attestedHead = 16 + 2      // AAGUID, length of the credential ID
	flagReserved = 0x02 | 0x20 // bits without a meaning
)

// readAuthData reads the layout of WebAuthn L3 §6.1.
func readAuthData(raw []byte) (*authData, error) {
	if len(raw) < authDataHead {
		return nil, fmt.Errorf("%d bytes, at least %d are needed", len(raw), authDataHead)
	}
	a := &authData{raw: raw, rpIDHash: raw[:32], flags: raw[32], count: binary.BigEndian.Uint32(raw[33:])}
	rest := raw[authDataHead:]
	var err error
	if a.has(flagAT) {
		if rest, err = a.readAttested(rest); err != nil {
			return nil, err
		}
	}
	if a.has(flagED) {
		if a.extensions, rest, err = cbor.DecodeFirst(rest); err != nil {
			return nil, fmt.Errorf("extension outputs: %w", err)
		}
		a.hasOutputs = true
	}
	a.rest = rest
	return a, nil
}

func (a *authData) readAttested(rest []byte) ([]byte, error) {
	if len(rest) < attestedHead {
		return nil, errors.New("the attested credential data is cut short")
	}
	a.aaguid = rest[:16]
	n := int(binary.BigEndian.Uint16(rest[16:]))
	rest = rest[attestedHead:]
	if len(rest) < n {
		return nil, fmt.Errorf("a credential ID of %d bytes, of which %d are there", n, len(rest))
	}
	a.id, rest = rest[:n], rest[n:]
	var err error
	a.publicKey, rest, err = cbor.DecodeFirst(rest)
	if err != nil {
		return nil, fmt.Errorf("the public key: %w", err)
	}
	return rest, nil
}
