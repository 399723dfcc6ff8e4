package authenticator

import (
	"context"
	"errors"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// checkZeroLength is step 1 of §6.1.2 and §6.2.2 of CTAP 2.3: a pinUvAuthParam
// of no bytes asks the user to touch the device that is meant, and learns
// whether it has a PIN.
func (a *Authenticator) checkZeroLength(ctx context.Context, param []byte, pinSet bool) error {
	if param == nil || len(param) > 0 || !a.model.PinUvAuthToken && !a.model.PIN.Supported {
		return nil
	}
	err := a.requirePresence(ctx, Prompt{Kind: SelectDevice})
	switch {
	case errors.Is(err, ErrDeclined), timedOut(err):
		return ctap.Errorf(ctap.OperationDenied, "no touch for a pinUvAuthParam of no bytes: %v", err)
	case err != nil:
		return err
	case pinSet:
		return ctap.Errorf(ctap.PINInvalid, "a pinUvAuthParam of no bytes: this device has a PIN")
	}
	return ctap.Errorf(ctap.PINNotSet, "a pinUvAuthParam of no bytes: this device has no PIN")
}

// checkProtocol is step 2 of §6.1.2 and §6.2.2, and the like of other commands:
// a pinUvAuthParam comes with a protocol that is supported.
func (a *Authenticator) checkProtocol(param []byte, protocol *uint64) error {
	if param == nil {
		return nil
	}
	_, err := a.protocol(protocol)
	return err
}

// protocol returns the PIN/UV auth protocol that a request names.
func (a *Authenticator) protocol(named *uint64) (pinuv.Protocol, error) {
	if named == nil {
		return 0, ctap.Errorf(ctap.MissingParameter, "pinUvAuthProtocol is missing")
	}
	for _, p := range a.model.Protocols {
		if uint64(p) == *named {
			return p, nil
		}
	}
	return 0, ctap.Errorf(ctap.InvalidParameter, "pinUvAuthProtocol %d is not among %v", *named, a.model.Protocols)
}

// verifyToken insists that param is over message, made with the pinUvAuthToken,
// and that the token has a permission. The protocol has been checked before.
func (a *Authenticator) verifyToken(protocol *uint64, message, param []byte, needs ctap.Permissions) (*grant, error) {
	t := &a.session.token
	if !t.verify(a.active, pinuv.Protocol(*protocol), a.env.Clock.Now(), message, param) {
		return nil, ctap.Errorf(ctap.PINAuthInvalid, "pinUvAuthParam does not verify with the pinUvAuthToken, or none is in use")
	}
	if a.active.token(TokenPermission, !t.allows(needs)) {
		return nil, ctap.Errorf(ctap.PINAuthInvalid, "the pinUvAuthToken has permissions 0x%02X, not 0x%02X", uint64(t.permissions), uint64(needs))
	}
	return &grant{t.serial}, nil
}

// verifyPersistent reports whether param is over message, made with the
// persistentPinUvAuthToken. Whoever has that has permission pcmr (§6.5.2.2).
func verifyPersistent(s *Settings, protocol *uint64, message, param []byte) bool {
	return len(s.PersistentToken) > 0 && pinuv.Protocol(*protocol).Verify(s.PersistentToken, message, param)
}

// verifyForCeremony is step 11.1 of §6.1.2 and step 6.1 of §6.2.2.
func (a *Authenticator) verifyForCeremony(protocol *uint64, clientDataHash, param []byte, needs ctap.Permissions, rpID string) error {
	if _, err := a.verifyToken(protocol, clientDataHash, param, needs); err != nil {
		return err
	}
	t := &a.session.token
	if !t.userVerified {
		return ctap.Errorf(ctap.PINAuthInvalid, "the pinUvAuthToken has served a ceremony already")
	}
	if a.active.token(TokenRPID, !t.bind(rpID)) {
		return ctap.Errorf(ctap.PINAuthInvalid, "the pinUvAuthToken is for RP ID %q, not %q", t.boundTo(), rpID)
	}
	return nil
}

// requireParam refuses a command that needs a token and comes without.
func requireParam(param []byte) error {
	if param == nil {
		return ctap.Errorf(ctap.PUATRequired, "pinUvAuthParam is missing")
	}
	return nil
}

// requireParameters answers MissingParameter for the first that is not there.
func requireParameters(named ...parameter) error {
	for _, p := range named {
		if !p.present {
			return ctap.Errorf(ctap.MissingParameter, "parameter %s is missing", p.name)
		}
	}
	return nil
}

// parameter is one that some subcommand of a command needs.
type parameter struct {
	name    string
	present bool
}
