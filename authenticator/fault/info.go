package fault

import (
	"maps"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// onInfo makes a seam of a change to what getInfo says.
func onInfo(change func(*ctap.GetInfoResponse)) authenticator.Seams {
	return authenticator.Seams{Result: answering(change)}
}

// withOption gives an option another value.
func withOption(id string, value bool) authenticator.Seams {
	return onInfo(func(r *ctap.GetInfoResponse) {
		r.Options = maps.Clone(r.Options)
		if r.Options == nil {
			r.Options = map[string]bool{}
		}
		r.Options[id] = value
	})
}

// withoutOption leaves an option out.
func withoutOption(id string) authenticator.Seams {
	return onInfo(func(r *ctap.GetInfoResponse) {
		r.Options = maps.Clone(r.Options)
		delete(r.Options, id)
	})
}

// leftOut is a list without an element.
func leftOut[E comparable](list []E, element E) []E {
	return slices.DeleteFunc(slices.Clone(list), func(e E) bool { return e == element })
}

// added is a list with one more element.
func added[E any](list []E, element E) []E { return append(slices.Clone(list), element) }

func infoFaults() []Fault {
	return slices.Concat(claimFaults(), numberFaults(), optionFaults(), contradictions(), nullFaults())
}

func claimFaults() []Fault {
	const members = "CTAP 2.3 §6.4"
	return []Fault{
		{
			ID: "info/version-2-2", Spec: "CTAP 2.3 §6.4 member 0x01",
			Doc:   "getInfo lists the version FIDO_2_2, which must not be listed.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.Versions = added(r.Versions, "FIDO_2_2") }),
		}, {
			ID: "info/version-omitted", Spec: "CTAP 2.3 §9",
			Doc:   "getInfo does not list FIDO_2_3, though the device has all of it.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.Versions = leftOut(r.Versions, ctap.VersionFIDO23) }),
		}, {
			ID: "info/u2f-omitted", Spec: members,
			Doc:   "getInfo does not list U2F_V2, though the device answers it.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.Versions = leftOut(r.Versions, ctap.VersionU2FV2) }),
		}, {
			ID: "info/versions-empty", Spec: "CTAP 2.3 §6.4 member 0x01",
			Doc:   "getInfo lists no version.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.Versions = []string{} }),
		}, {
			ID: "info/extension-claimed", Spec: "CTAP 2.3 §6.4 member 0x02",
			Doc:   "getInfo lists the extension uvm, which the device does not have.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.Extensions = added(r.Extensions, ctap.ExtensionUVM) }),
		}, {
			ID: "info/extension-omitted", Spec: "CTAP 2.3 §9 item 1",
			Doc:   "getInfo does not list hmac-secret, though the device has it.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.Extensions = leftOut(r.Extensions, ctap.ExtensionHMACSecret) }),
		}, {
			ID: "info/extension-twice", Spec: "CTAP 2.3 §6.4 member 0x02",
			Doc:   "getInfo lists credProtect twice.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.Extensions = added(r.Extensions, ctap.ExtensionCredProtect) }),
		}, {
			ID: "info/algorithm-claimed", Spec: "CTAP 2.3 §6.4 member 0x0A",
			Doc: "getInfo lists RS256, which the device does not have.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) {
				r.Algorithms = added(r.Algorithms, ctap.Parameters{Algorithm: int64(webauthn.RS256), Type: ctap.PublicKey})
			}),
		}, {
			ID: "info/algorithm-omitted", Spec: "CTAP 2.3 §6.4 member 0x0A",
			Doc: "getInfo does not list ES256, though the device has it.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) {
				r.Algorithms = leftOut(r.Algorithms, ctap.Parameters{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey})
			}),
		}, {
			ID: "info/transport-claimed", Spec: "CTAP 2.3 §6.4 member 0x09",
			Doc:   "getInfo lists the transport ble, which the device does not have.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.Transports = added(r.Transports, webauthn.TransportBLE) }),
		}, {
			ID: "info/transports-missing", Spec: "CTAP 2.3 §6.4 member 0x09",
			Doc:   "getInfo says nothing of transports.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.Transports = nil }),
		}, {
			ID: "info/format-none", Spec: "CTAP 2.3 §6.4 member 0x16",
			Doc:   "getInfo lists the attestation format \"none\", which must not be listed.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.AttestationFormats = added(r.AttestationFormats, webauthn.FormatNone) }),
		}, {
			ID: "info/protocols-missing", Spec: "CTAP 2.3 §6.4 member 0x06",
			Doc:   "getInfo names no PIN/UV auth protocol.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.PinUvAuthProtocols = nil }),
		}, {
			ID: "info/protocol-claimed", Spec: "CTAP 2.3 §6.4 member 0x06",
			Doc:   "getInfo prefers PIN/UV auth protocol 3, which does not exist.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.PinUvAuthProtocols = append([]uint64{3}, r.PinUvAuthProtocols...) }),
		}, {
			ID: "info/aaguid-zero", Spec: "CTAP 2.3 §6.4 member 0x03",
			Doc:   "getInfo tells an AAGUID of zero, unlike new credentials.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.AAGUID = make([]byte, 16) }),
		}, {
			ID: "info/aaguid-short", Spec: "CTAP 2.3 §6.4 member 0x03",
			Doc:   "getInfo tells an AAGUID of 15 bytes.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.AAGUID = r.AAGUID[:min(15, len(r.AAGUID))] }),
		}, {
			ID: "info/certification-unknown", Spec: "CTAP 2.3 §7.3",
			Doc:   "getInfo claims certification FIDO of level 7, which does not exist.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.Certifications = map[string]uint64{"FIDO": 7} }),
		}, {
			ID: "info/config-command-claimed", Spec: "CTAP 2.3 §6.4 member 0x1F",
			Doc: "getInfo lists a subcommand of authenticatorConfig that the device does not have.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) {
				r.AuthenticatorConfigCommands = added(r.AuthenticatorConfigCommands, uint64(ctap.EnableEnterpriseAttestation))
			}),
		}, {
			ID: "info/always-refused", Spec: members,
			Doc: "getInfo fails, as if the device had no CTAP2.",
			Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
				if _, is := req.(*ctap.GetInfoRequest); is {
					return nil, ctap.Errorf(ctap.InvalidCommand, "the fault says so")
				}
				return resp, err
			}},
		},
	}
}

