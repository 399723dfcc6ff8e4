package relyingparty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// Site is the running website. It is an [http.Handler] and may be used concurrently.
type Site struct {
	config    Config
	domains   []*domain // that of BaseURL first
	policy    atomic.Pointer[Policy]
	settled   map[string]json.RawMessage // settings as they were stored when they were applied; guarded by changing
	closing   context.Context
	stop      context.CancelFunc // closes
	followed  chan struct{}      // closed when nobody follows the settings any more
	changing  sync.Mutex         // held by who reads the policy to change it
	store     *store.Store
	metadata  *ceremony.Metadata // nil for none
	passwords *passwords
	sessions  *sessions
	spent     *lru[struct{}] // challenges answered lately, to tell a replay from a stranger
	outbox    *Outbox
	postman   *postman // nil for none
	pages     *pages.Set
	handler   http.Handler

	applications applications
	authSessions *authSessions
	enrolling    *enrolments
	codes        *lru[*grantedCode]
	takenBack    *lru[struct{}] // hashes of access tokens of codes that came twice
	streams      chan struct{}  // one in it for each stream of the log
	streamStall  time.Duration  // that a reader of one may leave unread what was sent
	signing      signing

	stepUps *lru[*stepUp] // by the tokens that applications have of them

	requests, passwordErrors, resetMails, registerCalls, challengeCalls, factorErrors, factorMails *limiter
}

// spentChallenges bounds how many answered challenges are remembered.
const spentChallenges = 10_000

// New opens the site's database, creating or migrating it as needed, and makes the
// site ready to serve. A database that is damaged or not ours is refused and left
// untouched. New starts a goroutine that hands mails over where there is a mail server,
// and with a database that other sites can share one that looks for settings that they
// have changed. Close ends them and releases the database.
func New(c Config) (*Site, error) {
	c, where, err := c.complete()
	if err != nil {
		return nil, err
	}
	c.Random = &sharedReader{from: c.Random}
	s := &Site{
		config:         c,
		sessions:       newSessions(c.Limits.Sessions),
		spent:          newLRU[struct{}](spentChallenges),
		outbox:         newOutbox(),
		requests:       newLimiter(c.Limits.Requests),
		passwordErrors: newLimiter(c.Limits.PasswordErrors),
		resetMails:     newLimiter(c.Limits.ResetMails),
		registerCalls:  newLimiter(c.Limits.PasskeyAPI),
		challengeCalls: newLimiter(c.Limits.PasskeyAPI),
		factorErrors:   newLimiter(c.Limits.FactorErrors),
		factorMails:    newLimiter(c.Limits.FactorMails),
		stepUps:        newLRU[*stepUp](maxStepUps),
		authSessions:   newAuthSessions(),
		enrolling:      newEnrolments(),
		codes:          newLRU[*grantedCode](maxCodes),
		takenBack:      newLRU[struct{}](maxCodes),
		streams:        make(chan struct{}, maxStreams),
		settled:        make(map[string]json.RawMessage),
		followed:       make(chan struct{}),
		streamStall:    streamStall,
	}
	s.closing, s.stop = context.WithCancel(context.Background())
	s.policy.Store(&c.Policy)
	if s.applications, err = newApplications(c.Applications, c.Client); err != nil {
		return nil, err
	}
	if s.metadata, err = c.openMetadata(); err != nil {
		return nil, err
	}
	if err := s.openDomains(where); err != nil {
		return nil, err
	}
	if err := s.checkAudiences(); err != nil {
		return nil, err
	}
	if s.passwords, err = newPasswords(c.PasswordCost, c.Random); err != nil {
		return nil, err
	}
	if s.pages, err = pages.Load(); err != nil {
		return nil, err
	}
	var route *mailRoute
	if c.MailServer != nil {
		if route, err = c.MailServer.route(where); err != nil {
			return nil, err
		}
	}
	s.handler = s.routes()
	if s.store, err = c.openStore(); err != nil {
		return nil, err
	}
	if err := errors.Join(s.store.KeepEvents(c.LogRetention, c.Clock()), s.settle()); err != nil {
		return nil, errors.Join(err, s.store.Close())
	}
	if route != nil {
		s.postman = newPostman(route, s.mailGivenUp)
	}
	if c.Data == "" {
		close(s.followed)
		return s, nil
	}
	go s.followSettings()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close writes everything out and releases the database. Requests still running fail.
func (s *Site) Close() error {
	s.stop()
	<-s.followed
	if s.postman != nil {
		s.postman.close()
	}
	return s.store.Close()
}

// Outbox holds the mails the site has sent.
func (s *Site) Outbox() *Outbox { return s.outbox }

// Origin is the only origin of the site that responses may come from on the domain of
// BaseURL.
func (s *Site) Origin() string { return s.primary().origin }

// RPID is the relying party identifier on the domain of BaseURL.
func (s *Site) RPID() string { return s.primary().rp.Load().id }

// Policy returns the policy in force.
func (s *Site) Policy() Policy { return *s.policy.Load() }

// SetPolicy replaces the policy from the next request on, if it is a valid one.
func (s *Site) SetPolicy(p Policy) error {
	return s.ChangePolicy(func(held *Policy) error {
		*held = p
		return nil
	})
}

// ChangePolicy changes the policy in one step, so that of several changes at once none
// is lost. What change leaves has to be a valid policy; it must not ask the site for
// its policy, nor change it.
func (s *Site) ChangePolicy(change func(*Policy) error) error {
	return s.changePolicy(change, func(Policy) error { return nil })
}

// changePolicy is ChangePolicy with something to do before the new policy is in force;
// if that fails, it never is.
func (s *Site) changePolicy(change func(*Policy) error, before func(Policy) error) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	p := s.Policy()
	if err := change(&p); err != nil {
		return err
	}
	if err := errors.Join(p.validate(), s.config.servesModels(p)); err != nil {
		return err
	}
	if err := before(p); err != nil {
		return err
	}
	s.policy.Store(&p)
	return nil
}

