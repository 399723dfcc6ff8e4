package hybrid

import (
	"context"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// served are the options that mean something in a tunnel, which carries
// ceremonies and nothing else. plat is not among them: to a computer, a phone is
// no part of itself. Nor is makeCredUvNotRqd, as a phone's user unlocks it for
// every passkey: Chromium, told of it, asks for discoverable credentials without
// verification, whatever the site wants, and those no device makes.
var served = []string{ctap.OptionRK, ctap.OptionUP, ctap.OptionUV, ctap.OptionAlwaysUv}

// unserved are the extensions that need other commands.
var unserved = []string{ctap.ExtensionLargeBlobKey, ctap.ExtensionMinPINLength, ctap.ExtensionPINComplexityPolicy}

// introduce asks the device what it is and returns the part of the answer that
// holds in a tunnel, as CBOR.
func introduce(ctx context.Context, device ctap.Transport) ([]byte, error) {
	full, err := ctap.Call(authenticator.Over(ctx, webauthn.TransportHybrid), device, &ctap.GetInfoRequest{})
	if err != nil {
		return nil, fmt.Errorf("getInfo: %w", err)
	}
	info := &ctap.GetInfoResponse{
		Versions:                 without(full.Versions, ctap.VersionU2FV2, ctap.VersionFIDO21Pre),
		Extensions:               without(full.Extensions, unserved...),
		AAGUID:                   full.AAGUID,
		Options:                  make(map[string]bool),
		MaxMsgSize:               full.MaxMsgSize,
		MaxCredentialCountInList: full.MaxCredentialCountInList,
		MaxCredentialIDLength:    full.MaxCredentialIDLength,
		Transports:               []string{webauthn.TransportHybrid, webauthn.TransportInternal},
		Algorithms:               full.Algorithms,
		MaxCredBlobLength:        full.MaxCredBlobLength,
		UvModality:               full.UvModality,
		AttestationFormats:       full.AttestationFormats,
	}
	for _, id := range served {
		if value, there := full.Options[id]; there {
			info.Options[id] = value
		}
	}
	if slices.Contains(full.Extensions, ctap.ExtensionHMACSecret) {
		info.PinUvAuthProtocols = full.PinUvAuthProtocols // of getKeyAgreement
	}
	return ctap.EncodeResponse(info, nil)[1:], nil
}

func without(list []string, unwanted ...string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(unwanted, s) })
}

// serves reports whether a request may reach the device: those of ceremonies, and
// the key agreement that hmac-secret, and so prf, needs. Phones have no other
// command in a tunnel, PINs least of all.
func serves(request []byte) error {
	switch command := ctap.Command(request[0]); command {
	case ctap.CommandMakeCredential, ctap.CommandGetAssertion:
		return nil
	case ctap.CommandClientPIN:
		req, err := ctap.DecodeRequest(request)
		if pin, ok := req.(*ctap.ClientPINRequest); err == nil && ok && pin.SubCommand == ctap.GetKeyAgreement {
			return nil
		}
		return ctap.Errorf(ctap.InvalidCommand, "no PIN is used over hybrid transport")
	default:
		return ctap.Errorf(ctap.InvalidCommand, "%s is not served over hybrid transport", command)
	}
}
