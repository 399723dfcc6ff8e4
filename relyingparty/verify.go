package relyingparty

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
)

// FinishRegistration verifies the answer to a registration (WebAuthn L3 §7.1) and
// uses the registration up. A *[Refusal] says why an answer is not accepted. That no
// other account has the credential is for the caller to see to (§7.1 step 26).
func (c *Ceremonies) FinishRegistration(asked *Registration, r *RegistrationResponse) (Credential, error) {
	now := c.clock()
	if err := asked.spend(now); err != nil {
		return Credential{}, err
	}
	record, err := c.web.CreateCredential(&party{account: asked.account}, asked.session(asked.account.Handle), r.parsed)
	if err == nil {
		err = exactOrigin(&r.parsed.Response.CollectedClientData, &asked.challenge)
	}
	if err != nil {
		return Credential{}, classify(evidence{
			ceremony: protocol.CreateCeremony,
			asked:    &asked.challenge,
			now:      now,
			client:   &r.parsed.Response.CollectedClientData,
			auth:     &r.parsed.Response.AttestationObject.AuthData,
			rawID:    r.parsed.RawID,
		}, err)
	}
	if err := checkPublicKey(record.PublicKey); err != nil {
		return Credential{}, refuse(ReasonPublicKey, err)
	}
	return credentialOf(record), nil
}

// FindOwner looks a credential up by its ID; an error means that nobody has it, or
// that the search failed.
type FindOwner func(credentialID []byte) (Owner, error)

// FinishLogin verifies the answer to a login (WebAuthn L3 §7.2) against the
// credential that find knows under its ID, and uses the login up. A *[Refusal] says
// why an answer is not accepted; an error of find that wraps no Refusal is returned
// as it is.
func (c *Ceremonies) FinishLogin(asked *Login, r *LoginResponse, counters CounterPolicy, find FindOwner) (Assertion, error) {
	now := c.clock()
	if err := asked.spend(now); err != nil {
		return Assertion{}, err
	}
	owner, err := find(r.parsed.RawID)
	if err != nil {
		return Assertion{}, err
	}
	record, err := c.verifyLogin(asked, r, owner)
	if err != nil {
		return Assertion{}, err
	}
	if record.Authenticator.CloneWarning && counters != CounterWarn {
		return Assertion{}, refuse(ReasonCounter, nil)
	}
	auth := r.parsed.Response.AuthenticatorData
	return Assertion{
		CredentialID:     record.ID,
		UserHandle:       owner.Handle,
		SignCount:        auth.Counter,
		BackedUp:         auth.Flags.HasBackupState(),
		UserVerified:     auth.Flags.UserVerified(),
		Attachment:       string(r.parsed.AuthenticatorAttachment),
		CounterRegressed: record.Authenticator.CloneWarning,
	}, nil
}

// verifyLogin binds the session to the owner found, because go-webauthn would
// otherwise insist on a user handle. Here the credential ID finds the account, and a
// user handle may be missing; one that is present must fit (§7.2 step 6).
func (c *Ceremonies) verifyLogin(asked *Login, r *LoginResponse, owner Owner) (*webauthn.Credential, error) {
	handle := r.parsed.Response.UserHandle
	if len(handle) > 0 && string(handle) != string(owner.Handle) {
		return nil, refuse(ReasonUserHandle, nil)
	}
	user := &party{account: Account{Handle: owner.Handle}, credentials: []webauthn.Credential{owner.Credential.record()}}
	record, err := c.web.ValidateLogin(user, asked.session(owner.Handle), r.parsed)
	if err == nil {
		err = exactOrigin(&r.parsed.Response.CollectedClientData, &asked.challenge)
	}
	if err != nil {
		known := owner.Credential // the copy keeps owner off the heap
		return nil, classify(evidence{
			ceremony: protocol.AssertCeremony,
			asked:    &asked.challenge,
			now:      c.clock(),
			client:   &r.parsed.Response.CollectedClientData,
			auth:     &r.parsed.Response.AuthenticatorData,
			rawID:    r.parsed.RawID,
			known:    &known,
		}, err)
	}
	return record, nil
}

// exactOrigin compares origins as the strings they are (§13.4.9); go-webauthn lets
// different spellings of one URL pass.
func exactOrigin(client *protocol.CollectedClientData, asked *challenge) error {
	if client.Origin != asked.asker.origin {
		return errors.New("the origin is not spelled as a browser serialises it")
	}
	return nil
}

// minRSABits is the smallest RSA modulus accepted.
const minRSABits = 2048

// checkPublicKey refuses keys that could never verify anything or are too weak;
// go-webauthn does not look at the key when there is no attestation.
func checkPublicKey(cose []byte) error {
	key, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return err
	}
	if rsa, ok := key.(webauthncose.RSAPublicKeyData); ok && new(big.Int).SetBytes(rsa.Modulus).BitLen() < minRSABits {
		return fmt.Errorf("the RSA modulus is shorter than %d bits", minRSABits)
	}
	return nil
}
