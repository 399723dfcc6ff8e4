package profile

import (
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

var managers = []Profile{
	OnePassword, Bitwarden, Dashlane, KeePassXC, SamsungPass, ProtonPass, NordPass, Keeper, Enpass, LastPass,
}

// OnePassword is the extension of 1Password. Beside its AAGUID and how it verifies,
// facts are of the library that its maker published, not of the product.
var OnePassword = Profile{
	ID: "1password", Name: "1Password", Kind: Provider,
	About:             "The browser extension, after passkey-rs, the library of its maker; the product itself was not read.",
	Attachment:        Known(webauthn.Platform, passkeyRS),
	AAGUID:            Known(id("bada5566-a7aa-401f-bd96-45619a55120d"), aaguidList),
	Transports:        Known(internalHybrid, passkeyRS),
	Algorithms:        Known(es256, passkeyRS),
	CredentialIDBytes: Known(16, passkeyRS),
	Counter:           Known(CounterZero, passkeyRS),
	BackupEligible:    Known(true, passkeyRSFlags),
	BackedUp:          Known(true, passkeyRSFlags),
	UserVerification:  Known(VerificationClaimed, knownIssues),
	Attestation:       Known(noAttestation, passkeyRSMake),
	Info:              Info{Versions: Known(list(ctap.VersionFIDO20, ctap.VersionFIDO21), passkeyRSInfo)},
	Quirks: []Quirk{
		{Text: "A credential of the exclude list does not stop a registration: the user is told, and may go on.", Source: passkeyRSMake},
		{Text: "Old versions wrote the attestation format None, with a capital letter.", Source: "1Password/passkey-rs, passkey-authenticator/src/authenticator/make_credential.rs, commit 005e1b3"},
	},
}

// Bitwarden is its browser extension.
var Bitwarden = Profile{
	ID: "bitwarden", Name: "Bitwarden", Kind: Provider,
	About:             "The browser extension.",
	AAGUID:            Known(id("d548826e-79b4-db40-a3d8-11116f7e8349"), bitwardenDevice),
	Transports:        Known(internalHybrid, bitwardenClient),
	Algorithms:        Known(es256, bitwardenDevice),
	Discoverable:      Known(true, bitwardenDevice),
	CredentialIDBytes: Known(16, bitwardenDevice),
	Counter:           Known(CounterZero, bitwardenDevice),
	BackupEligible:    Known(true, bitwardenDevice),
	BackedUp:          Known(true, bitwardenDevice),
	UserVerification:  Known(VerificationClaimed, knownIssues),
	Attestation:       Known(noAttestation, bitwardenDevice),
	Quirks: []Quirk{
		{Text: "A credential of the exclude list fails the registration with NotAllowedError, not InvalidStateError.", Source: bitwardenDevice},
		{Text: "A counter that was imported above zero goes on counting.", Source: bitwardenDevice},
		{Text: "To google.com it lists transport usb, too.", Source: bitwardenClient},
	},
}

// Dashlane is its browser extension.
var Dashlane = Profile{
	ID: "dashlane", Name: "Dashlane", Kind: Provider,
	About:             "The browser extension.",
	AAGUID:            Known(id("531126d6-e717-415c-9320-3d9aa6981239"), aaguidList),
	Algorithms:        Known(es256, dashlaneResults),
	CredentialIDBytes: Known(36, dashlaneResults),
	Attestation:       Known(noAttestation, dashlaneResults),
	Quirks: []Quirk{
		{Text: "A credential ID is the text of a UUID.", Source: dashlaneResults},
	},
}

// KeePassXC answers through its browser extension.
var KeePassXC = Profile{
	ID: "keepassxc", Name: "KeePassXC", Kind: Provider,
	Attachment:        Known(webauthn.Platform, keePassXC),
	AAGUID:            Known(id("fdb141b2-5d84-443e-8a35-4698c205a502"), keePassXC),
	Algorithms:        Known(list(webauthn.ES256, webauthn.EdDSA, webauthn.RS256), keePassXC),
	Discoverable:      Known(true, keePassXC),
	CredentialIDBytes: Known(32, keePassXCHeader),
	Counter:           Known(CounterZero, keePassXC),
	BackupEligible:    Known(true, keePassXCFlags),
	BackedUp:          Known(true, keePassXCFlags),
	UserVerification:  Known(VerificationClaimed, keePassXC),
	Attestation:       Known(noAttestation, keePassXCCBOR),
	Quirks: []Quirk{
		{Text: "It takes the first algorithm asked for, or ES256 if it does not know that one.", Source: keePassXC},
		{Text: "In builds of October 2024 the flags BE and BS were clear.", Source: "keepassxreboot/keepassxc, src/browser/BrowserPasskeys.cpp, commit 95bae83"},
	},
}

// SamsungPass is the provider on Samsung's phones.
var SamsungPass = Profile{
	ID: "samsung-pass", Name: "Samsung Pass", Kind: Provider,
	AAGUID:            Known(id("53414d53-554e-4700-0000-000000000000"), aaguidList),
	CredentialIDBytes: Known(32, samsungIssue),
	BackupEligible:    Known(false, samsungIssue),
	BackedUp:          Known(false, samsungIssue),
	Attestation: Known(Attestation{
		Format: webauthn.FormatPacked, Type: AttestsBasic, Chain: []string{"a certificate that CN=Samsung Electronics CA issued"},
	}, samsungIssue),
	Quirks: []Quirk{
		{Text: "Its passkeys are synced, though the flag BE says that they are not.", Source: samsungIssue},
	},
}

// ProtonPass is its browser extension and its apps, which build on passkey-rs.
var ProtonPass = Profile{
	ID: "proton-pass", Name: "Proton Pass", Kind: Provider,
	About:             "The extension and the apps, which build on passkey-rs of 1Password's.",
	Attachment:        Known(webauthn.Platform, protonPass+"; "+passkeyRS),
	AAGUID:            Known(id("50726f74-6f6e-5061-7373-50726f746f6e"), protonPass),
	Transports:        Known(internalHybrid, protonPass+"; "+passkeyRS),
	Algorithms:        Known(es256, protonPass+"; "+passkeyRS),
	Extensions:        Known(list(prf), protonPass),
	CredentialIDBytes: Known(16, protonPass+"; "+passkeyRS),
	Counter:           Known(CounterZero, protonPass+"; "+passkeyRS),
	BackupEligible:    Known(true, protonPass+"; "+passkeyRSFlags),
	BackedUp:          Known(true, protonPass+"; "+passkeyRSFlags),
	UserVerification:  Known(VerificationClaimed, protonPass),
	Attestation:       Known(noAttestation, protonPass+"; "+passkeyRSMake),
	Differs:           []Difference{{Fact: "extensions", Why: prfInCTAP}},
}

// Providers of whom the AAGUID is known, and no more.
var (
	NordPass = Profile{ID: "nordpass", Name: "NordPass", Kind: Provider, AAGUID: Known(id("b84e4048-15dc-4dd0-8640-f4f60813c8af"), aaguidList)}
	Keeper   = Profile{ID: "keeper", Name: "Keeper", Kind: Provider, AAGUID: Known(id("0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6"), aaguidList)}
	Enpass   = Profile{ID: "enpass", Name: "Enpass", Kind: Provider, AAGUID: Known(id("f3809540-7f14-49c1-a8b3-8f813b225541"), aaguidList)}
	LastPass = Profile{ID: "lastpass", Name: "LastPass", Kind: Provider, AAGUID: Known(id("b78a0a55-6ef8-d246-a042-ba0f6d55050c"), aaguidList)}
)
