package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"
)

// Panel is the control channel of a device: HTTP requests that stand for what a
// person does with it. Each is answered when what it asks for has been done.
type Panel struct {
	User  *User
	Power *Power
	Lamp  *Lamp
	Clock *Clock // nil: the time of the device cannot be moved
	// Erase removes all that the device keeps, as in the factory. It is called
	// while the power is off. nil: a device cannot be erased this way.
	Erase func(ctx context.Context) error
	// Report is told what a test suite found, as indented JSON. It may be nil.
	Report func(results []byte)

	mu      sync.Mutex
	results json.RawMessage // as reported last
}

// Handler answers the requests of programs on this machine, and refuses those of
// web pages.
func (p *Panel) Handler() http.Handler { return p.handler(false) }

func (p *Panel) handler(anywhere bool) http.Handler {
	mux := http.NewServeMux()
	for _, way := range p.ways() {
		mux.HandleFunc(way.method+" "+way.path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			way.answer(w, r)
		})
	}
	return guard{mux, anywhere}
}

// maxBody is the size of the longest request in bytes.
const maxBody = 1 << 20

// patience is how long a request waits for the device to ask for a touch. The
// client may leave before.
const patience = 30 * time.Second

// deed does something that needs no more of the request than where it went.
func (p *Panel) deed(do func(r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(r); err != nil {
			refuse(w, statusOf(err), err)
			return
		}
		p.status(w, r)
	}
}

// status tells what the device and its user are at.
func (p *Panel) status(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, p.Status())
}

// Status is what the device and its user are at.
type Status struct {
	Power       string    `json:"power"`       // on or off
	Doors       []string  `json:"doors"`       // addresses that are open
	Touch       string    `json:"touch"`       // auto, manual, refuse or a delay
	WrongFinger int       `json:"wrongFinger"` // verifications that are still to fail
	Waiting     []Waiting `json:"waiting"`     // prompts that wait for the user
	Winks       int       `json:"winks"`       // so far
}

// Waiting is a prompt that waits for the user.
type Waiting struct {
	For    string `json:"for"`
	RPID   string `json:"rpId,omitempty"`
	User   string `json:"user,omitempty"`
	Verify bool   `json:"verify"` // a finger that the device knows is wanted
	Long   bool   `json:"long"`   // for five seconds
}

// Status returns what the device and its user are at.
func (p *Panel) Status() Status {
	user := p.User.Standing()
	s := Status{
		Power: "off", Doors: p.Power.Doors(), Touch: user.Manner.String(), WrongFinger: user.WrongFinger,
		Waiting: []Waiting{}, Winks: p.Lamp.Winks(),
	}
	if p.Power.IsOn() {
		s.Power = "on"
	}
	for _, prompt := range user.Waiting {
		s.Waiting = append(s.Waiting, Waiting{prompt.Kind.String(), prompt.RP.ID, prompt.User.Name, prompt.Verify, prompt.Long})
	}
	return s
}

// errBadRequest is wrapped by what is wrong with a request itself.
var errBadRequest = errors.New("bad request")

func statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errBadRequest):
		return http.StatusBadRequest
	case errors.Is(err, errors.ErrUnsupported):
		return http.StatusNotImplemented
	case errors.Is(err, ErrRefusing):
		return http.StatusConflict
	case errors.Is(err, ErrNotAsked):
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

func refuse(w http.ResponseWriter, status int, err error) {
	write(w, status, map[string]string{"error": err.Error()})
}

func write(w http.ResponseWriter, status int, value any) {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error": "the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a client that has left does not want it
}
