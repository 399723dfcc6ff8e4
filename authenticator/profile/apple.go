package profile

import (
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

var apple = []Profile{ICloudKeychain, ICloudKeychainManaged, AppleManaged, AppleLegacy, AppleProviderExtension}

// ICloudKeychain is Apple's own provider on iPhones and iPads.
var ICloudKeychain = Profile{
	ID: "icloud-keychain", Name: "iCloud Keychain on iOS 16 and later", Kind: Platform,
	About:             "Apple Passwords; what getInfo says is of iOS 16, over the hybrid transport.",
	Attachment:        Known(webauthn.Platform, onIOS),
	AAGUID:            Known(id("fbfc3007-154e-4ecc-8c0b-6e020557d7bd"), aaguidList),
	Transports:        Known(internalHybrid, iOSHandshake),
	Algorithms:        Known(es256, iCloudDecoded),
	Discoverable:      Known(true, onIOS),
	CredentialIDBytes: Known(20, iCloudDecoded),
	Counter:           Known(CounterZero, iCloudDecoded),
	BackupEligible:    Known(true, iCloudDecoded),
	BackedUp:          Known(true, iCloudDecoded),
	UserVerification:  Known(VerifiesAlways, onIOS),
	Attestation:       Known(noAttestation, "Apple developer forums, thread 726208"),
	Info: Info{
		AAGUID:   Known(id("f24a8e70-d0d3-f82c-2937-32523cc4de5a"), iOSHandshake),
		Versions: Known(list(ctap.VersionFIDO20), iOSHandshake),
		Options:  Known(map[string]bool{ctap.OptionRK: true, ctap.OptionUV: true}, iOSHandshake),
	},
	Quirks: []Quirk{
		{Text: "On macOS without Touch ID user verification is skipped unless it is required, and the flag UV is clear.", Source: onMacOS},
		{Text: "A phone is not remembered by the computer: a QR code is scanned every time.", Source: onIOS},
		{Text: "It refuses a request without a display name of the user.", Source: "chromium/chromium, device/fido/virtual_ctap2_device.h, reject_missing_display_name, commit 00a8bb4"},
	},
	Differs: []Difference{{Fact: "info.options.plat", Why: phoneToItself}},
}

// ICloudKeychainManaged is iCloud Keychain of an account that an organization manages.
var ICloudKeychainManaged = Profile{
	ID: "icloud-keychain-managed", Name: "iCloud Keychain (Managed)", Kind: Platform,
	AAGUID: Known(id("dd4ec289-e01d-41c9-bb89-70fa845d4bf2"), aaguidList),
}

// AppleManaged is an Apple device that an organization manages and has attest.
var AppleManaged = Profile{
	ID: "apple-managed", Name: "Apple device with enterprise passkey attestation", Kind: Platform,
	Algorithms: Known(es256, appleForum),
	Attestation: Known(Attestation{
		Format: webauthn.FormatPacked, Type: AttestsByOrganization, Chain: []string{"the identity that device management issued"},
	}, appleForum),
}

// AppleLegacy is what Apple devices made before passkeys.
var AppleLegacy = Profile{
	ID: "apple-legacy", Name: "Apple platform authenticator up to iOS 15", Kind: Platform,
	About:             "Bound to the device, and not turned into passkeys later.",
	Attachment:        Known(webauthn.Platform, onIOS),
	AAGUID:            Known(webauthn.AAGUID{}, appleDecoded),
	Algorithms:        Known(es256, appleDecoded),
	CredentialIDBytes: Known(20, appleDecoded),
	Counter:           Known(CounterZero, appleDecoded),
	BackupEligible:    Known(false, appleDecoded),
	BackedUp:          Known(false, appleDecoded),
	UserVerification:  Known(VerifiesWhenAsked, appleDecoded),
	Attestation: Known(Attestation{
		Format: formatApple, Type: AttestsAnonymously, Root: "Apple WebAuthn Root CA",
		Chain: []string{"a certificate of this credential, good for a day (OU=AAA Certification)", "Apple WebAuthn CA 1"},
	}, appleDecoded),
	Quirks: []Quirk{
		{Text: "Statements have the member alg, which WebAuthn L3 does not list.", Source: appleDecoded},
		{Text: "A registration with the same user handle replaces the credential by a passkey.", Source: onIOS},
	},
	Differs: []Difference{{Fact: "attestation", Why: notMade}},
}

// AppleProviderExtension is any app that keeps passkeys for Apple's systems in place
// of iCloud Keychain.
var AppleProviderExtension = Profile{
	ID: "apple-provider-extension", Name: "Provider extension of an app on iOS and macOS", Kind: Provider,
	About:          "What Apple's systems demand of every such app.",
	BackupEligible: Known(true, "Apple developer forums, thread 742209 and thread 813844"),
	BackedUp:       Known(true, "Apple developer forums, thread 742209 and thread 813844"),
	Attestation:    Known(noAttestation, "Apple developer forums, thread 747714, and thread 761139: packed is refused"),
}
