package client

import (
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// check parses the answer to makeCredential and holds it to the request.
func (op *creation) check(made *newCredential) error {
	if err := made.authData.Parse(made.answer.AuthData); err != nil {
		return err
	}
	if made.authData.Attested == nil {
		return errors.New("flag AT is not set: there is no credential in the authenticator data")
	}
	if op.client.config.BelieveAuthenticators {
		return nil
	}
	if len(made.authData.Attested.CredentialID) == 0 {
		return errors.New("the credential ID is empty")
	}
	if made.answer.EnterpriseAttestation && made.request.EnterpriseAttestation == nil {
		return errors.New("enterprise attestation was returned without being asked for")
	}
	return op.checkAuthData(&made.authData, op.options.AuthenticatorSelection.UserVerification, made.request.Extensions)
}

// check parses the answer to getAssertion or getNextAssertion and holds it to
// the request.
func (op *authentication) check(got *assertion) error {
	if op.client.config.BelieveAuthenticators {
		return nil
	}
	var data webauthn.AuthenticatorData
	if err := data.Parse(got.answer.AuthData); err != nil {
		return err
	}
	if data.Attested != nil {
		return errors.New("flag AT is set in an assertion")
	}
	if err := op.checkAuthData(&data, op.options.UserVerification, got.request.Extensions); err != nil {
		return err
	}
	if err := checkCredential(got); err != nil {
		return err
	}
	return checkUserEntity(got.answer.User, data.Flags)
}

// checkAuthData holds what both ceremonies share to the request: RP ID hash,
// user presence, user verification and extension outputs.
func (c *ceremony) checkAuthData(data *webauthn.AuthenticatorData, uv webauthn.Requirement, asked ctap.Extensions) error {
	if data.RPIDHash != c.rpIDHash {
		return fmt.Errorf("the RP ID hash is not that of %q", c.rpID)
	}
	if !data.Flags.Has(webauthn.UserPresent) {
		return fmt.Errorf("flag UP is not set (flags %s)", data.Flags)
	}
	if uv == webauthn.Required && !data.Flags.Has(webauthn.UserVerified) {
		return fmt.Errorf("user verification was required, but flag UV is not set (flags %s)", data.Flags)
	}
	return checkOutputs(data.Extensions, asked)
}

// checkOutputs refuses outputs of extensions that were not asked for (§9.5).
func checkOutputs(outputs canon.Raw, asked ctap.Extensions) error {
	if len(outputs) == 0 {
		return nil
	}
	var given ctap.Extensions
	if err := canon.Unmarshal(outputs, &given); err != nil {
		return fmt.Errorf("extension outputs: %w", err)
	}
	for id := range given {
		if _, ok := asked[id]; !ok {
			return fmt.Errorf("there is an output of extension %q, which was not asked for", id)
		}
	}
	return nil
}

// checkCredential holds the credential that answered to the allow list.
func checkCredential(got *assertion) error {
	allowed := got.request.AllowList
	switch n := len(got.id); {
	case n == 0 || n > webauthn.MaxCredentialID:
		return fmt.Errorf("the credential ID has %d bytes, it must have 1 to %d", n, webauthn.MaxCredentialID)
	case len(allowed) == 0 && (got.answer.User == nil || len(got.answer.User.ID) == 0):
		return errors.New("a discoverable credential answered without its user handle")
	case len(allowed) > 0 && find(allowed, got.id) < 0:
		return errors.New("the credential that answered is not in the allow list")
	case len(allowed) > 0 && got.answer.NumberOfCredentials > 1:
		return fmt.Errorf("%d credentials are announced although there was an allow list", got.answer.NumberOfCredentials)
	}
	return nil
}

// checkUserEntity refuses names that the authenticator may reveal only after
// user verification (CTAP 2.3 §6.2.2).
func checkUserEntity(user *ctap.UserEntity, flags webauthn.Flags) error {
	if user != nil && (user.Name != "" || user.DisplayName != "") && !flags.Has(webauthn.UserVerified) {
		return errors.New("the user's names were revealed without user verification")
	}
	return nil
}
