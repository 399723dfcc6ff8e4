package profile

import (
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

var yubico = []Profile{YubiKey52, YubiKey54, YubiKey57, YubiKeyBio, SecurityKeyNFC}

var (
	draftVersions  = list(ctap.VersionU2FV2, ctap.VersionFIDO20, ctap.VersionFIDO21Pre)
	draftOptions   = map[string]bool{ctap.OptionRK: true, ctap.OptionUP: true, ctap.OptionPlat: false, ctap.OptionClientPIN: false, ctap.OptionCredentialMgmtPreview: true}
	oneProtocol    = list(pinuv.One)
	bothProtocols  = list(pinuv.Two, pinuv.One)
	hmacAndProtect = list(ctap.ExtensionCredProtect, ctap.ExtensionHMACSecret)
	blobsAndPINs   = list(ctap.ExtensionCredProtect, ctap.ExtensionHMACSecret, ctap.ExtensionLargeBlobKey, ctap.ExtensionCredBlob, ctap.ExtensionMinPINLength)
	usb            = list(webauthn.TransportUSB)
	nfcAndUSB      = list(webauthn.TransportNFC, webauthn.TransportUSB)

	yubicoAttested = Attestation{
		Format: webauthn.FormatPacked, Type: AttestsBasic, Root: "CN=Yubico U2F Root CA Serial 457200631",
		Chain: []string{"CN=Yubico U2F EE Serial N, OU=Authenticator Attestation, O=Yubico AB, C=SE"},
	}
)

const (
	pinWasSet      = "; its PIN was set"
	echoesProtect  = "It echoes credProtect, so that registrations have extension data."
	yubicoOneOrMax = "kanidm/webauthn-rs, webauthn-rs-core/src/core.rs:1444, commit 65e9a6d, decoded"
)

// YubiKey52 is a YubiKey 5 without NFC.
var YubiKey52 = Profile{
	ID: "yubikey-5-2", Name: "YubiKey 5, firmware 5.2", Kind: SecurityKey,
	AAGUID:            Known(id("ee882879-721c-4913-9775-3dfcce97072a"), yubicoList),
	Attachment:        Known(webauthn.CrossPlatform, roams),
	Transports:        Known(usb, yubiKey52Info),
	Algorithms:        Known(es256AndEdDSA, yubiKey52Info),
	Extensions:        Known(hmacAndProtect, yubiKey52Info),
	Discoverable:      Known(true, yubiKey52Info),
	CredentialIDBytes: Known(64, yubicoDecoded),
	BackupEligible:    Known(false, yubicoDecoded),
	BackedUp:          Known(false, yubicoDecoded),
	UserVerification:  Known(VerifiesByPIN, yubiKey52Info),
	Attestation:       Known(yubicoAttested, yubicoDecoded+"; the root: "+yubicoRoot),
	Info: Info{
		Versions:                 Known(draftVersions, yubiKey52Info),
		Options:                  Known(draftOptions, yubiKey52Info+pinWasSet),
		MaxMsgSize:               Known(1200, yubiKey52Info),
		PinUvAuthProtocols:       Known(oneProtocol, yubiKey52Info),
		MaxCredentialCountInList: Known(8, yubiKey52Info),
		MaxCredentialIDLength:    Known(128, yubiKey52Info),
	},
	Quirks: []Quirk{{Text: echoesProtect, Source: yubicoDecoded}},
}

// YubiKey54 is a YubiKey 5 NFC.
var YubiKey54 = Profile{
	ID: "yubikey-5-4", Name: "YubiKey 5 NFC, firmware 5.4", Kind: SecurityKey,
	AAGUID:            Known(id("2fc0579f-8113-47ea-b116-bb5a8db9202a"), yubicoList),
	Attachment:        Known(webauthn.CrossPlatform, roams),
	Transports:        Known(nfcAndUSB, yubiKey54Info),
	Algorithms:        Known(es256AndEdDSA, yubiKey54Info),
	Extensions:        Known(hmacAndProtect, yubiKey54Info),
	Discoverable:      Known(true, yubiKey54Info),
	CredentialIDBytes: Known(64, yubicoDecoded),
	BackupEligible:    Known(false, yubicoDecoded),
	BackedUp:          Known(false, yubicoDecoded),
	UserVerification:  Known(VerifiesByPIN, yubiKey54Info),
	Attestation:       Known(yubicoAttested, yubicoDecoded+"; the root: "+yubicoRoot),
	Info: Info{
		Versions:                 Known(draftVersions, yubiKey54Info),
		Options:                  Known(draftOptions, yubiKey54Info+pinWasSet),
		MaxMsgSize:               Known(1200, yubiKey54Info),
		PinUvAuthProtocols:       Known(bothProtocols, yubiKey54Info),
		MaxCredentialCountInList: Known(8, yubiKey54Info),
		MaxCredentialIDLength:    Known(128, yubiKey54Info),
		MinPINLength:             Known(4, yubiKey54Info),
		FirmwareVersion:          Known(0x50403, yubiKey54Info),
	},
	Quirks: []Quirk{
		{Text: echoesProtect, Source: yubicoDecoded},
		{Text: "The first registration of a new key has a counter above zero.", Source: yubicoOneOrMax},
	},
}

// YubiKey57 is a YubiKey 5 NFC with CTAP 2.1.
var YubiKey57 = Profile{
	ID: "yubikey-5-7", Name: "YubiKey 5 NFC, firmware 5.7", Kind: SecurityKey,
	AAGUID:           Known(id("a25342c0-3cdc-4414-8e46-f4807fca511c"), yubicoList),
	Attachment:       Known(webauthn.CrossPlatform, roams),
	Transports:       Known(nfcAndUSB, yubiKey57Info),
	Algorithms:       Known(list(webauthn.ES256, webauthn.EdDSA, webauthn.ES384), yubiKey57Info),
	Extensions:       Known(blobsAndPINs, yubiKey57Info),
	Discoverable:     Known(true, yubiKey57Info),
	UserVerification: Known(VerifiesByPIN, yubiKey57Docs),
	Info: Info{
		Versions: Known(list(ctap.VersionU2FV2, ctap.VersionFIDO20, ctap.VersionFIDO21Pre, ctap.VersionFIDO21), yubiKey57Info),
		Options: Known(map[string]bool{
			ctap.OptionRK: true, ctap.OptionUP: true, ctap.OptionPlat: false, ctap.OptionAlwaysUv: false, ctap.OptionCredMgmt: true,
			ctap.OptionAuthnrCfg: true, ctap.OptionClientPIN: false, ctap.OptionLargeBlobs: true, ctap.OptionPinUvAuthToken: true,
			ctap.OptionSetMinPINLength: true, ctap.OptionMakeCredUvNotRqd: true, ctap.OptionCredentialMgmtPreview: true,
		}, yubiKey57Info+pinWasSet),
		MaxMsgSize:                       Known(1280, yubiKey57Info),
		PinUvAuthProtocols:               Known(bothProtocols, yubiKey57Info),
		MaxCredentialCountInList:         Known(8, yubiKey57Info),
		MaxCredentialIDLength:            Known(128, yubiKey57Info),
		MaxSerializedLargeBlobArray:      Known(4096, yubiKey57Info),
		MinPINLength:                     Known(4, yubiKey57Info),
		FirmwareVersion:                  Known(0x50701, yubiKey57Info),
		MaxCredBlobLength:                Known(32, yubiKey57Info),
		MaxRPIDsForSetMinPINLength:       Known(1, yubiKey57Info),
		RemainingDiscoverableCredentials: Known(100, yubiKey57Info),
	},
	Quirks: []Quirk{
		{Text: "Before firmware 5.7.4 half of a token of protocol two, 16 bytes, was enough.", Source: "Yubico security advisory YSA-2025-02, after Yubico/Yubico.NET.SDK issue 223"},
	},
}

// YubiKeyBio is the YubiKey with a fingerprint reader.
var YubiKeyBio = Profile{
	ID: "yubikey-bio", Name: "YubiKey Bio - FIDO Edition, firmware 5.5", Kind: SecurityKey,
	AAGUID:           Known(id("d8522d9f-575b-4866-88a9-ba99fa02f35b"), yubicoList),
	Attachment:       Known(webauthn.CrossPlatform, roams),
	Transports:       Known(usb, yubiKeyBioMDS),
	Algorithms:       Known(es256AndEdDSA, yubiKeyBioMDS),
	Extensions:       Known(blobsAndPINs, yubiKeyBioMDS),
	Discoverable:     Known(true, yubiKeyBioMDS),
	UserVerification: Known(VerifiesEnrolled, yubiKeyBioMDS),
	Attestation:      Known(yubicoAttested, yubiKeyBioMDS+"; the root: "+yubicoRoot),
	Info: Info{
		Versions: Known(list(ctap.VersionFIDO20, ctap.VersionFIDO21Pre, ctap.VersionFIDO21), yubiKeyBioMDS),
		Options: Known(map[string]bool{
			ctap.OptionPlat: false, ctap.OptionRK: true, ctap.OptionClientPIN: false, ctap.OptionUP: true, ctap.OptionUV: false,
			ctap.OptionPinUvAuthToken: true, ctap.OptionLargeBlobs: true, ctap.OptionBioEnroll: false, ctap.OptionUserVerificationMgmtPreview: false,
			ctap.OptionAuthnrCfg: true, ctap.OptionCredMgmt: true, ctap.OptionCredentialMgmtPreview: true, ctap.OptionSetMinPINLength: true,
			ctap.OptionMakeCredUvNotRqd: false, ctap.OptionAlwaysUv: true,
		}, yubiKeyBioMDS),
		MaxMsgSize:                       Known(1200, yubiKeyBioMDS),
		PinUvAuthProtocols:               Known(bothProtocols, yubiKeyBioMDS),
		MaxCredentialCountInList:         Known(8, yubiKeyBioMDS),
		MaxCredentialIDLength:            Known(128, yubiKeyBioMDS),
		MaxSerializedLargeBlobArray:      Known(1024, yubiKeyBioMDS),
		MinPINLength:                     Known(4, yubiKeyBioMDS),
		FirmwareVersion:                  Known(0x50505, yubiKeyBioMDS),
		MaxCredBlobLength:                Known(32, yubiKeyBioMDS),
		MaxRPIDsForSetMinPINLength:       Known(1, yubiKeyBioMDS),
		PreferredPlatformUvAttempts:      Known(3, yubiKeyBioMDS),
		UvModality:                       Known(2, yubiKeyBioMDS),
		RemainingDiscoverableCredentials: Known(25, yubiKeyBioMDS),
	},
	Quirks: []Quirk{
		{Text: "Firmware 5.5.6 lists U2F_V2 while alwaysUv is on, and the option uvToken of a draft.", Source: yubiKeyBio556},
	},
}

// SecurityKeyNFC is the blue Security Key by Yubico.
var SecurityKeyNFC = Profile{
	ID: "security-key-nfc", Name: "Security Key NFC by Yubico, firmware 5.2 or 5.4", Kind: SecurityKey,
	AAGUID:           Known(id("149a2021-8ef6-4133-96b8-81f8d5b7f1f5"), yubicoList),
	Attachment:       Known(webauthn.CrossPlatform, roams),
	Transports:       Known(nfcAndUSB, securityKey52),
	Algorithms:       Known(es256AndEdDSA, securityKey52),
	Extensions:       Known(hmacAndProtect, securityKey52),
	Discoverable:     Known(true, securityKey52),
	UserVerification: Known(VerifiesByPIN, securityKey52),
	Info: Info{
		Versions:                 Known(draftVersions, securityKey52),
		Options:                  Known(draftOptions, securityKey52+pinWasSet),
		MaxMsgSize:               Known(1200, securityKey52),
		PinUvAuthProtocols:       Known(oneProtocol, securityKey52),
		MaxCredentialCountInList: Known(8, securityKey52),
		MaxCredentialIDLength:    Known(128, securityKey52),
	},
}
