package ceremony

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
)

// FindOwner looks a credential up by its ID; an error means that nobody has it, or
// that the search failed.
type FindOwner func(credentialID []byte) (Owner, error)

// FinishLogin verifies the answer to a login (WebAuthn L3 §7.2) against the
// credential that find knows under its ID, and uses the login up. A *[Refusal] says
// why an answer is not accepted; an error of find that wraps no Refusal is returned
// as it is.
func (c *Ceremonies) FinishLogin(asked *Login, r *LoginResponse, counters CounterPolicy, find FindOwner) (Assertion, error) {
	v := c.begin(Get, &asked.challenge, &r.in)
	v.Client, v.Auth = &r.client, &r.auth
	v.UserHandle, v.Signature = r.in.userHandle, r.in.signature
	v.UserPresence, v.BackupLoss = !asked.withoutPresence, asked.backupLoss
	v.Allowed, v.Account, v.Counter, v.find = asked.allowed, asked.account, counters, find
	hash := sha256.Sum256(r.in.clientDataJSON)
	v.Message = slices.Concat(r.in.authenticatorData, hash[:])
	if err := v.pass(challengeSteps); err != nil {
		return Assertion{}, err
	}
	if err := v.pass(lookupSteps); err != nil {
		return Assertion{}, err
	}
	if err := v.pass(loginSteps); err != nil {
		return Assertion{}, v.refusedAs(err)
	}
	if err := v.pass(recordSteps); err != nil {
		return Assertion{}, err
	}
	return Assertion{
		CredentialID:     v.Owner.Credential.ID,
		UserHandle:       v.Owner.Handle,
		SignCount:        v.Auth.Counter,
		BackedUp:         v.Auth.Flags.HasBackupState(),
		UserVerified:     v.Auth.Flags.UserVerified(),
		Attachment:       string(r.in.attachment),
		Asked:            asked.begun,
		CounterRegressed: v.regressed,
		BackupLost:       v.unbacked,
	}, nil
}

// lookupSteps find out whose credential answers.
var lookupSteps = []step{
	{StepAllowed, (*Verification).allowed},
	{StepOwner, (*Verification).owner},
	{StepUserHandle, (*Verification).userHandle},
}

// loginSteps are what §7.2 holds a response to, in its order.
var loginSteps = []step{
	{StepGetClientData, (*Verification).clientData},
	{StepGetAuthData, (*Verification).authData},
	{StepGetBackup, (*Verification).backup},
	{StepSignature, (*Verification).signature},
}

// recordSteps hold a response that is right in itself to what is known of the
// credential.
var recordSteps = []step{
	{StepModelAgain, (*Verification).modelAgain},
	{StepBackupAgain, (*Verification).backupWanted},
	{StepBackupLoss, (*Verification).backupKept},
	{StepGetOutputs, (*Verification).solicited},
	{StepCounter, (*Verification).counter},
}

// allowed holds the credential to those that were asked for, where any were.
func (v *Verification) allowed() error {
	if len(v.Allowed) > 0 && !slices.ContainsFunc(v.Allowed, func(c Credential) bool { return bytes.Equal(c.ID, v.RawID) }) {
		return refuse(ReasonNotAllowed, nil)
	}
	return nil
}

// owner finds whose credential it is. It has to be of the user who was identified
// before, where one was.
func (v *Verification) owner() (err error) {
	v.Owner, err = v.find(v.RawID)
	if err == nil && v.Account != nil && !bytes.Equal(v.Account, v.Owner.Handle) {
		return refuse(ReasonNotAllowed, nil)
	}
	return err
}

// userHandle may be missing, for the credential ID finds the account, unless one is
// demanded. One that is present must fit.
func (v *Verification) userHandle() error {
	if v.strict.UserHandle && len(v.Allowed) == 0 && len(v.UserHandle) == 0 {
		return refuse(ReasonUserHandle, nil)
	}
	if len(v.UserHandle) > 0 && !bytes.Equal(v.UserHandle, v.Owner.Handle) {
		return refuse(ReasonUserHandle, nil)
	}
	return nil
}

func (v *Verification) signature() error {
	return verifySignature(v.Owner.Credential.PublicKey, v.Message, v.Signature)
}

// modelAgain looks again at the model of the credential.
func (v *Verification) modelAgain() error { return v.by.checkLogin(v.Models, &v.Owner.Credential) }

// counter holds the signature counter to the last one.
func (v *Verification) counter() error {
	counter := webauthn.Authenticator{SignCount: v.Owner.Credential.SignCount}
	counter.UpdateCounter(v.Auth.Counter)
	if counter.CloneWarning && v.Counter != CounterWarn {
		return refuse(ReasonCounter, nil)
	}
	v.regressed = counter.CloneWarning
	return nil
}

func verifySignature(cose, message, signature []byte) error {
	key, err := readPublicKey(cose)
	if err != nil {
		return verifyOther(cose, message, signature, err)
	}
	valid, err := webauthncose.VerifySignature(key, message, signature)
	if err == nil && !valid {
		err = errors.New("the signature does not verify")
	}
	return err
}
