package relyingparty

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Origins go to go-webauthn as what it calls opaque: then it compares them as the
// strings they are (§13.4.9), where it would otherwise let different spellings of one
// URL pass.

// FinishRegistration verifies the answer to a registration (WebAuthn L3 §7.1) and
// uses the registration up. A *[Refusal] says why an answer is not accepted. That no
// other account has the credential is for the caller to see to (§7.1 step 26).
func (c *Ceremonies) FinishRegistration(asked *Registration, r *RegistrationResponse) (Credential, error) {
	now := c.clock()
	if err := asked.spend(now); err != nil {
		return Credential{}, err
	}
	auth := &r.attestation.AuthData
	if err := c.verifyRegistration(asked, r); err != nil {
		return Credential{}, classify(evidence{
			ceremony: protocol.CreateCeremony,
			asked:    &asked.challenge,
			now:      now,
			client:   &r.client,
			auth:     auth,
			rawID:    r.in.rawID,
		}, err)
	}
	if err := checkPublicKey(auth.AttData.CredentialPublicKey); err != nil {
		return Credential{}, refuse(ReasonPublicKey, err)
	}
	return Credential{
		ID:             auth.AttData.CredentialID,
		PublicKey:      auth.AttData.CredentialPublicKey,
		SignCount:      auth.Counter,
		BackupEligible: auth.Flags.HasBackupEligible(),
		BackedUp:       auth.Flags.HasBackupState(),
		UserVerified:   auth.Flags.HasUserVerified(),
		AAGUID:         auth.AttData.AAGUID,
		Attachment:     string(r.in.attachment),
		Transports:     r.in.transports,
		Attestation:    r.attestation.Format,
	}, nil
}

func (c *Ceremonies) verifyRegistration(asked *Registration, r *RegistrationResponse) error {
	parsed, policy := r.parsed(), c.policy
	_, err := parsed.Verify(asked.value, policy.RPID, nil, policy.RPOrigins, policy.RPTopOrigins,
		policy.RPTopOriginVerificationMode, policy.RPAllowCrossOrigin, asked.userVerification == VerificationRequired, true,
		policy.MDS, offered, policy.Attestation, policy.Signature)
	if err != nil {
		return err
	}
	return checkBackup(r.attestation.AuthData.Flags, nil)
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
	owner, err := find(r.in.rawID)
	if err != nil {
		return Assertion{}, err
	}
	// The credential ID finds the account. A user handle may be missing; one that is
	// present must fit (§7.2 step 6).
	if handle := r.in.userHandle; len(handle) > 0 && string(handle) != string(owner.Handle) {
		return Assertion{}, refuse(ReasonUserHandle, nil)
	}
	if err := c.verifyLogin(asked, r, &owner.Credential); err != nil {
		known := owner.Credential // the copy keeps owner off the heap
		return Assertion{}, classify(evidence{
			ceremony: protocol.AssertCeremony,
			asked:    &asked.challenge,
			now:      now,
			client:   &r.client,
			auth:     &r.auth,
			rawID:    r.in.rawID,
			known:    &known,
		}, err)
	}
	counter := webauthn.Authenticator{SignCount: owner.Credential.SignCount}
	counter.UpdateCounter(r.auth.Counter)
	if counter.CloneWarning && counters != CounterWarn {
		return Assertion{}, refuse(ReasonCounter, nil)
	}
	return Assertion{
		CredentialID:     owner.Credential.ID,
		UserHandle:       owner.Handle,
		SignCount:        r.auth.Counter,
		BackedUp:         r.auth.Flags.HasBackupState(),
		UserVerified:     r.auth.Flags.UserVerified(),
		Attachment:       string(r.in.attachment),
		CounterRegressed: counter.CloneWarning,
	}, nil
}

func (c *Ceremonies) verifyLogin(asked *Login, r *LoginResponse, known *Credential) error {
	parsed, policy := r.parsed(), c.policy
	err := parsed.Verify(asked.value, policy.RPID, "", nil, policy.RPOrigins, policy.RPTopOrigins,
		policy.RPTopOriginVerificationMode, policy.RPAllowCrossOrigin, asked.userVerification == VerificationRequired, true,
		known.PublicKey, policy.Signature)
	if err != nil {
		return err
	}
	return checkBackup(r.auth.Flags, known)
}

// checkBackup holds the backup flags to each other (§7.1 step 18, §7.2 step 18) and to
// what is known, nil at registration: eligibility is for life (§6.1.3).
func checkBackup(flags protocol.AuthenticatorFlags, known *Credential) error {
	if flags.HasBackupState() && !flags.HasBackupEligible() {
		return errors.New("the credential is backed up without being eligible for it")
	}
	if known != nil && known.BackupEligible != flags.HasBackupEligible() {
		return errors.New("the credential's eligibility for backup changed")
	}
	return nil
}

// minRSABits is the smallest RSA modulus accepted.
const minRSABits = 2048

// checkPublicKey refuses keys that could never verify anything or are too weak;
// go-webauthn does not look at the key when there is no attestation.
func checkPublicKey(cose []byte) error {
	// What nearly all passkeys are is read at once, without asking for the kind first.
	var point webauthncose.EC2PublicKeyData
	if err := webauthncbor.Unmarshal(cose, &point); err == nil && point.KeyType == int64(webauthncose.EllipticKey) {
		_, err := point.ToECDSA()
		return err
	}
	key, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return err
	}
	if rsa, ok := key.(webauthncose.RSAPublicKeyData); ok && new(big.Int).SetBytes(rsa.Modulus).BitLen() < minRSABits {
		return fmt.Errorf("the RSA modulus is shorter than %d bits", minRSABits)
	}
	return nil
}
