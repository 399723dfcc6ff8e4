package client

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/latewait"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Authenticator is one authenticator within the client's reach. It speaks CTAP2,
// U2F or both. By U2F it makes credentials of ES256 that are not discoverable, and
// verifies nobody; authenticators that fail to say by CTAP2 what they are, are
// tried by U2F.
type Authenticator struct {
	Name       string              // for the user's choices and for causes of errors
	Transport  ctap.Transport      // CTAP2; nil: it speaks U2F alone
	U2F        u2f.Transport       // nil: it speaks CTAP2 alone
	Attachment webauthn.Attachment // empty: as the "plat" option of getInfo says

	// Info is what getInfo said when the authenticator was discovered, so that
	// it is not asked again in every ceremony. It must be read anew after
	// anything that changes it: the authenticator was unplugged, reset or
	// updated, or a PIN or fingerprint was enrolled or removed. It is not
	// changed here. nil means that each ceremony asks.
	Info *ctap.GetInfoResponse

	// Changed, if set, is called when the client itself has changed what
	// getInfo says, because the user has set or changed the PIN on its
	// request, with what it says now.
	Changed func(*ctap.GetInfoResponse)

	// Discover is the silentCredentialDiscovery operation (§6.3.5): the
	// discoverable credentials for rpID, found without a gesture. It is what
	// autofill lists. nil means that a platform authenticator is asked over
	// CTAP, which reveals no user names without user verification, and that
	// any other authenticator is not discovered at all.
	Discover func(ctx context.Context, rpID string) ([]Account, error)

	// Silently makes a credential without a gesture (§6.3.2, requireUserPresence
	// false), which is what conditional create() asks for and CTAP cannot. nil means
	// that the authenticator does no such thing, as security keys do not.
	Silently func(ctx context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error)

	// Signals hears what relying parties say of credentials (§5.1.10). nil means that
	// the authenticator hears nothing, as security keys do.
	Signals SignalReceiver
}

// Caller is the page that calls create() or get(), as the browser knows it
// and never in the page's own words.
type Caller struct {
	Origin      string // serialised, such as "https://example.com:8443"
	TopOrigin   string // of the top-level document; used only with CrossOrigin
	CrossOrigin bool   // the frame is not same-origin with its ancestors
	Mediation   string // "", "optional", "required", "conditional" or "silent"
}

// Conditional is the mediation without modal dialogs: get() waits for the user to
// pick a passkey from autofill, and create() makes one in silence.
const Conditional = "conditional"

// Config is what a Client needs from outside. Only Authenticators is required.
type Config struct {
	// Authenticators returns those available now. It is called once per
	// ceremony, from the goroutine of the caller. What it returned may not be
	// changed while the ceremony lasts.
	Authenticators func() []Authenticator

	// User is the person in front of the client; nil is a [Passive] one.
	User User

	// PIN is where the user types PINs; nil means that the client takes none,
	// and that an authenticator with nothing but a PIN verifies nobody.
	PIN PINEntry

	// RelatedOrigins lets an RP ID vouch for other origins (§5.11). nil
	// means that the client does not support related origin requests.
	RelatedOrigins RelatedOrigins

	// Timeouts bounds what pages may ask for; the zero value is [SpecTimeouts].
	Timeouts Timeouts

	// Deadline starts the timers of a ceremony, its lifetime and the pauses
	// in it: the context that it returns ends with
	// context.DeadlineExceeded after d. nil is as
	// context.WithTimeout; tests hand in timers that end when told.
	Deadline func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)

	// Random is what keys and initialization vectors are drawn from; nil is
	// crypto/rand. It is read by one goroutine at a time.
	Random io.Reader

	// Enterprise says which enterprise attestation a relying party may have
	// (§5.4.7). nil allows none to anybody.
	Enterprise func(rpID string) Enterprise

	// Consents reports whether a page may have a passkey made in silence, by
	// conditional create() (§5.1.3): the client has just mediated a sign-in of this
	// user at the caller's origin, by whatever means, and the user agrees to being
	// given passkeys so. nil means that none of that is ever so.
	Consents func(caller Caller, user webauthn.UserEntity) bool

	// SignalFailed, if set, is told which authenticator could not carry out a signal,
	// of which no page learns.
	SignalFailed func(authenticator string, err error)

	// ProtectByDefault asks for credProtect where the page does not, as
	// Chromium does: credentials that are discoverable are then not found
	// without user verification. WebAuthn knows no such default.
	ProtectByDefault bool

	// ZeroAAGUID also blanks the AAGUID under attestation "none", as Level 2
	// had it and browsers do for security keys. The current draft keeps it.
	ZeroAAGUID bool

	// BelieveAuthenticators hands on answers that contradict the request
	// (wrong RP ID hash, missing user verification and the like), so that it
	// is the relying party that has to notice. A browser does not.
	BelieveAuthenticators bool
}

// Client serves pages. It is safe for concurrent use and keeps nothing from
// one ceremony to the next.
type Client struct {
	config Config
	random io.Reader
	seams  []Seams
}

// New returns a Client. Seams, if any, act in their order.
func New(config Config, seams ...Seams) (*Client, error) {
	if config.Authenticators == nil {
		return nil, errors.New("client: Config.Authenticators is missing; Attached makes one of a fixed list")
	}
	if config.User == nil {
		config.User = Passive{}
	}
	if config.Deadline == nil {
		config.Deadline = latewait.WithTimeout
	}
	if config.Timeouts == (Timeouts{}) {
		config.Timeouts = SpecTimeouts()
	}
	random := io.Reader(rand.Reader)
	if config.Random != nil {
		random = &turns{from: config.Random}
	}
	return &Client{config: config, random: random, seams: seams}, nil
}

// Attached is a fixed set of authenticators for [Config].
func Attached(all ...Authenticator) func() []Authenticator {
	return func() []Authenticator { return all }
}

// turns has one goroutine after the other read.
type turns struct {
	mu   sync.Mutex
	from io.Reader
}

func (r *turns) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.from.Read(p)
}
