package attestation

import (
	"crypto"
	"fmt"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Subject is what a statement is about: a credential just made, in the ceremony
// that made it.
type Subject struct {
	AuthData       []byte    // authenticator data with attested credential data (§6.5.1)
	ClientDataHash []byte    // SHA-256 of the client data, 32 bytes
	Time           time.Time // of the ceremony: some certificates are made for it

	// Credential is what AuthData is about. Attesters go by it where AuthData cannot be
	// read because a fault broke it. nil = there is nothing but AuthData.
	Credential *webauthn.AttestedCredential

	// Sign signs a message with the credential's own private key, by the
	// credential's algorithm. Self attestation and android-key need it.
	Sign func(message []byte) ([]byte, error)
}

// Attester makes statements of one format. It is safe for concurrent use.
type Attester interface {
	// Format is the attestation statement format identifier (§8.1).
	Format() string
	// Attest makes the statement: one encoded map, or for compound an array.
	Attest(about *Subject) (canon.Raw, error)
}

// message is what most statements sign: authData ‖ clientDataHash.
func (s *Subject) message() []byte { return slices.Concat(s.AuthData, s.ClientDataHash) }

// credential is what the authenticator data of a subject says.
type credential struct {
	webauthn.AuthenticatorData
	algorithm webauthn.Algorithm
	public    crypto.PublicKey
}

func (s *Subject) credential() (*credential, error) {
	c := new(credential)
	err := c.Parse(s.AuthData)
	if s.Credential != nil && (err != nil || c.Attested == nil) {
		c.Attested = s.Credential
		copy(c.RPIDHash[:], s.AuthData)
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("attestation: %w", err)
	}
	if c.Attested == nil {
		return nil, fmt.Errorf("attestation: %w", errNoCredential)
	}
	if c.algorithm, c.public, err = webauthn.ParseCOSEKey(c.Attested.PublicKey); err != nil {
		return nil, fmt.Errorf("attestation: %w", err)
	}
	return c, nil
}