// Metadata is what the site knows of authenticator models; nil when it was
// configured without.
func (s *Site) Metadata() *ceremony.Metadata { return s.metadata }

// User is an account as an operator sees it.
type User struct {
	ID          string
	Email       string // "" for none
	Created     time.Time
	Logins      int
	HasPassword bool
	Passkeys    []Passkey
}

// Passkey is a registered passkey as an operator sees it.
type Passkey struct {
	ceremony.Credential
	RegistrationID string // "passkey|dev_…", the name of the record
	Name           string
	RPID           string
	UserAgent      string // of the browser that registered it
	Created        time.Time
	LastUsed       time.Time // zero when never used
}

// DeviceType is "multi_device" for a passkey that may be synced, or "single_device".
func (p Passkey) DeviceType() string { return deviceType(p.BackupEligible) }

// Users lists all accounts with their passkeys, oldest first.
func (s *Site) Users() ([]User, error) {
	rows, err := s.store.Users()
	if err != nil {
		return nil, err
	}
	users := make([]User, len(rows))
	for i, row := range rows {
		if users[i], err = s.userOf(row); err != nil {
			return nil, err
		}
	}
	return users, nil
}

// ErrNoSuchUser says that no account has the email address asked for.
var ErrNoSuchUser = errors.New("relyingparty: no account has this email address")

// User finds an account by email address, or by another identifier that is active.
func (s *Site) User(email string) (User, error) {
	row, err := s.userRow(email)
	if errors.Is(err, store.ErrNotFound) {
		return User{}, fmt.Errorf("%w: %q", ErrNoSuchUser, email)
	}
	if err != nil {
		return User{}, err
	}
	return s.userOf(row)
}

func (s *Site) userRow(name string) (store.User, error) {
	if id, ok := s.Policy().Tenant.identifiers().read(name); ok {
		return s.store.UserBy(id.kind, id.key)
	}
	return s.store.UserByEmail(emailKey(name))
}

// RemovePasskey deletes a passkey of an account, as an operator would; the device
// that holds it is not told. id is its RegistrationID.
func (s *Site) RemovePasskey(email, id string) error {
	u, err := s.User(email)
	if err != nil {
		return err
	}
	return s.store.Update(func(tx *store.Tx) error { return tx.DeletePasskey(u.ID, id) })
}

func (s *Site) userOf(row store.User) (User, error) {
	keys, err := s.store.Passkeys(row.ID)
	if err != nil {
		return User{}, err
	}
	u := User{ID: row.ID, Email: row.Email, Created: row.Created, Logins: row.Logins, HasPassword: row.Password != ""}
	for _, k := range keys {
		u.Passkeys = append(u.Passkeys, passkeyOf(k))
	}
	return u, nil
}

// sharedReader lets concurrent requests draw from one source.
type sharedReader struct {
	mu   sync.Mutex
	from io.Reader
}

func (r *sharedReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.from.Read(p)
}
