package fault

import (
	"github.com/passkeylab/passkeylab/webauthn"
)

// UPMissing clears the flag UP under the signature.
var UPMissing = Fault{
	ID:    "flags/up-missing",
	Spec:  "WebAuthn L3 §7.1 step 15, §7.2 step 16",
	Doc:   "The flag UP is clear though the user was present, and the signature covers that.",
	Seams: onAuthData(clearing(webauthn.UserPresent)),
}

// UVMissing clears the flag UV under the signature.
var UVMissing = Fault{
	ID:    "flags/uv-missing",
	Spec:  "WebAuthn L3 §7.1 step 16, §7.2 step 17",
	Doc:   "The flag UV is clear though the user was verified, and the signature covers that.",
	Seams: onAuthData(clearing(webauthn.UserVerified)),
}

func clearing(flags webauthn.Flags) func([]byte) []byte {
	return inPlace(func(authData []byte) { authData[flagsAt] &^= byte(flags) })
}

func setting(flags webauthn.Flags) func([]byte) []byte {
	return inPlace(func(authData []byte) { authData[flagsAt] |= byte(flags) })
}

// Flags reserved for future use (WebAuthn L3 §6.1).
const (
	reserved1 webauthn.Flags = 1 << 1
	reserved5 webauthn.Flags = 1 << 5
)

// isRegistration tells by the flag AT.
func isRegistration(authData []byte) bool {
	return webauthn.Flags(authData[flagsAt]).Has(webauthn.AttestedData)
}

// inRegistrations and inAssertions limit a change to the one or the other.
func inRegistrations(change func([]byte) []byte) func([]byte) []byte {
	return func(authData []byte) []byte {
		if isRegistration(authData) {
			return change(authData)
		}
		return authData
	}
}

func inAssertions(change func([]byte) []byte) func([]byte) []byte {
	return func(authData []byte) []byte {
		if isRegistration(authData) {
			return authData
		}
		return change(authData)
	}
}

func flagFaults() []Fault {
	const backup = "WebAuthn L3 §6.1.3, §7.1 step 17, §7.2 step 18"
	both := webauthn.BackupEligible | webauthn.BackedUp
	return []Fault{
		UPMissing,
		UVMissing,
		{
			ID: "flags/up-always", Spec: "CTAP 2.3 §6.2.2 step 13",
			Doc:   "The flag UP is set in every answer, also where nobody was asked for a touch.",
			Seams: onAuthData(setting(webauthn.UserPresent)),
		}, {
			ID: "flags/uv-always", Spec: "WebAuthn L3 §6.1",
			Doc:   "The flag UV is set in every answer, also where the user was not verified.",
			Seams: onAuthData(setting(webauthn.UserVerified)),
		}, {
			ID: "flags/bs-without-be", Spec: backup,
			Doc:   "The flag BS is set and BE is clear: the credential is backed up and cannot be.",
			Seams: onAuthData(inPlace(func(authData []byte) { authData[flagsAt] = authData[flagsAt]&^byte(both) | byte(webauthn.BackedUp) })),
		}, {
			ID: "flags/be-appears", Spec: "WebAuthn L3 §6.1.3, §7.2 step 19",
			Doc:   "Assertions have the flags BE and BS, which the registration did not have: a credential can never become eligible for backup.",
			Seams: onAuthData(inAssertions(setting(both))),
		}, {
			ID: "flags/be-disappears", Spec: "WebAuthn L3 §6.1.3, §7.2 step 19",
			Doc: "The registration has the flags BE and BS, assertions do not: eligibility for backup cannot be lost.",
			Seams: onAuthData(func(authData []byte) []byte {
				return inRegistrations(setting(both))(inAssertions(clearing(both))(authData))
			}),
		}, {
			ID: "flags/be-always", Spec: "WebAuthn L3 §6.1.3",
			Doc:   "The flags BE and BS are set in every answer of a device whose credentials never leave it.",
			Seams: onAuthData(setting(both)),
		}, {
			ID: "flags/reserved-bit-1", Spec: "WebAuthn L3 §6.1",
			Doc:   "Bit 1, reserved for future use, is set in every answer; relying parties have to ignore it.",
			Seams: onAuthData(setting(reserved1)),
		}, {
			ID: "flags/reserved-bit-5", Spec: "WebAuthn L3 §6.1",
			Doc:   "Bit 5, reserved for future use, is set in every answer; relying parties have to ignore it.",
			Seams: onAuthData(setting(reserved5)),
		}, {
			ID: "flags/at-missing", Spec: "WebAuthn L3 §6.1, §7.1 step 13",
			Doc:   "The flag AT is clear in a registration, though attested credential data follow.",
			Seams: onAuthData(clearing(webauthn.AttestedData)),
		}, {
			ID: "flags/at-in-assertion", Spec: "WebAuthn L3 §6.1",
			Doc:   "The flag AT is set in assertions, though no attested credential data follow.",
			Seams: onAuthData(setting(webauthn.AttestedData)),
		}, {
			ID: "flags/ed-missing", Spec: "WebAuthn L3 §6.1",
			Doc:   "The flag ED is clear, though extension outputs follow where there are some.",
			Seams: onAuthData(clearing(webauthn.ExtensionOutput)),
		}, {
			ID: "flags/ed-without-data", Spec: "WebAuthn L3 §6.1",
			Doc:   "The flag ED is set in every answer, though nothing follows where no extension was asked for.",
			Seams: onAuthData(setting(webauthn.ExtensionOutput)),
		},
	}
}
