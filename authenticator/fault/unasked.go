package fault

import (
	"maps"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// wanted makes true of an input that is false.
func wanted(inputs ctap.Extensions, id string) ctap.Extensions {
	if _, asked := inputs[id]; !asked {
		return inputs
	}
	spoiled := maps.Clone(inputs)
	spoiled[id] = canon.AppendBool(nil, true)
	return spoiled
}

func unaskedFaults() []Fault {
	const keptOfNames = 63
	return []Fault{
		{
			ID: "credblob/told-unasked", Spec: "CTAP 2.3 §12.2",
			Doc: "The blob of a credential is told also where the input credBlob is false.",
			Seams: authenticator.Seams{Request: asking(func(r *ctap.GetAssertionRequest) {
				r.Extensions = wanted(r.Extensions, ctap.ExtensionCredBlob)
			})},
		}, {
			ID: "config/minimum-told-unasked", Spec: "CTAP 2.3 §12.5",
			Doc: "The minimum PIN length is told to those who may know it also where the input minPinLength is false.",
			Seams: authenticator.Seams{Request: asking(func(r *ctap.MakeCredentialRequest) {
				r.Extensions = wanted(r.Extensions, ctap.ExtensionMinPINLength)
			})},
		}, {
			ID: "create/names-of-63-bytes", Spec: "WebAuthn L3 §6.4.1",
			Doc: "Of names 63 bytes are kept, one less than the least that is allowed.",
			Seams: keepingCredentials(func(c *authenticator.Credential) {
				c.User.Name, c.User.DisplayName = c.User.Name[:min(keptOfNames, len(c.User.Name))], c.User.DisplayName[:min(keptOfNames, len(c.User.DisplayName))]
			}),
		},
	}
}
