package relyingparty

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
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
	auth := &r.attestation.AuthData
	models, err := c.modelCheck(asked.models)
	if err != nil {
		return Credential{}, err
	}
	if err := c.verifyRegistration(asked, r, models.provider()); err != nil {
		if refused := models.explain(&r.attestation, err); refused != nil {
			return Credential{}, refused
		}
		return Credential{}, classify(evidence{
			ceremony: protocol.CreateCeremony,
			asked:    &asked.challenge,
			now:      now,
			client:   &r.client,
			auth:     auth,
			rawID:    r.in.rawID,
			offered:  asked.algorithms,
		}, err)
	}
	if err := checkPublicKey(auth.AttData.CredentialPublicKey); err != nil {
		return Credential{}, refuse(ReasonPublicKey, err)
	}
	if err := models.admit(&r.attestation); err != nil {
		return Credential{}, err
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

// verifyRegistration is what §7.1 holds a response to. models nil makes no demands on
// the authenticator's model.
func (c *Ceremonies) verifyRegistration(asked *Registration, r *RegistrationResponse, models metadata.Provider) error {
	if err := c.verifyClientData(&r.client, protocol.CreateCeremony, &asked.challenge); err != nil {
		return err
	}
	if err := checkStatement(&r.attestation); err != nil {
		return err
	}
	hash := sha256.Sum256(r.in.clientDataJSON)
	formatRoots.RLock()
	err := r.attestation.Verify(c.policy.RPID, hash[:], asked.userVerification == VerificationRequired, true,
		models, asked.algorithms, c.policy.Attestation, c.policy.Signature)
	formatRoots.RUnlock()
	if err != nil {
		return err
	}
	auth := &r.attestation.AuthData
	if !bytes.Equal(r.in.rawID, auth.AttData.CredentialID) {
		return errors.New("the client reports another credential than the one attested")
	}
	return checkBackup(auth.Flags, nil)
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
	if !asked.allows(r.in.rawID) {
		return Assertion{}, refuse(ReasonNotAllowed, nil)
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

			withoutPresence: asked.withoutPresence,
		}, err)
	}
	if err := c.checkLogin(asked.models, &owner.Credential); err != nil {
		return Assertion{}, err
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

// allows reports whether a credential is among those asked for (§7.2 step 5).
func (l *Login) allows(credentialID []byte) bool {
	return len(l.allowed) == 0 || slices.ContainsFunc(l.allowed, func(c Credential) bool { return bytes.Equal(c.ID, credentialID) })
}

// verifyLogin is what §7.2 holds a response to, in its order.
func (c *Ceremonies) verifyLogin(asked *Login, r *LoginResponse, known *Credential) error {
	if err := c.verifyClientData(&r.client, protocol.AssertCeremony, &asked.challenge); err != nil {
		return err
	}
	if err := r.auth.Verify(c.rpIDHash[:], nil, asked.userVerification == VerificationRequired, !asked.withoutPresence); err != nil {
		return err
	}
	if err := checkBackup(r.auth.Flags, known); err != nil {
		return err
	}
	hash := sha256.Sum256(r.in.clientDataJSON)
	return verifySignature(known.PublicKey, slices.Concat(r.in.authenticatorData, hash[:]), r.in.signature)
}

// verifyClientData hands our origin to go-webauthn as what it calls opaque: then it
// compares origins as the strings they are (§13.4.9), where it would otherwise let
// different spellings of one URL pass.
func (c *Ceremonies) verifyClientData(client *protocol.CollectedClientData, ceremony protocol.CeremonyType, asked *challenge) error {
	return client.Verify(asked.value, ceremony, nil, asked.origins, c.policy.RPTopOrigins,
		c.policy.RPTopOriginVerificationMode, c.policy.RPAllowCrossOrigin)
}

func verifySignature(cose, message, signature []byte) error {
	key, err := readPublicKey(cose)
	if err != nil {
		return err
	}
	valid, err := webauthncose.VerifySignature(key, message, signature)
	if err == nil && !valid {
		err = errors.New("the signature does not verify")
	}
	return err
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
	key, err := readPublicKey(cose)
	if err != nil {
		return err
	}
	switch key := key.(type) {
	case webauthncose.EC2PublicKeyData:
		_, err = key.ToECDSA()
	case webauthncose.RSAPublicKeyData:
		if new(big.Int).SetBytes(key.Modulus).BitLen() < minRSABits {
			err = fmt.Errorf("the RSA modulus is shorter than %d bits", minRSABits)
		}
	}
	return err
}

// readPublicKey reads a key for go-webauthn. It reads at once what nearly all passkeys
// are, a point of a curve, which go-webauthn looks at when it is used.
func readPublicKey(cose []byte) (any, error) {
	var point webauthncose.EC2PublicKeyData
	if err := webauthncbor.Unmarshal(cose, &point); err == nil && point.KeyType == int64(webauthncose.EllipticKey) {
		return point, nil
	}
	return webauthncose.ParsePublicKey(cose)
}
