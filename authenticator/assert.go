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
	out, signed, err := run(ctx, asked.due, c)
	if err != nil {
		return nil, err
	}
	count, err := a.countSignature(ctx, c, out.changed)
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
// where it stands. changed is what c has become, nil where it is what it was; the
// store takes both in one step.
func (a *Authenticator) countSignature(ctx context.Context, c, changed *Credential) (uint32, error) {
	var change Change
	if changed != nil {
		c, change.Put = changed, []*Credential{changed}
	}
	switch {
	case a.model.Counter == CounterGlobal:
		held, err := a.env.Store.Load(ctx)
		if err != nil {
			return 0, err
		}
		state := held.State
		state.SignCount = max(state.SignCount, c.SignCount) + 1
		change.State = &state
		return state.SignCount, a.commit(ctx, change)
	case a.model.Counter == CounterZero && c.SignCount == 0:
		return 0, a.commit(ctx, change)
	}
	counted := *c
	counted.SignCount++
	change.Put = []*Credential{&counted}
	return counted.SignCount, a.commit(ctx, change)
}
