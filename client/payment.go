package client

import (
	"context"
	"encoding/json"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/jsontext"
	"github.com/passkeylab/passkeylab/webauthn"
)

// preparePayment makes a credential that others may ask for on behalf of the
// site (Secure Payment Confirmation, "payment" extension; CTAP 2.3 §12.9).
func preparePayment(op *creation, input json.RawMessage) (registrationExtension, error) {
	wanted := false
	err := readInput("payment", input, func(r *jsontext.Reader) {
		for name := range r.Members {
			if string(name) == "isPayment" {
				wanted = r.Bool()
				continue
			}
			r.Skip()
		}
	})
	if err != nil || !wanted {
		return registrationExtension{}, err
	}
	s := op.options.AuthenticatorSelection
	if s.AuthenticatorAttachment != webauthn.Platform || op.residentKey() == webauthn.Discouraged || s.UserVerification != webauthn.Required {
		return registrationExtension{}, exceptionf(webauthn.TypeError,
			"payment needs authenticatorAttachment %q, residentKey %q or %q, and userVerification %q",
			webauthn.Platform, webauthn.Required, webauthn.Preferred, webauthn.Required)
	}
	return registrationExtension{input: func(_ context.Context, made *newCredential) error {
		if !made.by.lists(ctap.ExtensionThirdPartyPayment) {
			return nil
		}
		return made.request.Extensions.Set(ctap.ExtensionThirdPartyPayment, true)
	}}, nil
}

// refusePayment: only the payment handler of a browser may sign a payment, and
// this client has none.
func refusePayment(*authentication, json.RawMessage) (authenticationExtension, error) {
	return authenticationExtension{}, notAllowedf("payment in get() is for Secure Payment Confirmation alone")
}
