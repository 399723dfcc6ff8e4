package mds

// Statement describes a model (FIDO Metadata Statement 3.1.1, "Metadata Keys").
// Words such as those of KeyProtection are the short names of the FIDO Registry of
// Predefined Values 2.2.
type Statement struct {
	LegalHeader                          string                 `json:"legalHeader,omitempty"`
	AAID                                 string                 `json:"aaid,omitempty"`
	AAGUID                               string                 `json:"aaguid,omitempty"`
	AttestationCertificateKeyIdentifiers []string               `json:"attestationCertificateKeyIdentifiers,omitempty"`
	FriendlyNames                        map[string]string      `json:"friendlyNames,omitempty"` // by IETF language code
	Description                          string                 `json:"description"`             // in English
	AlternativeDescriptions              map[string]string      `json:"alternativeDescriptions,omitempty"`
	AuthenticatorVersion                 uint32                 `json:"authenticatorVersion"` // the oldest firmware that the statement holds for
	ProtocolFamily                       string                 `json:"protocolFamily"`       // "fido2", "u2f" or "uaf"
	Schema                               uint16                 `json:"schema"`               // 3
	UPV                                  []Version              `json:"upv"`                  // of the protocol
	AuthenticationAlgorithms             []string               `json:"authenticationAlgorithms"`
	PublicKeyAlgAndEncodings             []string               `json:"publicKeyAlgAndEncodings"`
	AttestationTypes                     []AttestationType      `json:"attestationTypes"`
	UserVerificationDetails              [][]VerificationMethod `json:"userVerificationDetails"` // alternatives, each of methods that are used together
	KeyProtection                        []string               `json:"keyProtection"`           // "software", "hardware", "tee", "secure_element", "remote_handle"
	IsKeyRestricted                      *bool                  `json:"isKeyRestricted,omitempty"`
	IsFreshUserVerificationRequired      *bool                  `json:"isFreshUserVerificationRequired,omitempty"`
	MatcherProtection                    []string               `json:"matcherProtection"` // "software", "tee", "on_chip"
	CryptoStrength                       uint16                 `json:"cryptoStrength,omitempty"`
	AttachmentHint                       []string               `json:"attachmentHint"`
	TCDisplay                            []string               `json:"tcDisplay"`
	TCDisplayContentType                 string                 `json:"tcDisplayContentType,omitempty"`
	TCDisplayPNGCharacteristics          []PNGCharacteristics   `json:"tcDisplayPNGCharacteristics,omitempty"`
	AttestationRootCertificates          [][]byte               `json:"attestationRootCertificates"` // DER; a root, an intermediate or a leaf
	ECDAATrustAnchors                    []ECDAATrustAnchor     `json:"ecdaaTrustAnchors,omitempty"`
	Icon                                 string                 `json:"icon,omitempty"` // data: URLs, as the next three
	IconDark                             string                 `json:"iconDark,omitempty"`
	ProviderLogoLight                    string                 `json:"providerLogoLight,omitempty"`
	ProviderLogoDark                     string                 `json:"providerLogoDark,omitempty"`
	SupportedExtensions                  []ExtensionDescriptor  `json:"supportedExtensions,omitempty"`
	KeyScope                             string                 `json:"keyScope,omitempty"` // gone since 3.1.1
	MultiDeviceCredentialSupport         MultiDeviceSupport     `json:"multiDeviceCredentialSupport,omitempty"`
	AuthenticatorGetInfo                 *GetInfo               `json:"authenticatorGetInfo,omitempty"`
	CXConfigURL                          string                 `json:"cxConfigURL,omitempty"` // where credential exchange finds its settings
}

// AttestationType is a kind of attestation statement.
type AttestationType string

