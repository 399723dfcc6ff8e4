package conformanceapi

import (
	"fmt"
	"io"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// Config says for whom ceremonies are held and how strictly. RPID, RPName, Origin,
// Clock and Random are required.
type Config struct {
	RPID, RPName, Origin string
	Clock                func() time.Time
	Random               io.Reader // calls are serialised

	// Metadata and Models decide on authenticator models where a registration asks for
	// attestation; nil lets all in.
	Metadata *ceremony.Metadata
	Models   *ceremony.ModelRules
	// ModelsAtLogin has the same rules look at the models of passkeys again at logins.
	ModelsAtLogin bool

	// Algorithms are COSE identifiers, best first; nil means [Algorithms].
	Algorithms []int64
	// WithoutPresence accepts logins without a test of user presence, against WebAuthn
	// L3 §7.2 step 16; the published test list has them accepted.
	WithoutPresence bool
	// TokenBinding refuses a malformed tokenBinding in client data, as WebAuthn L2
	// §7.1 step 10 has it; Level 3 knows no such member, and lets it by.
	TokenBinding bool
	// ZeroAAGUID refuses attestation of U2F by an authenticator that has an AAGUID, of
	// which WebAuthn L3 §8.6 says nothing; the published test list has it refused.
	ZeroAAGUID bool
	Counter    ceremony.CounterPolicy // default: CounterRefuse
	// Verified demands user verification whatever the options say.
	Verified bool
	// CrossOrigin accepts responses of a page inside one of another origin.
	CrossOrigin bool
	// AnyPasskey has options of logins allow any passkey, whoever asks. The published
	// interface wants the user's named.
	AnyPasskey bool
	Strictness ceremony.Strictness

	Seams []relyingparty.Seams // where faults act; nil for none
}

// Algorithms returns what the published test list asks a server for: ES256, RS256 and
// RS1 are mandatory there, the others optional.
func Algorithms() []int64 {
	return []int64{-7, -257, -65535, -8, -35, -36, -37, -38, -39, -258, -259, -47}
}

// challengeLifetime is sent as timeout.
const challengeLifetime = time.Minute

func (c Config) complete() (Config, error) {
	if c.RPID == "" || c.Origin == "" || c.Clock == nil || c.Random == nil {
		return c, fmt.Errorf("conformanceapi: RPID, Origin, Clock and Random are required")
	}
	if c.RPName == "" {
		c.RPName = c.RPID
	}
	if c.Algorithms == nil {
		c.Algorithms = Algorithms()
	}
	if c.Counter == "" {
		c.Counter = ceremony.CounterRefuse
	}
	return c, nil
}
