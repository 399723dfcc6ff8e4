package authenticator

import (
	"slices"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Model says what kind of device an authenticator is. It is data: copy one of
// [Phone], [Laptop], [SecurityKey], [BioKey] and [PINKey] and change what should differ.
// getInfo is derived from it, and [Model.Check] holds it to what getInfo may say
// (CTAP 2.3 §6.4, §9).
type Model struct {
	Name           string
	AAGUID         webauthn.AAGUID
	InfoAAGUID     *webauthn.AAGUID  // what getInfo says instead, as phones do; nil = AAGUID
	Versions       []string          // ctap.VersionFIDO23 and so on; nil = FIDO_2_0 alone; U2F_V2 alone = no CTAP2
	Firmware       uint64            // 0 = getInfo does not tell
	Certifications map[string]uint64 // §7.3

	Platform           bool     // part of the client's device (option plat)
	Transports         []string // webauthn.Transport…, the usual one first
	TransportsForReset []string // nil = every one, and getInfo does not tell
	Display            bool     // can show a choice of accounts, and a reset at any time

	UV               BuiltInUV
	UVModality       uint64 // FIDO registry bits: 2 fingerprint, 4 passcode on the device, 0x10 face
	UVAttempts       int    // gestures per request before it fails, 1 to 5 (CTAP 2.3 §6.5.2.3)
	UVRetries        int    // failed gestures in a row before built-in UV blocks, 1 to 25
	PlatformUVTries  int    // preferredPlatformUvAttempts; above 1 the platform retries, not the device; 0 = getInfo does not tell
	Bio              BioFeatures
	PIN              PINFeatures
	Protocols        []pinuv.Protocol // pinUvAuthProtocols, most preferred first
	PinUvAuthToken   bool             // tokens with permissions (option pinUvAuthToken)
	MakeCredUVNotRqd bool             // non-discoverable credentials may be made without UV
	AlwaysUv         Switch           // every ceremony needs UV (§7.2)

	ResidentKeys      bool // can keep discoverable credentials (option rk)
	Capacity          int  // of discoverable credentials; 0 = no limit
	NonDiscoverable   Keeping
	CredentialIDBytes int  // 16 to 1023; wrapped IDs are longer where they must be
	CredMgmt          bool // credentialManagement (§6.8)
	CredMgmtReadOnly  bool // and permission pcmr for it (option perCredMgmtRO)
	Previews          bool // commands 0x40 and 0x41 of CTAP 2.1 drafts, where the final ones are there

	Config     ConfigFeatures
	Enterprise EnterpriseFeatures

	Extensions    []string         // ctap.Extension…, as getInfo lists them
	MaxCredBlob   int              // bytes of a credBlob, at least 32
	CredProtect   ctap.CredProtect // level of credentials whose relying party asks for less, or for nothing; 0 = 1
	MaxLargeBlobs int              // bytes of the serialized large-blob array, at least 1024; 0 = no such array

	Algorithms         []webauthn.Algorithm // most preferred first; the relying party's order decides
	AttestationFormats []string             // webauthn.Format…, the usual one first; FormatNone stands alone
	// Attesters make the statements of AttestationFormats, each those of another one.
	// Without one packed statements are by Attestation, and none needs none.
	Attesters      []attestation.Attester
	Attestation    *AttestationKey // of packed and fido-u2f statements without an attester; nil = packed ones are self attestation
	Counter        CounterStyle
	BackupEligible bool // new credentials may be synced (BE)
	BackedUp       bool // and are at once (BS)

	MaxMsgSize               int // bytes of a request, 1024 to 7609
	MaxCredentialCountInList int // 0 = no announced limit
	MaxCredentialIDLength    int // bytes, as getInfo announces it; 0 = those of the longest that the device makes
}

// PINFeatures describe the client PIN. Lengths are in Unicode code points.
type PINFeatures struct {
	Supported     bool
	MinLength     int    // 4 to 63
	MaxLength     int    // at least 8; 0 = 63, and getInfo does not tell
	Retries       int    // wrong PINs in a row before only a reset helps, 1 to 8
	NoMcGa        bool   // tokens got by PIN never serve ceremonies (option noMcGaPermissionsWithClientPin)
	Complexity    Switch // a policy beyond length, see [simplePIN] (§7.5)
	ComplexityURL string // where people can read it
}

// BioFeatures describe fingerprint enrolment (§6.7).
type BioFeatures struct {
	Templates int    // room for so many fingerprints; 0 = no enrolment
	Samples   int    // good captures that make one
	Kind      uint64 // ctap.FingerprintTouch or FingerprintSwipe
	MaxName   int    // bytes of a friendly name
	ByUV      bool   // a token got by built-in UV may enrol (option uvBioEnroll)
}

// ConfigFeatures say which subcommands authenticatorConfig has, besides
// toggleAlwaysUv and enableEnterpriseAttestation, which other features bring
// (§6.11).
type ConfigFeatures struct {
	MinPINLength bool // setMinPINLength
	MaxRPIDs     int  // so many relying parties may learn it
	LongTouch    Switch
	Vendor       []uint64 // commands of vendorPrototype; nil = no such subcommand
	ByUV         bool     // a token got by built-in UV may configure (option uvAcfg)
}

// EnterpriseFeatures describe enterprise attestation (§7.1). The zero value is a
// device that is not capable of it.
type EnterpriseFeatures struct {
	RPIDs    []string        // vendor-facilitated: for these relying parties
	Platform bool            // platform-managed: for those that the platform vouches for
	Key      *AttestationKey // identifies the device; nil = none

	// Attester identifies the device too, in place of Key.
	Attester attestation.Attester
}

func (e *EnterpriseFeatures) capable() bool { return len(e.RPIDs) > 0 || e.Platform }

// Switch is a feature that a device may lack, or leave the factory with on or
// off.
type Switch int

// The states of a Switch.
const (
	Lacking    Switch = iota
	FactoryOff        // can be switched on; whether also off again the feature says
	FactoryOn
	FixedOn // and cannot be switched off
)

// on is the state of a switch, given what was set since the factory.
func (s Switch) on(set bool) bool { return s >= FactoryOn || s == FactoryOff && set }

// BuiltInUV is the state of a device's own user verification (option uv).
type BuiltInUV int

// The states. UVAlways is that of platforms which verify their user whenever they
// use a passkey, asked for or not, without option alwaysUv to say so. UVClaimed is
// that of programs which say that they did, and never look who it is.
const (
	NoUV           BuiltInUV = iota // cannot verify its user
	UVUnconfigured                  // could, but nothing is enrolled
	UVConfigured
	UVAlways
	UVClaimed
)

// Keeping says where non-discoverable credentials are.
type Keeping int

// The two ways. Wrapped credentials live in their own ID, encrypted under a
// secret of the device, take no room and die at reset. Stored ones are kept
// like discoverable ones, and so can be synced.
const (
	Wrapped Keeping = iota
	Stored
)

// CounterStyle says what signature counters count (WebAuthn L3 §6.1.1).
type CounterStyle int

// The styles. A credential that was imported with a counter above zero goes on
// counting under CounterZero too, because a relying party would take a standing
// counter for a clone.
const (
	CounterGlobal CounterStyle = iota // one for the device, moved by each new credential and each signature
	CounterPerCredential
	CounterZero // always 0, as synced passkeys have it
)

// extension reports whether the device has an extension.
func (m *Model) extension(id string) bool { return slices.Contains(m.Extensions, id) }

// version reports whether getInfo lists a version.
func (m *Model) version(v string) bool { return slices.Contains(m.Versions, v) }

// attests reports whether the device makes statements of a format.
func (m *Model) attests(format string) bool { return slices.Contains(m.AttestationFormats, format) }

// u2fAlone reports whether the device is from before CTAP2.
func (m *Model) u2fAlone() bool {
	return len(m.Versions) == 1 && m.Versions[0] == ctap.VersionU2FV2
}

// maxCredentialIDLength is what getInfo announces.
func (m *Model) maxCredentialIDLength() int {
	return max(m.MaxCredentialIDLength, m.maxCredentialID())
}

// infoAAGUID is what getInfo says.
func (m *Model) infoAAGUID() webauthn.AAGUID {
	if m.InfoAAGUID != nil {
		return *m.InfoAAGUID
	}
	return m.AAGUID
}

// maxCredentialID is the length of the longest credential ID the device makes.
func (m *Model) maxCredentialID() int {
	if m.NonDiscoverable == Wrapped {
		return max(m.CredentialIDBytes, wrappedMin)
	}
	return m.CredentialIDBytes
}
