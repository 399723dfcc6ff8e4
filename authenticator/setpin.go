package authenticator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"unicode/utf8"

	"github.com/passkeylab/passkeylab/ctap"
)

var setPINSteps = []step[*clientPIN]{
	{"1", (*clientPIN).requireForSet},
	{"2", (*clientPIN).readProtocol},
	{"3", (*clientPIN).refuseSecondPIN},
	{"4", (*clientPIN).decapsulate},
	{"5", (*clientPIN).verifyNewPIN},
	{"6", (*clientPIN).decryptNewPIN},
	{"7 and 8", (*clientPIN).checkPadding},
	{"9 and 10", (*clientPIN).checkPolicy},
	{"11 and 12", (*clientPIN).storePIN},
}

// The step between 2 and 3 is not in the text, which takes a PIN for granted.
var changePINSteps = []step[*clientPIN]{
	{"1", (*clientPIN).requireForChange},
	{"2", (*clientPIN).readProtocol},
	{"2 (no PIN)", (*clientPIN).requirePIN},
	{"3", (*clientPIN).checkRetries},
	{"4", (*clientPIN).decapsulate},
	{"5", (*clientPIN).verifyChange},
	{"6 to 8", (*clientPIN).checkPIN},
	{"9", (*clientPIN).decryptNewPIN},
	{"10 and 11", (*clientPIN).checkPadding},
	{"12 to 14", (*clientPIN).checkPolicy},
	{"15 to 20", (*clientPIN).replacePIN},
}

// paddedPIN is the length of newPinEnc once decrypted, in bytes.
const paddedPIN = 64

func (op *clientPIN) requireForSet(context.Context) error {
	return op.require("pinUvAuthProtocol (0x01)", "keyAgreement (0x03)", "pinUvAuthParam (0x04)", "newPinEnc (0x05)")
}

func (op *clientPIN) requireForChange(context.Context) error {
	return op.require("pinUvAuthProtocol (0x01)", "keyAgreement (0x03)", "pinUvAuthParam (0x04)", "newPinEnc (0x05)", "pinHashEnc (0x06)")
}

func (op *clientPIN) refuseSecondPIN(context.Context) error {
	if op.now.pinSet {
		return ctap.Errorf(ctap.PINAuthInvalid, "there is a PIN already: change it")
	}
	return nil
}

func (op *clientPIN) requirePIN(context.Context) error {
	if !op.now.pinSet {
		return ctap.Errorf(ctap.PINNotSet, "there is no PIN yet")
	}
	return nil
}

func (op *clientPIN) verifyNewPIN(context.Context) error {
	if !op.shared.Verify(op.req.NewPINEnc, op.req.PinUvAuthParam) {
		return ctap.Errorf(ctap.PINAuthInvalid, "pinUvAuthParam does not verify newPinEnc")
	}
	return nil
}

func (op *clientPIN) verifyChange(context.Context) error {
	if !op.shared.Verify(bytes.Join([][]byte{op.req.NewPINEnc, op.req.PINHashEnc}, nil), op.req.PinUvAuthParam) {
		return ctap.Errorf(ctap.PINAuthInvalid, "pinUvAuthParam does not verify newPinEnc and pinHashEnc")
	}
	return nil
}

func (op *clientPIN) decryptNewPIN(context.Context) error {
	padded, err := op.shared.Decrypt(op.req.NewPINEnc)
	if err != nil {
		return ctap.Errorf(ctap.PINAuthInvalid, "newPinEnc: %v", err)
	}
	op.padded, op.newPIN = len(padded), bytes.TrimRight(padded, "\x00")
	return nil
}

func (op *clientPIN) checkPadding(context.Context) error {
	if op.padded != paddedPIN {
		return ctap.Errorf(ctap.InvalidParameter, "newPinEnc holds %d bytes, want %d", op.padded, paddedPIN)
	}
	return nil
}

// checkPolicy holds the new PIN to its length in code points and to whatever
// else the device demands.
func (op *clientPIN) checkPolicy(context.Context) error {
	length := utf8.RuneCount(op.newPIN)
	limit := op.a.model.PIN.maxLength()
	hash := pinHash(op.newPIN)
	switch {
	case !utf8.Valid(op.newPIN):
		return ctap.Errorf(ctap.PINPolicyViolation, "the PIN is not UTF-8")
	case length < op.now.minPINLength || length > limit:
		return ctap.Errorf(ctap.PINPolicyViolation, "a PIN of %d code points, want %d to %d", length, op.now.minPINLength, limit)
	case len(op.newPIN) == paddedPIN:
		return ctap.Errorf(ctap.PINPolicyViolation, "a PIN of %d bytes leaves no room for its padding", paddedPIN)
	case op.held.Settings.ForcePINChange && subtle.ConstantTimeCompare(hash, op.held.Settings.PINHash) == 1:
		return ctap.Errorf(ctap.PINPolicyViolation, "the PIN must change and is the same")
	case op.now.complexity && simplePIN(op.newPIN):
		return ctap.Errorf(ctap.PINPolicyViolation, "the PIN repeats one character, or counts up or down")
	}
	return nil
}

// pinHash is what a device remembers of a PIN.
func pinHash(pin []byte) Secret {
	sum := sha256.Sum256(pin)
	return sum[:16]
}

// simplePIN is the complexity policy (§7.5): a PIN is too simple if each of its
// code points differs from the one before by the same step of -1, 0 or 1.
func simplePIN(pin []byte) bool {
	runes := []rune(string(pin))
	if len(runes) < 2 {
		return true
	}
	step := runes[1] - runes[0]
	for i := range runes[1:] {
		if runes[i+1]-runes[i] != step {
			return false
		}
	}
	return step >= -1 && step <= 1
}

func (op *clientPIN) storePIN(ctx context.Context) error {
	settings, state := op.held.Settings, op.held.State
	settings.PINHash = pinHash(op.newPIN)
	settings.PINLength = utf8.RuneCount(op.newPIN)
	settings.ForcePINChange = false
	state.PINMisses = 0
	op.a.session.pinMisses = 0
	return op.a.save(ctx, Change{Settings: &settings, State: &state})
}

// replacePIN also takes back what the old PIN gave: every token, the persistent
// one included.
func (op *clientPIN) replacePIN(ctx context.Context) error {
	op.held.Settings.PersistentToken = nil
	if err := op.storePIN(ctx); err != nil {
		return err
	}
	op.a.session.token.end(op.a.active, TokenPINChanged)
	return nil
}
