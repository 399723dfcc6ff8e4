package authenticator

import (
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

// The AAGUIDs below are ours: they name test models and no product. Their first
// eleven bytes spell "passkeylab:".
func testModel(number byte) webauthn.AAGUID {
	id := webauthn.AAGUID([]byte("passkeylab:\x00\x00\x00\x00\x00"))
	id[15] = number
	return id
}

// Devices whose passkeys are synced verify their owner with every use, so they
// have neither PIN nor tokens, and know the extensions that sites ask synced
// passkeys for: prf, which is hmac-secret to the device, and largeBlob, which the
// device keeps with the passkey (CTAP 2.3 §12.4).
func syncedVersions() []string { return []string{ctap.VersionFIDO20, ctap.VersionFIDO21} }

func syncedExtensions() []string {
	return []string{ctap.ExtensionHMACSecret, ctap.ExtensionHMACSecretMC, ctap.ExtensionLargeBlob}
}

// Phone is a phone whose passkeys are synced: it verifies its owner by face or
// passcode, lets the owner choose among accounts on its own screen, attests
// nothing, does not count signatures, and can also be reached from other
// devices by hybrid transport.
func Phone() Model {
	return Model{
		Name: "phone", AAGUID: testModel(1), Firmware: 1,
		Platform: true, Transports: []string{webauthn.TransportInternal, webauthn.TransportHybrid}, Display: true,
		UV: UVConfigured, UVModality: 0x10 | 4, UVAttempts: 5, UVRetries: maxUVRetries, MakeCredUVNotRqd: true,
		Versions: syncedVersions(), Extensions: syncedExtensions(), Protocols: []pinuv.Protocol{pinuv.Two, pinuv.One},
		ResidentKeys: true, NonDiscoverable: Stored, CredentialIDBytes: 20,
		Algorithms: []webauthn.Algorithm{webauthn.ES256}, AttestationFormats: []string{webauthn.FormatNone},
		Counter: CounterZero, BackupEligible: true, BackedUp: true,
		MaxMsgSize: 7609,
	}
}

// Laptop is a laptop with a fingerprint reader whose passkeys are synced. It
// differs from [Phone] in that other devices cannot use it.
func Laptop() Model {
	return Model{
		Name: "laptop", AAGUID: testModel(2), Firmware: 1,
		Platform: true, Transports: []string{webauthn.TransportInternal}, Display: true,
		UV: UVConfigured, UVModality: 2 | 4, UVAttempts: 5, UVRetries: maxUVRetries, MakeCredUVNotRqd: true,
		Versions: syncedVersions(), Extensions: syncedExtensions(), Protocols: []pinuv.Protocol{pinuv.Two, pinuv.One},
		ResidentKeys: true, NonDiscoverable: Stored, CredentialIDBytes: 32,
		Algorithms: []webauthn.Algorithm{webauthn.ES256, webauthn.EdDSA}, AttestationFormats: []string{webauthn.FormatNone},
		Counter: CounterZero, BackupEligible: true, BackedUp: true,
		MaxMsgSize: 7609,
	}
}

// SecurityKey is a roaming key with a fingerprint reader and no display: its
// credentials never leave it, it counts every operation, room for discoverable
// ones is short, and the platform must ask for the accounts one by one. It takes
// a PIN beside the fingerprint, and has all of CTAP 2.3 but the enrolment of
// fingers, which [BioKey] has. Like keys that are sold, it also answers the
// commands of the drafts of CTAP 2.1, which are the only ones that older clients
// know.
func SecurityKey() Model {
	return Model{
		Name: "security key", AAGUID: testModel(3), Firmware: 1,
		Versions:   []string{ctap.VersionU2FV2, ctap.VersionFIDO20, ctap.VersionFIDO21Pre, ctap.VersionFIDO21, ctap.VersionFIDO23},
		Transports: []string{webauthn.TransportUSB, webauthn.TransportNFC},
		UV:         UVConfigured, UVModality: 2, UVAttempts: 3, UVRetries: 8,
		PIN:       PINFeatures{Supported: true, MinLength: minPINLength, MaxLength: maxPINLength, Retries: maxPINRetries, Complexity: FactoryOff},
		Protocols: []pinuv.Protocol{pinuv.Two, pinuv.One}, PinUvAuthToken: true, MakeCredUVNotRqd: true, AlwaysUv: FactoryOff,
		ResidentKeys: true, Capacity: 25, NonDiscoverable: Wrapped, CredentialIDBytes: 64,
		CredMgmt: true, CredMgmtReadOnly: true, Previews: true,
		Config: ConfigFeatures{MinPINLength: true, MaxRPIDs: 8, LongTouch: FactoryOff, ByUV: true},
		Extensions: []string{
			ctap.ExtensionCredProtect, ctap.ExtensionHMACSecret, ctap.ExtensionHMACSecretMC, ctap.ExtensionCredBlob,
			ctap.ExtensionLargeBlobKey, ctap.ExtensionMinPINLength, ctap.ExtensionPINComplexityPolicy, ctap.ExtensionThirdPartyPayment,
		},
		MaxCredBlob: minMaxCredBlob, MaxLargeBlobs: 4096,
		Algorithms: []webauthn.Algorithm{webauthn.ES256, webauthn.EdDSA, webauthn.ES384}, AttestationFormats: []string{webauthn.FormatPacked},
		Counter:    CounterGlobal,
		MaxMsgSize: 1200, MaxCredentialCountInList: 8,
	}
}

// BioKey is a [SecurityKey] that learns its owner's fingers: it verifies nobody
// until one is enrolled.
func BioKey() Model {
	m := SecurityKey()
	m.Name, m.AAGUID = "fingerprint key", testModel(4)
	m.UV = UVUnconfigured
	m.Bio = BioFeatures{Templates: 5, Samples: 4, Kind: ctap.FingerprintTouch, MaxName: 64, ByUV: true}
	return m
}

// PINKey is a [SecurityKey] without a fingerprint reader: it verifies its owner by
// PIN alone, of which none is set yet.
func PINKey() Model {
	m := SecurityKey()
	m.Name, m.AAGUID = "PIN key", testModel(5)
	m.UV, m.UVModality, m.UVAttempts, m.UVRetries, m.Config.ByUV = NoUV, 0, 0, 0, false
	return m
}
