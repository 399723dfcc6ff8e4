package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

// authenticateU2F is U2F_AUTHENTICATE in progress (FIDO U2F Raw Message Formats
// §5).
type authenticateU2F struct {
	a    *Authenticator
	req  *u2f.AuthenticateRequest
	held Held

	credential *Credential
	resp       u2f.AuthenticateResponse
}

// The key handle is judged before the touch, so that no touch is spent on a
// credential of another device.
var authenticateU2FSteps = []step[*authenticateU2F]{
	{"1 (alwaysUv)", (*authenticateU2F).checkAlwaysUv},
	{"2 (key handle)", (*authenticateU2F).open},
	{"3 (check only)", (*authenticateU2F).endCheck},
	{"4 (presence)", (*authenticateU2F).testPresence},
	{"5 (signature)", (*authenticateU2F).sign},
}

func (a *Authenticator) authenticateU2F(ctx context.Context, req *u2f.AuthenticateRequest) (*u2f.AuthenticateResponse, error) {
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, err
	}
	op := &authenticateU2F{a: a, req: req, held: held}
	if err := followU2F(ctx, a.active, "5", op, authenticateU2FSteps); err != nil {
		return nil, err
	}
	return &op.resp, nil
}

func (op *authenticateU2F) checkAlwaysUv(context.Context) error {
	return op.a.refuseUnderAlwaysUv(&op.held.Settings)
}

// open also opens what CTAP2 wrapped. Of that, U2F knows no algorithm but ES256,
// and no user who was verified; naming a credential is enough for level 2 of
// credProtect.
func (op *authenticateU2F) open(context.Context) error {
	c, ok := unwrap(op.held.State.Secret, op.req.Application, op.req.KeyHandle)
	switch {
	case !ok:
		return u2f.Errorf(u2f.WrongData, "the key handle is of another device or application")
	case c.Algorithm != webauthn.ES256:
		return u2f.Errorf(u2f.WrongData, "a credential of %s", c.Algorithm)
	case c.protection() == ctap.UserVerificationRequired:
		return u2f.Errorf(u2f.WrongData, "the credential is for verified users only")
	}
	op.credential = c
	return nil
}

// endCheck: a yes has the status word of a missing touch.
func (op *authenticateU2F) endCheck(context.Context) error {
	if op.req.Control == u2f.CheckOnly {
		return u2f.Errorf(u2f.ConditionsNotSatisfied, "the key handle is ours")
	}
	return nil
}

// presence is the user presence byte of somebody who was there (§5.4).
const presence = 0x01

// testPresence does not ask where presence is not enforced, and then says so in
// the response.
func (op *authenticateU2F) testPresence(ctx context.Context) error {
	if op.req.Control == u2f.DontEnforce {
		return nil
	}
	op.resp.Presence = presence
	return op.a.touched(ctx, ConfirmUse)
}

func (op *authenticateU2F) sign(ctx context.Context) error {
	k, err := op.a.keys.get(op.credential.Algorithm, op.credential.PrivateKey)
	if err != nil {
		return err
	}
	if op.resp.Counter, err = op.a.countSignature(ctx, op.credential, nil); err != nil {
		return err
	}
	message := u2f.AuthenticationSigned(op.req.Application, op.resp.Presence, op.resp.Counter, op.req.Challenge)
	op.resp.Signature, err = op.a.signMessage(k, message)
	return err
}
