package authenticator

import (
	"context"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
)

// makeSilentlySteps are those of makeCredential that ask nobody for anything.
var makeSilentlySteps = []step[*makeCredential]{
	{"0 (message)", (*makeCredential).checkMessage},
	{"3", (*makeCredential).chooseAlgorithm},
	{"5", (*makeCredential).readOptions},
	{"12", (*makeCredential).refuseKnown},
	{"15", (*makeCredential).readExtensions},
	{"16", (*makeCredential).generateKey},
	{"17 and 18", (*makeCredential).keep},
	{"19", (*makeCredential).attest},
}

// MakeSilently is authenticatorMakeCredential without user presence and without user
// verification (WebAuthn L3 §6.3.2, requireUserPresence false), as a provider of
// passkeys does it whose user has agreed before. It is no CTAP, which knows no such
// request, and for whoever calls it to decide that the user has agreed. The passkey
// shows UP and UV as 0 when it is made, and is like any other from then on.
func (a *Authenticator) MakeSilently(ctx context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
	seams := a.seams.snapshot()
	resp, err := a.inTurn(ctx, req, seams, func() (any, error) {
		resp, err := a.makeSilently(ctx, req)
		return seams.result(req, resp, err)
	})
	if err != nil {
		return nil, err
	}
	made, ok := resp.(*ctap.MakeCredentialResponse)
	if !ok { // a seam has seen to it
		return nil, fmt.Errorf("the device answers with %T", resp)
	}
	return made, nil
}

func (a *Authenticator) makeSilently(ctx context.Context, req *ctap.MakeCredentialRequest) (any, error) {
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, withStatus(err)
	}
	a.session.sequence = nil
	op := &makeCredential{a: a, req: req, now: a.model.standing(&held.Settings)}
	if err := follow(ctx, a.active, "6.1.2", op, makeSilentlySteps); err != nil {
		return nil, err
	}
	return &op.resp, nil
}

// refuseKnown is step 12 without telling the user, who knows of nothing.
func (op *makeCredential) refuseKnown(ctx context.Context) error {
	for _, excluded := range op.req.ExcludeList {
		c, err := op.a.locate(ctx, op.req.RP.ID, excluded)
		if err != nil {
			return err
		}
		if c != nil {
			return ctap.Errorf(ctap.CredentialExcluded, "credential %x of excludeList is on this device", c.ID)
		}
	}
	return nil
}
