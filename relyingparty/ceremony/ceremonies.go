package ceremony

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"slices"
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
	policy   *webauthn.Config // with go-webauthn's choices where there is none of ours
	rpIDHash [sha256.Size]byte
	clock    func() time.Time
	random   io.Reader
	metadata *Metadata // nil for none
	seams    seamList
}

// Config says for whom ceremonies are held. All fields but CrossOrigin, Metadata
// and Seams are required.
type Config struct {
	RPID, RPName string
	Origin       string // serialised origin that responses must come from
	Clock        func() time.Time
	Random       io.Reader // source of challenges
	CrossOrigin  bool      // responses of a page inside one of another origin are accepted (§7.1 step 10, §7.2 step 13)
	Metadata     *Metadata // what model rules are held against; nil refuses where there are such rules
	Seams        []Seams   // where faults act; nil for none
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

// New checks the configuration.
func New(c Config) (*Ceremonies, error) {
	web, err := webauthn.New(&webauthn.Config{
		RPID:          c.RPID,
		RPDisplayName: c.RPName,
		RPOrigins:     []string{c.Origin},
	})
	if err != nil {
		return nil, fmt.Errorf("ceremony: RP ID %q with origin %q: %w", c.RPID, c.Origin, err)
	}
	web.Config.RPAllowCrossOrigin = c.CrossOrigin
	return &Ceremonies{
		policy:   web.Config,
		rpIDHash: sha256.Sum256([]byte(c.RPID)),
		clock:    c.Clock,
		random:   c.Random,
		metadata: c.Metadata,
		seams:    newSeamList(c.Seams),
	}, nil
}

// challenge is one question put to a client and what its answer is held against.
type challenge struct {
	random           [challengeSize]byte
	value            string // the same in base64url
	userVerification UserVerification
	models           *ModelRules // nil for any
	backup           BackupPolicy
	origins          []string // that the answer may come from
	strict           strictRules
	begun            time.Time
	expires          time.Time
	spent            atomic.Bool
}

// Registration is a registration in progress.
type Registration struct {
	challenge
	account    Account
	algorithms []protocol.CredentialParameter

	withoutPresence bool
}

// Login is an authentication in progress.
type Login struct {
	challenge
	allowed         []Credential // nil for any
	account         []byte       // who was identified before; nil for nobody
	withoutPresence bool
	backupLoss      BackupLossPolicy
}

// RegistrationRules are the choices left to policy in the creation options.
type RegistrationRules struct {
	UserVerification UserVerification
	Attestation      Attestation   // "" leaves the member out
	Models           *ModelRules   // which may be registered; nil for any
	Backup           BackupPolicy  // which may be registered; "" for any
	Hints            Hints         // sent as hints; none leaves the member out
	Attachment       string        // "platform", "cross-platform" or "" for what Hints come to
	Lifetime         time.Duration // of the challenge; sent as timeout
	Algorithms       []int64       // COSE identifiers, best first; nil means EdDSA, ES256, RS256
	Origins          []string      // that the answer may come from besides Config.Origin
	// WithoutPresence accepts an answer without a test of user presence, which §7.1
	// step 15 allows where the page asks with mediation "conditional".
	WithoutPresence bool
	// Selection is sent as authenticatorSelection as it stands; nil makes one that asks
	// for a passkey. UserVerification is what the answer is held to all the same.
	Selection  json.RawMessage
	Extensions json.RawMessage // sent as they stand; nil for none
	Strictness Strictness
}

// LoginRules are the choices left to policy in the request options.
type LoginRules struct {
	UserVerification UserVerification
	Shown            UserVerification // what the options say of it; "" for the same
	Models           *ModelRules      // which may still be used; nil for any
	Backup           BackupPolicy     // likewise; "" for any
	BackupLoss       BackupLossPolicy // "" is as BackupLossWarn
	Hints            Hints            // sent as hints; none leaves the member out
	Lifetime         time.Duration    // of the challenge; sent as timeout
	Origins          []string         // that the answer may come from besides Config.Origin
	Allow            []Credential     // only these; none means that the passkey says whose it is
	Account          []byte           // user handle of who was identified before; nil for nobody
	Extensions       json.RawMessage  // sent as they stand; nil for none
	Strictness       Strictness       // of which Solicited and UserHandle matter
	// WithoutPresence accepts an answer without a test of user presence, which §7.2
	// step 16 forbids. The published test list for servers demands it nevertheless.
	WithoutPresence bool
}

// BeginRegistration makes the options for navigator.credentials.create, as the JSON
// object {"publicKey": PublicKeyCredentialCreationOptionsJSON}. Credentials in have
// belong to the account already and are excluded.
func (c *Ceremonies) BeginRegistration(a Account, have []Credential, r RegistrationRules) (json.RawMessage, *Registration, error) {
	if n := len(a.Handle); n < protocol.MinimumUserHandleLength || n > protocol.MaximumUserHandleLength {
		return nil, nil, fmt.Errorf("ceremony: the user handle has %d bytes; WebAuthn L3 §5.4.3 allows 1 to 64", n)
	}
	asked := &Registration{account: a, algorithms: parametersOf(r.Algorithms), withoutPresence: r.WithoutPresence}
	asked.models, asked.backup = r.Models, r.Backup
	asked.origins = c.acceptedOrigins(r.Origins)
	asked.strict = strictRules{r.Strictness, r.Attestation, namesIn(r.Extensions)}
	if err := c.arm(&asked.challenge, Create, r.UserVerification, r.Lifetime); err != nil {
		return nil, nil, err
	}
	return c.seams.options(Create, c.creationOptions(asked, have, r)), asked, nil
}

// BeginLogin makes the options for navigator.credentials.get, as the JSON object
// {"publicKey": PublicKeyCredentialRequestOptionsJSON}.
func (c *Ceremonies) BeginLogin(r LoginRules) (json.RawMessage, *Login, error) {
	asked := &Login{allowed: r.Allow, account: r.Account, withoutPresence: r.WithoutPresence, backupLoss: r.BackupLoss}
	asked.models, asked.backup = r.Models, r.Backup
	asked.origins = c.acceptedOrigins(r.Origins)
	asked.strict = strictRules{Strictness: r.Strictness, extensions: namesIn(r.Extensions)}
	if err := c.arm(&asked.challenge, Get, r.UserVerification, r.Lifetime); err != nil {
		return nil, nil, err
	}
	return c.seams.options(Get, c.requestOptions(asked, r)), asked, nil
}

// arm fills in a new challenge.
func (c *Ceremonies) arm(to *challenge, of Ceremony, uv UserVerification, lifetime time.Duration) error {
	if _, err := io.ReadFull(c.random, to.random[:]); err != nil {
		return fmt.Errorf("ceremony: draw a challenge: %w", err)
	}
	to.value = encode(c.seams.challenge(of, to.random[:]))
	to.userVerification = uv
	to.begun = c.clock()
	to.expires = to.begun.Add(lifetime)
	return nil
}

// acceptedOrigins is the origin of the configuration and others.
func (c *Ceremonies) acceptedOrigins(others []string) []string {
	if len(others) == 0 {
		return c.policy.RPOrigins
	}
	return slices.Concat(c.policy.RPOrigins, others)
}

// parametersOf names algorithms as the options do; nil stands for those of a passkey.
func parametersOf(algorithms []int64) []protocol.CredentialParameter {
	if algorithms == nil {
		return offered
	}
	all := make([]protocol.CredentialParameter, len(algorithms))
	for i, id := range algorithms {
		all[i] = protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(id)}
	}
	return all
}

// Challenge is the challenge in base64url, as client data carry it.
func (c *challenge) Challenge() string { return c.value }

// Expires is until when the challenge can be answered.
func (c *challenge) Expires() time.Time { return c.expires }

// Account is whom the registration is for.
func (r *Registration) Account() Account { return r.account }
