package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// assertion is what the signature of a getAssertion and of the getNextAssertions
// after it have in common.
type assertion struct {
	rpID           string
	clientDataHash []byte
	consent
	due   []produce // by extensions, for each credential
	grant *grant    // of the token that authorised it, nil where there was none
}

func (a *assertion) authorised() *grant { return a.grant }

// assert signs with c (CTAP 2.3 §6.2.2 step 13, §6.3 steps 5 and 6). The counter
// is stored before the signature exists, so that no power cut makes it repeat.
func (a *Authenticator) assert(ctx context.Context, asked *assertion, c *Credential) (*ctap.GetAssertionResponse, error) {
	k, err := a.keys.get(c.Algorithm, c.PrivateKey)
	if err != nil {
		return nil, err
	}
	count, err := a.countSignature(ctx, c)
	if err != nil {
		return nil, err
	}
	out, signed, err := run(asked.due, c)
	if err != nil {
		return nil, err
	}
	data := webauthn.AuthenticatorData{
		RPIDHash:   rpIDHash(asked.rpID),
		Flags:      c.flags().With(webauthn.UserPresent, asked.present).With(webauthn.UserVerified, asked.verified),
		SignCount:  count,
		Extensions: signed,
	}
	authData := a.active.authData(data.Marshal())
	signature, err := a.sign(k, authData, asked.clientDataHash)
	if err != nil {
		return nil, err
	}
	return &ctap.GetAssertionResponse{
		Credential: &ctap.Descriptor{ID: c.ID, Type: ctap.PublicKey},
		AuthData:   authData,
		Signature:  signature,
		User:       c.account(asked.verified),

		LargeBlobKey:             out.largeBlobKey,
		UnsignedExtensionOutputs: out.unsigned,
	}, nil
}

// countSignature moves the counter that c shows (WebAuthn L3 §6.1.1) and returns
// where it stands.
func (a *Authenticator) countSignature(ctx context.Context, c *Credential) (uint32, error) {
	switch {
	case a.model.Counter == CounterGlobal:
		held, err := a.env.Store.Load(ctx)
		if err != nil {
			return 0, err
		}
		state := held.State
		state.SignCount = max(state.SignCount, c.SignCount) + 1
		return state.SignCount, a.env.Store.Commit(ctx, Change{State: &state})
	case a.model.Counter == CounterZero && c.SignCount == 0:
		return 0, nil
	}
	counted := *c
	counted.SignCount++
	return counted.SignCount, a.env.Store.Commit(ctx, Change{Put: []*Credential{&counted}})
}
