package tunnel

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

// Limits are what users of a server can make it do and keep. Zero fields have the
// values named here. The number of tunnels is not limited.
type Limits struct {
	Wait     time.Duration // of one side for the other; 2 minutes
	Idle     time.Duration // between two messages; 5 minutes, for people at a phone are slow
	Life     time.Duration // of a tunnel; 15 minutes
	Write    time.Duration // until a message is taken by a slow reader; 30 s
	Messages int           // in a tunnel, both ways together; 4096
	Contacts int           // that listen or have listened; 4096
}

func (l Limits) filled() Limits {
	return Limits{
		Wait: cmp.Or(l.Wait, 2*time.Minute), Idle: cmp.Or(l.Idle, 5*time.Minute), Life: cmp.Or(l.Life, 15*time.Minute),
		Write: cmp.Or(l.Write, 30*time.Second), Messages: cmp.Or(l.Messages, 4096), Contacts: cmp.Or(l.Contacts, 4096),
	}
}

// Config is what a [Server] needs.
type Config struct {
	Limits Limits
	// Random is where routing and tunnel IDs come from, such as crypto/rand's
	// Reader. The IDs of two tunnels have to differ.
	Random io.Reader
	// Logger hears of tunnels that open and end; nil for nobody. It hears routing
	// IDs only: who knows a tunnel ID can join the tunnel.
	Logger *slog.Logger
}

// Server is a tunnel service. It is an http.Handler, safe for concurrent use. Each
// WebSocket has a goroutine, until it is closed.
type Server struct {
	limits Limits
	logger *slog.Logger
	mux    *http.ServeMux
	life   context.Context
	end    context.CancelCauseFunc
	users  sync.WaitGroup

	mu       sync.Mutex
	random   io.Reader
	tunnels  map[hybrid.TunnelID]*tunnel
	contacts map[string]*contact
}

// New returns a server without tunnels.
func New(config Config) (*Server, error) {
	if config.Random == nil {
		return nil, errors.New("tunnel: Config.Random is needed; crypto/rand.Reader will do")
	}
	s := &Server{
		limits: config.Limits.filled(), logger: config.Logger, random: config.Random, mux: http.NewServeMux(),
		tunnels: map[hybrid.TunnelID]*tunnel{}, contacts: map[string]*contact{},
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	s.life, s.end = context.WithCancelCause(context.Background())
	s.mux.HandleFunc("GET "+hybrid.NewPath+"{tunnel}", s.serveNew)
	s.mux.HandleFunc("GET "+hybrid.ConnectPath+"{routing}/{tunnel}", s.serveConnect)
	s.mux.HandleFunc("GET "+hybrid.ContactPath+"{contact}", s.serveContact)
	s.mux.HandleFunc("GET "+hybrid.ListenPath+"{contact}", s.serveListen)
	s.mux.HandleFunc("DELETE "+hybrid.ListenPath+"{contact}", s.serveForget)
	return s, nil
}

// ServeHTTP implements [http.Handler]. Beside the status codes of HTTP itself it
// answers 400 to IDs and headers that cannot be read, 403 to pages of another
// origin, 404 to tunnels and 410 to contacts that it does not know, 409 where a
// seat is taken or a routing ID is not the tunnel's, and 503 where there is no
// room.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, "the tunnel service has closed", http.StatusServiceUnavailable)
		return
	}
	defer s.users.Done()
	s.mux.ServeHTTP(w, r)
}

// enter counts a user, unless the server has closed.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life.Err() != nil {
		return false
	}
	s.users.Add(1)
	return true
}

// Close ends all tunnels, and returns when all WebSockets are closed. One whose
// other end says nothing any more is waited for a few seconds.
func (s *Server) Close() {
	s.mu.Lock()
	s.end(&ending{code: hybrid.CloseLost})
	s.mu.Unlock()
	s.users.Wait()
}
