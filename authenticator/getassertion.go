package authenticator

import (
	"context"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
)

// getAssertion is authenticatorGetAssertion (CTAP 2.3 §6.2.2) in progress.
type getAssertion struct {
	a   *Authenticator
	req *ctap.GetAssertionRequest
	consent

	up, uv     bool          // the options after step 4
	candidates []*Credential // after step 7, newest first where there was no allowList
	chosen     *Credential
	selected   bool // by the user, on the device
	resp       *ctap.GetAssertionResponse
}

// Steps 1 and 5 concern clientPin, pinUvAuthToken and alwaysUv, which no Model
// has: they would come before "2" and "6". Step 3 is the zero value of consent;
// step 10 would process extensions, of which there are none.
var getAssertionSteps = []step[*getAssertion]{
	{"0 (message)", (*getAssertion).checkMessage},
	{"2", (*getAssertion).checkPinUvAuth},
	{"4", (*getAssertion).readOptions},
	{"6", (*getAssertion).verifyUser},
	{"7", (*getAssertion).collect},
	{"8 and 9", (*getAssertion).testPresence},
	{"11 and 12", (*getAssertion).choose},
	{"13", (*getAssertion).sign},
}

func (a *Authenticator) getAssertion(ctx context.Context, req *ctap.GetAssertionRequest) (any, error) {
	op := &getAssertion{a: a, req: req}
	if err := follow(ctx, "6.2.2", op, getAssertionSteps); err != nil {
		return nil, err
	}
	return op.resp, nil
}

func (op *getAssertion) checkMessage(context.Context) error {
	return op.a.checkMessage(op.req.ClientDataHash, op.req.AllowList)
}

func (op *getAssertion) checkPinUvAuth(context.Context) error {
	return checkPinUvAuth(op.req.PinUvAuthParam, op.req.PinUvAuthProtocol)
}

func (op *getAssertion) readOptions(context.Context) (err error) {
	op.up = true // 4.5
	if op.uv, err = op.a.checkUVOption(op.req.Options); err != nil || op.req.Options == nil {
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

func (op *getAssertion) prompt() Prompt {
	return Prompt{Kind: ConfirmUse, RP: ctap.RPEntity{ID: op.req.RPID}}
}

// verifyUser is 6.2; step 4 has refused uv on devices that are not protected.
func (op *getAssertion) verifyUser(ctx context.Context) error {
	if !op.uv {
		return nil
	}
	return op.a.uvForCredential(ctx, op.prompt(), &op.consent)
}

// collect finds what may sign. An empty allowList counts as none: the platform
// must not send one, and the text has no branch for it.
func (op *getAssertion) collect(ctx context.Context) (err error) {
	if len(op.req.AllowList) == 0 {
		op.candidates, err = op.a.discoverable(ctx, op.req.RPID)
	} else {
		err = op.collectAllowed(ctx)
	}
	if err == nil && len(op.candidates) == 0 {
		return ctap.Errorf(ctap.NoCredentials, "no credential for %q on this device fits", op.req.RPID)
	}
	return err
}

func (op *getAssertion) collectAllowed(ctx context.Context) error {
	for _, allowed := range op.req.AllowList {
		c, err := op.a.locate(ctx, op.req.RPID, allowed)
		if err != nil {
			return err
		}
		if c != nil {
			op.candidates = append(op.candidates, c)
		}
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
	return op.a.presenceForCredential(ctx, op.prompt(), &op.consent)
}

// choose is step 11 with an allowList, where any of the candidates will do, and
// step 12 without: devices with a display ask their user, others offer one
// after the other.
func (op *getAssertion) choose(ctx context.Context) error {
	op.chosen = op.candidates[0]
	if len(op.req.AllowList) > 0 || len(op.candidates) == 1 {
		return nil
	}
	if op.a.model.Display && (op.verified || op.present) {
		return op.askForAccount(ctx)
	}
	return nil
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
	asked := assertion{rpID: op.req.RPID, clientDataHash: op.req.ClientDataHash, consent: op.consent}
	if op.resp, err = op.a.assert(ctx, &asked, op.chosen); err != nil {
		return err
	}
	op.resp.UserSelected = op.selected
	if len(op.req.AllowList) > 0 || op.selected || len(op.candidates) == 1 {
		return nil
	}
	op.resp.NumberOfCredentials = uint64(len(op.candidates))
	op.a.next = &remembered{assertion: asked, rest: op.candidates[1:], since: op.a.env.Clock.Now()}
	return nil
}
