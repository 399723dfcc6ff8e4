package fault

import (
	"encoding/json"

	"github.com/passkeylab/passkeylab/webauthn"
)

const (
	credBlob    = "credBlob"
	getCredBlob = "getCredBlob"
)

// giftFaults are of what is stored with credentials, and told of it.
func giftFaults() []Fault {
	const spec = "CTAP 2.3 §12.2"
	yes := json.RawMessage("true")
	return []Fault{
		{ID: "extension/enforcement-of-anything", Spec: "CTAP 2.3 §12.1", Doc: "Any policy that is enforced ends the request.", Creation: func(o *webauthn.CreationOptions) error {
			if string(o.Extensions["enforceCredentialProtectionPolicy"]) == "true" {
				return refuse("enforced")
			}
			return nil
		}},
		{ID: "extension/everything-listed", Spec: "CTAP 2.3 §12", Doc: "Extensions are sent whatever getInfo lists.", Messages: onMembers(getInfo, func(_, info members) {
			info[key(2)] = append(entries(info, 2), credBlob, "minPinLength", "largeBlobKey")
			info[key(0x0F)] = uint64(32)
			innerOf(info, key(4))["largeBlobs"] = true
		})},
		{ID: "extension/cred-blob-untold", Spec: spec, Doc: "A page does not learn that its blob was stored.", Created: func(r *webauthn.RegistrationResponse) { delete(r.ClientExtensionResults, credBlob) }},
		{ID: "extension/cred-blob-always-told", Spec: spec, Doc: "A page learns always that its blob was stored.", Created: func(r *webauthn.RegistrationResponse) {
			if r.ClientExtensionResults[credBlob] != nil {
				r.ClientExtensionResults[credBlob] = yes
			}
		}},
		{ID: "extension/cred-blob-never-read", Spec: spec, Doc: "getCredBlob is not looked at.", Request: func(o *webauthn.RequestOptions) error {
			delete(o.Extensions, getCredBlob)
			return nil
		}},
		{ID: "extension/cred-blob-always-read", Spec: spec, Doc: "getCredBlob is true for every page.", Request: func(o *webauthn.RequestOptions) error {
			o.Extensions[getCredBlob] = yes
			return nil
		}},
		{ID: "extension/min-pin-length-always", Spec: "CTAP 2.3 §12.5", Doc: "minPinLength is true for every page.", Creation: func(o *webauthn.CreationOptions) error {
			o.Extensions["minPinLength"] = yes
			return nil
		}},
		{ID: "extension/cred-props-guessed", Spec: "WebAuthn L3 §10.1.3", Doc: "Authenticators of CTAP 2.0 are taken for those of CTAP 2.1.", Messages: onMembers(getInfo, func(_, info members) {
			info[key(1)] = append(entries(info, 1), "FIDO_2_1")
		})},
	}
}
