package client

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// check parses the answer to makeCredential and holds it to the request.
func (op *creation) check(made *newCredential) error {
	var err error
	if made.authData, err = webauthn.ParseAuthenticatorData(made.answer.AuthData); err != nil {
		return err
	}
	if made.authData.Attested == nil {
		return errors.New("flag AT is not set: there is no credential in the authenticator data")
	}
	made.outputs, err = mergeOutputs(made.authData.Extensions, made.answer.UnsignedExtensionOutputs)
	if op.client.config.BelieveAuthenticators {
		return nil
	}
	if err != nil {
		return err
	}
	if len(made.authData.Attested.CredentialID) == 0 {
		return errors.New("the credential ID is empty")
	}
	if made.answer.EnterpriseAttestation && made.request.EnterpriseAttestation == nil {
		return errors.New("enterprise attestation was returned without being asked for")
	}
	if err := op.checkAuthData(made.authData, op.rpIDHash, op.options.AuthenticatorSelection.UserVerification); err != nil {
		return err
	}
	if err := unasked(made.outputs, made.request.Extensions); err != nil {
		return err
	}
	for _, e := range op.extensions {
		if e.check == nil {
			continue
		}
		if err := e.check(made); err != nil {
			return fmt.Errorf("%s: %w", e.id, err)
		}
	}
	return nil
}

// check parses the answer to getAssertion or getNextAssertion and holds it to
// the request.
func (op *authentication) check(got *assertion) error {
	data, err := webauthn.ParseAuthenticatorData(got.answer.AuthData)
	if err == nil {
		got.outputs, err = mergeOutputs(data.Extensions, got.answer.UnsignedExtensionOutputs)
	}
	if op.client.config.BelieveAuthenticators {
		return nil
	}
	if err != nil {
		return err
	}
	if data.Attested != nil {
		return errors.New("flag AT is set in an assertion")
	}
	if err := op.checkAuthData(data, op.hashOf(got.request.RPID), op.options.UserVerification); err != nil {
		return err
	}
	if err := checkCredential(got); err != nil {
		return err
	}
	if err := checkUserEntity(got.answer.User, data.Flags); err != nil {
		return err
	}
	return unasked(got.outputs, got.request.Extensions)
}

// hashOf is the RP ID hash of a request, which may be for an AppID instead.
func (c *ceremony) hashOf(rpID string) [sha256.Size]byte {
	if rpID == c.rpID {
		return c.rpIDHash
	}
	return sha256.Sum256([]byte(rpID))
}

// checkAuthData holds what both ceremonies share to the request: RP ID hash,
// user presence and user verification.
func (c *ceremony) checkAuthData(data *webauthn.AuthenticatorData, rpIDHash [sha256.Size]byte, uv webauthn.Requirement) error {
	if data.RPIDHash != rpIDHash {
		return fmt.Errorf("the RP ID hash is not that of the request for %q", c.rpID)
	}
	if !data.Flags.Has(webauthn.UserPresent) && !c.absent {
		return fmt.Errorf("flag UP is not set (flags %s)", data.Flags)
	}
	if uv == webauthn.Required && !data.Flags.Has(webauthn.UserVerified) {
		return fmt.Errorf("user verification was required, but flag UV is not set (flags %s)", data.Flags)
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
