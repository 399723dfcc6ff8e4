package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/jsontext"
	"github.com/passkeylab/passkeylab/webauthn"
)

// The two inputs that make up credProtect on the client's side (CTAP 2.3
// §12.1).
const (
	protectionPolicy = "credentialProtectionPolicy"
	enforcePolicy    = "enforceCredentialProtectionPolicy"
)

// protectionLevels are the values of credentialProtectionPolicy. Others count
// as absent.
var protectionLevels = map[string]ctap.CredProtect{
	"userVerificationOptional":                     ctap.UserVerificationOptional,
	"userVerificationOptionalWithCredentialIDList": ctap.UserVerificationOptionalWithCredentialIDList,
	"userVerificationRequired":                     ctap.UserVerificationRequired,
}

// prepareCredProtect reads both inputs. What they may not be together is what
// Chromium refuses; the text leaves it open.
func prepareCredProtect(op *creation, input json.RawMessage) (registrationExtension, error) {
	level := ctap.CredProtect(0)
	if err := readInput(protectionPolicy, input, func(r *jsontext.Reader) { level = protectionLevels[r.String()] }); err != nil {
		return registrationExtension{}, err
	}
	enforced := isTrue(op.options.Extensions[enforcePolicy])
	switch {
	case level == 0 && enforced:
		return registrationExtension{}, enforcesNothing()
	case level == 0:
		return registrationExtension{}, nil
	case level == ctap.UserVerificationRequired && op.options.AuthenticatorSelection.UserVerification != webauthn.Required:
		return registrationExtension{}, exceptionf(webauthn.NotSupportedError,
			"%s %q needs userVerification %q", protectionPolicy, "userVerificationRequired", webauthn.Required)
	}
	return protection(level, enforced), nil
}

// prepareEnforcement sees to enforcement without anything to enforce; else
// prepareCredProtect has read the input.
func prepareEnforcement(op *creation, input json.RawMessage) (registrationExtension, error) {
	if policy, given := op.options.Extensions[protectionPolicy]; isTrue(input) && (!given || isNull(policy)) {
		return registrationExtension{}, enforcesNothing()
	}
	return registrationExtension{}, nil
}

func enforcesNothing() error {
	return exceptionf(webauthn.NotSupportedError, "%s is set without a %s", enforcePolicy, protectionPolicy)
}

// protectByDefault is the level that Chromium asks for by itself.
func (op *creation) protectByDefault() {
	asked := slices.ContainsFunc(op.extensions, func(e registrationExtension) bool { return e.id == protectionPolicy && e.input != nil })
	if !op.client.config.ProtectByDefault || asked || op.residentKey() == webauthn.Discouraged {
		return
	}
	level := ctap.UserVerificationOptionalWithCredentialIDList
	uv := op.options.AuthenticatorSelection.UserVerification.Or(webauthn.Preferred)
	if op.residentKey() == webauthn.Required && uv == webauthn.Preferred {
		level = ctap.UserVerificationRequired
	}
	e := protection(level, false)
	e.id = protectionPolicy
	op.extensions = append(op.extensions, e)
}

// protection asks for one level. The result is in the authenticator data only.
func protection(level ctap.CredProtect, enforced bool) registrationExtension {
	e := registrationExtension{
		input: func(_ context.Context, made *newCredential) error {
			if !made.by.lists(ctap.ExtensionCredProtect) {
				return nil
			}
			return made.request.Extensions.Set(ctap.ExtensionCredProtect, level)
		},
		check: func(made *newCredential) error { return checkProtection(made, level, enforced) },
	}
	if enforced && level > ctap.UserVerificationOptional {
		e.unfit = func(a *candidate) error {
			if !a.lists(ctap.ExtensionCredProtect) {
				return errors.New("cannot protect credentials")
			}
			return nil
		}
	}
	return e
}

// checkProtection accepts a higher level than was asked for, and no lower one.
func checkProtection(made *newCredential, level ctap.CredProtect, enforced bool) error {
	var given ctap.CredProtect
	present, err := made.outputs.Get(ctap.ExtensionCredProtect, &given)
	switch {
	case err != nil:
		return err
	case !present && enforced && level > ctap.UserVerificationOptional:
		return errors.New("the level is enforced, and the authenticator does not confirm it")
	case !present:
		return nil
	case given == ctap.UserVerificationOptional && level == ctap.UserVerificationOptionalWithCredentialIDList && !made.discoverable():
		return nil // who is found by its id only needs no more; Windows says so
	case given < level || given > ctap.UserVerificationRequired:
		return fmt.Errorf("level %d in place of %d", given, level)
	}
	return nil
}
