package client

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
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
	checks := []verdict{
		{CheckStatement, checkStatement(made.answer.Format, made.answer.Statement)},
		{CheckCredentialID, checkNewID(made.authData.Attested.CredentialID)},
		{CheckEnterprise, made.checkEnterprise()},
	}
	checks = append(checks, op.checkAuthData(made.authData, op.rpIDHash, op.options.AuthenticatorSelection.UserVerification)...)
	checks = append(checks, verdict{CheckOutputsUnasked, unasked(made.outputs, made.request.Extensions)})
	for _, e := range op.extensions {
		if e.check == nil {
			continue
		}
		if err := e.check(made); err != nil {
			checks = append(checks, verdict{CheckExtension, fmt.Errorf("%s: %w", e.id, err)})
		}
	}
	return op.client.believed(checks)
}

// checkStatement refuses what is no map; of format compound, what is no array (WebAuthn
// L3 §8.9). Without a statement there is nothing to refuse.
func checkStatement(format string, statement canon.Raw) error {
	const arrayType, mapType = 4, 5
	switch {
	case len(statement) == 0:
	case format == webauthn.FormatCompound:
		if statement[0]>>5 != arrayType {
			return errors.New("the compound attestation statement is not an array")
		}
	case statement[0]>>5 != mapType:
		return errors.New("the attestation statement is not a map")
	}
	return nil
}

func checkNewID(id []byte) error {
	if len(id) == 0 {
		return errors.New("the credential ID is empty")
	}
	return nil
}

func (n *newCredential) checkEnterprise() error {
	if n.answer.EnterpriseAttestation && n.request.EnterpriseAttestation == nil {
		return errors.New("enterprise attestation was returned without being asked for")
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
	checks := []verdict{{CheckNoCredential, checkNoCredential(data)}}
	checks = append(checks, op.checkAuthData(data, op.hashOf(got.request.RPID), op.options.UserVerification)...)
	checks = append(checks, checkCredential(got)...)
	return op.client.believed(append(checks,
		verdict{CheckUserNames, checkUserEntity(got.answer.User, data.Flags)},
		verdict{CheckOutputsUnasked, unasked(got.outputs, got.request.Extensions)}))
}

func checkNoCredential(data *webauthn.AuthenticatorData) error {
	if data.Attested != nil {
		return errors.New("flag AT is set in an assertion")
	}
	return nil
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
func (c *ceremony) checkAuthData(data *webauthn.AuthenticatorData, rpIDHash [sha256.Size]byte, uv webauthn.Requirement) []verdict {
	var hash, presence, verification error
	if data.RPIDHash != rpIDHash {
		hash = fmt.Errorf("the RP ID hash is not that of the request for %q", c.rpID)
	}
	if !data.Flags.Has(webauthn.UserPresent) && !c.absent {
		presence = fmt.Errorf("flag UP is not set (flags %s)", data.Flags)
	}
	if uv == webauthn.Required && !data.Flags.Has(webauthn.UserVerified) {
		verification = fmt.Errorf("user verification was required, but flag UV is not set (flags %s)", data.Flags)
	}
	return []verdict{{CheckRPIDHash, hash}, {CheckUserPresence, presence}, {CheckUserVerification, verification}}
}

// checkCredential holds the credential that answered to the allow list.
func checkCredential(got *assertion) []verdict {
	allowed := got.request.AllowList
	var size, user, listed, number error
	if n := len(got.id); n == 0 || n > webauthn.MaxCredentialID {
		size = fmt.Errorf("the credential ID has %d bytes, it must have 1 to %d", n, webauthn.MaxCredentialID)
	}
	if len(allowed) == 0 && (got.answer.User == nil || len(got.answer.User.ID) == 0) {
		user = errors.New("a discoverable credential answered without its user handle")
	}
	if len(allowed) > 0 && find(allowed, got.id) < 0 {
		listed = errors.New("the credential that answered is not in the allow list")
	}
	if len(allowed) > 0 && got.answer.NumberOfCredentials > 1 {
		number = fmt.Errorf("%d credentials are announced although there was an allow list", got.answer.NumberOfCredentials)
	}
	return []verdict{{CheckCredentialID, size}, {CheckUserHandle, user}, {CheckAllowList, listed}, {CheckNumber, number}}
}

// checkUserEntity refuses names that the authenticator may reveal only after
// user verification (CTAP 2.3 §6.2.2).
func checkUserEntity(user *ctap.UserEntity, flags webauthn.Flags) error {
	if user != nil && (user.Name != "" || user.DisplayName != "") && !flags.Has(webauthn.UserVerified) {
		return errors.New("the user's names were revealed without user verification")
	}
	return nil
}
