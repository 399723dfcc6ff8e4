package profile

import "github.com/passkeylab/passkeylab/webauthn"

var chromium = []Profile{ChromeMac, EdgeMac, ChromiumVirtual}

// ChromeMac is what Chrome on a Mac keeps in its own profile.
var ChromeMac = Profile{
	ID: "chrome-mac", Name: "Chrome on Mac, in its own profile", Kind: Platform,
	Attachment:        Known(webauthn.Platform, macAuth),
	AAGUID:            Known(id("adce0002-35bc-c60a-648b-0b25f1f05503"), macUtil),
	Transports:        Known(internal, macMake),
	Algorithms:        Known(es256, macMake),
	Discoverable:      Known(true, macAuth),
	CredentialIDBytes: Known(32, macStore),
	Counter:           Known(CounterZero, macUtil),
	BackupEligible:    Known(false, macUtil),
	BackedUp:          Known(false, macUtil),
	UserVerification:  Known(VerifiesAlways, macUtil),
	Attestation:       Known(selfAttested, macMake),
	Quirks: []Quirk{
		{Text: "Self attestation comes with an AAGUID that is not zero.", Source: macUtil},
		{Text: "Counters of old credentials are the Unix time.", Source: macUtil},
		{Text: "IDs of old credentials hold sealed metadata and vary in length: 42, 51 and 76 bytes were seen.", Source: "kanidm/webauthn-rs, webauthn-rs-core/src/core.rs:1358, commit 65e9a6d, and go-webauthn/webauthn, protocol/attestation_test.go:384, commit bca8ebd, decoded"},
	},
}

// EdgeMac is what Edge on a Mac keeps.
var EdgeMac = Profile{
	ID: "edge-mac", Name: "Edge on Mac", Kind: Platform,
	AAGUID:         Known(id("771b48fd-d3d4-4f74-9232-fc157ab0507a"), aaguidList),
	BackupEligible: Known(false, onMacOS),
	BackedUp:       Known(false, onMacOS),
}

// ChromiumVirtual is the virtual authenticator of Chromium's DevTools. Whatever has
// no fact here is an option of it.
var ChromiumVirtual = Profile{
	ID: "chromium-virtual", Name: "Chromium's virtual authenticator", Kind: SecurityKey,
	About:             "What DevTools, WebDriver and Puppeteer offer; transport, attachment, verification and extensions are options.",
	AAGUID:            Known(id("01020304-0506-0708-0102-030405060708"), virtualCTAP2),
	Algorithms:        Known(list(webauthn.EdDSA, webauthn.ES256, webauthn.RS256), virtualOptions),
	CredentialIDBytes: Known(32, virtualDecoded),
	Counter:           Known(CounterPerCredential, virtualOptions),
	Attestation:       Known(Attestation{Format: webauthn.FormatPacked, Type: AttestsBasic}, virtualCTAP2),
	Quirks: []Quirk{
		{Text: "It has no authenticatorReset.", Source: virtualCTAP2},
	},
}