func numberFaults() []Fault {
	const size = "CTAP 2.3 §6.4 member 0x05"
	var first []byte
	var remaining *uint64
	return []Fault{
		{
			ID: "info/max-size-huge", Spec: size,
			Doc:   "getInfo claims that requests may have 65535 bytes.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.MaxMsgSize = 65535 }),
		}, {
			ID: "info/max-size-small", Spec: size,
			Doc:   "getInfo says that requests may have 512 bytes, less than the least allowed.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.MaxMsgSize = 512 }),
		}, {
			ID: "info/list-limit-zero", Spec: "CTAP 2.3 §6.4 member 0x07",
			Doc:   "getInfo says that lists may have no credential at all, written as zero.",
			Seams: onInfoMember(0x07, canon.AppendUint(nil, 0)),
		}, {
			ID: "info/list-limit-missing", Spec: "CTAP 2.3 §6.4 member 0x07",
			Doc:   "getInfo does not say how many credentials a list may have, though the device has a limit.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.MaxCredentialCountInList = 0 }),
		}, {
			ID: "info/id-limit-low", Spec: "CTAP 2.3 §6.4 member 0x08",
			Doc:   "getInfo says that credential IDs have at most 16 bytes, though the device makes longer ones.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.MaxCredentialIDLength = 16 }),
		}, {
			ID: "info/remaining-frozen", Spec: "CTAP 2.3 §6.4 member 0x14",
			Doc: "How many more passkeys there is room for is told as it was the first time.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) {
				if remaining == nil {
					remaining = r.RemainingDiscoverableCredentials
				}
				r.RemainingDiscoverableCredentials = remaining
			}),
		}, {
			ID: "info/minimum-stale", Spec: "CTAP 2.3 §6.4 member 0x0D",
			Doc: "getInfo tells a minimum PIN length of 4, whatever it is.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) {
				if r.MinPINLength > 0 {
					r.MinPINLength = leastPIN
				}
			}),
		}, {
			ID: "info/force-change-untold", Spec: "CTAP 2.3 §6.4 member 0x0C",
			Doc:   "getInfo does not tell that the PIN must be changed.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.ForcePINChange = nil }),
		}, {
			ID: "info/identifier-frozen", Spec: "CTAP 2.3 §6.4 member 0x19",
			Doc: "encIdentifier is encrypted in the same way each time, so that anybody can recognise the device by it.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) {
				if first == nil {
					first = r.EncIdentifier
				}
				if r.EncIdentifier != nil {
					r.EncIdentifier = first
				}
			}),
		}, {
			ID: "info/large-blobs-small", Spec: "CTAP 2.3 §6.4 member 0x0B",
			Doc:   "getInfo says that an array of large blobs may have 512 bytes, less than the least allowed.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.MaxSerializedLargeBlobArray = 512 }),
		}, {
			ID: "info/cred-blob-small", Spec: "CTAP 2.3 §6.4 member 0x0F",
			Doc:   "getInfo says that a credBlob may have 16 bytes, less than the least allowed.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.MaxCredBlobLength = 16 }),
		}, {
			ID: "info/uv-modality-pin", Spec: "CTAP 2.3 §6.4 member 0x12",
			Doc:   "getInfo counts the client PIN among the ways of built-in user verification.",
			Seams: onInfo(func(r *ctap.GetInfoResponse) { r.UvModality |= 0x800 }),
		},
	}
}

