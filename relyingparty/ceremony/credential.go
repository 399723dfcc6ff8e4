package ceremony

import "time"

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
	Asked            time.Time // when the challenge was made
	Attachment       string    // as the client reported it; it is not signed
	CounterRegressed bool      // only under CounterWarn; CounterRefuse makes it a refusal
	BackupLost       bool      // likewise, of BackupLossWarn
}
