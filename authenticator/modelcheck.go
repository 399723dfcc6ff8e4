package authenticator

import (
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Bounds of what a Model may say.
const (
	minCredentialID  = 16
	maxUVAttempts    = 5
	maxUVRetries     = 25
	minPINLength     = 4
	maxPINLength     = 63
	minMaxPINLength  = 8
	maxPINRetries    = 8
	minMaxCredBlob   = 32
	minMaxLargeBlobs = 1024
)

// rule is something that a Model must not say.
type rule struct {
	broken bool
	says   string
}

// Check reports the first setting that no device could have, or that
// contradicts another.
func (m Model) Check() error {
	for _, rules := range [][]rule{m.plainRules(), m.repetitions(), m.verificationRules(), m.couplings(), m.rulesOfFIDO23()} {
		for _, r := range rules {
			if r.broken {
				return fmt.Errorf("authenticator: model %q: %s", m.Name, r.says)
			}
		}
	}
	for _, alg := range m.Algorithms {
		if _, ok := algorithms[alg]; !ok {
			return fmt.Errorf("authenticator: model %q: Algorithms: %s is not implemented", m.Name, alg)
		}
	}
	return m.checkLists()
}

// plainRules bound single settings.
func (m *Model) plainRules() []rule {
	return []rule{
		{len(m.Transports) == 0, "Transports is empty: a device has at least one"},
		{len(m.Algorithms) == 0, "Algorithms is empty: add webauthn.ES256"},
		{len(m.AttestationFormats) == 0 && !m.u2fAlone(), "AttestationFormats is empty: add webauthn.FormatPacked or FormatNone"},
		{m.MaxMsgSize < ctap.DefaultMaxMsgSize || m.MaxMsgSize > ctap.MaxMsgSize, fmt.Sprintf("MaxMsgSize %d is not within %d to %d", m.MaxMsgSize, ctap.DefaultMaxMsgSize, ctap.MaxMsgSize)},
		{m.CredentialIDBytes < minCredentialID || m.CredentialIDBytes > webauthn.MaxCredentialID, fmt.Sprintf("CredentialIDBytes %d is not within %d to %d", m.CredentialIDBytes, minCredentialID, webauthn.MaxCredentialID)},
		{m.MaxCredentialIDLength != 0 && (m.MaxCredentialIDLength < m.maxCredentialID() || m.MaxCredentialIDLength > webauthn.MaxCredentialID), fmt.Sprintf("MaxCredentialIDLength %d is not within %d, which the device makes, to %d", m.MaxCredentialIDLength, m.maxCredentialID(), webauthn.MaxCredentialID)},
		{m.Capacity < 0 || m.MaxCredentialCountInList < 0, "Capacity and MaxCredentialCountInList count something: 0 means no limit"},
		{m.BackedUp && !m.BackupEligible, "BackedUp needs BackupEligible (WebAuthn L3 §6.1.3)"},
		{m.BackupEligible && m.NonDiscoverable == Wrapped, "BackupEligible needs NonDiscoverable: Stored, as a wrapped credential works on one device only"},
		{m.Counter == CounterPerCredential && m.NonDiscoverable == Wrapped, "CounterPerCredential needs NonDiscoverable: Stored, as a wrapped credential has nowhere to keep a counter"},
		{m.CredProtect > ctap.UserVerificationRequired, fmt.Sprintf("CredProtect %d is not within 1 to 3", m.CredProtect)},
		{m.MaxLargeBlobs != 0 && (m.MaxLargeBlobs < minMaxLargeBlobs || m.MaxLargeBlobs > 1<<20), fmt.Sprintf("MaxLargeBlobs %d is not within %d to %d", m.MaxLargeBlobs, minMaxLargeBlobs, 1<<20)},
		{m.Config.MaxRPIDs < 0, "Config.MaxRPIDs counts something"},
	}
}

// repetitions are what no list of getInfo may have (CTAP 2.3 §6.4).
func (m *Model) repetitions() []rule {
	const twice = " names one thing twice"
	return []rule{
		{repeats(m.Versions), "Versions" + twice},
		{repeats(m.Extensions), "Extensions" + twice},
		{repeats(m.Transports), "Transports" + twice},
		{repeats(m.TransportsForReset), "TransportsForReset" + twice},
		{repeats(m.Algorithms), "Algorithms" + twice},
		{repeats(m.AttestationFormats), "AttestationFormats" + twice},
		{repeats(m.Protocols), "Protocols" + twice},
	}
}

// repeats reports whether a list, which is short, has an element twice.
func repeats[T comparable](list []T) bool {
	for i := range list {
		if slices.Contains(list[:i], list[i]) {
			return true
		}
	}
	return false
}

// verificationRules bound what concerns the user's verification.
func (m *Model) verificationRules() []rule {
	return []rule{
		{m.UV != NoUV && (m.UVAttempts < 1 || m.UVAttempts > maxUVAttempts), fmt.Sprintf("UVAttempts %d is not within 1 to %d", m.UVAttempts, maxUVAttempts)},
		{m.UV != NoUV && (m.UVRetries < 1 || m.UVRetries > maxUVRetries), fmt.Sprintf("UVRetries %d is not within 1 to %d", m.UVRetries, maxUVRetries)},
		{m.Bio.Templates > 0 && m.UV != UVUnconfigured, "Bio.Templates needs UV: UVUnconfigured, as enrolling a finger is what configures it"},
		{m.Bio.Templates > 0 && (m.Bio.Samples < 1 || m.Bio.MaxName < 1), "Bio.Samples and Bio.MaxName are at least 1"},
		{m.Bio.Templates > 0 && !m.Bio.listFits(m.MaxMsgSize), fmt.Sprintf("Bio.Templates %d with names of Bio.MaxName %d bytes cannot be listed in MaxMsgSize %d (CTAP 2.3 §6.7.6)", m.Bio.Templates, m.Bio.MaxName, m.MaxMsgSize)},
		{m.Bio.Templates > 0 && m.Bio.Kind != ctap.FingerprintTouch && m.Bio.Kind != ctap.FingerprintSwipe, "Bio.Kind is ctap.FingerprintTouch or ctap.FingerprintSwipe"},
		{m.PIN.Supported && (m.PIN.MinLength < minPINLength || m.PIN.MinLength > m.PIN.maxLength()), fmt.Sprintf("PIN.MinLength %d is not within %d to %d", m.PIN.MinLength, minPINLength, m.PIN.maxLength())},
		{m.PIN.MaxLength != 0 && (m.PIN.MaxLength < minMaxPINLength || m.PIN.MaxLength > maxPINLength), fmt.Sprintf("PIN.MaxLength %d is not within %d to %d", m.PIN.MaxLength, minMaxPINLength, maxPINLength)},
		{m.PIN.Supported && (m.PIN.Retries < 1 || m.PIN.Retries > maxPINRetries), fmt.Sprintf("PIN.Retries %d is not within 1 to %d", m.PIN.Retries, maxPINRetries)},
		{m.UVModality&0x800 != 0, "UVModality must not have the bit of the client PIN, 0x800 (CTAP 2.3 §6.4)"},
	}
}

// couplings are settings that need or exclude others (CTAP 2.3 §6.4, §7, §12).
func (m *Model) couplings() []rule {
	hmac, verifies := m.extension(ctap.ExtensionHMACSecret), m.PIN.Supported || m.UV != NoUV
	return []rule{
		{!m.PIN.Supported && m.PIN != (PINFeatures{}), "PIN has settings but is not Supported"},
		{len(m.Protocols) == 0 && (m.PIN.Supported || m.PinUvAuthToken || hmac), "Protocols is empty, but PIN, PinUvAuthToken and extension hmac-secret need one"},
		{m.PinUvAuthToken && !m.PIN.Supported && m.UV == NoUV, "PinUvAuthToken needs PIN or UV"},
		{m.Bio.Templates > 0 && !m.PinUvAuthToken, "Bio.Templates needs PinUvAuthToken"},
		{m.CredMgmt && !m.ResidentKeys, "CredMgmt needs ResidentKeys"},
		{m.CredMgmt && !m.PinUvAuthToken && !m.Previews, "CredMgmt needs PinUvAuthToken, or Previews"},
		{m.MaxLargeBlobs > 0 && verifies && !m.PinUvAuthToken, "MaxLargeBlobs with PIN or UV needs PinUvAuthToken, or nobody could write"},
		{m.hasConfig() && verifies && !m.PinUvAuthToken, "Config with PIN or UV needs PinUvAuthToken, or nobody could configure"},
		{m.CredMgmtReadOnly && !(m.CredMgmt && m.PinUvAuthToken), "CredMgmtReadOnly needs CredMgmt and PinUvAuthToken"},
		{m.Previews != m.version(ctap.VersionFIDO21Pre), "Previews go with version FIDO_2_1_PRE"},
		{m.Previews && !m.CredMgmt && m.Bio.Templates == 0, "Previews needs CredMgmt or Bio.Templates, which are what is previewed"},
		{m.Config.MinPINLength && !m.PIN.Supported, "Config.MinPINLength needs PIN"},
		{m.Config.MinPINLength != m.extension(ctap.ExtensionMinPINLength), "Config.MinPINLength goes with extension minPinLength"},
		{m.extension(ctap.ExtensionPINComplexityPolicy) && !(m.Config.MinPINLength && m.PIN.Complexity != Lacking), "extension pinComplexityPolicy needs Config.MinPINLength and PIN.Complexity"},
		{m.extension(ctap.ExtensionCredBlob) != (m.MaxCredBlob > 0), "MaxCredBlob goes with extension credBlob"},
		{m.MaxCredBlob != 0 && m.MaxCredBlob < minMaxCredBlob, fmt.Sprintf("MaxCredBlob %d is less than %d", m.MaxCredBlob, minMaxCredBlob)},
		{m.extension(ctap.ExtensionCredBlob) && !m.extension(ctap.ExtensionCredProtect), "extension credBlob needs credProtect"},
		{m.extension(ctap.ExtensionHMACSecretMC) && !hmac, "extension hmac-secret-mc needs hmac-secret"},
		{m.extension(ctap.ExtensionLargeBlobKey) != (m.MaxLargeBlobs > 0), "MaxLargeBlobs goes with extension largeBlobKey"},
		{m.extension(ctap.ExtensionLargeBlob) && m.MaxLargeBlobs > 0, "extension largeBlob excludes MaxLargeBlobs"},
		{m.Enterprise.capable() != (m.Enterprise.Key != nil || m.Enterprise.Attester != nil), "Enterprise.Key or Attester goes with Enterprise.RPIDs or Platform"},
		{m.Enterprise.Key != nil && m.Enterprise.Attester != nil, "Enterprise has both Key and Attester: leave out one"},
		{m.version(ctap.VersionU2FV2) && (m.NonDiscoverable != Wrapped || !slices.Contains(m.Algorithms, webauthn.ES256)), "version U2F_V2 needs NonDiscoverable: Wrapped and ES256"},
		{m.u2fAlone() && (m.ResidentKeys || verifies || m.PinUvAuthToken || len(m.Protocols)+len(m.Extensions) > 0), "version U2F_V2 alone excludes ResidentKeys, PIN, UV, PinUvAuthToken, Protocols and Extensions"},
		{m.attests(webauthn.FormatFIDOU2F) && !m.Attestation.servesU2F() && m.attester(webauthn.FormatFIDOU2F) == nil, "fido-u2f statements need an Attester, or an Attestation key of ES256 with a certificate"},
		{m.attests(webauthn.FormatCompound) && !m.Platform, "compound statements nest deeper than CTAP carries (§8), so that they need a Platform"},
	}
}

// rulesOfFIDO23 is what listing FIDO_2_3 promises (§9).
func (m *Model) rulesOfFIDO23() []rule {
	if !m.version(ctap.VersionFIDO23) {
		return nil
	}
	verifies := m.PIN.Supported || m.UV != NoUV
	return []rule{
		{!m.extension(ctap.ExtensionHMACSecret), "FIDO_2_3 needs extension hmac-secret"},
		{m.ResidentKeys && !verifies, "FIDO_2_3 with ResidentKeys needs PIN or UV"},
		{m.ResidentKeys && !m.CredMgmt && !m.Display, "FIDO_2_3 with ResidentKeys needs CredMgmt, or a Display of its own for it"},
		{verifies && !m.extension(ctap.ExtensionCredProtect) && m.CredProtect != ctap.UserVerificationRequired, "FIDO_2_3 with PIN or UV needs extension credProtect"},
		{verifies && !m.PinUvAuthToken, "FIDO_2_3 with PIN or UV needs PinUvAuthToken"},
		{!slices.Contains(m.Protocols, pinuv.Two), "FIDO_2_3 needs PIN/UV auth protocol two"},
	}
}

// checkLists refuses what getInfo must not list.
func (m *Model) checkLists() error {
	if err := m.checkFormats(); err != nil {
		return err
	}
	versions := []string{ctap.VersionFIDO20, ctap.VersionFIDO21Pre, ctap.VersionFIDO21, ctap.VersionFIDO23, ctap.VersionU2FV2}
	for _, version := range m.Versions {
		if !slices.Contains(versions, version) {
			return fmt.Errorf("authenticator: model %q: Versions: %q is none of %q", m.Name, version, versions)
		}
	}
	for _, id := range m.Extensions {
		if !implemented(id) {
			return fmt.Errorf("authenticator: model %q: Extensions: %q is not implemented", m.Name, id)
		}
	}
	return nil
}

// maxLength is the longest PIN in code points.
func (p *PINFeatures) maxLength() int {
	if p.MaxLength == 0 {
		return maxPINLength
	}
	return p.MaxLength
}
