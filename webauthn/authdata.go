package webauthn

import (
	"encoding/binary"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// MaxCredentialID is the longest credential ID, in bytes (§7.1).
const MaxCredentialID = 1023

const (
	authDataHead = 32 + 1 + 4 // rpIdHash, flags, signCount
	attestedHead = 16 + 2     // AAGUID, credentialIdLength
	maxAuthData  = 1<<16 - 1  // far above any real one; bounds the parser
)

// AuthenticatorData is the structure an authenticator signs (§6.1). Attested
// and Extensions are present exactly when the flags AT and ED say so; Marshal
// sets these two flags from what is present.
type AuthenticatorData struct {
	RPIDHash   [32]byte // SHA-256 of the RP ID
	Flags      Flags
	SignCount  uint32
	Attested   *AttestedCredential
	Extensions canon.Raw // CBOR map of extension outputs, as received
}

// AttestedCredential is the attested credential data of a new credential
// (§6.5.1). PublicKey is a COSE_Key in canonical CBOR.
type AttestedCredential struct {
	AAGUID       AAGUID
	CredentialID []byte
	PublicKey    canon.Raw
}

// Marshal encodes the authenticator data.
func (a *AuthenticatorData) Marshal() []byte {
	size := authDataHead + len(a.Extensions)
	if a.Attested != nil {
		size += attestedHead + len(a.Attested.CredentialID) + len(a.Attested.PublicKey)
	}
	out := make([]byte, 0, size)
	out = append(out, a.RPIDHash[:]...)
	out = append(out, byte(a.Flags.With(AttestedData, a.Attested != nil).With(ExtensionOutput, len(a.Extensions) > 0)))
	out = binary.BigEndian.AppendUint32(out, a.SignCount)
	if c := a.Attested; c != nil {
		out = append(out, c.AAGUID[:]...)
		out = binary.BigEndian.AppendUint16(out, uint16(len(c.CredentialID)))
		out = append(out, c.CredentialID...)
		out = append(out, c.PublicKey...)
	}
	return append(out, a.Extensions...)
}

// ParseAuthenticatorData is [AuthenticatorData.Parse] into a new structure.
func ParseAuthenticatorData(data []byte) (*AuthenticatorData, error) {
	a := new(AuthenticatorData)
	if err := a.Parse(data); err != nil {
		return nil, err
	}
	return a, nil
}

// Parse reads authenticator data and insists that flags and contents agree and
// that nothing follows (§6.1). The result shares memory with data.
func (a *AuthenticatorData) Parse(data []byte) error {
	if len(data) < authDataHead || len(data) > maxAuthData {
		return fmt.Errorf("authenticator data: %d bytes, want %d to %d", len(data), authDataHead, maxAuthData)
	}
	*a = AuthenticatorData{
		RPIDHash:  [32]byte(data[:32]),
		Flags:     Flags(data[32]),
		SignCount: binary.BigEndian.Uint32(data[33:]),
	}
	rest := data[authDataHead:]
	if a.Flags.Has(AttestedData) {
		c, after, err := parseAttested(rest)
		if err != nil {
			return fmt.Errorf("authenticator data: %w", err)
		}
		a.Attested, rest = c, after
	}
	if a.Flags.Has(ExtensionOutput) {
		n, err := canon.Len(rest)
		if err != nil {
			return fmt.Errorf("authenticator data: extensions: %w", err)
		}
		a.Extensions, rest = canon.Raw(rest[:n]), rest[n:]
	}
	if len(rest) != 0 {
		return fmt.Errorf("authenticator data: %d bytes follow what flags %s announce", len(rest), a.Flags)
	}
	return nil
}

func parseAttested(data []byte) (*AttestedCredential, []byte, error) {
	if len(data) < attestedHead {
		return nil, nil, fmt.Errorf("flag AT is set but only %d bytes follow, want at least %d", len(data), attestedHead)
	}
	size := int(binary.BigEndian.Uint16(data[16:]))
	rest := data[attestedHead:]
	if size > MaxCredentialID || size > len(rest) {
		return nil, nil, fmt.Errorf("credential ID of %d bytes, with %d left and at most %d allowed", size, len(rest), MaxCredentialID)
	}
	c := &AttestedCredential{AAGUID: AAGUID(data[:16]), CredentialID: rest[:size:size]}
	rest = rest[size:]
	n, err := canon.Len(rest)
	if err != nil {
		return nil, nil, fmt.Errorf("credential public key: %w", err)
	}
	c.PublicKey = canon.Raw(rest[:n:n])
	return c, rest[n:], nil
}
