package fault

import (
	"errors"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

func statusFaults() []Fault {
	believe := func(command ctap.Command) func(Exchange) Exchange {
		return onAnswers(command, func(request members, answer []byte) []byte {
			if len(answer) > 0 && answer[0] != 0 {
				return supposed(command, request)
			}
			return answer
		})
	}
	return []Fault{
		{ID: "status/never-looked-at", Spec: "CTAP 2.3 §8.2", Doc: "A refusal is taken for a success.", Messages: both(believe(create), believe(assert))},
		{ID: "error/excluded-hidden", Spec: "WebAuthn L3 §5.1.3", Doc: "A page learns that a credential is excluded by NotAllowedError.", Thrown: renamed(webauthn.InvalidStateError, webauthn.NotAllowedError)},
		{ID: "error/status-told", Spec: "WebAuthn L3 §14.5", Doc: "A page learns that an authenticator has refused by another name than NotAllowedError.", Thrown: renamed(webauthn.NotAllowedError, "OperationError")},
		{ID: "error/asks-again", Spec: "WebAuthn L3 §5.1.3", Doc: "A request that has failed is made once more.", Again: func(error) bool { return true }},
	}
}

// renamed throws errors of one name by another.
func renamed(from, to string) func(error) error {
	return func(err error) error {
		var thrown *webauthn.DOMException
		if errors.As(err, &thrown) && thrown.Name == from {
			return &webauthn.DOMException{Name: to, Message: thrown.Message, Cause: thrown.Cause}
		}
		return err
	}
}

func resultFaults() []Fault {
	return []Fault{
		{ID: "result/other-id", Spec: "WebAuthn L3 §5.1", Doc: "The page gets the ID of another credential.", Created: func(r *webauthn.RegistrationResponse) { r.RawID = []byte("another") }},
		{ID: "result/other-signature", Spec: "WebAuthn L3 §5.2.2", Doc: "The page gets a signature with one bit flipped.", Asserted: func(r *webauthn.AuthenticationResponse) {
			r.Response.Signature = flipped(r.Response.Signature)
		}},
		{ID: "result/other-auth-data", Spec: "WebAuthn L3 §5.2.2", Doc: "The page gets authenticator data with one bit flipped.", Asserted: func(r *webauthn.AuthenticationResponse) {
			r.Response.AuthenticatorData = flipped(r.Response.AuthenticatorData)
		}},
	}
}

func flipped(b []byte) []byte {
	out := append([]byte(nil), b...)
	if len(out) > 0 {
		out[len(out)-1] ^= 1
	}
	return out
}
