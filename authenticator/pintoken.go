package authenticator

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/ctap"
)

// getPinToken is superseded by the two below, and what devices of CTAP 2.0 have.
var pinTokenSteps = []step[*clientPIN]{
	{"1", (*clientPIN).requireForPINToken},
	{"2", (*clientPIN).readProtocol},
	{"3 and 4", (*clientPIN).refusePermissions},
	{"4 (no PIN)", (*clientPIN).requirePIN},
	{"5", (*clientPIN).checkRetries},
	{"6", (*clientPIN).decapsulate},
	{"8 to 10", (*clientPIN).checkPIN},
	{"11", (*clientPIN).refuseStalePINToken},
	{"12 to 15", (*clientPIN).grantDefault},
}

var tokenByPINSteps = []step[*clientPIN]{
	{"1", (*clientPIN).requireForTokenByPIN},
	{"2", (*clientPIN).readProtocol},
	{"3", (*clientPIN).requirePermissions},
	{"4", (*clientPIN).checkPermissionsByPIN},
	{"4 (no PIN)", (*clientPIN).requirePIN},
	{"5", (*clientPIN).checkRetries},
	{"6", (*clientPIN).decapsulate},
	{"8 to 10", (*clientPIN).checkPIN},
	{"11", (*clientPIN).refuseStalePIN},
	{"12 to 17", (*clientPIN).grantRequested},
}

// Step 8, consent on a display, is the same gesture as the verification itself.
var tokenByUVSteps = []step[*clientPIN]{
	{"1", (*clientPIN).requireForTokenByUV},
	{"2", (*clientPIN).readProtocol},
	{"3", (*clientPIN).requirePermissions},
	{"4", (*clientPIN).checkPermissionsByUV},
	{"5", (*clientPIN).requireUV},
	{"6 and 7", (*clientPIN).checkUVRetries},
	{"7 (key agreement)", (*clientPIN).decapsulate},
	{"8 to 10", (*clientPIN).verifyUser},
	{"11 to 16", (*clientPIN).grantRequested},
}

func (op *clientPIN) requireForPINToken(context.Context) error {
	return op.require("pinUvAuthProtocol (0x01)", "keyAgreement (0x03)", "pinHashEnc (0x06)")
}

func (op *clientPIN) requireForTokenByPIN(context.Context) error {
	if err := op.require("pinUvAuthProtocol (0x01)", "keyAgreement (0x03)", "pinHashEnc (0x06)", "permissions (0x09)"); err != nil {
		return err
	}
	return op.requireRPID()
}

func (op *clientPIN) requireForTokenByUV(context.Context) error {
	if err := op.require("pinUvAuthProtocol (0x01)", "keyAgreement (0x03)", "permissions (0x09)"); err != nil {
		return err
	}
	return op.requireRPID()
}

// ceremonies are the permissions that are always for one RP ID.
const ceremonies = ctap.PermissionMakeCredential | ctap.PermissionGetAssertion

func (op *clientPIN) requireRPID() error {
	if *op.req.Permissions&ceremonies != 0 && op.req.RPID == nil {
		return ctap.Errorf(ctap.MissingParameter, "parameter rpId (0x0A) is missing, which permissions mc and ga need")
	}
	return nil
}

func (op *clientPIN) refusePermissions(context.Context) error {
	if op.req.Permissions != nil || op.req.RPID != nil {
		return ctap.Errorf(ctap.InvalidParameter, "getPinToken takes neither permissions nor rpId")
	}
	return nil
}

func (op *clientPIN) requirePermissions(context.Context) error {
	if *op.req.Permissions == 0 {
		return ctap.Errorf(ctap.InvalidParameter, "permissions is zero")
	}
	return nil
}

// checkPermissionsByPIN is step 4 of 6.5.5.7.2.
func (op *clientPIN) checkPermissionsByPIN(context.Context) error {
	m := &op.a.model
	return op.checkPermissions(!m.PIN.NoMcGa, m.Bio.Templates > 0, m.hasConfig())
}

// checkPermissionsByUV is step 4 of 6.5.5.7.3.
func (op *clientPIN) checkPermissionsByUV(context.Context) error {
	m := &op.a.model
	return op.checkPermissions(true, m.Bio.Templates > 0 && m.Bio.ByUV, m.hasConfig() && m.Config.ByUV)
}

