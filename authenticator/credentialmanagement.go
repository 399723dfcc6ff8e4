package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// credentialManagement is authenticatorCredentialManagement (CTAP 2.3 §6.8), or
// its preview, in progress.
type credentialManagement struct {
	a      *Authenticator
	req    *ctap.CredentialManagementRequest
	params ctap.CredentialManagementParams
	held   Held

	grant       *grant // of the token that authorised it; nil for the persistent one
	rps         *rpSequence
	credentials *credentialSequence
	credential  *Credential // that the request names, nil where it is not here
	resp        ctap.CredentialManagementResponse
}

var credentialSubcommands = map[ctap.SubCommand]subcommand[*credentialManagement]{
	ctap.GetCredsMetadata:                      {section: "6.8.2", steps: metadataSteps},
	ctap.EnumerateRPsBegin:                     {section: "6.8.3", steps: firstRPSteps},
	ctap.EnumerateRPsGetNextRP:                 {section: "6.8.3", steps: nextRPSteps},
	ctap.EnumerateCredentialsBegin:             {section: "6.8.4", steps: firstCredentialSteps},
	ctap.EnumerateCredentialsGetNextCredential: {section: "6.8.4", steps: nextCredentialSteps},
	ctap.DeleteCredential:                      {section: "6.8.5", steps: deleteSteps, bare: true},
	ctap.UpdateUserInformation:                 {section: "6.8.6", steps: updateSteps, bare: true},
}

// hasCredMgmt reports whether the device has the final command. Nobody could use
// it without tokens that have permissions; the preview takes others too.
func (m *Model) hasCredMgmt() bool { return m.CredMgmt && m.PinUvAuthToken }

func (a *Authenticator) credentialManagement(ctx context.Context, req *ctap.CredentialManagementRequest) (any, error) {
	sub, err := choose(&a.model, req.Command(), credentialSubcommands, req.SubCommand)
	if err != nil {
		return nil, err
	}
	if req.Preview && req.SubCommand == ctap.UpdateUserInformation {
		return nil, ctap.Errorf(ctap.InvalidSubcommand, "the preview has no updateUserInformation")
	}
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, withStatus(err)
	}
	op := &credentialManagement{a: a, req: req, held: held}
	if req.SubCommandParams != nil {
		op.params = req.SubCommandParams.Value
	}
	if err := follow(ctx, a.active, sub.section, op, sub.steps); err != nil {
		return nil, err
	}
	if sub.bare {
		return new(ctap.Empty), nil
	}
	return &op.resp, nil
}

var metadataSteps = []step[*credentialManagement]{
	{"1", (*credentialManagement).requireParam},
	{"2 and 3", (*credentialManagement).checkProtocol},
	{"4 and 5", (*credentialManagement).verifyReader},
	{"6", (*credentialManagement).requireEveryRP},
	{"7", (*credentialManagement).tellMetadata},
}

func (op *credentialManagement) requireParam(context.Context) error {
	return requireParam(op.req.PinUvAuthParam)
}

func (op *credentialManagement) checkProtocol(context.Context) error {
	_, err := op.a.protocol(op.req.PinUvAuthProtocol)
	return err
}

// message is what the pinUvAuthParam is over. The first two subcommands have no
// parameters, and do not authenticate what came in their place.
func (op *credentialManagement) message() []byte {
	switch op.req.SubCommand {
	case ctap.GetCredsMetadata, ctap.EnumerateRPsBegin:
		return pinuv.CredentialManagementMessage(op.req.SubCommand, nil)
	}
	return pinuv.CredentialManagementMessage(op.req.SubCommand, op.req.SubCommandParams.Bytes())
}

// verifyReader is steps 4 and 5 of the subcommands that change nothing: the
// persistent token is tried first.
func (op *credentialManagement) verifyReader(ctx context.Context) error {
	if verifyPersistent(&op.held.Settings, op.req.PinUvAuthProtocol, op.message(), op.req.PinUvAuthParam) {
		return nil
	}
	return op.verifyManager(ctx)
}

// verifyManager is steps 4 and 5 of the others. A device of the drafts without
// permissions takes any token for its preview.
func (op *credentialManagement) verifyManager(context.Context) (err error) {
	needs := ctap.PermissionCredentialManagement
	if op.req.Preview && !op.a.model.PinUvAuthToken {
		needs = 0
	}
	op.grant, err = op.a.verifyToken(op.req.PinUvAuthProtocol, op.message(), op.req.PinUvAuthParam, needs)
	return err
}

// requireEveryRP is step 6 where no RP ID is named: a token for one of them does
// not do.
func (op *credentialManagement) requireEveryRP(context.Context) error {
	return op.requireRP(func(string) bool { return false })
}

// requireRP insists that the token is for the RP ID at hand, or for every one.
// The persistent token always is.
func (op *credentialManagement) requireRP(is func(rpID string) bool) error {
	if op.grant != nil && op.a.active.token(TokenRPID, op.a.session.token.boundElsewhere(is)) {
		return ctap.Errorf(ctap.PINAuthInvalid, "the pinUvAuthToken is for RP ID %q alone", op.a.session.token.boundTo())
	}
	return nil
}

// plenty is the room that a device without limit tells of: the number is no
// promise, and stays as it is however many credentials there are.
const plenty = 10_000

func (op *credentialManagement) tellMetadata(context.Context) error {
	existing, remaining := uint64(op.held.Discoverable), uint64(plenty)
	if limit := op.a.model.Capacity; limit > 0 {
		remaining = uint64(max(0, limit-op.held.Discoverable))
	}
	op.resp.ExistingResidentCredentialsCount, op.resp.MaxPossibleRemaining = &existing, &remaining
	return nil
}
