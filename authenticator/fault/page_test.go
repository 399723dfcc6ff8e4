package fault_test

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// fromPage is a page on example.com, in a client with the device at hand.
func fromPage(w *world) {
	browser, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Name: "device", Transport: w.device})}, w.fault.Client)
	require.NoError(w.t, err)
	page := client.Caller{Origin: "https://example.com"}
	// The challenge has bytes that base64 and base64url write in different ways.
	challenge := []byte{0xFB, 0xEF, 0xFF, 0x01}
	made, err := browser.Create(w.t.Context(), page, &webauthn.CreationOptions{
		RP: webauthn.RPEntity{ID: rpID, Name: "Example"}, User: webauthn.UserEntity{ID: []byte("handle"), Name: "alice", DisplayName: "Alice"},
		Challenge: challenge, AuthenticatorSelection: webauthn.AuthenticatorSelection{ResidentKey: webauthn.Required, UserVerification: webauthn.Required},
	})
	w.see("registration", "%s", thrown(err))
	if err == nil {
		w.see("registration, client data", "%q", string(made.Response.ClientDataJSON))
		if data, err := webauthn.ParseAuthenticatorData(made.Response.AuthenticatorData); err == nil && data.Attested != nil {
			w.keys[string(data.Attested.CredentialID)] = data.Attested.PublicKey
		}
	}
	got, err := browser.Get(w.t.Context(), page, &webauthn.RequestOptions{RPID: rpID, Challenge: challenge, UserVerification: webauthn.Required})
	w.see("sign-in", "%s", thrown(err))
	if err == nil {
		hash := sha256.Sum256(got.Response.ClientDataJSON)
		w.see("sign-in, client data", "%q", string(got.Response.ClientDataJSON))
		w.see("sign-in, signature", "%s", verdict(w.keys[string(got.RawID)], got.Response.AuthenticatorData, hash[:], got.Response.Signature))
		w.see("sign-in, user handle", "%q", string(got.Response.UserHandle))
	}
}

// thrown names the exception that a page gets.
func thrown(err error) string {
	var exception *webauthn.DOMException
	switch {
	case err == nil:
		return "succeeds"
	case errors.As(err, &exception):
		return fmt.Sprint(exception.Name)
	}
	return err.Error()
}