// onInfoMember gives a member of getInfo a value that its type would not write. The
// answer to getInfo alone has a list for its first member.
func onInfoMember(key int64, value []byte) authenticator.Seams {
	return onBody(onPairs(func(pairs []pair) []pair {
		if len(pairs) == 0 || major(pairs[0].value) != majorArray {
			return pairs
		}
		return with(key, value)(pairs)
	}))
}

func optionFaults() []Fault {
	const options = "CTAP 2.3 §6.4 (options)"
	return []Fault{
		{
			ID: "info/rk-denied", Spec: options,
			Doc:   "getInfo says that there are no passkeys, though the device makes them.",
			Seams: withOption(ctap.OptionRK, false),
		}, {
			ID: "info/up-denied", Spec: options,
			Doc:   "getInfo says that the device cannot test user presence, though it does.",
			Seams: withOption(ctap.OptionUP, false),
		}, {
			ID: "info/uv-claimed", Spec: options,
			Doc:   "getInfo claims that built-in user verification is there and set up.",
			Seams: withOption(ctap.OptionUV, true),
		}, {
			ID: "info/uv-untold", Spec: options,
			Doc:   "getInfo does not tell of built-in user verification.",
			Seams: withoutOption(ctap.OptionUV),
		}, {
			ID: "info/pin-untold", Spec: options,
			Doc:   "getInfo says that no PIN is set, also where one is.",
			Seams: withOption(ctap.OptionClientPIN, false),
		}, {
			ID: "info/tokens-untold", Spec: options + ", §9 item 5",
			Doc:   "getInfo does not tell of tokens with permissions, though PINs give them.",
			Seams: withoutOption(ctap.OptionPinUvAuthToken),
		}, {
			ID: "info/enterprise-claimed", Spec: options,
			Doc:   "getInfo claims that enterprise attestation is enabled.",
			Seams: withOption(ctap.OptionEP, true),
		}, {
			ID: "info/platform-claimed", Spec: options,
			Doc:   "A roaming device claims to be part of the platform.",
			Seams: withOption(ctap.OptionPlat, true),
		}, {
			ID: "info/uv-not-required-claimed", Spec: options + ", §7.2",
			Doc:   "getInfo says makeCredUvNotRqd also while alwaysUv is on.",
			Seams: withOption(ctap.OptionMakeCredUvNotRqd, true),
		}, {
			ID: "info/bio-claimed", Spec: options,
			Doc:   "getInfo claims that fingerprints can be enrolled.",
			Seams: withOption(ctap.OptionBioEnroll, false),
		}, {
			ID: "info/option-unknown", Spec: options,
			Doc:   "getInfo has an option that nobody knows, which platforms have to ignore.",
			Seams: withOption("passkeylabUnknown", true),
		}, {
			ID: "info/management-untold", Spec: options,
			Doc:   "getInfo does not tell of credential management.",
			Seams: withoutOption(ctap.OptionCredMgmt),
		},
	}
}
