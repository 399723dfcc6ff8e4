package ceremony

import (
	"bytes"
	"crypto/sha256"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
)

// FinishRegistration verifies the answer to a registration (WebAuthn L3 §7.1) and
// uses the registration up. A *[Refusal] says why an answer is not accepted. That no
// other account has the credential is for the caller to see to (§7.1 step 26), within
// [Ceremonies.Unregistered].
func (c *Ceremonies) FinishRegistration(asked *Registration, r *RegistrationResponse) (Credential, error) {
	v := c.begin(Create, &asked.challenge, &r.in)
	v.Client, v.Auth, v.Attestation = &r.client, &r.attestation.AuthData, &r.attestation
	v.Algorithms, v.UserPresence = asked.algorithms, !asked.withoutPresence
	if err := v.pass(challengeSteps); err != nil {
		return Credential{}, err
	}
	if err := v.pass(registrationSteps); err != nil {
		return Credential{}, v.refusedAs(err)
	}
	if err := v.pass(strictSteps); err != nil {
		return Credential{}, err
	}
	if err := v.pass(admissionSteps); err != nil {
		return Credential{}, err
	}
	auth := v.Auth
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

// registrationSteps are what §7.1 holds a response to, in its order.
var registrationSteps = []step{
	{StepCreateClientData, (*Verification).clientData},
	{StepObject, (*Verification).object},
	{StepCreateAuthData, (*Verification).authData},
	{StepCreateBackup, (*Verification).backup},
	{StepAlgorithm, (*Verification).algorithm},
	{StepAnchors, (*Verification).anchors},
	{StepStatement, (*Verification).statement},
	{StepCredentialID, (*Verification).credentialID},
}

// admissionSteps are what a response that is right in itself is held to besides.
var admissionSteps = []step{
	{StepPublicKey, (*Verification).publicKey},
	{StepBackupPolicy, (*Verification).backupWanted},
	{StepModel, (*Verification).model},
}

func (v *Verification) object() error { return checkStatement(v.Attestation) }

func (v *Verification) algorithm() error {
	if !algorithmOffered(v) {
		return errors.New("the credential's algorithm was not offered")
	}
	return nil
}

// anchors gets ready what is known of authenticator models. Rules without metadata
// admit nothing.
func (v *Verification) anchors() (err error) {
	v.models, err = v.by.modelCheck(v.Models)
	return err
}

// statement verifies the attestation statement, and with it what metadata say of the
// model, where there are rules for models.
func (v *Verification) statement() error {
	hash := sha256.Sum256(v.ClientDataJSON)
	if is, err := v.selfAttestedByOther(hash[:]); is {
		return err
	}
	formatRoots.RLock()
	defer formatRoots.RUnlock()
	return v.Attestation.VerifyAttestation(hash[:], v.models.provider(), v.Statements, v.Signatures)
}

func (v *Verification) credentialID() error {
	if !bytes.Equal(v.RawID, v.Auth.AttData.CredentialID) {
		return errors.New("the client reports another credential than the one attested")
	}
	return nil
}

func (v *Verification) publicKey() error {
	if err := CheckPublicKey(v.Auth.AttData.CredentialPublicKey); err != nil {
		return refuse(ReasonPublicKey, err)
	}
	return nil
}

func (v *Verification) model() error { return v.models.admit(v.Attestation) }

// Unregistered is the step of a registration that finds out whether anybody has the
// credential already (§7.1 step 26), for those who keep credentials. owner is who is to
// have it.
func (c *Ceremonies) Unregistered(owner Owner, look func() error) error {
	if !c.seams.steps {
		return look()
	}
	v := &Verification{Ceremony: Create, RawID: owner.Credential.ID, Owner: owner, Now: c.clock(), by: c}
	return c.seams.around(StepUnregistered, v, look)
}

// Besides is a step that a response is held to by who wants more of it than these
// ceremonies do.
func (c *Ceremonies) Besides(at Step, look func() error) error {
	if !c.seams.steps {
		return look()
	}
	return c.seams.around(at, &Verification{Now: c.clock(), by: c}, look)
}

// refusedAs names what a step found wrong, unless it has done so itself.
func (v *Verification) refusedAs(err error) error {
	if ReasonOf(err) != "" {
		return err
	}
	if v.Ceremony == protocol.CreateCeremony {
		if refused := v.models.explain(v.Attestation, err); refused != nil {
			return refused
		}
	}
	return classify(v, err)
}
