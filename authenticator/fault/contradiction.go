package fault

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// told is what getInfo says.
type told = ctap.GetInfoResponse

// contradictions are claims of getInfo that its other claims rule out.
func contradictions() []Fault {
	var all []Fault
	for _, c := range []struct {
		id, spec, doc string
		change        func(*told)
	}{
		{"large-blob-array", "6.4", "maxSerializedLargeBlobArray without option largeBlobs.", func(i *told) { option(i, ctap.OptionLargeBlobs, false); i.MaxSerializedLargeBlobArray = 1024 }},
		{"rp-ids", "6.4", "maxRPIDsForSetMinPINLength without option setMinPINLength.", func(i *told) {
			option(i, ctap.OptionSetMinPINLength, false)
			i.MaxRPIDsForSetMinPINLength = new(uint64)
		}},
		{"cred-blob", "6.4", "maxCredBlobLength without extension credBlob.", func(i *told) { unextended(i, ctap.ExtensionCredBlob); i.MaxCredBlobLength = 32 }},
		{"min-pin-length", "6.4", "option clientPin without minPINLength.", func(i *told) { i.MinPINLength = 0 }},
		{"max-pin-length", "6.4", "maxPINLength without option clientPin.", func(i *told) { unlisted(i, ctap.OptionClientPIN); i.MaxPINLength = 63 }},
		{"pin-lengths", "6.4", "a minPINLength above maxPINLength.", func(i *told) { i.MinPINLength, i.MaxPINLength = 12, 8 }},
		{"complexity-url", "6.4", "pinComplexityPolicyURL without pinComplexityPolicy.", func(i *told) {
			i.PinComplexityPolicy, i.PinComplexityPolicyURL = nil, []byte("https://pin.test")
		}},
		{"complexity", "6.4", "pinComplexityPolicy without option clientPin.", func(i *told) { unlisted(i, ctap.OptionClientPIN); i.PinComplexityPolicy = new(bool) }},
		{"config-commands", "6.4", "authenticatorConfigCommands without option authnrCfg.", func(i *told) {
			option(i, ctap.OptionAuthnrCfg, false)
			i.AuthenticatorConfigCommands = []uint64{3}
		}},
		{"vendor-commands", "6.4", "vendorPrototype among authenticatorConfigCommands without vendorPrototypeConfigCommands.", func(i *told) {
			option(i, ctap.OptionAuthnrCfg, true)
			i.AuthenticatorConfigCommands, i.VendorPrototypeConfigCommands = []uint64{3, 0xFF}, nil
		}},
		{"no-mcga", "6.4", "noMcGaPermissionsWithClientPin without option clientPin.", func(i *told) {
			unlisted(i, ctap.OptionClientPIN)
			option(i, ctap.OptionNoMcGaPermissionsWithClientPin, true)
		}},
		{"uv-bio-enroll", "6.4", "uvBioEnroll without option bioEnroll.", func(i *told) { unlisted(i, ctap.OptionBioEnroll); option(i, ctap.OptionUVBioEnroll, true) }},
		{"uv-acfg", "6.4", "uvAcfg without option authnrCfg.", func(i *told) { option(i, ctap.OptionAuthnrCfg, false); option(i, ctap.OptionUVAcfg, true) }},
		{"set-min-pin-length", "6.4", "setMinPINLength without option authnrCfg.", func(i *told) { option(i, ctap.OptionAuthnrCfg, false); option(i, ctap.OptionSetMinPINLength, true) }},
		{"always-uv", "7.2", "makeCredUvNotRqd together with alwaysUv.", func(i *told) { option(i, ctap.OptionAlwaysUv, true); option(i, ctap.OptionMakeCredUvNotRqd, true) }},
		{"previews", "6.4", "the options of preview commands without FIDO_2_1_PRE.", func(i *told) {
			i.Versions = leftOut(i.Versions, ctap.VersionFIDO21Pre)
			option(i, ctap.OptionCredentialMgmtPreview, true)
		}},
		{"enterprise", "9", "option ep without authnrCfg.", func(i *told) { option(i, ctap.OptionEP, false); unlisted(i, ctap.OptionAuthnrCfg) }},
		{"cred-blob-alone", "12.2", "extension credBlob without credProtect.", func(i *told) { extended(i, ctap.ExtensionCredBlob); unextended(i, ctap.ExtensionCredProtect) }},
		{"large-blob-key", "12.3", "extension largeBlobKey without option largeBlobs.", func(i *told) { extended(i, ctap.ExtensionLargeBlobKey); option(i, ctap.OptionLargeBlobs, false) }},
		{"large-blob", "12.4", "extension largeBlob together with largeBlobKey.", func(i *told) {
			extended(i, ctap.ExtensionLargeBlob)
			extended(i, ctap.ExtensionLargeBlobKey)
			option(i, ctap.OptionLargeBlobs, true)
		}},
		{"min-pin-length-extension", "12.5", "extension minPinLength without option setMinPINLength.", func(i *told) {
			extended(i, ctap.ExtensionMinPINLength)
			option(i, ctap.OptionSetMinPINLength, false)
		}},
		{"pin-complexity-extension", "12.6", "extension pinComplexityPolicy without option setMinPINLength.", func(i *told) {
			extended(i, ctap.ExtensionPINComplexityPolicy)
			option(i, ctap.OptionSetMinPINLength, false)
		}},
		{"2-3-protocol-two", "9", "FIDO_2_3 without PIN/UV auth protocol two.", func(i *told) { version23(i); i.PinUvAuthProtocols = []uint64{1} }},
		{"2-3-cred-protect", "9", "FIDO_2_3 with user verification, and without extension credProtect.", func(i *told) { version23(i); unextended(i, ctap.ExtensionCredProtect) }},
		{"2-3-discoverable", "9", "FIDO_2_3 with discoverable credentials, and without user verification.", func(i *told) {
			version23(i)
			option(i, ctap.OptionRK, true)
			unlisted(i, ctap.OptionClientPIN)
			unlisted(i, ctap.OptionUV)
		}},
		{"2-3-management", "9", "FIDO_2_3 with discoverable credentials, and without option credMgmt.", func(i *told) {
			version23(i)
			option(i, ctap.OptionRK, true)
			unlisted(i, ctap.OptionCredMgmt)
		}},
	} {
		all = append(all, Fault{
			ID: "info/contradiction-" + c.id, Spec: "CTAP 2.3 §" + c.spec,
			Doc: "getInfo claims " + c.doc, Seams: onInfo(c.change),
		})
	}
	return all
}

