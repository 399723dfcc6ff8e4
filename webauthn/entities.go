package webauthn

// PublicKeyCredentialType is the only credential type there is (§5.8.2).
const PublicKeyCredentialType = "public-key"

// RPEntity describes the relying party (§5.4.2). An empty ID means the
// caller's effective domain.
type RPEntity struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
}

// UserEntity describes the account (§5.4.3). ID is the user handle, 1 to 64
// bytes, opaque to everybody but the relying party.
type UserEntity struct {
	ID          Base64URL `json:"id"`
	Name        string    `json:"name"`
	DisplayName string    `json:"displayName"`
}

// Descriptor names one credential (§5.8.3).
type Descriptor struct {
	Type       string    `json:"type"`
	ID         Base64URL `json:"id"`
	Transports []string  `json:"transports,omitempty"`
}

// Parameters asks for a credential of one type and algorithm (§5.3).
type Parameters struct {
	Type      string    `json:"type"`
	Algorithm Algorithm `json:"alg"`
}

// Attachment says whether an authenticator is part of the client's device
// (§5.4.5).
type Attachment string

// Requirement is how much the relying party wants something: a discoverable
// credential (§5.4.6) or user verification (§5.8.6).
type Requirement string

// Values of [Attachment] and [Requirement]. Unknown values count as absent.
const (
	Platform      Attachment = "platform"
	CrossPlatform Attachment = "cross-platform"

	Required    Requirement = "required"
	Preferred   Requirement = "preferred"
	Discouraged Requirement = "discouraged"
)

// Or returns r if it is a known value, otherwise fallback.
func (r Requirement) Or(fallback Requirement) Requirement {
	switch r {
	case Required, Preferred, Discouraged:
		return r
	}
	return fallback
}

// Values of attestation conveyance (§5.4.7).
const (
	AttestationNone       = "none"
	AttestationIndirect   = "indirect"
	AttestationDirect     = "direct"
	AttestationEnterprise = "enterprise"
)

// Authenticator transports (§5.8.4).
const (
	TransportUSB       = "usb"
	TransportNFC       = "nfc"
	TransportBLE       = "ble"
	TransportSmartCard = "smart-card"
	TransportHybrid    = "hybrid"
	TransportInternal  = "internal"
)

// Hints tell the client which kind of authenticator the user will want (§5.8.7).
const (
	HintSecurityKey  = "security-key"
	HintClientDevice = "client-device"
	HintHybrid       = "hybrid"
)
