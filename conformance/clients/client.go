package clients

import (
	"context"
	"errors"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
)

// Client is a client under judgement. Each case has one of its own, with one
// scripted authenticator within its reach.
type Client interface {
	conformance.Subject
	// Features says what the client can do; cases that need more do not concern it.
	Features() []Feature
	// Perform puts the device within the client's reach, has the client carry out a
	// request, and takes the device away again. What the client makes of it, refusals
	// included, is in the result; the error is for a client that could not be asked,
	// or wraps [ErrCrashed]. It may be called several times, one after the other.
	Perform(ctx context.Context, device *Device, r *Request) (*Result, error)
}

// ErrCrashed is why a client made nothing of a request that it has not survived. No
// authenticator may bring that about.
var ErrCrashed = errors.New("the client crashed")

// Feature is something that a client may have. Drivers name them as they are here.
type Feature string

// The features.
const (
	// ServesPages: the client takes a page's origin and options, settles the RP ID and
	// makes the client data, as WebAuthn has it. Others are given all of that.
	ServesPages Feature = "webauthn"
	// OverHID: the device is reached by CTAPHID, not by whole messages.
	OverHID Feature = "hid"
	// OverHybrid: the device is a phone at the other end of a hybrid transport. It tells
	// unasked what it is, verifies its user and picks accounts itself, and takes lists
	// of any length.
	OverHybrid Feature = "hybrid"
	// SpeaksU2F: the client falls back to U2F.
	SpeaksU2F Feature = "u2f"
	// TypesPIN: the client has the user type a PIN, which is [Request].PIN.
	TypesPIN Feature = "pin"
	// TypesAnyPIN: these PINs may be of other characters than ASCII.
	TypesAnyPIN Feature = "any-pin"
	// SetsPIN: it has the user choose one where there is none, or the device wants another.
	SetsPIN Feature = "set-pin"
	// VerifiesBuiltIn: it has the device verify its user by itself.
	VerifiesBuiltIn Feature = "uv"
	// FindsAccounts: it asks for discoverable credentials, and takes the first account.
	FindsAccounts Feature = "accounts"
	// Cancels: the request can be withdrawn while the device waits for its user.
	Cancels Feature = "cancel"
	// ConveysAttestation: it has attestation conveyance preferences.
	ConveysAttestation Feature = "attestation"
	// AsksEnterprise: enterprise attestation is asked for where a page wants it.
	AsksEnterprise Feature = "enterprise"
	// GivesEnterprise: example.com may have it, and nobody else.
	GivesEnterprise Feature = "enterprise-policy"
	// ReachesSeveral: several devices can be within its reach, which are
	// [Request].Others.
	ReachesSeveral Feature = "several"
	// KeepsTime: the page's timeout ends a request, if it is a second.
	KeepsTime Feature = "timeout"
	// AsksRelated: it fetches what an RP ID says of other origins, which is
	// [Request].WellKnown.
	AsksRelated Feature = "related-origins"

	// Extensions, by the names that pages know them by.
	HasPRF         Feature = "prf"
	HasPRFAtOnce   Feature = "prf-create" // results for create(), too
	HasCredProtect Feature = "credProtect"
	HasCredProps   Feature = "credProps"
	HasCredBlob    Feature = "credBlob"
	HasMinPIN      Feature = "minPinLength"
	HasLargeBlob   Feature = "largeBlob"
	HasAppID       Feature = "appid"
	HasAppIDExcl   Feature = "appidExclude"
)

// AllFeatures are the features that there are.
func AllFeatures() []Feature {
	return []Feature{
		ServesPages, OverHID, OverHybrid, SpeaksU2F, TypesPIN, TypesAnyPIN, SetsPIN, VerifiesBuiltIn, FindsAccounts, Cancels,
		ConveysAttestation, AsksEnterprise, GivesEnterprise, ReachesSeveral, KeepsTime, AsksRelated,
		HasPRF, HasPRFAtOnce, HasCredProtect, HasCredProps, HasCredBlob, HasMinPIN, HasLargeBlob, HasAppID, HasAppIDExcl,
	}
}

// Request is what a client is asked for: create() where Create is set, else get().
type Request struct {
	Create    bool
	Origin    string // of the page
	RPID      string
	RPName    string
	Challenge []byte
	// ClientData is the client data of clients that make none.
	ClientData []byte

	UserID                []byte
	UserName, DisplayName string
	Algorithms            []int64
	// Types are those of Algorithms where they are not all "public-key".
	Types []string

	// PublicKey is the point of the P-256 key that signs, uncompressed, for clients
	// that offer to verify what they get.
	PublicKey []byte

	List [][]byte // IDs of excludeCredentials or allowCredentials
	// ListTypes are those of List where they are not all "public-key".
	ListTypes                     []string
	ResidentKey, UserVerification string
	Attestation                   string
	Attachment                    string
	Hints                         []string
	Extensions                    map[string]any // in the form of the options' JSON

	Timeout   time.Duration // of the options; 0 is none
	WellKnown *WellKnown    // nil: the RP ID answers with status 404
	Others    []*Device     // that are within reach beside the first

	PIN    string          // what the user types when asked for the PIN, every time
	NewPIN string          // what the user chooses when asked for a new one
	Cancel <-chan struct{} // when it is closed, the page withdraws
}

// WellKnown is the answer at /.well-known/webauthn of an RP ID.
type WellKnown struct {
	Status      int    `json:"status"`
	ContentType string `json:"contentType"`
	Body        string `json:"body"`
}

// Result is what a client made of a request.
type Result struct {
	// Error is why it failed: the name of a DOMException, or what a library calls it;
	// "" where it succeeded.
	Error  string
	Detail string // for people

	ClientData   []byte // as the client made it; nil where it makes none
	CredentialID []byte
	AuthData     []byte
	Signature    []byte
	UserHandle   []byte
	Format       string
	Statement    []byte         // the attestation statement in CBOR; nil where it is not told
	Extensions   map[string]any // outputs, as JSON has them
}

// Succeeded reports whether there is a credential or an assertion.
func (r *Result) Succeeded() bool { return r.Error == "" }
