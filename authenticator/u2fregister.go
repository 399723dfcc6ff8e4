package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

// registerU2F is U2F_REGISTER in progress (FIDO U2F Raw Message Formats §4).
type registerU2F struct {
	a    *Authenticator
	req  *u2f.RegisterRequest
	held Held

	key        *key
	credential *Credential
	resp       u2f.RegisterResponse
}

var registerU2FSteps = []step[*registerU2F]{
	{"1 (alwaysUv)", (*registerU2F).checkAlwaysUv},
	{"2 (presence)", (*registerU2F).testPresence},
	{"3 (key)", (*registerU2F).generateKey},
	{"4 (key handle)", (*registerU2F).keep},
	{"5 (attestation)", (*registerU2F).attest},
}

func (a *Authenticator) registerU2F(ctx context.Context, req *u2f.RegisterRequest) (*u2f.RegisterResponse, error) {
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, err
	}
	op := &registerU2F{a: a, req: req, held: held}
	if err := followU2F(ctx, a.active, "4", op, registerU2FSteps); err != nil {
		return nil, err
	}
	return &op.resp, nil
}

func (op *registerU2F) checkAlwaysUv(context.Context) error {
	return op.a.refuseUnderAlwaysUv(&op.held.Settings)
}

func (op *registerU2F) testPresence(ctx context.Context) error { return op.a.touched(ctx, ConfirmNew) }

// generateKey makes a credential of credProtect level 1, whatever
// Model.CredProtect: a better protected one could never be used by U2F.
func (op *registerU2F) generateKey(context.Context) (err error) {
	op.credential = &Credential{Algorithm: webauthn.ES256}
	if op.key, op.credential.PrivateKey, err = drawKey(op.a.env.Random, webauthn.ES256); err != nil {
		return err
	}
	cose, err := op.key.cose()
	if err != nil {
		return err
	}
	op.resp.PublicKey, _ = webauthn.AppendES256Point(nil, cose)
	return nil
}

// keep moves the counter as makeCredential does.
func (op *registerU2F) keep(ctx context.Context) (err error) {
	var change Change
	state := op.held.State
	if err := op.a.ensureSecret(&change, &state); err != nil {
		return err
	}
	size := min(op.a.model.CredentialIDBytes, u2f.MaxKeyHandle)
	if op.resp.KeyHandle, err = wrap(op.a.env.Random, state.Secret, op.req.Application, op.credential, size); err != nil {
		return err
	}
	if op.a.model.Counter == CounterGlobal {
		state.SignCount++
		change.State = &state
	}
	if err := op.a.commit(ctx, change); err != nil {
		return err
	}
	op.a.keys.put(op.credential.PrivateKey, op.key)
	return nil
}

func (op *registerU2F) attest(context.Context) error {
	if by := op.a.model.attester(webauthn.FormatFIDOU2F); by != nil {
		return op.attestBy(op.a.active.attester(by))
	}
	attestor, err := op.a.attestorU2F()
	if err != nil {
		return err
	}
	k, err := op.a.attestationKey(attestor)
	if err != nil {
		return err
	}
	message := u2f.RegistrationSigned(op.req.Application, op.req.Challenge, op.resp.KeyHandle, op.resp.PublicKey)
	op.resp.Certificate = attestor.Certificates[0]
	op.resp.Signature, err = op.a.signMessage(k, message)
	return err
}
