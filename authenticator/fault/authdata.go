package fault

import (
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Where things are in authenticator data with a new credential (WebAuthn L3
// §6.5.1).
const (
	idLengthAt = countEnd + 16
	idAt       = idLengthAt + 2
)

const (
	layout   = "WebAuthn L3 §6.1"
	attested = "WebAuthn L3 §6.5.1"
)

func authDataFaults() []Fault {
	return append(append(wholeAuthData(), attestedFaults()...), outputFaults()...)
}

func wholeAuthData() []Fault {
	return []Fault{
		{
			ID: "authdata/trailing-byte", Spec: layout,
			Doc:   "A zero byte follows the authenticator data, under the signature.",
			Seams: onAuthData(func(authData []byte) []byte { return append(authData, 0) }),
		}, {
			ID: "authdata/truncated", Spec: layout,
			Doc:   "The authenticator data lack their last byte.",
			Seams: onAuthData(func(authData []byte) []byte { return authData[:len(authData)-1] }),
		}, {
			ID: "authdata/empty", Spec: layout,
			Doc:   "The authenticator data are a string of no bytes.",
			Seams: onAuthData(func([]byte) []byte { return []byte{} }),
		}, {
			ID: "authdata/no-credential", Spec: "WebAuthn L3 §7.1 step 13",
			Doc: "A registration has the authenticator data of an assertion, without any credential.",
			Seams: onAttested(func(data *webauthn.AuthenticatorData) {
				data.Flags, data.Attested = data.Flags.With(webauthn.AttestedData, false), nil
			}),
		},
		credentialInAssertion(),
	}
}

// credentialInAssertion repeats what the last registration said.
func credentialInAssertion() Fault {
	var last *webauthn.AttestedCredential
	return Fault{
		ID: "authdata/credential-in-assertion", Spec: layout,
		Doc: "Assertions have the attested credential data of the last registration, and the flag AT.",
		Seams: onAuthData(func(authData []byte) []byte {
			data, err := webauthn.ParseAuthenticatorData(authData)
			if err != nil {
				return authData
			}
			if data.Attested != nil {
				last = data.Attested
			}
			data.Attested = last
			return data.Marshal()
		}),
	}
}

func attestedFaults() []Fault {
	return []Fault{
		{
			ID: "authdata/aaguid-zero", Spec: attested,
			Doc:   "The AAGUID of a new credential is zero, unlike that of getInfo.",
			Seams: onAttested(func(data *webauthn.AuthenticatorData) { data.Attested.AAGUID = webauthn.AAGUID{} }),
		}, {
			ID: "authdata/aaguid-other", Spec: attested,
			Doc:   "The AAGUID of a new credential is that of another model than in getInfo.",
			Seams: onAttested(func(data *webauthn.AuthenticatorData) { data.Attested.AAGUID[0] ^= 0xFF }),
		}, {
			ID: "authdata/credential-id-empty", Spec: "WebAuthn L3 §4 (Credential ID)",
			Doc:   "The ID of a new credential has no bytes.",
			Seams: onAttested(func(data *webauthn.AuthenticatorData) { data.Attested.CredentialID = nil }),
		}, {
			ID: "authdata/credential-id-short", Spec: "WebAuthn L3 §4 (Credential ID)",
			Doc: "The ID of a new credential has 15 bytes, too few to be unguessable.",
			Seams: onAttested(func(data *webauthn.AuthenticatorData) {
				data.Attested.CredentialID = data.Attested.CredentialID[:min(15, len(data.Attested.CredentialID))]
			}),
		}, {
			ID: "authdata/credential-id-long", Spec: "WebAuthn L3 §7.1 step 25",
			Doc: "The ID of a new credential has 1024 bytes, one more than is allowed.",
			Seams: onAttested(func(data *webauthn.AuthenticatorData) {
				data.Attested.CredentialID = make([]byte, webauthn.MaxCredentialID+1)
			}),
		}, {
			ID: "authdata/credential-id-other", Spec: "CTAP 2.3 §6.1.2 steps 17 and 18",
			Doc: "A new credential is told by an ID that the device does not know afterwards.",
			Seams: onAttested(func(data *webauthn.AuthenticatorData) {
				id := slices.Clone(data.Attested.CredentialID)
				for i := range id {
					id[i] ^= 0xFF
				}
				data.Attested.CredentialID = id
			}),
		}, {
			ID: "authdata/credential-id-overrun", Spec: attested,
			Doc: "The length of a new credential's ID is larger than what follows.",
			Seams: onAuthData(inRegistrations(inPlace(func(authData []byte) {
				if len(authData) > idAt {
					binary.BigEndian.PutUint16(authData[idLengthAt:], uint16(len(authData)))
				}
			}))),
		},
		onceChosenID(),
	}
}

// onceChosenID gives every credential the ID of the first.
func onceChosenID() Fault {
	var first []byte
	same := func(id []byte) []byte {
		if first == nil {
			first = append([]byte{}, id...)
		}
		return first
	}
	seams := onAttested(func(data *webauthn.AuthenticatorData) { data.Attested.CredentialID = same(data.Attested.CredentialID) })
	return Fault{
		ID: "authdata/credential-id-reused", Spec: "WebAuthn L3 §4 (Credential ID), §7.1 step 26",
		Doc:   "Every new credential is told by the ID of the first one.",
		Seams: seams,
	}
}

// withOutputs gives authenticator data other extension outputs.
func withOutputs(change func(outputs canon.Raw) canon.Raw) authenticator.Seams {
	return onAuthData(func(authData []byte) []byte {
		data, err := webauthn.ParseAuthenticatorData(authData)
		if err != nil {
			return authData
		}
		if data.Extensions = change(data.Extensions); len(data.Extensions) == 0 {
			data.Flags = data.Flags.With(webauthn.ExtensionOutput, false)
		}
		return data.Marshal()
	})
}

func outputFaults() []Fault {
	return []Fault{
		{
			ID: "authdata/outputs-not-a-map", Spec: layout,
			Doc:   "The extension outputs are an array.",
			Seams: withOutputs(func(canon.Raw) canon.Raw { return canon.AppendArray(nil, 0) }),
		}, {
			ID: "authdata/outputs-empty", Spec: "WebAuthn L3 §9",
			Doc: "Where no extension has anything to say, the flag ED is set all the same, and a map without members follows.",
			Seams: withOutputs(func(outputs canon.Raw) canon.Raw {
				if len(outputs) > 0 {
					return outputs
				}
				return canon.AppendMap(nil, 0)
			}),
		}, {
			ID: "authdata/outputs-lost", Spec: "CTAP 2.3 §6.1.2 step 15, §6.2.2 step 10",
			Doc:   "Extensions do what they are asked and say nothing of it.",
			Seams: withOutputs(func(canon.Raw) canon.Raw { return nil }),
		}, {
			ID: "authdata/output-unasked", Spec: "WebAuthn L3 §7.1 step 28, §7.2 step 23, §9",
			Doc: "Every answer has the output of an extension that nobody asked for, \"appid\".",
			Seams: withOutputs(func(outputs canon.Raw) canon.Raw {
				extra := pair{canon.AppendText(nil, "appid"), canon.AppendBool(nil, true)}
				pairs, _ := pairsOf(outputs)
				return mapOf(append([]pair{extra}, pairs...))
			}),
		},
	}
}