// checkPermissions refuses what cannot be had. Undefined bits are ignored.
func (op *clientPIN) checkPermissions(ceremony, enrol, configure bool) error {
	m, wanted := &op.a.model, *op.req.Permissions
	for _, known := range []struct {
		permission ctap.Permissions
		obtainable bool
	}{
		{ctap.PermissionMakeCredential, ceremony},
		{ctap.PermissionGetAssertion, ceremony},
		{ctap.PermissionCredentialManagement, m.CredMgmt},
		{ctap.PermissionBioEnrollment, enrol},
		{ctap.PermissionLargeBlobWrite, m.MaxLargeBlobs > 0},
		{ctap.PermissionAuthenticatorConfig, configure},
		{ctap.PermissionPersistentReadOnly, m.CredMgmtReadOnly && wanted == ctap.PermissionPersistentReadOnly},
	} {
		if wanted&known.permission != 0 && !known.obtainable {
			return ctap.Errorf(ctap.UnauthorizedPermission, "permission 0x%02X is not to be had here", uint64(known.permission))
		}
	}
	return nil
}

// refuseStalePINToken and refuseStalePIN differ in their status alone.
func (op *clientPIN) refuseStalePINToken(context.Context) error {
	return op.refuseStale(ctap.PINInvalid)
}

func (op *clientPIN) refuseStalePIN(context.Context) error {
	return op.refuseStale(ctap.PINPolicyViolation)
}

func (op *clientPIN) refuseStale(status ctap.Status) error {
	if op.held.Settings.ForcePINChange {
		return ctap.Errorf(status, "the PIN must be changed first")
	}
	return nil
}

func (op *clientPIN) requireUV(context.Context) error {
	if !op.now.uv {
		return ctap.Errorf(ctap.NotAllowed, "built-in user verification is not set up")
	}
	return nil
}

func (op *clientPIN) checkUVRetries(context.Context) error {
	if op.a.model.uvRetries(&op.held.State) == 0 {
		return ctap.Errorf(ctap.UVBlocked, "built-in user verification is blocked")
	}
	return nil
}

// verifyUser asks for gestures: one, where the platform prefers to retry by
// itself.
func (op *clientPIN) verifyUser(ctx context.Context) error {
	attempts := op.a.model.UVAttempts
	if op.a.model.PlatformUVTries > 1 {
		attempts = 1
	}
	var got consent
	err := op.a.performBuiltInUV(ctx, attempts, op.prompt(), &got)
	op.consent = got
	switch {
	case timedOut(err):
		return fmt.Errorf("%w: %w", ctap.UserActionTimeout, err)
	case errors.Is(err, errUVBlocked):
		return fmt.Errorf("%w: %w", ctap.UVBlocked, err)
	case errors.Is(err, errUVMismatch):
		return fmt.Errorf("%w: %w", ctap.UVInvalid, err)
	}
	return err
}

func (op *clientPIN) prompt() Prompt {
	p := Prompt{Kind: ConfirmToken}
	if op.req.RPID != nil {
		p.RP.ID = *op.req.RPID
	}
	return p
}

func (op *clientPIN) grantDefault(ctx context.Context) error {
	permissions := ceremonies
	if op.a.model.PIN.NoMcGa {
		permissions = 0
	}
	return op.grant(ctx, permissions, nil)
}

// grantRequested gives out the persistent token where that is what was asked
// for, and leaves the other as it is.
func (op *clientPIN) grantRequested(ctx context.Context) error {
	if op.req.Permissions != nil && *op.req.Permissions == ctap.PermissionPersistentReadOnly {
		return op.grantPersistent(ctx)
	}
	return op.grant(ctx, *op.req.Permissions, op.req.RPID)
}

func (op *clientPIN) grant(ctx context.Context, permissions ctap.Permissions, rpID *string) error {
	a := op.a
	t := &a.session.token
	if err := t.begin(a.env.Random, op.protocol, a.env.Clock.Now(), initialLimit(op.a.transport(ctx)), op.present); err != nil {
		return err
	}
	t.permissions, t.rpID, t.method = permissions, rpID, op.method
	return op.answer(t.value[:])
}

func (op *clientPIN) grantPersistent(ctx context.Context) error {
	settings := op.held.Settings
	if settings.PersistentToken == nil {
		settings.PersistentToken = make(Secret, tokenSize)
		if _, err := io.ReadFull(op.a.env.Random, settings.PersistentToken); err != nil {
			return fmt.Errorf("drawing the persistentPinUvAuthToken: %w", err)
		}
		if err := op.a.save(ctx, Change{Settings: &settings}); err != nil {
			return err
		}
	}
	return op.answer(settings.PersistentToken)
}

func (op *clientPIN) answer(token []byte) (err error) {
	op.resp.PinUvAuthToken, err = op.shared.Encrypt(op.a.env.Random, token)
	return err
}