func option(i *told, id string, value bool) {
	unlisted(i, id)
	i.Options[id] = value
}

// unlisted leaves an option out of a copy of those that there are.
func unlisted(i *told, id string) {
	kept := map[string]bool{}
	for other, value := range i.Options {
		if other != id {
			kept[other] = value
		}
	}
	i.Options = kept
}

func extended(i *told, id string) {
	unextended(i, id)
	i.Extensions = append(i.Extensions, id)
}

func unextended(i *told, id string) { i.Extensions = leftOut(i.Extensions, id) }

func version23(i *told) {
	if !slices.Contains(i.Versions, ctap.VersionFIDO23) {
		i.Versions = added(i.Versions, ctap.VersionFIDO23)
	}
}

// infoMembers are the members of getInfo, by key from 0x01 on.
var infoMembers = []string{
	"versions", "extensions", "aaguid", "options", "maxMsgSize", "pinUvAuthProtocols", "maxCredentialCountInList",
	"maxCredentialIdLength", "transports", "algorithms", "maxSerializedLargeBlobArray", "forcePINChange", "minPINLength",
	"firmwareVersion", "maxCredBlobLength", "maxRPIDsForSetMinPINLength", "preferredPlatformUvAttempts", "uvModality",
	"certifications", "remainingDiscoverableCredentials", "vendorPrototypeConfigCommands", "attestationFormats",
	"uvCountSinceLastPinEntry", "longTouchForReset", "encIdentifier", "transportsForReset", "pinComplexityPolicy",
	"pinComplexityPolicyURL", "maxPINLength", "encCredStoreState", "authenticatorConfigCommands",
}

// nullFaults have null for each member of getInfo in turn, which is of no type that
// any of them may have.
func nullFaults() []Fault {
	var all []Fault
	for i, name := range infoMembers {
		key := i + 1
		all = append(all, Fault{
			ID: "info/null-" + strings.ToLower(name), Spec: fmt.Sprintf("CTAP 2.3 §6.4 member 0x%02X", key),
			Doc:   "In getInfo " + name + " is null.",
			Seams: onInfoBody(onPairs(holding(int64(key), []byte{null}))),
		})
	}
	return all
}

// null is the simple value of that name in CBOR.
const null = 0xF6

// onInfoBody makes a seam of a change to the map that getInfo is answered with.
func onInfoBody(change func([]byte) []byte) authenticator.Seams {
	var asked atomic.Bool
	seams := onBody(func(body []byte) []byte {
		if !asked.Load() {
			return body
		}
		return change(body)
	})
	seams.Heard = func(request []byte) []byte {
		asked.Store(len(request) > 0 && ctap.Command(request[0]) == ctap.CommandGetInfo)
		return request
	}
	return seams
}

// holding gives an integer key a value, whether it was there or not.
func holding(key int64, value []byte) func([]pair) []pair {
	encoded := canon.AppendInt(nil, key)
	return func(pairs []pair) []pair {
		at, found := slices.BinarySearchFunc(pairs, encoded, func(p pair, k []byte) int {
			if len(p.key) != len(k) {
				return len(p.key) - len(k)
			}
			return strings.Compare(string(p.key), string(k))
		})
		if found {
			return with(key, value)(pairs)
		}
		return slices.Insert(slices.Clone(pairs), at, pair{encoded, value})
	}
}
