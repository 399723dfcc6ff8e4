package authenticator

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// U2F (CTAP1) and CTAP2 are two ways to the same credentials: a key handle is a
// wrapped credential ID, bound to the hash that one calls the application
// parameter and the other SHA-256 of the RP ID, and both move one counter
// (CTAP 2.3 §10).

var _ u2f.Transport = (*Authenticator)(nil)

// ExchangeAPDU answers a U2F command APDU, as it comes by CTAPHID_MSG or by NFC,
// with a response APDU. Every failure is a status word; the error is always nil
// and there because [u2f.Transport] has one. A device whose Model.Versions lack
// U2F_V2 knows none of the instructions.
//
// A touch is not waited for: the user is asked with Prompt.Polled, and whoever has
// not touched is asked again when the platform repeats its command.
func (a *Authenticator) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	seams := a.seams.snapshot()
	req, err := a.decodeU2F(seams.heardAPDU(command))
	if err != nil {
		seams.refused(nil, err)
		return seams.apdu(u2f.EncodeResponse(nil, err)), nil
	}
	resp, err := a.inTurn(ctx, nil, seams, func() (any, error) { return a.dispatchU2F(ctx, req) })
	if err != nil {
		return seams.apdu(u2f.EncodeResponse(nil, err)), nil
	}
	return seams.apdu(u2f.EncodeResponse(resp.(u2f.Response), nil)), nil
}

func (a *Authenticator) decodeU2F(command []byte) (u2f.Request, error) {
	if !a.model.version(ctap.VersionU2FV2) {
		return nil, u2f.Errorf(u2f.InstructionNotSupported, "this device has no U2F")
	}
	return u2f.DecodeRequest(command)
}

// dispatchU2F ends a stateful sequence of CTAP2, as any other command does.
func (a *Authenticator) dispatchU2F(ctx context.Context, req u2f.Request) (any, error) {
	a.session.sequence = nil
	switch req := req.(type) {
	case *u2f.RegisterRequest:
		return a.registerU2F(ctx, req)
	case *u2f.AuthenticateRequest:
		return a.authenticateU2F(ctx, req)
	case *u2f.VersionRequest:
		return &u2f.VersionResponse{Version: u2f.V2}, nil
	}
	return nil, u2f.Errorf(u2f.InstructionNotSupported, "%s is not implemented", req.Instruction())
}

// followU2F runs steps of FIDO U2F Raw Message Formats. Their numbers are ours,
// the text has conditions.
func followU2F[Op any](ctx context.Context, seams *activeSeams, section string, op Op, steps []step[Op]) error {
	for i := range steps {
		if err := runStep(ctx, seams, "U2F "+section, op, &steps[i]); err != nil {
			return fmt.Errorf("U2F Raw Message Formats §%s step %s: %w", section, steps[i].number, withStatus(err))
		}
	}
	return nil
}

// refuseUnderAlwaysUv: U2F verifies nobody (CTAP 2.3 §7.2.4).
func (a *Authenticator) refuseUnderAlwaysUv(s *Settings) error {
	if a.model.standing(s).alwaysUv {
		return u2f.Errorf(u2f.CommandNotAllowed, "alwaysUv is on")
	}
	return nil
}

// touched insists on a touch that has happened by now.
func (a *Authenticator) touched(ctx context.Context, kind PromptKind) error {
	err := a.requirePresence(ctx, Prompt{Kind: kind, Polled: true})
	if timedOut(err) || errors.Is(err, ErrDeclined) {
		return fmt.Errorf("%w: %w", u2f.ConditionsNotSatisfied, err)
	}
	return err
}
