package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// clientPIN is authenticatorClientPIN (CTAP 2.3 §6.5.5) in progress.
type clientPIN struct {
	a    *Authenticator
	req  *ctap.ClientPINRequest
	held Held
	now  standing

	protocol pinuv.Protocol
	shared   pinuv.Secret
	newPIN   []byte // without padding
	padded   int    // bytes with it
	consent         // how the user was verified
	resp     ctap.ClientPINResponse
}

var pinSubcommands = map[ctap.SubCommand]subcommand[*clientPIN]{
	ctap.GetPINRetries:   {section: "6.5.5.2", has: hasClientPIN, steps: []step[*clientPIN]{{"1", (*clientPIN).tellPINRetries}}},
	ctap.GetUVRetries:    {section: "6.5.5.3", has: hasBuiltInUV, steps: []step[*clientPIN]{{"1", (*clientPIN).tellUVRetries}}},
	ctap.GetKeyAgreement: {section: "6.5.5.4", has: hasProtocol, steps: keyAgreementSteps},
	ctap.SetPIN:          {section: "6.5.5.5", has: hasClientPIN, steps: setPINSteps, bare: true},
	ctap.ChangePIN:       {section: "6.5.5.6", has: hasClientPIN, steps: changePINSteps, bare: true},
	ctap.GetPINToken:     {section: "6.5.5.7.1", has: hasClientPIN, steps: pinTokenSteps},

	ctap.GetPinUvAuthTokenUsingPinWithPermissions: {section: "6.5.5.7.2", has: hasTokenByPIN, steps: tokenByPINSteps},
	ctap.GetPinUvAuthTokenUsingUvWithPermissions:  {section: "6.5.5.7.3", has: hasTokenByUV, steps: tokenByUVSteps},
}

func hasClientPIN(m *Model) bool  { return m.PIN.Supported }
func hasBuiltInUV(m *Model) bool  { return m.UV != NoUV && m.PinUvAuthToken }
func hasProtocol(m *Model) bool   { return len(m.Protocols) > 0 }
func hasTokenByPIN(m *Model) bool { return m.PIN.Supported && m.PinUvAuthToken }
func hasTokenByUV(m *Model) bool  { return m.UV != NoUV && m.PinUvAuthToken }

func (a *Authenticator) clientPIN(ctx context.Context, req *ctap.ClientPINRequest) (any, error) {
	sub, err := choose(&a.model, req.Command(), pinSubcommands, req.SubCommand)
	if err != nil {
		return nil, err
	}
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, withStatus(err)
	}
	op := &clientPIN{a: a, req: req, held: held, now: a.model.standing(&held.Settings)}
	if err := follow(ctx, a.active, sub.section, op, sub.steps); err != nil {
		return nil, err
	}
	if sub.bare {
		return new(ctap.Empty), nil
	}
	return &op.resp, nil
}

// tellPINRetries has nothing to tell before there is a PIN: the text says nothing of
// that case, and the keys that most people have refuse it.
func (op *clientPIN) tellPINRetries(context.Context) error {
	if len(op.held.Settings.PINHash) == 0 {
		return ctap.Errorf(ctap.PINNotSet, "there is no PIN yet")
	}
	retries := uint64(op.a.model.pinRetries(&op.held.State))
	op.resp.PINRetries = &retries
	if blocked := op.a.session.pinMisses >= maxPINMisses; blocked && retries > 0 {
		op.resp.PowerCycleState = &blocked
	}
	return nil
}

func (op *clientPIN) tellUVRetries(context.Context) error {
	retries := uint64(op.a.model.uvRetries(&op.held.State))
	op.resp.UVRetries = &retries
	return nil
}

var keyAgreementSteps = []step[*clientPIN]{
	{"1 and 2", (*clientPIN).readProtocol},
	{"3", (*clientPIN).tellKeyAgreement},
}

func (op *clientPIN) readProtocol(context.Context) (err error) {
	op.protocol, err = op.a.protocol(op.req.PinUvAuthProtocol)
	return err
}

func (op *clientPIN) tellKeyAgreement(context.Context) error {
	key, err := op.a.keyAgreement(op.protocol)
	if err != nil {
		return err
	}
	op.resp.KeyAgreement = key.Public()
	return nil
}

// require insists on the parameters of a subcommand.
func (op *clientPIN) require(members ...string) error {
	present := map[string]bool{
		"pinUvAuthProtocol (0x01)": op.req.PinUvAuthProtocol != nil,
		"keyAgreement (0x03)":      op.req.KeyAgreement != nil,
		"pinUvAuthParam (0x04)":    op.req.PinUvAuthParam != nil,
		"newPinEnc (0x05)":         op.req.NewPINEnc != nil,
		"pinHashEnc (0x06)":        op.req.PINHashEnc != nil,
		"permissions (0x09)":       op.req.Permissions != nil,
	}
	for _, member := range members {
		if !present[member] {
			return ctap.Errorf(ctap.MissingParameter, "parameter %s is missing", member)
		}
	}
	return nil
}

func (op *clientPIN) checkRetries(context.Context) error { return op.a.checkPINRetries(&op.held.State) }

// decapsulate agrees on the shared secret with the platform (§6.5.4).
func (op *clientPIN) decapsulate(context.Context) error {
	key, err := op.a.keyAgreement(op.protocol)
	if err != nil {
		return err
	}
	if op.shared, err = key.Decapsulate(op.protocol, op.req.KeyAgreement); err != nil {
		return ctap.Errorf(ctap.InvalidParameter, "keyAgreement: %v", err)
	}
	return nil
}

func (op *clientPIN) checkPIN(ctx context.Context) error {
	op.method = methodPasscodeExternal
	return op.a.checkPIN(ctx, &op.held, op.protocol, op.shared, op.req.PINHashEnc)
}
