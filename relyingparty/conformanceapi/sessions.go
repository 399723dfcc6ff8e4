package conformanceapi

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// cookieName carries the session.
const cookieName = "conformance-session"

// maxSessions bounds how many sessions are kept; then the oldest is forgotten.
const maxSessions = 10_000

// tokenSize is the number of random bytes in a token, and in a user handle.
const tokenSize = 32

// session is one driver's, from options to result. The interface has one ceremony of
// each kind at a time: new options take the place of the old.
type session struct {
	token string // the cookie's value

	mu           sync.Mutex
	registration *registration
	login        *login
}

// registration and login are ceremonies that wait for their results.
type registration struct {
	*ceremony.Registration
	name   string
	handle []byte
}

type login struct{ *ceremony.Login }

// sessions finds sessions by the cookie's value. The zero value has none.
type sessions struct {
	mu      sync.Mutex
	byToken map[string]*session
	order   []string // oldest first
}

// session is the one that a request belongs to, or a new one.
func (s *Server) session(w http.ResponseWriter, r *http.Request) (*session, error) {
	if c, err := r.Cookie(cookieName); err == nil {
		if known := s.sessions.find(c.Value); known != nil {
			return known, nil
		}
	}
	raw, err := s.draw()
	if err != nil {
		return nil, err
	}
	token := base64.RawURLEncoding.EncodeToString(raw)
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return s.sessions.add(token), nil
}

func (t *sessions) find(token string) *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byToken[token]
}

func (t *sessions) add(token string) *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byToken == nil {
		t.byToken = make(map[string]*session)
	}
	if len(t.order) == maxSessions {
		delete(t.byToken, t.order[0])
		t.order = append(t.order[:0:0], t.order[1:]...)
	}
	in := &session{token: token}
	t.byToken[token] = in
	t.order = append(t.order, token)
	return in
}

// nothingWaits is said of a result that no options were asked for.
const nothingWaits = "there are no options that this could be the result of"

// open and take hand a ceremony from options to result. What is taken is gone, whatever
// comes of it.
func (in *session) openRegistration(r *registration) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.registration = r
}

func (in *session) takeRegistration() (*registration, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	r := in.registration
	in.registration = nil
	return r, r != nil
}

func (in *session) openLogin(l *login) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.login = l
}

func (in *session) takeLogin() (*login, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	l := in.login
	in.login = nil
	return l, l != nil
}

func (s *Server) draw() ([]byte, error) {
	b := make([]byte, tokenSize)
	if _, err := io.ReadFull(s.config.Random, b); err != nil {
		return nil, fmt.Errorf("conformanceapi: draw random bytes: %w", err)
	}
	return b, nil
}

// serialReader lets concurrent requests draw from one source.
type serialReader struct {
	mu   sync.Mutex
	from io.Reader
}

func (r *serialReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.from.Read(p)
}
