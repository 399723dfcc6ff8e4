package relyingparty

import (
	"github.com/go-webauthn/webauthn/webauthn"
)

// Credential is a credential record (WebAuthn L3 §4): what verification needs to
// know of a registered passkey.
type Credential struct {
	ID             []byte
	PublicKey      []byte // COSE_Key
	SignCount      uint32
	BackupEligible bool
	BackedUp       bool
	UserVerified   bool // at registration
	AAGUID         []byte
	Attachment     string   // "platform", "cross-platform", or "" when the client did not say
	Transports     []string // as the client reported them
	Attestation    string   // statement format
}

// Account is whom a registration is for (WebAuthn L3 §5.4.3).
type Account struct {
	Handle      []byte // opaque, 1 to 64 bytes
	Name        string
	DisplayName string
}

// Owner is whose credential an assertion names.
type Owner struct {
	Handle     []byte
	Credential Credential
}

// Assertion is what a verified login tells.
type Assertion struct {
	CredentialID     []byte
	UserHandle       []byte // of the account that the credential belongs to
	SignCount        uint32
	BackedUp         bool
	UserVerified     bool
	Attachment       string // as the client reported it; it is not signed
	CounterRegressed bool   // only under CounterWarn; CounterRefuse makes it a refusal
}

// party adapts an account and its credentials to go-webauthn's interface.
type party struct {
	account     Account
	credentials []webauthn.Credential
}

func (p *party) WebAuthnID() []byte                         { return p.account.Handle }
func (p *party) WebAuthnName() string                       { return p.account.Name }
func (p *party) WebAuthnDisplayName() string                { return p.account.DisplayName }
func (p *party) WebAuthnCredentials() []webauthn.Credential { return p.credentials }

// record is the credential as go-webauthn keeps it.
func (c Credential) record() webauthn.Credential {
	return webauthn.Credential{
		ID:                c.ID,
		PublicKey:         c.PublicKey,
		AttestationFormat: c.Attestation,
		Flags: webauthn.CredentialFlags{
			UserVerified:   c.UserVerified,
			BackupEligible: c.BackupEligible,
			BackupState:    c.BackedUp,
		},
		Authenticator: webauthn.Authenticator{AAGUID: c.AAGUID, SignCount: c.SignCount},
	}
}

func credentialOf(c *webauthn.Credential, transports []string) Credential {
	return Credential{
		ID:             c.ID,
		PublicKey:      c.PublicKey,
		SignCount:      c.Authenticator.SignCount,
		BackupEligible: c.Flags.BackupEligible,
		BackedUp:       c.Flags.BackupState,
		UserVerified:   c.Flags.UserVerified,
		AAGUID:         c.Authenticator.AAGUID,
		Attachment:     string(c.Authenticator.Attachment),
		Transports:     transports,
		Attestation:    c.AttestationFormat,
	}
}
