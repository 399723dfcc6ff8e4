// Package subject makes our own relying party a target of the judge: each case gets a
// server of its own, in this process, behind the interface that the FIDO Alliance
// publishes for servers, with a clock and metadata that do what the case says.
//
// It owns what of a relying party's surroundings a case can move. It must never know
// what a case looks for.
package subject

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/conformanceapi"
)

// Target makes relying parties. It is safe for concurrent use.
type Target struct {
	// Seams returns what makes a relying party wrong: faults of its own for each,
	// because faults may remember. It may be nil.
	Seams func() []relyingparty.Seams
	// List has relying parties hold to the published test list for servers where it
	// differs from WebAuthn Level 3.
	List bool
	// Algorithms are those that are offered, COSE identifiers, best first; nil means
	// those that the published test list asks for.
	Algorithms []int64
	// Choices are what relying parties decide otherwise than ours does by default, as the
	// judge's switches tell it.
	Choices relyingparties.Choices
	// Below has relying parties be at a subdomain of their RP ID.
	Below bool
	// Now is the time when nobody has moved it; nil means time.Now.
	Now func() time.Time
}

var _ conformance.Several = Target{}

// Where the relying parties are.
const (
	rpID   = "rp.example"
	origin = "https://" + rpID
)

func (t Target) origin() string {
	if t.Below {
		return "https://login." + rpID
	}
	return origin
}

// Several is true: no relying party knows of another.
func (Target) Several() bool { return true }

// Fresh implements [conformance.Target].
func (t Target) Fresh(_ context.Context, runSeed uint64) (conformance.Subject, error) {
	if t.Now == nil {
		t.Now = time.Now
	}
	s := &server{target: t}
	s.config = conformanceapi.Config{
		RPID: rpID, RPName: "passkeylab", Origin: t.origin(), Clock: s.now, Random: seed.Stream(runSeed, "subject"), Algorithms: t.Algorithms,
		WithoutPresence: t.List, TokenBinding: t.List, ZeroAAGUID: t.List,
	}
	s.choose()
	if t.Seams != nil {
		s.config.Seams = t.Seams()
	}
	return s, s.open()
}

// choose configures what the choices say.
func (s *server) choose() {
	is := func(name, value string) bool { return s.target.Choices[name] == value }
	if is("counter", "accept") {
		s.config.Counter = ceremony.CounterWarn
	}
	s.config.Verified, s.config.CrossOrigin = is("verification", "required"), is("cross-origin", "accept")
	s.config.Strictness = ceremony.Strictness{
		Attested: is("unattested", "refuse"), Canonical: is("canonical", "refuse"), KnownMembers: is("unknown-members", "refuse"),
		Solicited: is("extension-outputs", "refuse"), Details: is("statement-details", "refuse"),
		UserHandle: is("user-handle", "required"),
	}
	s.config.ModelsAtLogin = is("model-at-login", "refuse")
	s.config.AnyPasskey = s.config.Strictness.UserHandle // it says nothing elsewhere
}

// rules are those for models that the choices say.
func (s *server) rules() *ceremony.ModelRules {
	is := func(name, value string) bool { return s.target.Choices[name] == value }
	rules := &ceremony.ModelRules{AdmitUnknown: is("unknown-models", "accept"), HardwareBacked: is("software-keys", "refuse")}
	if is("denied-models", "judge") {
		rules.Deny = []ceremony.AAGUID{relyingparties.DeniedModel()}
	}
	return rules
}

// server is one of ours with its surroundings.
type server struct {
	target Target
	config conformanceapi.Config

	mu       sync.Mutex
	handler  http.Handler
	moved    time.Duration // how far the clock is ahead
	metadata *ceremony.Metadata
	trusted  relyingparties.Trust // what metadata are read from
}

var (
	_ relyingparties.Server   = (*server)(nil)
	_ relyingparties.Clock    = (*server)(nil)
	_ relyingparties.Trusting = (*server)(nil)
)

// open puts a server without any users in place.
func (s *server) open() error {
	handler, err := conformanceapi.New(s.config)
	if err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = handler
	return nil
}

// choices are what our relying party has chosen.
var choices = relyingparties.Choices{
	"trust": "judge", "counter": "refuse", "extension-outputs": "ignore", "unattested": "accept", "unknown-models": "refuse", "canonical": "accept",
	"unknown-members": "ignore", "user-handle": "optional", "backup-eligibility": "refuse",
}

// Site implements [relyingparties.Server].
func (s *server) Site() relyingparties.Site {
	site := relyingparties.Site{URL: s.target.origin(), Transport: relyingparties.Handler{Handler: s}, Now: s.now, Switches: maps.Clone(choices)}
	if s.target.List {
		maps.Copy(site.Switches, relyingparties.Choices{"presence": "optional", "token-binding": "refuse", "u2f-aaguid": "refuse"})
	}
	maps.Copy(site.Switches, s.target.Choices)
	return site
}

// ServeHTTP is the server that is in place.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	handler := s.handler
	s.mu.Unlock()
	handler.ServeHTTP(w, r)
}

func (s *server) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.target.Now().Add(s.moved)
}

// Pass implements [relyingparties.Clock].
func (s *server) Pass(_ context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved += d
	return nil
}

// Trust implements [relyingparties.Trusting]. The first time there is a BLOB the
// server begins anew, without users; from then on it keeps what it knows.
func (s *server) Trust(ctx context.Context, t *relyingparties.Trust) error {
	for format, roots := range t.Roots {
		_ = ceremony.TrustFormatRoots(format, roots...) // the roots of others are a matter of metadata
	}
	if t.BLOB == nil {
		return nil
	}
	s.mu.Lock()
	s.trusted = *t
	known := s.metadata
	s.mu.Unlock()
	if known == nil {
		return s.begin(t)
	}
	_ = known.Refresh(ctx) // a BLOB that is not accepted is no error
	return nil
}

// begin holds registrations against metadata from now on.
func (s *server) begin(t *relyingparties.Trust) error {
	metadata, err := ceremony.NewMetadata(ceremony.MetadataConfig{
		Source: func(context.Context) ([]byte, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.trusted.BLOB, nil
		},
		Root: t.BLOBRoot, Clock: s.now,
		Lists: func(ctx context.Context, url string) ([]byte, error) {
			s.mu.Lock()
			lists := s.trusted.Lists
			s.mu.Unlock()
			return lists(ctx, url)
		},
	})
	if err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	s.mu.Lock()
	s.metadata = metadata
	s.mu.Unlock()
	s.config.Metadata, s.config.Models = metadata, s.rules()
	return s.open()
}

// Close implements [conformance.Subject].
func (*server) Close() error { return nil }
