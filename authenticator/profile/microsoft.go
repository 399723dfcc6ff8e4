package profile

import "github.com/passkeylab/passkeylab/webauthn"

var microsoft = []Profile{
	WindowsHelloHardware, WindowsHelloVBS, WindowsHelloSoftware,
	MicrosoftPasswordManager, MicrosoftAuthenticatorIOS, MicrosoftAuthenticatorAndroid,
}

const zeroAtNone = "Asked for no attestation, Windows zeroes the AAGUID."

// WindowsHelloHardware keeps keys in a TPM.
var WindowsHelloHardware = Profile{
	ID: "windows-hello-hardware", Name: "Windows Hello, keys in a TPM", Kind: Platform,
	Attachment:        Known(webauthn.Platform, onWindows),
	AAGUID:            Known(id("08987058-cadc-4b81-b6e1-30de50dcbe96"), aaguidList),
	Algorithms:        Known(list(webauthn.RS256, webauthn.ES256), helloRSA+"; ES256: kanidm/webauthn-rs, webauthn-rs-core/src/core.rs:3580, commit 65e9a6d, decoded"),
	CredentialIDBytes: Known(32, helloRSA),
	Counter:           Known(CounterZero, helloRSA),
	BackupEligible:    Known(false, helloRSA),
	BackedUp:          Known(false, helloRSA),
	UserVerification:  Known(VerifiesAlways, onWindows),
	Attestation: Known(Attestation{
		Format: formatTPM, Type: AttestsByCA, Root: "Microsoft TPM Root Certificate Authority 2014",
		Chain: []string{"an AIK without a subject, its TPM in the subject alternative name", "CN=EUS-NTC-KEYID-…"},
	}, helloRSA),
	Quirks: []Quirk{
		{Text: "TPM attestation is best effort: where it fails there is none, or the credential attests itself.", Source: "webauthn-open-source/fido2-lib issue 18, which quotes Microsoft's guide to Web Authentication"},
		{Text: zeroAtNone, Source: "teamhanko/passkeys issue 50 (March 2024)"},
		{Text: "Statements are signed with RS1 (RSA with SHA-1, -65535).", Source: helloRSA},
	},
	Differs: []Difference{{Fact: "attestation", Why: notMade}},
}

// WindowsHelloVBS keeps keys in what virtualization sets apart.
var WindowsHelloVBS = Profile{
	ID: "windows-hello-vbs", Name: "Windows Hello, keys set apart by virtualization", Kind: Platform,
	About:            "Microsoft calls it VBS Hardware.",
	Attachment:       Known(webauthn.Platform, onWindows),
	AAGUID:           Known(id("9ddd1817-af5a-4672-a2b9-3e3dd95000a9"), aaguidList+"; which is which: passkeydeveloper/passkey-authenticator-aaguids pull request 89"),
	UserVerification: Known(VerifiesAlways, onWindows),
	Quirks:           []Quirk{{Text: zeroAtNone, Source: "teamhanko/passkeys issue 50 (March 2024)"}},
}

// WindowsHelloSoftware keeps keys without hardware.
var WindowsHelloSoftware = Profile{
	ID: "windows-hello-software", Name: "Windows Hello, keys in software", Kind: Platform,
	Attachment:        Known(webauthn.Platform, onWindows),
	AAGUID:            Known(id("6028b017-b1d4-4c02-b4b3-afcdafc96bb2"), aaguidList+"; which is which: passkeydeveloper/passkey-authenticator-aaguids pull request 89"),
	Algorithms:        Known(list(webauthn.RS256), helloSoftware),
	CredentialIDBytes: Known(32, helloSoftware),
	Counter:           Known(CounterZero, helloSoftware),
	BackupEligible:    Known(false, helloSoftware),
	BackedUp:          Known(false, helloSoftware),
	UserVerification:  Known(VerifiesAlways, onWindows),
	Attestation:       Known(noAttestation, helloSoftware),
	Quirks:            []Quirk{{Text: zeroAtNone, Source: "teamhanko/passkeys issue 50 (March 2024)"}},
}

// MicrosoftPasswordManager is the provider of Edge and Windows.
var MicrosoftPasswordManager = Profile{
	ID: "microsoft-password-manager", Name: "Microsoft Password Manager", Kind: Provider,
	AAGUID: Known(id("d3452668-01fd-4c12-926c-83a4204853aa"), aaguidList),
}

const authenticatorAAGUIDs = "Microsoft Graph, samples of authentication method policies; which is which: olympic-security.com, after Microsoft Learn, how-to-enable-authenticator-passkey"

// MicrosoftAuthenticatorIOS keeps passkeys for Entra ID alone.
var MicrosoftAuthenticatorIOS = Profile{
	ID: "microsoft-authenticator-ios", Name: "Microsoft Authenticator on iOS", Kind: Provider,
	AAGUID: Known(id("90a3ccdf-635c-4729-a248-9b709135078f"), authenticatorAAGUIDs),
}

// MicrosoftAuthenticatorAndroid keeps passkeys for Entra ID alone.
var MicrosoftAuthenticatorAndroid = Profile{
	ID: "microsoft-authenticator-android", Name: "Microsoft Authenticator on Android", Kind: Provider,
	AAGUID: Known(id("de1e552d-db1d-4423-a619-566b625cdc84"), authenticatorAAGUIDs),
}
