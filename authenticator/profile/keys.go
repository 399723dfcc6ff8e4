package profile

import (
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

var keys = []Profile{Titan, Solo2, Nitrokey3, Feitian, FeitianNFC, Trezor, OpenSK, U2FKey}

// Titan is Google's security key with NFC.
var Titan = Profile{
	ID: "titan", Name: "Google Titan Security Key v2", Kind: SecurityKey,
	AAGUID:            Known(id("42b4fb4a-2866-43b2-9bf7-6c6669c2e5d3"), titanMDS),
	Attachment:        Known(webauthn.CrossPlatform, roams),
	Transports:        Known(list(webauthn.TransportUSB, webauthn.TransportNFC), titanMDS),
	Algorithms:        Known(es256, titanMDS),
	Extensions:        Known(hmacAndProtect, titanMDS),
	Discoverable:      Known(true, titanMDS),
	CredentialIDBytes: Known(304, "dfinity/internet-identity pull request 2374"),
	UserVerification:  Known(VerifiesByPIN, titanMDS),
	Attestation: Known(Attestation{
		Format: webauthn.FormatPacked, Type: AttestsBasic, Root: "CN=Titan Security Key Root, or CN=Titan Security Key Signing below it",
	}, titanMDS),
	Info: Info{
		Versions:           Known(list(ctap.VersionFIDO20, ctap.VersionU2FV2), titanMDS),
		Options:            Known(map[string]bool{ctap.OptionRK: true, ctap.OptionClientPIN: false}, titanMDS),
		MaxMsgSize:         Known(2200, titanMDS),
		PinUvAuthProtocols: Known(oneProtocol, titanMDS),
	},
	Quirks: []Quirk{
		{Text: "A user entity that is too large for it is answered with the vendor's status 0xF1.", Source: "systemd/systemd issue 43212"},
	},
}

// Solo2 is the key of SoloKeys.
var Solo2 = Profile{
	ID: "solo-2", Name: "SoloKeys Solo 2", Kind: SecurityKey,
	AAGUID:            Known(id("8652abe9-fbd8-4810-a840-d6fc442a8c2c"), solo2Decoded),
	Attachment:        Known(webauthn.CrossPlatform, roams),
	Transports:        Known(nfcAndUSB, solo2Info),
	Algorithms:        Known(es256AndEdDSA, solo2Info),
	Extensions:        Known(hmacAndProtect, solo2Info),
	Discoverable:      Known(true, solo2Info),
	CredentialIDBytes: Known(211, solo2Decoded),
	BackupEligible:    Known(false, solo2Decoded),
	BackedUp:          Known(false, solo2Decoded),
	UserVerification:  Known(VerifiesByPIN, solo2Info),
	Attestation:       Known(Attestation{Format: webauthn.FormatPacked, Type: AttestsBasic}, solo2Decoded),
	Info: Info{
		Versions: Known(draftVersions, solo2Info),
		Options: Known(map[string]bool{
			ctap.OptionRK: true, ctap.OptionUP: true, ctap.OptionPlat: false, ctap.OptionCredMgmt: true, ctap.OptionClientPIN: false, ctap.OptionCredentialMgmtPreview: true,
		}, solo2Info),
		MaxMsgSize:               Known(3072, trussedNotes),
		PinUvAuthProtocols:       Known(oneProtocol, solo2Info),
		MaxCredentialCountInList: Known(10, trussedSizes),
		MaxCredentialIDLength:    Known(255, trussedSizes),
	},
	Quirks: []Quirk{
		{Text: "Where a site takes EdDSA the credential is of EdDSA, whatever the site prefers.", Source: "trussed-dev/fido-authenticator, src/ctap2.rs, make_credential, commit e342447"},
		{Text: "The 30 seconds that getNextAssertion has are not counted.", Source: solo2Info},
	},
	Differs: []Difference{{Fact: "info.options.credMgmt", Why: "the key lists the final command without tokens that have a permission for it; nobody could use that, and the lab's device has the preview alone"}},
}

// Nitrokey3 is the Nitrokey 3A Mini.
var Nitrokey3 = Profile{
	ID: "nitrokey-3", Name: "Nitrokey 3A Mini, firmware 1.9", Kind: SecurityKey,
	AAGUID:           Known(id("2cd2f727-f6ca-44da-8f48-5c2e5da000a2"), nitrokeyMDS),
	Attachment:       Known(webauthn.CrossPlatform, roams),
	Transports:       Known(usb, nitrokeyMDS),
	Algorithms:       Known(es256AndEdDSA, nitrokeyMDS),
	Extensions:       Known(list(ctap.ExtensionCredProtect, ctap.ExtensionCredBlob, ctap.ExtensionHMACSecret, ctap.ExtensionHMACSecretMC, ctap.ExtensionMinPINLength, ctap.ExtensionThirdPartyPayment), nitrokeyMDS),
	Discoverable:     Known(true, nitrokeyMDS),
	UserVerification: Known(VerifiesByPIN, nitrokeyMDS),
	Attestation: Known(Attestation{
		Format: webauthn.FormatPacked, Type: AttestsBasic, Root: "CN=FIDO CA 4, O=Nitrokey GmbH, C=DE",
	}, nitrokeyMDS),
	Info: Info{
		Versions: Known(list(ctap.VersionU2FV2, ctap.VersionFIDO20, ctap.VersionFIDO21, ctap.VersionFIDO23), nitrokeyMDS),
		Options: Known(map[string]bool{
			ctap.OptionRK: true, ctap.OptionUP: true, ctap.OptionPlat: false, ctap.OptionAlwaysUv: false, ctap.OptionCredMgmt: true, ctap.OptionAuthnrCfg: true,
			ctap.OptionClientPIN: false, ctap.OptionLargeBlobs: false, ctap.OptionPinUvAuthToken: true, ctap.OptionSetMinPINLength: true, ctap.OptionMakeCredUvNotRqd: true,
		}, nitrokeyMDS),
		MaxMsgSize:                       Known(3072, nitrokeyMDS),
		PinUvAuthProtocols:               Known(bothProtocols, nitrokeyMDS),
		MaxCredentialCountInList:         Known(10, nitrokeyMDS),
		MaxCredentialIDLength:            Known(255, nitrokeyMDS),
		MinPINLength:                     Known(4, nitrokeyMDS),
		FirmwareVersion:                  Known(2, nitrokeyMDS),
		MaxCredBlobLength:                Known(32, nitrokeyMDS),
		MaxRPIDsForSetMinPINLength:       Known(4, nitrokeyMDS),
		RemainingDiscoverableCredentials: Known(70, nitrokeyMDS),
		AttestationFormats:               Known(list(webauthn.FormatPacked), nitrokeyMDS),
		AuthenticatorConfigCommands:      Known(list(2, 3), nitrokeyMDS),
	},
	Quirks: []Quirk{
		{Text: "The counter begins at 1 and grows by a random number with each assertion.", Source: "trussed-dev/fido-authenticator, CHANGELOG.md, version 0.4.0-rc.2"},
		{Text: "In the first two seconds after it was plugged in, being plugged in is the touch.", Source: "Nitrokey/nitrokey-3-firmware, components/apps/src/lib.rs, commit b9ec0bd"},
	},
}

// Feitian is a key of Feitian's that calls itself FIDO KB.
var Feitian = Profile{
	ID: "feitian", Name: "Feitian FIDO KB", Kind: SecurityKey,
	AAGUID:           Known(id("833b721a-ff5f-4d00-bb2e-bdda3ec01e29"), feitianTests),
	Extensions:       Known(list(ctap.ExtensionHMACSecret, ctap.ExtensionCredProtect), feitianTests),
	Discoverable:     Known(true, feitianTests),
	UserVerification: Known(VerifiesByPIN, feitianTests),
	Info: Info{
		Versions: Known(list(ctap.VersionU2FV2, ctap.VersionFIDO20), feitianTests),
		Options:  Known(map[string]bool{ctap.OptionClientPIN: false, ctap.OptionRK: true, ctap.OptionUP: true, ctap.OptionUV: false}, feitianTests+"; option uv true was refused"),
	},
	Quirks: []Quirk{
		{Text: "A request with an extension that it does not know is refused with CTAP2_ERR_UNSUPPORTED_OPTION.", Source: feitianTests},
		{Text: "An algorithm that it does not know is refused even beside one that it does.", Source: feitianTests},
		{Text: "A credential of the exclude list is found for another relying party, too.", Source: feitianTests},
	},
}

// FeitianNFC is an older key of Feitian's with NFC.
var FeitianNFC = Profile{
	ID: "feitian-epass-fido2-nfc", Name: "Feitian ePass FIDO2-NFC", Kind: SecurityKey,
	AAGUID:           Known(id("ee041bce-25e5-4cdb-8f86-897fd6418464"), "Microsoft Learn, FIDO2 security keys that are eligible for attestation with Entra ID"),
	Attachment:       Known(webauthn.CrossPlatform, roams),
	Transports:       Known(nfcAndUSB, ePassInfo),
	Algorithms:       Known(es256, ePassInfo),
	Extensions:       Known(hmacAndProtect, ePassInfo),
	Discoverable:     Known(true, ePassInfo),
	UserVerification: Known(VerifiesByPIN, ePassInfo),
	Info: Info{
		Versions:                 Known(draftVersions, ePassInfo),
		Options:                  Known(draftOptions, ePassInfo+pinWasSet),
		MaxMsgSize:               Known(1024, ePassInfo),
		PinUvAuthProtocols:       Known(oneProtocol, ePassInfo),
		MaxCredentialCountInList: Known(6, ePassInfo),
		MaxCredentialIDLength:    Known(96, ePassInfo),
	},
}

// Trezor is a hardware wallet with a screen.
var Trezor = Profile{
	ID: "trezor", Name: "Trezor with a touchscreen", Kind: SecurityKey,
	AAGUID:           Known(id("d6d0bdc3-62ee-c4db-de8d-7a656e4a4487"), trezorCode),
	Attachment:       Known(webauthn.CrossPlatform, roams),
	Transports:       Known(usb, trezorCode),
	Algorithms:       Known(es256AndEdDSA, trezorCode),
	Extensions:       Known(list(ctap.ExtensionHMACSecret), trezorCode),
	Discoverable:     Known(true, trezorCode),
	Counter:          Known(CounterGlobal, trezorKeys),
	BackupEligible:   Known(false, trezorCode),
	BackedUp:         Known(false, trezorCode),
	UserVerification: Known(VerifiesWhenAsked, trezorCode),
	Display:          Known(true, trezorCode),
	Attestation:      Known(selfAttested, trezorCode),
	Info: Info{
		Versions:                 Known(list(ctap.VersionU2FV2, ctap.VersionFIDO20), trezorCode),
		Options:                  Known(map[string]bool{ctap.OptionRK: true, ctap.OptionUP: true, ctap.OptionUV: true}, trezorCode),
		PinUvAuthProtocols:       Known(oneProtocol, trezorCode),
		MaxCredentialCountInList: Known(10, trezorCode),
		MaxCredentialIDLength:    Known(1024, trezorKeys),
	},
	Quirks: []Quirk{
		{Text: "Credential IDs hold the names of site and user, and vary in length.", Source: trezorKeys},
		{Text: "It says that a PIN is set even if there is none.", Source: trezorCode},
		{Text: "A registration is granted without user verification, though getInfo does not list makeCredUvNotRqd.", Source: trezorCode},
		{Text: "A registration with option up, true or false, is refused.", Source: trezorCode},
		{Text: "An assertion without a touch has a signature that does not verify.", Source: trezorCode},
		{Text: "Of authenticatorClientPIN it has getKeyAgreement alone.", Source: trezorCode},
		{Text: "Some sites are attested to with a certificate, and to some it does not count.", Source: trezorCode},
	},
	Differs: []Difference{{Fact: "info.maxCredentialIdLength", Why: "1024 is a byte more than WebAuthn allows (L3 §4), and than the lab's device announces"}},
}

// OpenSK is Google's open firmware as it comes.
var OpenSK = Profile{
	ID: "opensk", Name: "OpenSK with its default settings", Kind: SecurityKey,
	About:             "Each build draws an AAGUID of its own.",
	Attachment:        Known(webauthn.CrossPlatform, roams),
	Transports:        Known(usb, openSKInfo),
	Algorithms:        Known(es256, openSKInfo),
	Extensions:        Known(list(ctap.ExtensionHMACSecret, ctap.ExtensionCredProtect, ctap.ExtensionMinPINLength, ctap.ExtensionCredBlob, ctap.ExtensionLargeBlobKey), openSKInfo),
	Discoverable:      Known(true, openSKInfo),
	CredentialIDBytes: Known(241, openSKKeys),
	Counter:           Known(CounterGlobal, openSKConfig),
	BackupEligible:    Known(false, openSKMake),
	BackedUp:          Known(false, openSKMake),
	UserVerification:  Known(VerifiesByPIN, openSKInfo),
	Attestation:       Known(selfAttested, openSKConfig),
	Info: Info{
		Versions: Known(list(ctap.VersionU2FV2, ctap.VersionFIDO20, ctap.VersionFIDO21), openSKInfo),
		Options: Known(map[string]bool{
			ctap.OptionRK: true, ctap.OptionUP: true, ctap.OptionAlwaysUv: false, ctap.OptionCredMgmt: true, ctap.OptionAuthnrCfg: true, ctap.OptionClientPIN: false,
			ctap.OptionLargeBlobs: true, ctap.OptionPinUvAuthToken: true, ctap.OptionSetMinPINLength: true, ctap.OptionMakeCredUvNotRqd: true,
		}, openSKInfo),
		MaxMsgSize:                       Known(7609, openSKConfig),
		PinUvAuthProtocols:               Known(bothProtocols, openSKInfo),
		MaxCredentialIDLength:            Known(241, openSKKeys),
		MaxSerializedLargeBlobArray:      Known(2048, openSKConfig),
		MinPINLength:                     Known(4, openSKConfig),
		MaxCredBlobLength:                Known(32, openSKConfig),
		MaxRPIDsForSetMinPINLength:       Known(8, openSKConfig),
		RemainingDiscoverableCredentials: Known(150, openSKConfig),
	},
	Quirks: []Quirk{
		{Text: "IDs of discoverable credentials have 32 bytes.", Source: openSKMake},
	},
}

// U2FKey is any key from before CTAP2.
var U2FKey = Profile{
	ID: "u2f-key", Name: "a key that speaks U2F alone", Kind: SecurityKey,
	AAGUID:            Known(webauthn.AAGUID{}, u2fInCTAP),
	Algorithms:        Known(es256, u2fText),
	Discoverable:      Known(false, u2fInCTAP),
	CredentialIDBytes: Known(64, u2fDecoded),
	BackupEligible:    Known(false, u2fInCTAP),
	BackedUp:          Known(false, u2fInCTAP),
	UserVerification:  Known(VerifiesNobody, u2fInCTAP),
	Attestation:       Known(Attestation{Format: webauthn.FormatFIDOU2F, Type: AttestsBasic}, u2fText),
	Info:              Info{Versions: Known(list(ctap.VersionU2FV2), u2fText)},
	Quirks: []Quirk{
		{Text: "The counter of a registration is 0, whatever the key has counted.", Source: u2fInCTAP},
	},
}
