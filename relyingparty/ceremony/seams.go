package ceremony

import (
	"encoding/json"

	"github.com/go-webauthn/webauthn/protocol"
)

// Ceremony says which of the two ceremonies something belongs to, by the type in its
// client data (WebAuthn L3 §5.8.1).
type Ceremony = protocol.CeremonyType

const (
	Create Ceremony = protocol.CreateCeremony // "webauthn.create"
	Get    Ceremony = protocol.AssertCeremony // "webauthn.get"
)

// Seams are the only places where a fault can act on ceremonies, and where an observer
// can look on. A nil seam changes nothing. Several Seams act in the order they were
// given. Each may be called by many requests at a time.
type Seams struct {
	// Handle sees the user handle that was drawn for a new account of this name.
	Handle func(name string, drawn []byte) []byte
	// Challenge sees a challenge that was drawn.
	Challenge func(Ceremony, []byte) []byte
	// Options sees options as they are laid out, the object {"publicKey": …}.
	Options func(Ceremony, json.RawMessage) json.RawMessage

	// Begun is told of each ceremony that begins to wait for its response.
	Begun func(Waiting)
	// Taken sees which of the ceremonies that wait a response is for, and returns the
	// one that it is held to. What is nil for none; another one must have been Begun at
	// the same door.
	Taken func(Waiting) (what any)

	// Response sees the JSON of a response before it is read; the next three see its
	// parts before they are. What signatures are over remains as it came.
	Response          func(Ceremony, []byte) []byte
	ClientData        func(Ceremony, []byte) []byte
	AttestationObject func([]byte) []byte
	AuthenticatorData func(Ceremony, []byte) []byte

	// Steps are around steps of the verification of responses. Each is handed its step
	// to run, which looks at the Verification, and returns how the step ended.
	Steps map[Step]func(v *Verification, run func() error) error
}

// Step names a step by the section of WebAuthn L3 ("7.1") and by the number that the
// step has in its list here ("7 to 11"). [RegistrationSteps] and [LoginSteps] list them.
type Step struct{ Section, Number string }

// String is the step as people write it.
func (s Step) String() string {
	if s.Number == "" {
		return "§" + s.Section
	}
	return "§" + s.Section + " step " + s.Number
}

// Door is where a response comes in. Who keeps ceremonies names it.
type Door string

// Waiting is a ceremony that waits for its response.
type Waiting struct {
	Door     Door
	Session  string // in which it began; "" at a door that has none
	Ceremony Ceremony
	// Name is what finds it: the challenge, or the auth_session of an API; "" where the
	// session alone does.
	Name string
	What any // the ceremony itself, to hand on
}

// seamList are the Seams of a relying party. The zero value has none.
type seamList struct {
	all   []Seams
	steps bool // one of them has Steps
}

func newSeamList(all []Seams) (l seamList) {
	l.all = all
	for i := range all {
		l.steps = l.steps || len(all[i].Steps) > 0
	}
	return l
}

// Handle is the user handle that a new account gets: the one drawn, unless a seam of
// the ceremonies has another.
func (c *Ceremonies) Handle(name string, drawn []byte) []byte { return c.seams.handle(name, drawn) }

// through has a value go through one seam of each that has it, in their order.
func through[K, T any](l *seamList, of K, value T, seam func(*Seams) func(K, T) T) T {
	for i := range l.all {
		if f := seam(&l.all[i]); f != nil {
			value = f(of, value)
		}
	}
	return value
}

func (l *seamList) handle(name string, drawn []byte) []byte {
	return through(l, name, drawn, func(s *Seams) func(string, []byte) []byte { return s.Handle })
}

func (l *seamList) challenge(of Ceremony, drawn []byte) []byte {
	return through(l, of, drawn, func(s *Seams) func(Ceremony, []byte) []byte { return s.Challenge })
}

func (l *seamList) options(of Ceremony, laid json.RawMessage) json.RawMessage {
	return through(l, of, laid, func(s *Seams) func(Ceremony, json.RawMessage) json.RawMessage { return s.Options })
}

func (l *seamList) response(of Ceremony, data []byte) []byte {
	return through(l, of, data, func(s *Seams) func(Ceremony, []byte) []byte { return s.Response })
}

func (l *seamList) clientData(of Ceremony, data []byte) []byte {
	return through(l, of, data, func(s *Seams) func(Ceremony, []byte) []byte { return s.ClientData })
}

func (l *seamList) authenticatorData(of Ceremony, data []byte) []byte {
	return through(l, of, data, func(s *Seams) func(Ceremony, []byte) []byte { return s.AuthenticatorData })
}

func (l *seamList) attestationObject(data []byte) []byte {
	for i := range l.all {
		if f := l.all[i].AttestationObject; f != nil {
			data = f(data)
		}
	}
	return data
}

// around runs a step within the seams that are around it.
func (l *seamList) around(at Step, v *Verification, run func() error) error {
	for i := range l.all {
		if f := l.all[i].Steps[at]; f != nil {
			inner := run
			run = func() error { return f(v, inner) }
		}
	}
	return run()
}

// Begin tells the seams that a ceremony of these begins to wait at a door. Whoever
// keeps ceremonies between options and response calls it, and [Taken].
func (c *Ceremonies) Begin(w Waiting) {
	for i := range c.seams.all {
		if f := c.seams.all[i].Begun; f != nil {
			f(w)
		}
	}
}

// Taken is the ceremony that a response is for: the one found, unless a seam of the
// ceremonies has another.
func Taken[T any](c *Ceremonies, w Waiting, found T, ok bool) (T, bool) {
	for i := range c.seams.all {
		f := c.seams.all[i].Taken
		if f == nil {
			continue
		}
		if w.What = nil; ok {
			w.What = found
		}
		if what := f(w); what != nil {
			if other, is := what.(T); is {
				found, ok = other, true
			}
		}
	}
	return found, ok
}
