package client

import (
	"encoding/json"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// credPropsOutput is CredentialPropertiesOutput (§10.1.3). RK is absent where
// the client does not know.
type credPropsOutput struct {
	RK *bool `json:"rk,omitempty"`
}

func prepareCredProps(_ *creation, input json.RawMessage) (registrationExtension, error) {
	if !isTrue(input) {
		return registrationExtension{}, nil
	}
	return registrationExtension{output: func(made *newCredential) (any, error) {
		return credPropsOutput{RK: isDiscoverable(made)}, nil
	}}, nil
}

// isDiscoverable tells whether the credential became discoverable. CTAP 2.0
// let an authenticator make one so without being asked, so that "no" is known
// only of later ones and of those that cannot.
func isDiscoverable(made *newCredential) *bool {
	info := made.by.info
	asked := made.discoverable()
	if asked || !info.Option(ctap.OptionRK) ||
		slices.Contains(info.Versions, ctap.VersionFIDO21) || slices.Contains(info.Versions, ctap.VersionFIDO23) {
		return &asked
	}
	return nil
}

// refuseCredProps rejects credProps in get(), where it is not defined.
// WebAuthn would ignore it; Chromium throws.
func refuseCredProps(_ *authentication, input json.RawMessage) (authenticationExtension, error) {
	if !isTrue(input) {
		return authenticationExtension{}, nil
	}
	return authenticationExtension{}, exceptionf(webauthn.NotSupportedError, "credProps is an extension of create(), not of get()")
}
