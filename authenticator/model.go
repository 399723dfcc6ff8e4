package authenticator

import (
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Model says what kind of device an authenticator is. It is data: copy one of
// [Phone], [Laptop] and [SecurityKey] and change what should differ. getInfo is
// derived from it.
type Model struct {
	Name     string
	AAGUID   webauthn.AAGUID
	Firmware uint64 // 0 = getInfo does not tell

	Platform   bool     // part of the client's device (option plat)
	Transports []string // webauthn.Transport…
	Display    bool     // can show a choice of accounts, and a reset at any time

	UV               BuiltInUV
	UVModality       uint64 // FIDO registry bits: 2 fingerprint, 4 passcode on the device, 0x10 face
	UVAttempts       int    // gestures per request before it fails, 1 to 5 (CTAP 2.3 §6.5.2.3)
	UVRetries        int    // failed gestures in a row before built-in UV blocks, 1 to 25
	MakeCredUVNotRqd bool   // non-discoverable credentials may be made without UV

	ResidentKeys      bool // can keep discoverable credentials (option rk)
	Capacity          int  // of discoverable credentials; 0 = no limit
	NonDiscoverable   Keeping
	CredentialIDBytes int // 16 to 1023; wrapped IDs are longer where they must be

	Algorithms        []webauthn.Algorithm // most preferred first; the relying party's order decides
	AttestationFormat string               // webauthn.FormatPacked (self attestation) or FormatNone
	Counter           CounterStyle
	BackupEligible    bool // new credentials may be synced (BE)
	BackedUp          bool // and are at once (BS)

	MaxMsgSize               int // bytes of a request, 1024 to 7609
	MaxCredentialCountInList int // 0 = no announced limit
}

// BuiltInUV is the state of a device's own user verification (option uv).
type BuiltInUV int

// The states.
const (
	NoUV           BuiltInUV = iota // cannot verify its user
	UVUnconfigured                  // could, but nothing is enrolled
	UVConfigured
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

// Bounds of what a Model may say.
const (
	minCredentialID = 16
	maxUVAttempts   = 5
	maxUVRetries    = 25
)

// Check reports the first setting that no device could have, or that
// contradicts another.
func (m Model) Check() error {
	for _, rule := range []struct {
		broken bool
		says   string
	}{
		{len(m.Transports) == 0, "Transports is empty: a device has at least one"},
		{len(m.Algorithms) == 0, "Algorithms is empty: add webauthn.ES256"},
		{m.AttestationFormat != webauthn.FormatPacked && m.AttestationFormat != webauthn.FormatNone, fmt.Sprintf("AttestationFormat %q is not packed or none", m.AttestationFormat)},
		{m.MaxMsgSize < ctap.DefaultMaxMsgSize || m.MaxMsgSize > ctap.MaxMsgSize, fmt.Sprintf("MaxMsgSize %d is not within %d to %d", m.MaxMsgSize, ctap.DefaultMaxMsgSize, ctap.MaxMsgSize)},
		{m.CredentialIDBytes < minCredentialID || m.CredentialIDBytes > webauthn.MaxCredentialID, fmt.Sprintf("CredentialIDBytes %d is not within %d to %d", m.CredentialIDBytes, minCredentialID, webauthn.MaxCredentialID)},
		{m.Capacity < 0 || m.MaxCredentialCountInList < 0, "Capacity and MaxCredentialCountInList count something: 0 means no limit"},
		{m.UV == UVConfigured && (m.UVAttempts < 1 || m.UVAttempts > maxUVAttempts), fmt.Sprintf("UVAttempts %d is not within 1 to %d", m.UVAttempts, maxUVAttempts)},
		{m.UV == UVConfigured && (m.UVRetries < 1 || m.UVRetries > maxUVRetries), fmt.Sprintf("UVRetries %d is not within 1 to %d", m.UVRetries, maxUVRetries)},
		{m.BackedUp && !m.BackupEligible, "BackedUp needs BackupEligible (WebAuthn L3 §6.1.3)"},
		{m.BackupEligible && m.NonDiscoverable == Wrapped, "BackupEligible needs NonDiscoverable: Stored, as a wrapped credential works on one device only"},
		{m.Counter == CounterPerCredential && m.NonDiscoverable == Wrapped, "CounterPerCredential needs NonDiscoverable: Stored, as a wrapped credential has nowhere to keep a counter"},
	} {
		if rule.broken {
			return fmt.Errorf("authenticator: model %q: %s", m.Name, rule.says)
		}
	}
	for _, alg := range m.Algorithms {
		if _, ok := algorithms[alg]; !ok {
			return fmt.Errorf("authenticator: model %q: Algorithms: %s is not implemented", m.Name, alg)
		}
	}
	return nil
}

// protected is "protected by some form of user verification" (CTAP 2.3 §5). It
// speaks of the options uv and clientPin; there is no client PIN here.
func (m *Model) protected() bool { return m.UV == UVConfigured }

// maxCredentialID is the length of the longest credential ID the device makes.
func (m *Model) maxCredentialID() int {
	if m.NonDiscoverable == Wrapped {
		return max(m.CredentialIDBytes, wrappedMin)
	}
	return m.CredentialIDBytes
}
