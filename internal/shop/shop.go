// Package shop is a small web application that has people log in elsewhere, by OpenID
// Connect's code flow. It is written with go-oidc, as such applications are, so that it
// shares no code with the site that it trusts.
//
// It owns the application's pages and its sessions. It must never know how people prove
// who they are.
package shop

import (
	"context"
	_ "embed" // for the page
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Config says who the application is. All fields are required.
type Config struct {
	URL              string // its own origin
	Issuer           string // whom it trusts, as the tokens say it
	ClientID, Secret string
	Transport        http.RoundTripper // by which it reaches the issuer
	Now              func() time.Time
	Random           io.Reader // of states, nonces, verifiers and session IDs
}

// Callback is the path that the issuer sends people back to.
const Callback = "/callback"

// Shop is the application. It is safe for concurrent use.
type Shop struct {
	config Config

	mu       sync.Mutex
	sessions map[string]*session
	found    *oidc.Provider // nil until somebody has wanted to log in
}

// session is one browser's.
type session struct {
	state, nonce, verifier string // of a login that is under way
	email                  string // of whoever is logged in; "" for nobody
	problem                string // what went wrong the last time
}

// cookie names the session.
const cookie = "__Host-shop"

// most bounds the sessions that are remembered.
const most = 1000

// New makes the application. It asks the issuer for nothing before somebody logs in.
func New(c Config) *Shop { return &Shop{config: c, sessions: map[string]*session{}} }

// ServeHTTP implements [http.Handler].
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	switch r.URL.Path {
	case "/":
		err = s.show(w, r)
	case "/login":
		err = s.logIn(w, r)
	case Callback:
		err = s.called(w, r)
	case "/logout":
		err = s.logOut(w, r)
	default:
		http.NotFound(w, r)
	}
	if err != nil {
		http.Error(w, "the shop: "+err.Error(), http.StatusBadGateway)
	}
}

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

func (s *Shop) show(w http.ResponseWriter, r *http.Request) error {
	v := struct{ Email, Problem string }{}
	if at := s.session(r); at != nil {
		v.Email, v.Problem = at.email, at.problem
		at.problem = ""
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	return page.Execute(w, v)
}

// session finds the browser's session, nil for none.
func (s *Shop) session(r *http.Request) *session {
	c, err := r.Cookie(cookie)
	if err != nil {
		return nil
	}
	return s.sessions[c.Value]
}

// begin makes a session that is new, so that none can be had in advance.
func (s *Shop) begin(w http.ResponseWriter) (*session, error) {
	id, err := s.draw()
	if err != nil {
		return nil, err
	}
	if len(s.sessions) >= most {
		clear(s.sessions)
	}
	at := new(session)
	s.sessions[id] = at
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: id, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return at, nil
}

func (s *Shop) draw() (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(s.config.Random, b[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(b[:]), nil
}

// provider is what the issuer says of itself, asked for once.
func (s *Shop) provider(ctx context.Context) (*oidc.Provider, error) {
	if s.found == nil {
		found, err := oidc.NewProvider(ctx, s.config.Issuer)
		if err != nil {
			return nil, err
		}
		s.found = found
	}
	return s.found, nil
}

// reaching is a context in which the issuer is reached by the configured transport.
func (s *Shop) reaching(r *http.Request) context.Context {
	return oidc.ClientContext(r.Context(), &http.Client{Transport: s.config.Transport})
}

func (s *Shop) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: s.config.ClientID, ClientSecret: s.config.Secret, Endpoint: p.Endpoint(),
		RedirectURL: s.config.URL + Callback, Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// logIn sends the browser to the issuer. What else the address says goes along: hints,
// and "prompt".
func (s *Shop) logIn(w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(s.reaching(r))
	if err != nil {
		return err
	}
	at, err := s.begin(w)
	if err != nil {
		return err
	}
	for _, secret := range []*string{&at.state, &at.nonce, &at.verifier} {
		if *secret, err = s.draw(); err != nil {
			return err
		}
	}
	extra := []oauth2.AuthCodeOption{oidc.Nonce(at.nonce), oauth2.S256ChallengeOption(at.verifier)}
	for _, name := range []string{"screen_hint", "login_hint", "prompt"} {
		if value := r.URL.Query().Get(name); value != "" {
			extra = append(extra, oauth2.SetAuthURLParam(name, value))
		}
	}
	http.Redirect(w, r, s.oauth(p).AuthCodeURL(at.state, extra...), http.StatusFound)
	return nil
}

// called takes the code that the issuer has sent the browser back with.
func (s *Shop) called(w http.ResponseWriter, r *http.Request) error {
	at := s.session(r)
	if at == nil || at.state == "" || r.URL.Query().Get("state") != at.state {
		return errors.New("nobody here has asked for that")
	}
	at.state = ""
	if problem := r.URL.Query().Get("error"); problem != "" {
		at.problem = problem
	} else if err := s.exchange(r, at); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusFound)
	return nil
}

// exchange gets the ID token for a code, and believes it.
func (s *Shop) exchange(r *http.Request, at *session) error {
	ctx := s.reaching(r)
	p, err := s.provider(ctx)
	if err != nil {
		return err
	}
	tokens, err := s.oauth(p).Exchange(ctx, r.URL.Query().Get("code"), oauth2.VerifierOption(at.verifier))
	if err != nil {
		return err
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := p.Verifier(&oidc.Config{ClientID: s.config.ClientID, Now: s.config.Now}).Verify(ctx, raw)
	if err != nil {
		return err
	}
	if id.Nonce != at.nonce {
		return errors.New("the ID token is of another login")
	}
	var claims struct {
		Email string `json:"email"`
	}
	if err := id.Claims(&claims); err != nil {
		return fmt.Errorf("claims of the ID token: %w", err)
	}
	at.email = claims.Email
	return nil
}

// logOut forgets the session, and has the issuer forget its own.
func (s *Shop) logOut(w http.ResponseWriter, r *http.Request) error {
	if at := s.session(r); at != nil {
		*at = session{}
	}
	to := strings.TrimSuffix(s.config.Issuer, "/") + "/v2/logout?" +
		url.Values{"client_id": {s.config.ClientID}, "returnTo": {s.config.URL + "/"}}.Encode()
	http.Redirect(w, r, to, http.StatusFound)
	return nil
}
