package mds

import (
	"cmp"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Config says what a [Service] is made of. Secret and Clock are required.
type Config struct {
	Secret []byte           // of which all keys and serial numbers are made; who knows it can sign
	Clock  func() time.Time // tells the time; need not run forward in real time
	// URL is the address at which the service is reached, "http://127.0.0.1:8090".
	// The certificates say that their revocation lists are there. Without it they
	// name none, and nobody can ask.
	URL       string
	Host      string             // that the signing certificate is for; "mds.passkeylab.test" by default
	Algorithm webauthn.Algorithm // of BLOB signatures: ES256, the default, or RS256
	// Every is how long after its publication a BLOB names its successor, at the
	// latest; 30 days by default. A whole day is the least.
	Every       time.Duration
	LegalHeader string // of BLOBs; a sentence that claims nothing by default
}

// Defaults.
const (
	defaultHost   = "mds.passkeylab.test"
	defaultEvery  = 30 * 24 * time.Hour
	defaultLegal  = "Made by a test of passkeylab. It says nothing about any real authenticator."
	leastInterval = 24 * time.Hour
)

// Service publishes metadata. It may be used concurrently, and is an
// [http.Handler]: see [Service.ServeHTTP].
type Service struct {
	config    Config
	authority *authority
	mux       *http.ServeMux

	mu        sync.Mutex
	entries   []*kept
	rogues    map[string]RogueList // by AAGUID
	published Payload
	at        time.Time // of the publication
	due       time.Time // of the next by itself
	faults    []Fault
}

// kept is an entry with all its reports, those of days to come included.
type kept struct {
	entry Entry
	since Date // when it was first published
}

// New makes a service that has not published anything yet.
func New(c Config) (*Service, error) {
	if len(c.Secret) == 0 || c.Clock == nil {
		return nil, errors.New("mds: Config.Secret and Config.Clock are required")
	}
	c.Algorithm = cmp.Or(c.Algorithm, webauthn.ES256)
	c.Host, c.Every, c.LegalHeader = cmp.Or(c.Host, defaultHost), cmp.Or(c.Every, defaultEvery), cmp.Or(c.LegalHeader, defaultLegal)
	c.URL = strings.TrimSuffix(c.URL, "/")
	if c.Every < leastInterval {
		return nil, fmt.Errorf("mds: Config.Every is %v; dates are whole days", c.Every)
	}
	a, err := newAuthority(c)
	if err != nil {
		return nil, err
	}
	s := &Service{config: c, authority: a, rogues: map[string]RogueList{}}
	s.mux = s.routes()
	return s, nil
}

// Root is the certificate that relying parties are to trust, DER.
func (s *Service) Root() []byte { return s.authority.root.cert.Raw }

// RootPEM is the same in the form of files.
func (s *Service) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Root()})
}

// Host is what the signing certificate is for.
func (s *Service) Host() string { return s.config.Host }

// Publish publishes entries beside those that there are; one of a model that has
// an entry takes its place. It returns the number of the BLOB that has them.
//
// A status report whose day has not come is held back until then; it is published
// when the BLOB is next asked for.
func (s *Service) Publish(entries ...Entry) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Clock()
	for i := range entries {
		e := entries[i]
		e.StatusReports = slices.Clone(e.StatusReports)
		if old := s.find(&e); old != nil {
			old.entry = e
			continue
		}
		s.entries = append(s.entries, &kept{entry: e, since: On(now)})
	}
	return s.publish(now)
}

// Withdraw publishes without the entry of a model.
func (s *Service) Withdraw(id webauthn.AAGUID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = slices.DeleteFunc(s.entries, func(k *kept) bool { return k.entry.names(&Entry{AAGUID: id.String()}) })
	return s.publish(s.config.Clock())
}

// Report publishes one more status report on a model, effective today if it does
// not say when.
func (s *Service) Report(id webauthn.AAGUID, r StatusReport) (int, error) {
	return s.change(id, func(e *Entry, now time.Time) {
		if r.EffectiveDate.IsZero() {
			r.EffectiveDate = On(now)
		}
		e.StatusReports = append(e.StatusReports, r)
	})
}

