package client

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

// authenticate is getAssertion by way of U2F_AUTHENTICATE (CTAP 2.3 §10.3).
func (f *u2fFace) authenticate(ctx context.Context, req *ctap.GetAssertionRequest) (any, error) {
	app := application(req.RPID)
	held, err := f.find(ctx, app, req.AllowList)
	switch {
	case err != nil:
		return nil, err
	case isSilent(req):
		return told(app, held)
	case held == nil:
		// Nobody learns without a touch what the authenticator holds.
		if err := f.touch(ctx); err != nil {
			return nil, err
		}
		return nil, ctap.NoCredentials
	}
	signed, err := untilTouched(ctx, f, &u2f.AuthenticateRequest{
		Control: u2f.EnforcePresence, Challenge: u2f.Parameter(req.ClientDataHash), Application: app, KeyHandle: held.ID,
	})
	if err != nil {
		return nil, err
	}
	data := webauthn.AuthenticatorData{RPIDHash: app, Flags: webauthn.Flags(signed.Presence & presenceBits), SignCount: signed.Counter}
	return &ctap.GetAssertionResponse{Credential: held, AuthData: data.Marshal(), Signature: signed.Signature}, nil
}

// presenceBits of the user presence byte become flags; the others are reserved
// (§10.3).
const presenceBits = 0x03

func isSilent(req *ctap.GetAssertionRequest) bool {
	return req.Options != nil && req.Options.UP != nil && !*req.Options.UP
}

// told answers a request without user presence, by which the client only ever asks
// whether there is a credential: U2F has a way to ask that signs nothing.
func told(app u2f.Parameter, held *ctap.Descriptor) (any, error) {
	if held == nil {
		return nil, ctap.NoCredentials
	}
	data := webauthn.AuthenticatorData{RPIDHash: app}
	return &ctap.GetAssertionResponse{Credential: held, AuthData: data.Marshal(), Signature: []byte{}}, nil
}
