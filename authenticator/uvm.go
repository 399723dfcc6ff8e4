package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// Values of the FIDO Registry of Predefined Values: methods of user verification
// (§3.1), of protecting keys (§3.2) and of protecting what compares the user with
// the enrolled one (§3.3). Ours are programs, and say so.
const (
	methodPresence         = 0x001
	methodFingerprint      = 0x002
	methodPasscode         = 0x004 // on the device
	methodVoiceprint       = 0x008
	methodFace             = 0x010
	methodEye              = 0x040
	methodPattern          = 0x080
	methodHandprint        = 0x100
	methodNone             = 0x200
	methodPasscodeExternal = 0x800 // the client PIN

	keyProtectionSoftware     = 1
	matcherProtectionSoftware = 1
)

// uvMethod is how built-in user verification works: of several methods, the one
// that a user would try first.
func (m *Model) uvMethod() uint64 {
	for _, method := range []uint64{
		methodFingerprint, methodFace, methodEye, methodVoiceprint, methodHandprint, methodPasscode, methodPattern,
	} {
		if m.UVModality&method != 0 {
			return method
		}
	}
	return methodNone
}

// tellUVM is extension uvm at makeCredential (WebAuthn L2 §10.3): how the user
// was verified for this response.
func (op *makeCredential) tellUVM(_ context.Context, asked bool) (produce, error) {
	return op.consent.uvm(asked), nil
}

// tellUVM is uvm at getAssertion.
func (op *getAssertion) tellUVM(_ context.Context, asked bool) (produce, error) {
	return op.consent.uvm(asked), nil
}

func (got consent) uvm(asked bool) produce {
	if !asked {
		return nil
	}
	entry := ctap.UVMEntry{Method: methodNone, KeyProtection: keyProtectionSoftware, MatcherProtection: matcherProtectionSoftware}
	switch {
	case got.verified:
		entry.Method = got.method
	case got.present:
		entry.Method = methodPresence
	}
	return saying(ctap.ExtensionUVM, []ctap.UVMEntry{entry})
}
