package profile

import (
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

// What a device is like where nothing is known of the product. Whatever has no
// default here is absent.
const (
	neutralKeyID      = 64 // bytes of credential IDs of security keys
	neutralPlatformID = 32 // and of platforms and providers
	neutralMinPIN     = 4  // CTAP 2.3 §6.4, minPINLength
	neutralPINRetries = 8  // §6.5.2.2
	neutralUVAttempts = 3
	neutralUVRetries  = 8
	neutralCredBlob   = 32   // §12.2, the least
	neutralLargeBlobs = 1024 // §6.10.3, the least
	neutralMinPINRPs  = 1
)

// Model is the device of the lab that stands for the product. Unknown facts take a
// neutral default:
//
//   - Attachment: cross-platform for a security key, otherwise platform. AAGUID: all
//     zero, as of one that does not tell.
//   - A platform or provider speaks FIDO_2_0 and FIDO_2_1, is reached as "internal",
//     verifies its user when asked, keeps every credential (IDs of 32 bytes), lets
//     the user choose among accounts, and attests nothing.
//   - A security key speaks FIDO_2_0 over USB, verifies nobody, keeps discoverable
//     credentials and wraps others (IDs of 64 bytes), attests itself (packed, self),
//     and takes requests of 1024 bytes, which is what CTAP has where getInfo is
//     silent.
//   - Credentials are of ES256, not backup eligible, and have no extensions; those
//     that are backup eligible are backed up at once. Counters are global, those of
//     backup-eligible credentials zero.
//   - Limits are none, or the least that the text allows; PINs have 4 code points and
//     8 tries.
//
// Makers are for [Profile.AttestedBy] to add: without them a packed statement
// is self attestation, and one in another format is none.
func (p Profile) Model() (authenticator.Model, error) {
	if p.own != nil {
		return p.own(), nil
	}
	attachment := webauthn.Platform
	if p.Kind == SecurityKey {
		attachment = webauthn.CrossPlatform
	}
	d := derivation{p: &p, platform: p.Attachment.or(attachment) == webauthn.Platform}
	d.versions()
	d.credentials()
	d.verification()
	d.extensions()
	d.limits()
	if err := d.m.Check(); err != nil {
		return authenticator.Model{}, fmt.Errorf("profile %q: %w", p.ID, err)
	}
	return d.m, nil
}

// derivation is a model in the making.
type derivation struct {
	p        *Profile
	platform bool
	m        authenticator.Model
}

// option is what getInfo says of an option. Where nothing is known of any, has is
// what follows from other facts.
func (d *derivation) option(id string, otherwise bool) (has, value bool) {
	options, known := d.p.Info.Options.Value()
	if !known {
		return otherwise, otherwise
	}
	value, has = options[id]
	return has, value
}

// on is an option whose value false means the same as its absence.
func (d *derivation) on(id string, otherwise bool) bool {
	_, value := d.option(id, otherwise)
	return value
}

// limit is a number of getInfo. One that the device of the lab cannot have, as the
// profile says, is as good as unknown.
func (d *derivation) limit(name string, f Fact[int], neutral int) int {
	if slices.ContainsFunc(d.p.Differs, func(other Difference) bool { return other.Fact == "info."+name }) {
		return neutral
	}
	return f.or(neutral)
}

func (d *derivation) speaks(version string) bool { return slices.Contains(d.m.Versions, version) }

func (d *derivation) u2fAlone() bool {
	return slices.Equal(d.m.Versions, []string{ctap.VersionU2FV2})
}

func (d *derivation) versions() {
	versions, ways := []string{ctap.VersionFIDO20}, []string{webauthn.TransportUSB}
	if d.platform {
		versions, ways = []string{ctap.VersionFIDO20, ctap.VersionFIDO21}, []string{webauthn.TransportInternal}
	}
	info := &d.p.Info
	d.m = authenticator.Model{
		Name: d.p.Name, AAGUID: d.p.AAGUID.or(webauthn.AAGUID{}), Platform: d.platform,
		Versions: info.Versions.or(versions), Firmware: uint64(info.FirmwareVersion.or(0)),
		Transports: info.Transports.or(d.p.Transports.or(ways)),
		Display:    d.p.Display.or(d.platform),
		Previews:   slices.Contains(info.Versions.or(versions), ctap.VersionFIDO21Pre),
	}
	if id, known := info.AAGUID.Value(); known {
		d.m.InfoAAGUID = &id
	}
}

func (d *derivation) credentials() {
	m, p := &d.m, d.p
	m.Algorithms = p.Algorithms.or([]webauthn.Algorithm{webauthn.ES256})
	m.ResidentKeys = p.Discoverable.or(!d.u2fAlone())
	m.BackupEligible = p.BackupEligible.or(false)
	m.BackedUp = p.BackedUp.or(m.BackupEligible)
	style := CounterGlobal
	if m.BackupEligible {
		style = CounterZero
	}
	m.Counter = counters[p.Counter.or(style)]
	length := neutralKeyID
	if d.platform {
		length = neutralPlatformID
	}
	m.CredentialIDBytes = p.CredentialIDBytes.or(length)
	if d.platform || m.BackupEligible || m.Counter == authenticator.CounterPerCredential {
		m.NonDiscoverable = authenticator.Stored
	}
	m.AttestationFormats = d.attestationFormats()
}

func (d *derivation) attestationFormats() []string {
	a, known := d.p.Attestation.Value()
	switch {
	case d.u2fAlone():
		return nil // U2F has one of its own
	case known && a.Format == webauthn.FormatPacked, !known && !d.platform:
		return []string{webauthn.FormatPacked}
	}
	return []string{webauthn.FormatNone}
}

func (d *derivation) verification() {
	m, info := &d.m, &d.p.Info
	neutral := VerifiesNobody
	if d.platform {
		neutral = VerifiesWhenAsked
	}
	how := d.p.UserVerification.or(neutral)
	byPIN := how == VerifiesByPIN || how == VerifiesEnrolled
	if has, _ := d.option(ctap.OptionClientPIN, byPIN); has {
		m.PIN = authenticator.PINFeatures{Supported: true, MinLength: d.limit("minPINLength", info.MinPINLength, neutralMinPIN), Retries: neutralPINRetries}
		m.PIN.NoMcGa = d.on(ctap.OptionNoMcGaPermissionsWithClientPin, false)
	}
	m.UV = map[Verification]authenticator.BuiltInUV{
		VerifiesEnrolled: authenticator.UVUnconfigured, VerifiesWhenAsked: authenticator.UVConfigured,
		VerifiesAlways: authenticator.UVAlways, VerificationClaimed: authenticator.UVClaimed,
	}[how]
	if has, value := d.option(ctap.OptionUV, m.UV != authenticator.NoUV); has && !value {
		m.UV = authenticator.UVUnconfigured
	}
	if m.UV != authenticator.NoUV {
		m.UVAttempts, m.UVRetries = neutralUVAttempts, neutralUVRetries
		m.UVModality, m.PlatformUVTries = uint64(info.UvModality.or(0)), info.PreferredPlatformUvAttempts.or(0)
	}
	if has, _ := d.option(ctap.OptionBioEnroll, how == VerifiesEnrolled); has {
		m.Bio = authenticator.BioKey().Bio
		m.Bio.ByUV = false
	}
	d.tokens()
}

// tokens is what PINs and built-in verification are good for.
func (d *derivation) tokens() {
	m := &d.m
	current := !d.platform && (d.speaks(ctap.VersionFIDO21) || d.speaks(ctap.VersionFIDO23)) && (m.PIN.Supported || m.UV != authenticator.NoUV)
	m.PinUvAuthToken = d.on(ctap.OptionPinUvAuthToken, current)
	m.MakeCredUVNotRqd = d.on(ctap.OptionMakeCredUvNotRqd, d.platform)
	if has, value := d.option(ctap.OptionAlwaysUv, false); has {
		m.AlwaysUv = authenticator.FactoryOff
		if value {
			m.AlwaysUv = authenticator.FactoryOn
		}
	}
	m.CredMgmt = d.on(ctap.OptionCredMgmt, d.speaks(ctap.VersionFIDO23) || d.m.Previews) || d.on(ctap.OptionCredentialMgmtPreview, false)
	m.CredMgmtReadOnly = d.on(ctap.OptionPerCredMgmtRO, false)
}

func (d *derivation) extensions() {
	m, info := &d.m, &d.p.Info
	m.Extensions = inCTAP(d.p.Extensions.or(nil))
	has := func(id string) bool { return slices.Contains(m.Extensions, id) }
	if has(ctap.ExtensionMinPINLength) {
		m.Config = authenticator.ConfigFeatures{MinPINLength: true, MaxRPIDs: info.MaxRPIDsForSetMinPINLength.or(neutralMinPINRPs)}
	}
	if has(ctap.ExtensionPINComplexityPolicy) {
		m.PIN.Complexity = authenticator.FactoryOff
	}
	if has(ctap.ExtensionCredBlob) {
		m.MaxCredBlob = d.limit("maxCredBlobLength", info.MaxCredBlobLength, neutralCredBlob)
	}
	if has(ctap.ExtensionLargeBlobKey) {
		m.MaxLargeBlobs = d.limit("maxSerializedLargeBlobArray", info.MaxSerializedLargeBlobArray, neutralLargeBlobs)
	}
	var protocols []pinuv.Protocol
	if m.PIN.Supported || m.PinUvAuthToken || has(ctap.ExtensionHMACSecret) {
		protocols = []pinuv.Protocol{pinuv.Two, pinuv.One}
	}
	m.Protocols = info.PinUvAuthProtocols.or(protocols)
}

// inCTAP has prf be what CTAP knows it by.
func inCTAP(extensions []string) (all []string) {
	for _, id := range extensions {
		if id == prf {
			all = append(all, ctap.ExtensionHMACSecret, ctap.ExtensionHMACSecretMC)
		} else {
			all = append(all, id)
		}
	}
	return all
}

func (d *derivation) limits() {
	m, info := &d.m, &d.p.Info
	size := ctap.DefaultMaxMsgSize
	if d.platform {
		size = ctap.MaxMsgSize
	}
	m.MaxMsgSize = d.limit("maxMsgSize", info.MaxMsgSize, size)
	m.MaxCredentialCountInList = d.limit("maxCredentialCountInList", info.MaxCredentialCountInList, 0)
	m.MaxCredentialIDLength = d.limit("maxCredentialIdLength", info.MaxCredentialIDLength, 0)
	m.Capacity = d.limit("remainingDiscoverableCredentials", info.RemainingDiscoverableCredentials, 0)
	if !m.ResidentKeys {
		m.Capacity = 0
	}
}