// Rogues publishes a list of single devices of a model that are not to be trusted.
// It is found below Config.URL.
func (s *Service) Rogues(id webauthn.AAGUID, list RogueList) (int, error) {
	return s.change(id, func(e *Entry, _ time.Time) {
		s.rogues[e.AAGUID] = slices.Clone(list)
		e.RogueListURL, e.RogueListHash = s.config.URL+roguePath(e.AAGUID), list.Hash()
	})
}

func (s *Service) change(id webauthn.AAGUID, change func(*Entry, time.Time)) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.find(&Entry{AAGUID: id.String()})
	if k == nil {
		return 0, fmt.Errorf("mds: no entry has AAGUID %s; publish one first", id)
	}
	now := s.config.Clock()
	change(&k.entry, now)
	return s.publish(now), nil
}

func (s *Service) find(e *Entry) *kept {
	for _, k := range s.entries {
		if k.entry.names(e) {
			return k
		}
	}
	return nil
}

// publish makes the next BLOB's payload of what is known at a moment.
func (s *Service) publish(now time.Time) int {
	p := Payload{
		LegalHeader: s.config.LegalHeader, Number: s.published.Number + 1,
		NextUpdate: On(now.Add(s.config.Every)), Entries: []Entry{},
	}
	s.due = p.NextUpdate.Time()
	for _, k := range s.entries {
		e, next := k.at(now)
		p.Entries = append(p.Entries, e)
		if !next.IsZero() && next.Time().Before(s.due) {
			s.due = next.Time()
		}
	}
	s.published, s.at = p, now
	return p.Number
}

// at is the entry as it is published at a moment, and the day of the first report
// that is held back.
func (k *kept) at(now time.Time) (e Entry, next Date) {
	e = k.entry
	e.StatusReports = []StatusReport{}
	changed := k.since
	for _, r := range k.entry.StatusReports {
		if day := r.EffectiveDate; day.After(now) {
			if next.IsZero() || day.Time().Before(next.Time()) {
				next = day
			}
			continue
		}
		e.StatusReports = append(e.StatusReports, r)
		if r.EffectiveDate.Time().After(changed.Time()) {
			changed = r.EffectiveDate
		}
	}
	if e.TimeOfLastStatusChange.IsZero() {
		e.TimeOfLastStatusChange = changed
	}
	return e, next
}

// Payload is what the BLOB says at the moment, without faults.
func (s *Service) Payload() Payload {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, _ := s.current()
	return p
}

// current is what is published, renewed where that is due, and since when.
func (s *Service) current() (Payload, time.Time) {
	if now := s.config.Clock(); s.published.Number == 0 || !now.Before(s.due) {
		s.publish(now)
	}
	return s.published, s.at
}

// Break makes the service wrong in the given ways, and right in all others, until
// it is called again. Without faults it is right altogether.
func (s *Service) Break(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.Clone(faults)
}

// BLOB is what relying parties download: the payload, signed.
func (s *Service) BLOB() ([]byte, error) {
	token, _, err := s.blob()
	return token, err
}

// blob is the BLOB, and when it was published.
func (s *Service) blob() ([]byte, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, at := s.current()
	p.Entries = slices.Clone(p.Entries) // a fault may change them
	for _, f := range s.faults {
		f.seams.onPayload(&p)
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil, at, fmt.Errorf("mds: payload: %w", err)
	}
	sealing := s.authority.seal(s.config.Clock())
	for _, f := range s.faults {
		text = f.seams.onText(text)
		if err := f.seams.onSeal(sealing); err != nil {
			return nil, at, fmt.Errorf("mds: fault %s: %w", f.ID, err)
		}
	}
	token, err := sealing.token(text)
	if err != nil {
		return nil, at, err
	}
	for _, f := range s.faults {
		token = f.seams.onToken(token)
	}
	return token, at, nil
}

// list is the revocation list of an issuer, DER, or nil where none is to be found.
func (s *Service) list(of *issued) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.authority.revocation(of, s.config.Clock())
	for _, f := range s.faults {
		if err := f.seams.onList(r); err != nil {
			return nil, fmt.Errorf("mds: fault %s: %w", f.ID, err)
		}
	}
	if r.missing {
		return nil, nil
	}
	return r.sign()
}