// The types.
const (
	BasicFull      AttestationType = "basic_full"      // a key of the maker with a certificate
	BasicSurrogate AttestationType = "basic_surrogate" // the credential's own key, "self"
	ECDAA          AttestationType = "ecdaa"
	AttCA          AttestationType = "attca"  // a certificate for each device
	AnonCA         AttestationType = "anonca" // a certificate for each credential
	NoAttestation  AttestationType = "none"
)

// MultiDeviceSupport says whether credentials leave the authenticator.
type MultiDeviceSupport string

// The kinds. Nothing at all means the same as unsupported.
const (
	MultiDeviceUnsupported MultiDeviceSupport = "unsupported"
	MultiDeviceExplicit    MultiDeviceSupport = "explicit" // the flag BE tells for each
	MultiDeviceImplicit    MultiDeviceSupport = "implicit" // any may
)

// Version is one of a protocol.
type Version struct {
	Major uint16 `json:"major"`
	Minor uint16 `json:"minor"`
}

// VerificationMethod is a way to verify users, and how good it is at it.
type VerificationMethod struct {
	UserVerificationMethod string             `json:"userVerificationMethod"` // such as "fingerprint_internal"
	CodeAccuracy           *CodeAccuracy      `json:"caDesc,omitempty"`
	BiometricAccuracy      *BiometricAccuracy `json:"baDesc,omitempty"`
	PatternAccuracy        *PatternAccuracy   `json:"paDesc,omitempty"`
}

// CodeAccuracy is of PINs and passwords. Slowdowns are in seconds.
type CodeAccuracy struct {
	Base          uint16 `json:"base"`
	MinLength     uint16 `json:"minLength"`
	MaxRetries    uint16 `json:"maxRetries,omitempty"`
	BlockSlowdown uint16 `json:"blockSlowdown,omitempty"`
}

// BiometricAccuracy is of fingers, faces and the like. Rates are between 0 and 1.
type BiometricAccuracy struct {
	SelfAttestedFRR float64 `json:"selfAttestedFRR,omitempty"`
	SelfAttestedFAR float64 `json:"selfAttestedFAR,omitempty"`
	IAPARThreshold  float64 `json:"iAPARThreshold,omitempty"`
	MaxTemplates    uint16  `json:"maxTemplates,omitempty"`
	MaxRetries      uint16  `json:"maxRetries,omitempty"`
	BlockSlowdown   uint16  `json:"blockSlowdown,omitempty"`
}

// PatternAccuracy is of patterns drawn on a screen.
type PatternAccuracy struct {
	MinComplexity uint32 `json:"minComplexity"`
	MaxRetries    uint16 `json:"maxRetries,omitempty"`
	BlockSlowdown uint16 `json:"blockSlowdown,omitempty"`
}

// PNGCharacteristics is a picture that a display of transactions can show.
type PNGCharacteristics struct {
	Width       uint32         `json:"width"`
	Height      uint32         `json:"height"`
	BitDepth    byte           `json:"bitDepth"`
	ColorType   byte           `json:"colorType"`
	Compression byte           `json:"compression"`
	Filter      byte           `json:"filter"`
	Interlace   byte           `json:"interlace"`
	Palette     []PaletteEntry `json:"plte,omitempty"`
}

// PaletteEntry is one colour.
type PaletteEntry struct {
	R uint16 `json:"r"`
	G uint16 `json:"g"`
	B uint16 `json:"b"`
}

// ECDAATrustAnchor is the issuer's key of ECDAA. Members are base64url.
type ECDAATrustAnchor struct {
	X       string `json:"X"`
	Y       string `json:"Y"`
	C       string `json:"c"`
	SX      string `json:"sx"`
	SY      string `json:"sy"`
	G1Curve string `json:"G1Curve"`
}

// ExtensionDescriptor is an extension that the model has.
type ExtensionDescriptor struct {
	ID            string `json:"id"`
	Tag           uint16 `json:"tag,omitempty"`
	Data          string `json:"data,omitempty"`
	FailIfUnknown bool   `json:"fail_if_unknown"`
}
