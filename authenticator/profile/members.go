package profile

import (
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

// member is a fact that every profile has, known or not, by the name that files and
// descriptions have for it.
type member struct {
	name  string
	means string // half a sentence
	show  func(*Profile) (text string, json any, source Source)
	read  func(*Profile, *node, Source) error
}

func of[T any](name, means string, k kind[T], at func(*Profile) *Fact[T]) member {
	return member{
		name: name, means: means,
		show: func(p *Profile) (string, any, Source) {
			f := at(p)
			if f.source == "" {
				return "", nil, ""
			}
			return k.text(f.value), k.json(f.value), f.source
		},
		read: func(p *Profile, n *node, source Source) error {
			value, err := k.read(n)
			if err == nil {
				*at(p) = Known(value, source)
			}
			return err
		},
	}
}

var (
	transports = listOf(oneOf(webauthn.TransportUSB, webauthn.TransportNFC, webauthn.TransportBLE, webauthn.TransportSmartCard, webauthn.TransportHybrid, webauthn.TransportInternal, cable))
	versions   = listOf(oneOf(ctap.VersionU2FV2, ctap.VersionFIDO20, ctap.VersionFIDO21Pre, ctap.VersionFIDO21, ctap.VersionFIDO23))
	extensions = listOf(oneOf(ctap.ExtensionCredProtect, ctap.ExtensionHMACSecret, ctap.ExtensionHMACSecretMC, ctap.ExtensionCredBlob, ctap.ExtensionLargeBlobKey,
		ctap.ExtensionLargeBlob, ctap.ExtensionMinPINLength, ctap.ExtensionPINComplexityPolicy, ctap.ExtensionThirdPartyPayment, ctap.ExtensionUVM, prf))
)

const (
	cable = "cable" // what phones called hybrid transports before they had that name
	prf   = "prf"   // by which products that are no CTAP device know hmac-secret
)

// members are all facts, in the order of descriptions.
var members = []member{
	of("attachment", "part of the user's device, or apart from it", oneOf(webauthn.Platform, webauthn.CrossPlatform), func(p *Profile) *Fact[webauthn.Attachment] { return &p.Attachment }),
	of("aaguid", "AAGUID in registrations", aaguid, func(p *Profile) *Fact[webauthn.AAGUID] { return &p.AAGUID }),
	of("transports", "ways to reach it", transports, func(p *Profile) *Fact[[]string] { return &p.Transports }),
	of("algorithms", "algorithms of its credentials, most preferred first", listOf(algorithm), func(p *Profile) *Fact[[]webauthn.Algorithm] { return &p.Algorithms }),
	of("extensions", "extensions that it processes", extensions, func(p *Profile) *Fact[[]string] { return &p.Extensions }),
	of("discoverable", "keeps discoverable credentials", truth, func(p *Profile) *Fact[bool] { return &p.Discoverable }),
	of("credentialIdBytes", "bytes of a credential ID", number, func(p *Profile) *Fact[int] { return &p.CredentialIDBytes }),
	of("counter", "what signature counters count", oneOf(CounterGlobal, CounterPerCredential, CounterZero), func(p *Profile) *Fact[Counter] { return &p.Counter }),
	of("backupEligible", "flag BE of new credentials", truth, func(p *Profile) *Fact[bool] { return &p.BackupEligible }),
	of("backedUp", "flag BS of new credentials", truth, func(p *Profile) *Fact[bool] { return &p.BackedUp }),
	of("userVerification", "how it knows its user", oneOf(verifications...), func(p *Profile) *Fact[Verification] { return &p.UserVerification }),
	of("display", "lets the user choose among accounts by itself", truth, func(p *Profile) *Fact[bool] { return &p.Display }),
	of("attestation", "what it answers when asked to attest", attested, func(p *Profile) *Fact[Attestation] { return &p.Attestation }),

	of("info.versions", "getInfo: versions", versions, func(p *Profile) *Fact[[]string] { return &p.Info.Versions }),
	of("info.options", "getInfo: options of a new one", options, func(p *Profile) *Fact[map[string]bool] { return &p.Info.Options }),
	of("info.aaguid", "getInfo: AAGUID, where it is another one", aaguid, func(p *Profile) *Fact[webauthn.AAGUID] { return &p.Info.AAGUID }),
	of("info.transports", "getInfo: transports, where they are others", transports, func(p *Profile) *Fact[[]string] { return &p.Info.Transports }),
	of("info.maxMsgSize", "getInfo: bytes of a request", number, func(p *Profile) *Fact[int] { return &p.Info.MaxMsgSize }),
	of("info.pinUvAuthProtocols", "getInfo: PIN/UV auth protocols, most preferred first", listOf(protocol), func(p *Profile) *Fact[[]pinuv.Protocol] { return &p.Info.PinUvAuthProtocols }),
	of("info.maxCredentialCountInList", "getInfo: credentials in a list", number, func(p *Profile) *Fact[int] { return &p.Info.MaxCredentialCountInList }),
	of("info.maxCredentialIdLength", "getInfo: bytes of a credential ID in a list", number, func(p *Profile) *Fact[int] { return &p.Info.MaxCredentialIDLength }),
	of("info.maxSerializedLargeBlobArray", "getInfo: bytes of all large blobs", number, func(p *Profile) *Fact[int] { return &p.Info.MaxSerializedLargeBlobArray }),
	of("info.minPINLength", "getInfo: code points of a PIN", number, func(p *Profile) *Fact[int] { return &p.Info.MinPINLength }),
	of("info.firmwareVersion", "getInfo: firmware version", number, func(p *Profile) *Fact[int] { return &p.Info.FirmwareVersion }),
	of("info.maxCredBlobLength", "getInfo: bytes of a credBlob", number, func(p *Profile) *Fact[int] { return &p.Info.MaxCredBlobLength }),
	of("info.maxRPIDsForSetMinPINLength", "getInfo: relying parties that may learn the PIN's length", number, func(p *Profile) *Fact[int] { return &p.Info.MaxRPIDsForSetMinPINLength }),
	of("info.preferredPlatformUvAttempts", "getInfo: tries that the platform should give the user", number, func(p *Profile) *Fact[int] { return &p.Info.PreferredPlatformUvAttempts }),
	of("info.uvModality", "getInfo: how it verifies, as bits of the FIDO registry", number, func(p *Profile) *Fact[int] { return &p.Info.UvModality }),
	of("info.remainingDiscoverableCredentials", "getInfo: room for discoverable credentials", number, func(p *Profile) *Fact[int] { return &p.Info.RemainingDiscoverableCredentials }),
	of("info.attestationFormats", "getInfo: attestation formats", listOf(formats), func(p *Profile) *Fact[[]string] { return &p.Info.AttestationFormats }),
	of("info.authenticatorConfigCommands", "getInfo: subcommands of authenticatorConfig", listOf(number), func(p *Profile) *Fact[[]int] { return &p.Info.AuthenticatorConfigCommands }),
}

// memberNames are the names of all facts.
func memberNames() []string {
	names := make([]string, len(members))
	for i, m := range members {
		names[i] = m.name
	}
	return names
}

// Described is one fact in words.
type Described struct {
	Name   string
	Means  string // half a sentence
	Value  string // "" where it is unknown
	Source Source // likewise
}

// Facts describes every fact, known or not.
func (p Profile) Facts() []Described {
	all := make([]Described, len(members))
	for i, m := range members {
		text, _, source := m.show(&p)
		all[i] = Described{m.name, m.means, text, source}
	}
	return all
}
