package authenticator

import (
	"context"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// config is authenticatorConfig (CTAP 2.3 §6.11) in progress.
type config struct {
	a        *Authenticator
	req      *ctap.ConfigRequest
	now      standing
	settings Settings // as they will be, if no step refuses
	chosen   subcommand[*config]
	params   ctap.SetMinPINLengthParams // of setMinPINLength
}

// Step 1, a subCommand at all, is part of decoding.
var configSteps = []step[*config]{
	{"2", (*config).chooseSubcommand},
	{"3 and 4", (*config).verifyUser},
	{"5 and 6", (*config).invoke},
}

var configSubcommands = map[ctap.SubCommand]subcommand[*config]{
	ctap.EnableEnterpriseAttestation: {section: "6.11.1", has: configures(ctap.EnableEnterpriseAttestation), steps: enterpriseSteps},
	ctap.ToggleAlwaysUv:              {section: "6.11.2", has: configures(ctap.ToggleAlwaysUv), steps: alwaysUvSteps},
	ctap.VendorPrototype:             {section: "6.11.3", has: configures(ctap.VendorPrototype), steps: vendorSteps},
	ctap.SetMinPINLength:             {section: "6.11.4", has: configures(ctap.SetMinPINLength), steps: minPINLengthSteps},
	ctap.EnableLongTouchForReset:     {section: "6.11.5", has: configures(ctap.EnableLongTouchForReset), steps: longTouchSteps},
}

// configures says that a device has a subcommand if getInfo lists it.
func configures(sub ctap.SubCommand) func(*Model) bool {
	return func(m *Model) bool { return slices.Contains(m.configCommands(), uint64(sub)) }
}

func (a *Authenticator) config(ctx context.Context, req *ctap.ConfigRequest) (any, error) {
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, withStatus(err)
	}
	op := &config{a: a, req: req, now: a.model.standing(&held.Settings), settings: held.Settings}
	if err := follow(ctx, a.active, "6.11", op, configSteps); err != nil {
		return nil, err
	}
	return new(ctap.Empty), nil
}

func (op *config) chooseSubcommand(context.Context) (err error) {
	op.chosen, err = choose(&op.a.model, op.req.Command(), configSubcommands, op.req.SubCommand)
	return err
}

// verifyUser lets anybody configure a device that knows no user. Where one of
// these left the factory with alwaysUv on, nobody could get a token, so
// toggleAlwaysUv is let pass (step 3).
func (op *config) verifyUser(context.Context) error {
	protected := op.now.protected()
	if !protected && (!op.now.alwaysUv || op.req.SubCommand == ctap.ToggleAlwaysUv) {
		return nil
	}
	if err := requireParam(op.req.PinUvAuthParam); err != nil {
		return err
	}
	if _, err := op.a.protocol(op.req.PinUvAuthProtocol); err != nil {
		return err
	}
	message := pinuv.ConfigMessage(op.req.SubCommand, op.req.SubCommandParams)
	_, err := op.a.verifyToken(op.req.PinUvAuthProtocol, message, op.req.PinUvAuthParam, ctap.PermissionAuthenticatorConfig)
	return err
}

func (op *config) invoke(ctx context.Context) error {
	return follow(ctx, op.a.active, op.chosen.section, op, op.chosen.steps)
}

func (op *config) commit(ctx context.Context) error {
	return op.a.save(ctx, Change{Settings: &op.settings})
}

var enterpriseSteps = []step[*config]{
	{"1", (*config).enableEnterpriseAttestation},
}

// enableEnterpriseAttestation lasts until a reset.
func (op *config) enableEnterpriseAttestation(ctx context.Context) error {
	op.settings.Enterprise = true
	return op.commit(ctx)
}

var alwaysUvSteps = []step[*config]{
	{"1 and 2", (*config).toggleAlwaysUv},
}

// toggleAlwaysUv has makeCredUvNotRqd follow by standing.
func (op *config) toggleAlwaysUv(ctx context.Context) error {
	if op.a.model.AlwaysUv == FixedOn { // 2.2
		return ctap.Errorf(ctap.OperationDenied, "alwaysUv cannot be switched off")
	}
	on := !op.now.alwaysUv
	op.settings.AlwaysUv = &on
	return op.commit(ctx)
}

var longTouchSteps = []step[*config]{
	{"1", (*config).enableLongTouch},
}

// enableLongTouch lasts until a reset (§7.7).
func (op *config) enableLongTouch(ctx context.Context) error {
	op.settings.LongTouch = true
	return op.commit(ctx)
}

var vendorSteps = []step[*config]{
	{"1", (*config).runPrototype},
}

// runPrototype accepts the commands that the model lists. They do nothing: what
// they would do is their vendor's.
func (op *config) runPrototype(context.Context) error {
	params, err := op.req.VendorPrototype()
	switch {
	case err != nil:
		return err
	case params.VendorCommandID == nil:
		return ctap.Errorf(ctap.MissingParameter, "parameter vendorCommandId (0x01) of subCommandParams is missing")
	case !slices.Contains(op.a.model.Config.Vendor, *params.VendorCommandID):
		return ctap.Errorf(ctap.InvalidParameter, "vendorCommandId 0x%016X is not among those of getInfo", *params.VendorCommandID)
	}
	return nil
}
