package subject

import (
	"encoding/json"

	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/webauthn"
)

const publicKey = webauthn.PublicKeyCredentialType

func creationOptions(r *clients.Request) *webauthn.CreationOptions {
	o := &webauthn.CreationOptions{
		RP:                 webauthn.RPEntity{ID: r.RPID, Name: r.RPName},
		User:               webauthn.UserEntity{ID: r.UserID, Name: r.UserName, DisplayName: r.DisplayName},
		Challenge:          r.Challenge,
		ExcludeCredentials: descriptors(r),
		Attestation:        r.Attestation,
		Hints:              r.Hints,
		Extensions:         inputs(r.Extensions),
		Timeout:            uint32(r.Timeout.Milliseconds()),
	}
	o.AuthenticatorSelection.AuthenticatorAttachment = webauthn.Attachment(r.Attachment)
	o.AuthenticatorSelection.ResidentKey = webauthn.Requirement(r.ResidentKey)
	o.AuthenticatorSelection.UserVerification = webauthn.Requirement(r.UserVerification)
	for i, alg := range r.Algorithms {
		p := webauthn.Parameters{Type: publicKey, Algorithm: webauthn.Algorithm(alg)}
		if i < len(r.Types) {
			p.Type = r.Types[i]
		}
		o.PubKeyCredParams = append(o.PubKeyCredParams, p)
	}
	return o
}

func requestOptions(r *clients.Request) *webauthn.RequestOptions {
	return &webauthn.RequestOptions{
		RPID: r.RPID, Challenge: r.Challenge, AllowCredentials: descriptors(r),
		UserVerification: webauthn.Requirement(r.UserVerification), Hints: r.Hints, Extensions: inputs(r.Extensions),
		Timeout: uint32(r.Timeout.Milliseconds()),
	}
}

func descriptors(r *clients.Request) (list []webauthn.Descriptor) {
	for i, id := range r.List {
		d := webauthn.Descriptor{Type: publicKey, ID: id}
		if i < len(r.ListTypes) {
			d.Type = r.ListTypes[i]
		}
		list = append(list, d)
	}
	return list
}

// inputs are the extensions of a request as options carry them. What JSON cannot say
// no case asks for.
func inputs(all map[string]any) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for id, v := range all {
		if text, err := json.Marshal(v); err == nil {
			out[id] = text
		}
	}
	return out
}
