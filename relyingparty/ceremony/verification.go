package ceremony

import (
	"time"

	"github.com/go-webauthn/webauthn/protocol"
)

// Verification is one response on its way through the steps of WebAuthn L3 §7.1 or
// §7.2: what it says, and what it is held to. Slices are shared, and not to be changed;
// put another in their place.
type Verification struct {
	Ceremony       Ceremony
	JSON           []byte // the response, as it was read
	RawID          []byte // the credential ID that the client reports
	ClientDataJSON []byte
	// AttestationObject is as it came; nil at login.
	AttestationObject []byte
	Client            *protocol.CollectedClientData
	Auth              *protocol.AuthenticatorData
	Attestation       *protocol.AttestationObject // nil at login
	UserHandle        []byte                      // at login; empty when there is none
	Message           []byte                      // at login: what the signature is over
	Signature         []byte                      // at login

	// What the response is held to.
	Challenge        string // in base64url
	Expires          time.Time
	Used             bool // the challenge was answered before
	Origins          []string
	TopOrigins       []string
	CrossOrigin      bool // is allowed
	RPIDHash         []byte
	UserPresence     bool // is demanded
	UserVerification UserVerification
	Algorithms       []protocol.CredentialParameter // at registration
	Models           *ModelRules                    // nil for none
	Statements       protocol.AttestationPolicy
	Signatures       protocol.SignaturePolicy
	Allowed          []Credential // at login; none means any
	Account          []byte       // at login: who was identified before; nil for nobody
	Counter          CounterPolicy
	Backup           BackupPolicy
	BackupLoss       BackupLossPolicy // at login
	Owner            Owner            // at login, from step 6 on

	Now time.Time

	by        *Ceremonies
	strict    strictRules
	find      FindOwner
	models    *modelCheck
	regressed bool // the counter was, and that was let by
	unbacked  bool // the passkey is not backed up any more, and that was let by
}

// begin says what every response is held to.
func (c *Ceremonies) begin(of Ceremony, asked *challenge, in *responseJSON) *Verification {
	return &Verification{
		Ceremony:       of,
		JSON:           in.text,
		RawID:          in.rawID,
		ClientDataJSON: in.clientDataJSON,

		AttestationObject: in.attestationObject,
		strict:            asked.strict,

		Challenge:        asked.value,
		Expires:          asked.expires,
		Used:             asked.spent.Swap(true),
		Origins:          asked.origins,
		TopOrigins:       c.policy.RPTopOrigins,
		CrossOrigin:      c.policy.RPAllowCrossOrigin,
		RPIDHash:         c.rpIDHash[:],
		UserPresence:     true,
		UserVerification: asked.userVerification,
		Models:           asked.models,
		Backup:           asked.backup,
		Statements:       c.policy.Attestation,
		Signatures:       c.policy.Signature,
		Now:              c.clock(),
		by:               c,
	}
}

// step is a step of a list, beside its section and number.
type step struct {
	Step
	run func(*Verification) error
}

// pass goes through steps, up to the first that refuses the response.
func (v *Verification) pass(steps []step) error {
	for i := range steps {
		s := &steps[i]
		var err error
		if v.by.seams.steps {
			err = v.by.seams.around(s.Step, v, func() error { return s.run(v) })
		} else {
			err = s.run(v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// RegistrationSteps lists the steps that the answer to a registration passes, in order.
func RegistrationSteps() []Step {
	return append(namesOf(challengeSteps, registrationSteps, strictSteps, admissionSteps), StepU2FModel, StepUnregistered, StepCreateTokenBinding)
}

// LoginSteps lists the steps that the answer to a login passes, in order.
func LoginSteps() []Step {
	return append(namesOf(challengeSteps, lookupSteps, loginSteps, recordSteps), StepGetTokenBinding)
}

func namesOf(lists ...[]step) (all []Step) {
	for _, list := range lists {
		for _, s := range list {
			all = append(all, s.Step)
		}
	}
	return all
}

// The steps by name. Some stand together because go-webauthn makes them in one call.
var (
	StepChallengeUsed    = Step{"13.4.3", "used"}
	StepChallengeExpired = Step{"13.4.3", "expired"}

	StepCreateClientData = Step{"7.1", "7 to 11"}
	StepObject           = Step{"7.1", "13"}
	StepCreateAuthData   = Step{"7.1", "14 to 16"}
	StepCreateBackup     = Step{"7.1", "17"}
	StepBackupPolicy     = Step{"7.1", "18 and 19"}
	StepAlgorithm        = Step{"7.1", "20"}
	StepAnchors          = Step{"7.1", "23"}
	StepStatement        = Step{"7.1", "21, 22 and 24"}
	StepForm             = Step{"7.1", "13, form"}
	StepMembers          = Step{"7.1", "13, members"}
	StepDetails          = Step{"7.1", "22, details"}
	StepAttested         = Step{"7.1", "24, attested"}
	StepCreateOutputs    = Step{"7.1", "28"}
	StepCredentialID     = Step{"7.1", "27"}
	StepPublicKey        = Step{"5.8.5", ""}
	StepModel            = Step{"7.1", "24"}
	StepUnregistered     = Step{"7.1", "26"} // made by who keeps credentials

	// Made by a conformance interface that holds to the published test list.
	StepCreateTokenBinding = Step{"7.1", "10, of Level 2"}
	StepGetTokenBinding    = Step{"7.2", "14, of Level 2"}
	StepU2FModel           = Step{"8.6", ""}

	StepAllowed       = Step{"7.2", "5"}
	StepOwner         = Step{"7.2", "6"}
	StepUserHandle    = Step{"7.2", "6, user handle"}
	StepGetClientData = Step{"7.2", "10 to 14"}
	StepGetAuthData   = Step{"7.2", "15 to 17"}
	StepGetBackup     = Step{"7.2", "18 and 19"}
	StepSignature     = Step{"7.2", "20 and 21"}
	StepModelAgain    = Step{"7.2", "model"}
	StepBackupAgain   = Step{"7.2", "19, eligibility"}
	StepBackupLoss    = Step{"7.2", "19, state"}
	StepCounter       = Step{"7.2", "22"}
	StepGetOutputs    = Step{"7.2", "23"}
)

// challengeSteps come first in both ceremonies: a challenge is good for one response,
// whatever comes of it, and for a while.
var challengeSteps = []step{
	{StepChallengeUsed, (*Verification).challengeUnused},
	{StepChallengeExpired, (*Verification).challengeFresh},
}

func (v *Verification) challengeUnused() error {
	if v.Used {
		return refuse(ReasonChallengeUsed, nil)
	}
	return nil
}

func (v *Verification) challengeFresh() error {
	if v.Now.After(v.Expires) {
		return refuse(ReasonChallengeExpired, nil)
	}
	return nil
}

// clientData hands our origins to go-webauthn as what it calls opaque: then it compares
// origins as the strings they are (§13.4.9), where it would otherwise let different
// spellings of one URL pass.
func (v *Verification) clientData() error {
	return v.Client.Verify(v.Challenge, v.Ceremony, nil, v.Origins, v.TopOrigins, v.by.policy.RPTopOriginVerificationMode, v.CrossOrigin)
}

// authData is the RP ID hash, user presence and user verification.
func (v *Verification) authData() error {
	return v.Auth.Verify(v.RPIDHash, nil, v.UserVerification == VerificationRequired, v.UserPresence)
}

// backup holds the backup flags to each other and to what is known.
func (v *Verification) backup() error {
	if v.Ceremony == Create {
		return checkBackup(v.Auth.Flags, nil)
	}
	return checkBackup(v.Auth.Flags, &v.Owner.Credential)
}
