package relyingparty

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// pendingPerSession bounds how many challenges of a kind a session may have open,
// one for each tab that waits.
const pendingPerSession = 8

// session is what the site remembers of one browser.
type session struct {
	at    *domain
	token string // the cookie's value
	csrf  string
	// opened is when somebody logged in, or the visit began.
	opened time.Time

	mu            sync.Mutex
	seen          time.Time
	flow          flow
	registrations pending[*registration]
	logins        pending[*ceremony.Login]
}

// flow is where a browser is between two pages.
type flow struct {
	userID        string    // logged in as; empty when nobody is
	authenticated time.Time // when that was
	newcomer      newcomer  // who signs up; without a name when nobody does
	loginEmail    string
	resetTicket   string         // mailed secret that a passkey may be made with
	loginStarted  time.Time      // when loginEmail was given on the login page; zero for elsewhere
	authorization *authorization // that an application waits for; nil for none
	stepUp        *stepUp        // login that waits for its second factor; nil for none
	multiFactor   bool           // userID has shown a second factor
	recoveryCode  string         // that the user has to note; "" for none
	afterNote     string         // where they are led then
	signalsDue    bool           // the next page has something to tell authenticators
	upgradeDue    bool           // the next page asks for a passkey in silence
	upgradeUntil  time.Time      // before when it may
}

// registration is a registration in progress, with what its success should lead to.
type registration struct {
	*ceremony.Registration
	screen   string   // that asked
	email    string   // what the account is called
	newcomer newcomer // whom to make an account for; when userID has none
	userID   string   // of the account to add to
	ticket   string   // mailed secret that stands in for a login; empty for none
	silent   bool     // asked for with mediation "conditional"
}

// name tells sessions apart where others read: whoever knows it has not the cookie.
func (s *session) name() string {
	sum := sha256.Sum256([]byte("name of session " + s.token))
	return encode(sum[:16])
}

func (s *session) state() flow {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flow
}

func (s *session) change(f func(*flow)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.flow)
}

func (s *session) openRegistration(r *registration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.registrations.add(r)
}

func (s *session) openLogin(l *ceremony.Login) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins.add(l)
}

func (s *session) takeRegistration(challenge string) (*registration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.registrations.take(challenge)
}

func (s *session) takeLogin(challenge string) (*ceremony.Login, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins.take(challenge)
}

// atPages is a ceremony that waits in this session; what is nil for one that is looked for.
func (v *visit) atPages(of ceremony.Ceremony, challenge string, what any) ceremony.Waiting {
	return ceremony.Waiting{Door: DoorPages, Session: v.session.token, Ceremony: of, Name: challenge, What: what}
}

// pending is a short queue of ceremonies that wait for their response.
type pending[T interface{ Challenge() string }] []T

func (p *pending[T]) add(ceremony T) {
	if len(*p) == pendingPerSession {
		*p = append((*p)[:0:0], (*p)[1:]...)
	}
	*p = append(*p, ceremony)
}

// take finds the ceremony of a challenge and removes it: its one chance.
func (p *pending[T]) take(challenge string) (ceremony T, ok bool) {
	for i, c := range *p {
		if c.Challenge() == challenge {
			*p = append((*p)[:i:i], (*p)[i+1:]...)
			return c, true
		}
	}
	return ceremony, false
}

// sessions keeps the browser sessions. Strangers and logged-in users are kept apart,
// so that a flood of strangers pushes nobody out.
type sessions struct {
	strangers *lru[*session]
	users     *lru[*session]
}

func newSessions(limit int) *sessions {
	return &sessions{strangers: newLRU[*session](limit), users: newLRU[*session](limit)}
}

// find returns the live session of a token and keeps it alive.
func (t *sessions) find(token string, now time.Time, p Policy) (*session, bool) {
	s, ok := t.strangers.get(token)
	if !ok {
		s, ok = t.users.get(token)
	}
	if !ok {
		return nil, false
	}
	s.mu.Lock()
	expired := now.Sub(s.seen) > p.SessionLifetime || now.Sub(s.opened) > p.SessionMaximum
	s.seen = now
	s.mu.Unlock()
	if expired {
		t.end(s)
		return nil, false
	}
	return s, true
}

func (t *sessions) add(s *session) {
	if s.state().userID == "" {
		t.strangers.put(s.token, s)
		return
	}
	t.users.put(s.token, s)
}

func (t *sessions) end(s *session) {
	t.strangers.delete(s.token)
	t.users.delete(s.token)
}

// endAllOf ends every session of a user.
func (t *sessions) endAllOf(userID string) {
	t.users.deleteFunc(func(s *session) bool { return s.state().userID == userID })
}
