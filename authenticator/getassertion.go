package authenticator

import (
	"context"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// getAssertion is authenticatorGetAssertion (CTAP 2.3 §6.2.2) in progress.
type getAssertion struct {
	a   *Authenticator
	req *ctap.GetAssertionRequest
	now standing
	consent

	up, uv     bool // the options after steps 4 and 5
	grant      *grant
	candidates []*Credential // after step 7, newest first where there was no allowList
	due        []produce
	chosen     *Credential
	selected   bool // by the user, on the device
	resp       *ctap.GetAssertionResponse
}

// Step 3 is the zero value of consent.
var getAssertionSteps = []step[*getAssertion]{
	{"0 (message)", (*getAssertion).checkMessage},
	{"1", (*getAssertion).checkZeroLength},
	{"2", (*getAssertion).checkProtocol},
	{"4", (*getAssertion).readOptions},
	{"5", (*getAssertion).obeyAlwaysUv},
	{"6", (*getAssertion).verifyUser},
	{"7", (*getAssertion).collect},
	{"8 and 9", (*getAssertion).testPresence},
	{"10", (*getAssertion).readExtensions},
	{"11 and 12", (*getAssertion).choose},
	{"13", (*getAssertion).sign},
}

func (a *Authenticator) getAssertion(ctx context.Context, req *ctap.GetAssertionRequest) (any, error) {
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, withStatus(err)
	}
	op := &getAssertion{a: a, req: req, now: a.model.standing(&held.Settings)}
	if err := follow(ctx, a.active, "6.2.2", op, getAssertionSteps); err != nil {
		return nil, err
	}
	return op.resp, nil
}

func (op *getAssertion) checkMessage(context.Context) error {
	return op.a.checkMessage(op.req.ClientDataHash, op.req.AllowList)
}

func (op *getAssertion) checkZeroLength(ctx context.Context) error {
	return op.a.checkZeroLength(ctx, op.req.PinUvAuthParam, op.now.pinSet)
}

func (op *getAssertion) checkProtocol(context.Context) error {
	return op.a.checkProtocol(op.req.PinUvAuthParam, op.req.PinUvAuthProtocol)
}

func (op *getAssertion) readOptions(context.Context) (err error) {
	op.up = true // 4.5
	if op.uv, err = checkUVOption(op.req.Options, op.req.PinUvAuthParam, op.now.uv); err != nil || op.req.Options == nil {
		return err
	}
	if op.req.Options.RK != nil { // 4.4
		return ctap.Errorf(ctap.UnsupportedOption, "option rk does not belong to getAssertion")
	}
	if up := op.req.Options.UP; up != nil {
		op.up = *up
	}
	return nil
}

// obeyAlwaysUv has every request verify the user, except those that do not even
// ask for presence.
func (op *getAssertion) obeyAlwaysUv(context.Context) error {
	switch {
	case op.a.model.UV == UVAlways && op.up && op.req.PinUvAuthParam == nil:
		op.uv = true
		return nil
	case !op.now.alwaysUv, !op.up, op.now.protected() && op.req.PinUvAuthParam != nil:
		return nil
	case op.now.protected() && op.now.uv: // 5.3, 5.4
		op.uv = true
		return nil
	}
	return ctap.Errorf(op.a.model.needsUV(op.a.model.PIN.Supported), "alwaysUv is on and nothing verifies the user")
}

func (op *getAssertion) prompt() Prompt {
	return Prompt{Kind: ConfirmUse, RP: ctap.RPEntity{ID: op.req.RPID}}
}

// verifyUser is step 6. A device that is not protected ignores a pinUvAuthParam.
func (op *getAssertion) verifyUser(ctx context.Context) error {
	switch {
	case !op.now.protected():
		return nil
	case op.req.PinUvAuthParam != nil:
		err := op.a.verifyForCeremony(op.req.PinUvAuthProtocol, op.req.ClientDataHash, op.req.PinUvAuthParam, ctap.PermissionGetAssertion, op.req.RPID)
		op.verified, op.method = err == nil, op.a.session.token.method
		op.grant = &grant{op.a.session.token.serial}
		return err
	case op.uv:
		return op.a.uvForCredential(ctx, op.now.pinSet, op.prompt(), &op.consent)
	}
	return nil
}

// testPresence is step 9; step 8 passes over it where the gesture of step 6 was
// evidence of interaction too. With option up false nobody is asked, and a
// gesture for user verification still counts.
func (op *getAssertion) testPresence(ctx context.Context) error {
	if op.present || !op.up {
		return nil
	}
	if op.req.PinUvAuthParam != nil {
		op.present = op.a.session.token.present(op.a.active, op.a.env.Clock.Now())
	}
	if !op.present {
		if err := op.a.presenceForCredential(ctx, op.prompt(), &op.consent); err != nil {
			return err
		}
	}
	op.a.session.token.spend(op.a.active)
	return nil
}

func (op *getAssertion) readExtensions(ctx context.Context) (err error) {
	op.due, err = op.a.model.readExtensions(op.req.Extensions, func(e *extension, input canon.Raw) (produce, error) {
		if e.assert == nil {
			return nil, nil
		}
		return e.assert(op, ctx, input)
	})
	return err
}

// choose is step 11 with an allowList, where any of the candidates will do, and
// step 12 without: devices with a display ask their user, others offer one
// after the other.
func (op *getAssertion) choose(ctx context.Context) error {
	op.chosen = op.candidates[0]
	shown := op.a.model.Display && (op.verified || op.present)
	switch {
	case len(op.req.AllowList) > 0 || !shown:
		return nil
	case len(op.candidates) == 1:
		// A phone shows even the only account before it is unlocked for it, so
		// that the computer whose QR code was scanned need not.
		op.selected = op.a.transport(ctx) == webauthn.TransportHybrid
		return nil
	}
	return op.askForAccount(ctx)
}

// askForAccount is 12.2.3. The device's own screen shows names whether or not
// the user was verified.
func (op *getAssertion) askForAccount(ctx context.Context) error {
	p := op.prompt()
	p.Kind = ChooseAccount
	for _, c := range op.candidates {
		p.Accounts = append(p.Accounts, c.User)
	}
	g, err := op.a.ask(ctx, p)
	switch {
	case timedOut(err):
		return fmt.Errorf("%w: %w", ctap.OperationDenied, err)
	case err != nil:
		return err
	case !g.Present || g.Choice < 0 || g.Choice >= len(op.candidates):
		return ErrDeclined
	}
	op.chosen, op.selected = op.candidates[g.Choice], true
	return nil
}

// sign also remembers the request for getNextAssertion where there are more
// accounts to come (12.2.2).
func (op *getAssertion) sign(ctx context.Context) (err error) {
	asked := assertion{rpID: op.req.RPID, clientDataHash: op.req.ClientDataHash, consent: op.consent, due: op.due, grant: op.grant}
	if op.resp, err = op.a.assert(ctx, &asked, op.chosen); err != nil {
		return err
	}
	op.resp.UserSelected = op.selected
	if len(op.req.AllowList) > 0 || op.selected || len(op.candidates) == 1 {
		return nil
	}
	op.resp.NumberOfCredentials = uint64(len(op.candidates))
	op.a.session.sequence = &remembered{assertion: asked, rest: op.candidates[1:], since: op.a.env.Clock.Now()}
	return nil
}
