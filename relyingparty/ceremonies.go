package relyingparty

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Ceremonies is the relying party's half of registration and authentication
// (WebAuthn L3 §7.1 and §7.2) without accounts, storage or HTTP around it. It keeps
// nothing between calls and may be used concurrently as far as its Random may.
type Ceremonies struct {
	web      *webauthn.WebAuthn
	rpIDHash [sha256.Size]byte
	origin   string
	clock    func() time.Time
	random   io.Reader
}

// CeremonyConfig says for whom ceremonies are held. All fields are required.
type CeremonyConfig struct {
	RPID, RPName string
	Origin       string // serialised origin that responses must come from
	Clock        func() time.Time
	Random       io.Reader // source of challenges
}

// challengeSize is the number of random bytes in a challenge; §13.4.3 asks for at
// least 16.
const challengeSize = 32

// offered are the algorithms of a registration, best first: EdDSA, ES256, RS256.
var offered = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// NewCeremonies checks the configuration.
func NewCeremonies(c CeremonyConfig) (*Ceremonies, error) {
	web, err := webauthn.New(&webauthn.Config{
		RPID:          c.RPID,
		RPDisplayName: c.RPName,
		RPOrigins:     []string{c.Origin},
		// §7.1 step 28 and §7.2 step 23 leave unsolicited extension outputs to
		// policy. Password managers send some unasked, and none is used here.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("relyingparty: RP ID %q with origin %q: %w", c.RPID, c.Origin, err)
	}
	return &Ceremonies{
		web:      web,
		rpIDHash: sha256.Sum256([]byte(c.RPID)),
		origin:   c.Origin,
		clock:    c.Clock,
		random:   c.Random,
	}, nil
}

// challenge is one question put to a client and what its answer is held against.
type challenge struct {
	data     webauthn.SessionData
	origin   string
	rpIDHash *[sha256.Size]byte
	expires  time.Time
	spent    atomic.Bool
}

// spend uses the challenge up, and tells whether it was still good: a challenge is
// good for one response, whatever comes of it (§13.4.3).
func (c *challenge) spend(now time.Time) error {
	if c.spent.Swap(true) {
		return refuse(ReasonChallengeUsed, nil)
	}
	if now.After(c.expires) {
		return refuse(ReasonChallengeExpired, nil)
	}
	return nil
}

// Registration is a registration in progress.
type Registration struct {
	challenge
	account Account
}

// Login is an authentication in progress.
type Login struct{ challenge }

// RegistrationRules are the choices left to policy in the creation options.
type RegistrationRules struct {
	UserVerification UserVerification
	Attestation      Attestation
	Attachment       string        // "platform", "cross-platform" or "" for any
	Lifetime         time.Duration // of the challenge; sent as timeout
}

// LoginRules are the choices left to policy in the request options.
type LoginRules struct {
	UserVerification UserVerification
	Lifetime         time.Duration // of the challenge; sent as timeout
}

// BeginRegistration makes the options for navigator.credentials.create, as the JSON
// object {"publicKey": PublicKeyCredentialCreationOptionsJSON}. Credentials in have
// belong to the account already and are excluded.
func (c *Ceremonies) BeginRegistration(a Account, have []Credential, r RegistrationRules) (json.RawMessage, *Registration, error) {
	random, err := c.newChallenge()
	if err != nil {
		return nil, nil, err
	}
	options, session, err := c.web.BeginRegistration(&party{account: a}, func(o *protocol.PublicKeyCredentialCreationOptions) error {
		o.Challenge = random
		o.Parameters = offered
		o.Timeout = int(r.Lifetime.Milliseconds())
		o.Attestation = protocol.ConveyancePreference(r.Attestation)
		o.AuthenticatorSelection = protocol.AuthenticatorSelection{
			AuthenticatorAttachment: protocol.AuthenticatorAttachment(r.Attachment),
			RequireResidentKey:      protocol.ResidentKeyRequired(),
			ResidentKey:             protocol.ResidentKeyRequirementRequired,
			UserVerification:        protocol.UserVerificationRequirement(r.UserVerification),
		}
		for _, known := range have {
			o.CredentialExcludeList = append(o.CredentialExcludeList, known.descriptor())
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("relyingparty: begin registration: %w", err)
	}
	body, err := json.Marshal(options)
	if err != nil {
		return nil, nil, fmt.Errorf("relyingparty: creation options: %w", err)
	}
	registration := &Registration{account: a}
	c.arm(&registration.challenge, session, r.Lifetime)
	return body, registration, nil
}

// BeginLogin makes the options for navigator.credentials.get, as the JSON object
// {"publicKey": PublicKeyCredentialRequestOptionsJSON}. There is no allow list: the
// passkey says who its user is.
func (c *Ceremonies) BeginLogin(r LoginRules) (json.RawMessage, *Login, error) {
	random, err := c.newChallenge()
	if err != nil {
		return nil, nil, err
	}
	options, session, err := c.web.BeginDiscoverableLogin(func(o *protocol.PublicKeyCredentialRequestOptions) error {
		o.Challenge = random
		o.Timeout = int(r.Lifetime.Milliseconds())
		o.UserVerification = protocol.UserVerificationRequirement(r.UserVerification)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("relyingparty: begin login: %w", err)
	}
	body, err := json.Marshal(options)
	if err != nil {
		return nil, nil, fmt.Errorf("relyingparty: request options: %w", err)
	}
	login := new(Login)
	c.arm(&login.challenge, session, r.Lifetime)
	return body, login, nil
}

func (c *Ceremonies) newChallenge() ([]byte, error) {
	random := make([]byte, challengeSize)
	if _, err := io.ReadFull(c.random, random); err != nil {
		return nil, fmt.Errorf("relyingparty: draw a challenge: %w", err)
	}
	return random, nil
}

// arm fills in a new challenge. Its lifetime is judged by our clock; go-webauthn
// would look at the system's.
func (c *Ceremonies) arm(to *challenge, session *webauthn.SessionData, lifetime time.Duration) {
	to.data = *session
	to.origin = c.origin
	to.rpIDHash = &c.rpIDHash
	to.expires = c.clock().Add(lifetime)
}
