package profile

import (
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

var google = []Profile{GooglePasswordManagerAndroid, GooglePasswordManagerDesktop, AndroidPlatform}

const gpmAAGUID = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"

// GooglePasswordManagerAndroid is the provider on Android phones.
var GooglePasswordManagerAndroid = Profile{
	ID: "google-password-manager-android", Name: "Google Password Manager on Android", Kind: Platform,
	About:            "What getInfo says is of Chrome on Android, over the hybrid transport.",
	Attachment:       Known(webauthn.Platform, onAndroid),
	AAGUID:           Known(id(gpmAAGUID), aaguidList),
	Extensions:       Known(list(prf), gpmHandshake),
	Discoverable:     Known(true, onAndroid),
	BackupEligible:   Known(true, onAndroid),
	UserVerification: Known(VerifiesAlways, onAndroid),
	Attestation:      Known(noAttestation, googleMail),
	Info: Info{
		AAGUID:     Known(webauthn.AAGUID{}, gpmHandshake),
		Transports: Known(list(cable, webauthn.TransportHybrid, webauthn.TransportInternal), gpmHandshake),
		Versions:   Known(list(ctap.VersionFIDO20, ctap.VersionFIDO21), gpmHandshake),
		Options:    Known(map[string]bool{ctap.OptionRK: true, ctap.OptionUV: true}, gpmHandshake),
	},
	Quirks: []Quirk{
		{Text: "getInfo lists the extensions devicePubKey and prf, which are none of CTAP.", Source: gpmHandshake},
		{Text: "Without a screen lock there is no platform authenticator.", Source: onAndroid},
		{Text: "An assertion for an allow list says nothing of the user, not even for a discoverable credential.", Source: "chromium/chromium, device/fido/virtual_ctap2_device.h, omit_user_entity_on_allow_credentials_requests, commit 00a8bb4"},
		{Text: "Computers can remember the phone, so that no QR code is needed again.", Source: onAndroid},
	},
	Differs: []Difference{
		{Fact: "info.options.plat", Why: phoneToItself},
		{Fact: "extensions", Why: prfInCTAP},
	},
}

// GooglePasswordManagerDesktop is the provider in Chrome on desktop computers, whose
// passkeys are used in an enclave of Google's.
var GooglePasswordManagerDesktop = Profile{
	ID: "google-password-manager-desktop", Name: "Google Password Manager in Chrome on desktops", Kind: Provider,
	AAGUID:            Known(id(gpmAAGUID), aaguidList),
	Transports:        Known(internalHybrid, enclave),
	Algorithms:        Known(es256, enclave),
	Extensions:        Known(list(prf, ctap.ExtensionLargeBlob), enclave),
	Discoverable:      Known(true, enclave),
	CredentialIDBytes: Known(16, enclave),
	Counter:           Known(CounterZero, enclave),
	BackupEligible:    Known(true, enclave),
	BackedUp:          Known(true, enclave),
	UserVerification:  Known(VerifiesWhenAsked, enclave),
	Attestation:       Known(noAttestation, enclave),
	Differs:           []Difference{{Fact: "extensions", Why: prfInCTAP}},
}

// AndroidPlatform is what Android makes for who wants no discoverable credential.
var AndroidPlatform = Profile{
	ID: "android-platform", Name: "Android platform credential, not discoverable", Kind: Platform,
	AAGUID:            Known(id("b93fd961-f2e6-462f-b122-82002247de78"), androidDecoded),
	Algorithms:        Known(es256, androidDecoded),
	Discoverable:      Known(false, googleMail),
	CredentialIDBytes: Known(65, androidDecoded),
	Counter:           Known(CounterZero, androidDecoded),
	BackupEligible:    Known(false, androidDecoded),
	BackedUp:          Known(false, androidDecoded),
	UserVerification:  Known(VerifiesWhenAsked, androidDecoded),
	Attestation: Known(Attestation{
		Format: formatAndroidKey, Type: AttestsBasic,
		Chain: []string{"CN=Android Keystore Key", "O=TEE", "CN=Droid CA3", "CN=Droid CA2", "serialNumber=f92009e853b6b045, the root itself"},
	}, androidDecoded),
	Quirks: []Quirk{
		{Text: "Older phones attest with android-safetynet.", Source: "go-webauthn/webauthn, protocol/attestation_safetynet_test.go:544, commit bca8ebd, decoded"},
	},
	Differs: []Difference{{Fact: "attestation", Why: notMade}},
}
