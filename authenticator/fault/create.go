package fault

import (
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// onCreation makes a seam of a change to requests for new credentials.
func onCreation(change func(*ctap.MakeCredentialRequest)) authenticator.Seams {
	return authenticator.Seams{Request: asking(change)}
}

// withRK gives a request another option rk.
func withRK(r *ctap.MakeCredentialRequest, rk bool) {
	options := ctap.Options{}
	if r.Options != nil {
		options = *r.Options
	}
	options.RK = &rk
	r.Options = &options
}

func createFaults() []Fault {
	return []Fault{
		{
			ID: "create/rk-ignored", Spec: "CTAP 2.3 §6.1.2 step 17.1",
			Doc:   "With option rk true the new credential is not discoverable.",
			Seams: onCreation(func(r *ctap.MakeCredentialRequest) { withRK(r, false) }),
		}, {
			ID: "create/rk-forced", Spec: "CTAP 2.3 §6.1.2 step 18",
			Doc:   "With option rk false the new credential is discoverable all the same, as CTAP 2.0 allowed.",
			Seams: onCreation(func(r *ctap.MakeCredentialRequest) { withRK(r, true) }),
		}, {
			ID: "create/exclude-ignored", Spec: "CTAP 2.3 §6.1.2 step 12",
			Doc:   "The exclude list is ignored: the same device can be registered twice.",
			Seams: skipping(at("6.1.2", "12")),
		}, {
			ID: "create/algorithm-order", Spec: "CTAP 2.3 §6.1.2 step 3.1.3",
			Doc: "Of the algorithms that the relying party takes, the last that is supported is chosen and not the first.",
			Seams: onCreation(func(r *ctap.MakeCredentialRequest) {
				r.PubKeyCredParams = slices.Clone(r.PubKeyCredParams)
				slices.Reverse(r.PubKeyCredParams)
			}),
		}, {
			ID: "create/preference-ignored", Spec: "CTAP 2.3 §6.1.2 step 19",
			Doc:   "Which attestation formats the relying party prefers is ignored.",
			Seams: onCreation(func(r *ctap.MakeCredentialRequest) { r.AttestationFormatsPreference = nil }),
		}, {
			ID: "create/preference-reversed", Spec: "CTAP 2.3 §6.1.2 step 19",
			Doc: "Of the attestation formats that the relying party prefers, the last that the device has is used and not the first.",
			Seams: onCreation(func(r *ctap.MakeCredentialRequest) {
				r.AttestationFormatsPreference = slices.Clone(r.AttestationFormatsPreference)
				slices.Reverse(r.AttestationFormatsPreference)
			}),
		}, {
			ID: "create/preference-all-or-none", Spec: "CTAP 2.3 §6.1.2 step 19",
			Doc: "Unless the first attestation format that the relying party prefers is packed, there is no attestation.",
			Seams: onCreation(func(r *ctap.MakeCredentialRequest) {
				if list := r.AttestationFormatsPreference; list != nil && (len(list) == 0 || list[0] != webauthn.FormatPacked) {
					r.AttestationFormatsPreference = []string{webauthn.FormatNone}
				}
			}),
		}, {
			ID: "create/algorithm-unasked", Spec: "CTAP 2.3 §6.1.2 step 3.2",
			Doc: "Where no algorithm that the relying party takes is supported, the new credential is of ES256.",
			Seams: onCreation(func(r *ctap.MakeCredentialRequest) {
				usual := ctap.Parameters{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey}
				r.PubKeyCredParams = append(slices.Clone(r.PubKeyCredParams), usual)
			}),
		}, {
			ID: "create/replaces-nobody", Spec: "CTAP 2.3 §6.1.2 step 17.2",
			Doc: "A second passkey for the same account does not take the place of the first.",
			Seams: authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
				if len(c.Put) > 0 {
					c.Delete = nil
				}
				return c
			}},
		}, {
			ID: "create/up-false-accepted", Spec: "CTAP 2.3 §6.1.2 step 5.6.1",
			Doc: "A new credential is made also where option up is false.",
			Seams: onCreation(func(r *ctap.MakeCredentialRequest) {
				if r.Options != nil && r.Options.UP != nil {
					options := *r.Options
					options.UP = nil
					r.Options = &options
				}
			}),
		}, {
			ID: "create/verification-not-required", Spec: "CTAP 2.3 §6.1.2 steps 7 and 8",
			Doc:   "A passkey is made without user verification, though the device is protected by it.",
			Seams: skipping(at("6.1.2", "7 and 8")),
		}, {
			ID: "create/always-full", Spec: "CTAP 2.3 §6.1.2 step 17.4",
			Doc:   "The device claims to be full whatever it holds, and keeps no new credential.",
			Seams: fullAtOnce(),
		}, {
			ID: "create/wrong-user-id", Spec: "CTAP 2.3 §6.1.2 step 17.3",
			Doc: "The user handle of a passkey is kept without its last byte.",
			Seams: keepingCredentials(func(c *authenticator.Credential) {
				if c.Discoverable && len(c.User.ID) > 1 {
					c.User.ID = c.User.ID[:len(c.User.ID)-1]
				}
			}),
		}, {
			ID: "create/names-lost", Spec: "CTAP 2.3 §6.1.2 step 17.3, §6.2.2 step 12.3",
			Doc:   "Only the user handle of a passkey is kept, no name.",
			Seams: keepingCredentials(func(c *authenticator.Credential) { c.User.Name, c.User.DisplayName = "", "" }),
		}, {
			ID: "create/zero-length-probe-untouched", Spec: "CTAP 2.3 §6.1.2 step 1, §6.2.2 step 1",
			Doc:   "A pinUvAuthParam of no bytes is not answered by a touch and a status of its own, but taken like any other.",
			Seams: skipping(at("6.1.2", "1"), at("6.2.2", "1")),
		},
	}
}

// fullAtOnce refuses instead of making room.
func fullAtOnce() authenticator.Seams {
	return authenticator.Seams{Steps: steps{at("6.1.2", "17 and 18"): func(func() error) error {
		return ctap.Errorf(ctap.KeyStoreFull, "the fault says so")
	}}}
}
