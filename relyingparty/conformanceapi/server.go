package conformanceapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// Server answers the four endpoints. It is an [http.Handler] and may be used
// concurrently.
type Server struct {
	config     Config
	ceremonies *ceremony.Ceremonies
	users      users
	sessions   sessions
	handlers   map[string]handler // by path
	mux        *http.ServeMux
}

// New checks the configuration.
func New(c Config) (*Server, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	c.Random = &serialReader{from: c.Random}
	ceremonies, err := ceremony.New(ceremony.Config{
		RPID: c.RPID, RPName: c.RPName, Origin: c.Origin, Clock: c.Clock, Random: c.Random, Metadata: c.Metadata, Seams: relyingparty.CeremonySeams(c.Seams),
		CrossOrigin: c.CrossOrigin,
	})
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, ceremonies: ceremonies, mux: http.NewServeMux()}
	s.handlers = map[string]handler{
		"/attestation/options": (*Server).attestationOptions,
		"/attestation/result":  (*Server).attestationResult,
		"/assertion/options":   (*Server).assertionOptions,
		"/assertion/result":    (*Server).assertionResult,
	}
	for path := range s.handlers {
		s.mux.HandleFunc("POST "+path, s.answer)
	}
	return s, nil
}

// Paths lists what the server answers.
func Paths() []string {
	return []string{"/attestation/options", "/attestation/result", "/assertion/options", "/assertion/result"}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// handler answers a body with the members of a success.
type handler func(*Server, *session, []byte) (json.RawMessage, error)

// maxBody bounds request bodies.
const maxBody = 64 << 10

// failure is a request that cannot be carried out.
type failure struct {
	status int
	text   string
}

func (f *failure) Error() string { return f.text }

func wrong(text string) error { return &failure{http.StatusBadRequest, text} }

// serverResponse is ServerResponse of the interface.
type serverResponse struct {
	Status       string `json:"status"`
	ErrorMessage string `json:"errorMessage"`
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	status, answer := http.StatusOK, []byte(nil)
	members, err := s.carryOut(w, r)
	if err == nil {
		answer = succeeded(members)
	} else {
		status, answer = explain(err)
	}
	status, answer = s.seenAnswer(r.URL.Path, status, answer)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(answer) // nobody is left to tell
}

// carryOut returns the members of a success.
func (s *Server) carryOut(w http.ResponseWriter, r *http.Request) (json.RawMessage, error) {
	if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != "application/json" {
		return nil, &failure{http.StatusUnsupportedMediaType, "the content type must be application/json"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, &failure{http.StatusRequestEntityTooLarge, "the body cannot be read: " + err.Error()}
	}
	in, err := s.session(w, r)
	if err != nil {
		return nil, err
	}
	path, body := s.seenRequest(r.URL.Path, body)
	return s.handlers[path](s, in, body)
}

// succeeded puts the members of an answer behind those of every answer.
func succeeded(members json.RawMessage) json.RawMessage {
	const start = `{"status":"ok","errorMessage":""`
	if members == nil {
		return json.RawMessage(start + "}")
	}
	return append([]byte(start+","), members[1:]...)
}

// explain says a failure; errorMessage is never empty.
func explain(err error) (int, json.RawMessage) {
	status, text := http.StatusInternalServerError, "internal error"
	var f *failure
	var refused *ceremony.Refusal
	switch {
	case errors.As(err, &f):
		status, text = f.status, f.text
	case errors.As(err, &refused):
		status, text = http.StatusBadRequest, string(refused.Reason)+": "+refused.Explain()
	}
	answer, _ := json.Marshal(serverResponse{"failed", text}) // strings always encode
	return status, answer
}

// decode reads one JSON object; members that are not known are let by.
func decode(body []byte, into any) error {
	if first := bytes.TrimLeft(body, " \t\r\n"); len(first) == 0 || first[0] != '{' {
		return wrong("the body is no JSON object")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return wrong("the body: " + err.Error())
	}
	return nil
}
