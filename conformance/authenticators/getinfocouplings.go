package authenticators

import (
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// coupling is a case about what a claim of getInfo forces.
func coupling(id, section, doc string, where need, holds func(*info) bool) testCase {
	return testCase{
		ID: "getinfo/coupling/" + id, Spec: at(section, ""), Level: conformance.Must, Doc: doc, Needs: []need{where},
		Run: on(func(k *key) {
			if i := k.info(); !holds(i) {
				k.Differ(doc, i.summary(), "getInfo contradicts itself")
			}
		}),
	}
}

// always is met by every device.
var always = need{Name: "nothing", Met: func(*conformance.Check) bool { return true }}

// exactlyWhere couples a member to a claim in both directions.
func exactlyWhere(id, doc string, member int, claim func(*info) bool) testCase {
	return coupling(id, "6.4", doc, always, func(i *info) bool { return i.has(member) == claim(i) })
}

func claims(option string) func(*info) bool { return func(i *info) bool { return i.option(option) } }

var getInfoCouplings = []testCase{
	exactlyWhere("max-large-blob-array", "maxSerializedLargeBlobArray is there exactly where option largeBlobs is true.",
		infoMaxLargeBlobs, claims(ctap.OptionLargeBlobs)),
	exactlyWhere("max-rpids", "maxRPIDsForSetMinPINLength is there exactly where option setMinPINLength is true.",
		infoMaxRPIDs, claims(ctap.OptionSetMinPINLength)),
	exactlyWhere("max-cred-blob", "maxCredBlobLength is there exactly where extension credBlob is listed.",
		infoMaxCredBlob, func(i *info) bool { return i.extension(ctap.ExtensionCredBlob) }),
	coupling("min-pin-length", "6.4", "minPINLength is there exactly where option clientPin is, in CTAP 2.1 and later.", atLeast21,
		func(i *info) bool { return i.has(infoMinPINLength) == i.listed(ctap.OptionClientPIN) }),
	coupling("max-pin-length", "6.4", "maxPINLength is there only with option clientPin.", always,
		func(i *info) bool { return !i.has(infoMaxPINLength) || i.listed(ctap.OptionClientPIN) }),
	coupling("pin-lengths", "6.4", "minPINLength is not above maxPINLength.", clientPIN, func(i *info) bool {
		return i.uint(infoMinPINLength, leastMinPINLength) <= i.uint(infoMaxPINLength, defaultMaxPINLength)
	}),
	coupling("protocols", "6.4", "pinUvAuthProtocols is there where clientPin, pinUvAuthToken or hmac-secret is.", always, func(i *info) bool {
		wanted := i.listed(ctap.OptionClientPIN) || i.option(ctap.OptionPinUvAuthToken) || i.extension(ctap.ExtensionHMACSecret)
		return !wanted || len(i.protocols) > 0
	}),
	coupling("pin-complexity-url", "6.4", "pinComplexityPolicyURL is there only with pinComplexityPolicy.", always,
		func(i *info) bool { return !i.has(infoPINComplexityURL) || i.has(infoPINComplexity) }),
	coupling("pin-complexity", "6.4", "pinComplexityPolicy is there only with option clientPin.", always,
		func(i *info) bool { return !i.has(infoPINComplexity) || i.listed(ctap.OptionClientPIN) }),
	coupling("config-commands", "6.4", "authenticatorConfigCommands is there only where option authnrCfg is true.", always,
		func(i *info) bool { return !i.has(infoConfigCommands) || i.option(ctap.OptionAuthnrCfg) }),
	coupling("vendor-commands", "6.4", "authenticatorConfigCommands lists vendorPrototype exactly where vendorPrototypeConfigCommands is there.",
		feature("member authenticatorConfigCommands of getInfo", func(i *info) bool { return i.has(infoConfigCommands) }),
		func(i *info) bool {
			return slices.Contains(i.uints(infoConfigCommands), uint64(ctap.VendorPrototype)) == i.has(infoVendorCommands)
		}),
	coupling("no-mcga", "6.4", "noMcGaPermissionsWithClientPin is there only with option clientPin.", always,
		func(i *info) bool {
			return !i.option(ctap.OptionNoMcGaPermissionsWithClientPin) || i.listed(ctap.OptionClientPIN)
		}),
	coupling("uv-bio-enroll", "6.4", "uvBioEnroll is true only with option bioEnroll.", always,
		func(i *info) bool { return !i.option(ctap.OptionUVBioEnroll) || i.listed(ctap.OptionBioEnroll) }),
	coupling("uv-acfg", "6.4", "uvAcfg is true only with option authnrCfg.", always,
		func(i *info) bool { return !i.option(ctap.OptionUVAcfg) || i.option(ctap.OptionAuthnrCfg) }),
	coupling("read-only-management", "6.4", "perCredMgmtRO is true only with option credMgmt.", always,
		func(i *info) bool { return !i.option(ctap.OptionPerCredMgmtRO) || i.option(ctap.OptionCredMgmt) }),
	coupling("set-min-pin-length", "6.4", "setMinPINLength is true only with option authnrCfg and a PIN.", always, func(i *info) bool {
		return !i.option(ctap.OptionSetMinPINLength) || i.option(ctap.OptionAuthnrCfg) && (i.listed(ctap.OptionClientPIN) || i.listed(ctap.OptionUV))
	}),
	coupling("always-uv", "7.2", "makeCredUvNotRqd is not true while alwaysUv is.", always,
		func(i *info) bool { return !i.option(ctap.OptionAlwaysUv) || !i.option(ctap.OptionMakeCredUvNotRqd) }),
	coupling("previews", "6.4", "The options of preview commands are there only with FIDO_2_1_PRE.", always, func(i *info) bool {
		return i.version(ctap.VersionFIDO21Pre) || !i.listed(ctap.OptionUserVerificationMgmtPreview) && !i.listed(ctap.OptionCredentialMgmtPreview)
	}),
	coupling("enterprise", "9", "A device that is capable of enterprise attestation has authenticatorConfig.", always,
		func(i *info) bool { return !i.listed(ctap.OptionEP) || i.option(ctap.OptionAuthnrCfg) }),
	coupling("cred-blob-needs-cred-protect", "12.2", "Extension credBlob is listed only with credProtect.", always,
		func(i *info) bool {
			return !i.extension(ctap.ExtensionCredBlob) || i.extension(ctap.ExtensionCredProtect)
		}),
	coupling("hmac-secret-mc", "12.8", "Extension hmac-secret-mc is listed only with hmac-secret.", always,
		func(i *info) bool {
			return !i.extension(ctap.ExtensionHMACSecretMC) || i.extension(ctap.ExtensionHMACSecret)
		}),
	coupling("large-blob-key", "12.3", "Extension largeBlobKey is listed exactly where option largeBlobs is true.", always,
		func(i *info) bool {
			return i.extension(ctap.ExtensionLargeBlobKey) == i.option(ctap.OptionLargeBlobs)
		}),
	coupling("large-blob", "12.4", "Extension largeBlob is not listed together with option largeBlobs or extension largeBlobKey.",
		extension(ctap.ExtensionLargeBlob),
		func(i *info) bool {
			return !i.option(ctap.OptionLargeBlobs) && !i.extension(ctap.ExtensionLargeBlobKey)
		}),
	coupling("min-pin-length-extension", "12.5", "Extension minPinLength is listed exactly where option setMinPINLength is true.", atLeast21,
		func(i *info) bool {
			return i.extension(ctap.ExtensionMinPINLength) == i.option(ctap.OptionSetMinPINLength)
		}),
	coupling("pin-complexity-extension", "12.6", "Extension pinComplexityPolicy is listed only with option setMinPINLength.", always,
		func(i *info) bool {
			return !i.extension(ctap.ExtensionPINComplexityPolicy) || i.option(ctap.OptionSetMinPINLength)
		}),
	coupling("token-with-pin", "9", "Option pinUvAuthToken is true where clientPin or uv is, in CTAP 2.3.",
		feature("CTAP 2.3 and user verification", func(i *info) bool { return i.version(ctap.VersionFIDO23) && i.protected() }),
		claims(ctap.OptionPinUvAuthToken)),
}

// getInfoVersion23 is what a device must have that lists FIDO_2_3 (§9).
var getInfoVersion23 = []testCase{
	coupling("2-3-hmac-secret", "9", "FIDO_2_3 comes with extension hmac-secret.", version23,
		func(i *info) bool { return i.extension(ctap.ExtensionHMACSecret) }),
	coupling("2-3-protocol-two", "9", "FIDO_2_3 comes with PIN/UV auth protocol two where there is any.",
		feature("CTAP 2.3 and a PIN/UV auth protocol", func(i *info) bool {
			return i.version(ctap.VersionFIDO23) && len(i.protocols) > 0
		}), func(i *info) bool { return slices.Contains(i.protocols, 2) }),
	coupling("2-3-cred-protect", "9", "FIDO_2_3 comes with extension credProtect where there is any form of user verification.",
		feature("CTAP 2.3 and user verification", func(i *info) bool {
			return i.version(ctap.VersionFIDO23) && (i.listed(ctap.OptionClientPIN) || i.listed(ctap.OptionUV))
		}), func(i *info) bool { return i.extension(ctap.ExtensionCredProtect) }),
	coupling("2-3-discoverable", "9", "FIDO_2_3 with discoverable credentials comes with user verification of some form.",
		feature("CTAP 2.3 and discoverable credentials", func(i *info) bool {
			return i.version(ctap.VersionFIDO23) && i.option(ctap.OptionRK)
		}), func(i *info) bool { return i.listed(ctap.OptionClientPIN) || i.listed(ctap.OptionUV) }),
	coupling("2-3-management", "9", "FIDO_2_3 with discoverable credentials comes with credentialManagement, or is a platform's own.",
		feature("CTAP 2.3 and discoverable credentials", func(i *info) bool {
			return i.version(ctap.VersionFIDO23) && i.option(ctap.OptionRK)
		}), func(i *info) bool { return i.option(ctap.OptionCredMgmt) || i.option(ctap.OptionPlat) }),
}

// commandClaims are commands with the claim of getInfo that a device has them.
var commandClaims = []struct {
	command ctap.Command
	claimed func(*info) bool
}{
	{ctap.CommandClientPIN, func(i *info) bool { return len(i.protocols) > 0 }},
	{ctap.CommandBioEnrollment, func(i *info) bool { return i.listed(ctap.OptionBioEnroll) }},
	{ctap.CommandCredentialManagement, claims(ctap.OptionCredMgmt)},
	{ctap.CommandLargeBlobs, claims(ctap.OptionLargeBlobs)},
	{ctap.CommandConfig, claims(ctap.OptionAuthnrCfg)},
}

// commandCases hold commands to what getInfo claims (§8.1).
func commandCases() (cases []testCase) {
	for _, c := range commandClaims {
		name := c.command.String()
		cases = append(cases, testCase{
			ID: fmt.Sprintf("command/0x%02x-as-claimed", byte(c.command)), Spec: at("8.1", ""), Level: conformance.Must,
			Doc: name + " is answered with INVALID_COMMAND exactly where getInfo does not claim it.",
			Run: on(func(k *key) {
				a := k.sendRaw([]byte{byte(c.command), 0xA0})
				if unknown := a.status == ctap.InvalidCommand; unknown == c.claimed(k.info()) {
					k.Differ(fmt.Sprintf("claimed and known: %v", c.claimed(k.info())), a.status.String(), "%s is not as claimed", name)
				}
			}),
		})
	}
	for _, unknown := range []byte{0x00, 0x03, 0x05, 0x0E, 0x3F, 0xC0, 0xFF} {
		cases = append(cases, testCase{
			ID: fmt.Sprintf("command/unknown-0x%02x", unknown), Spec: at("8.1", ""), Level: conformance.Must, Twin: "getinfo/plain",
			Doc: fmt.Sprintf("Command 0x%02X, which there is not, is answered with INVALID_COMMAND.", unknown),
			Run: on(func(k *key) {
				k.expect(k.sendRaw([]byte{unknown}), ctap.InvalidCommand)
				k.expect(k.sendRaw([]byte{unknown, 0xA0}), ctap.InvalidCommand)
			}),
		})
	}
	return cases
}
