package fault

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/passkeylab/passkeylab/internal/occasion"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// Once limits f to the first time that it would make a difference. Each call of Once
// counts anew.
func (f Fault) Once() Fault { return f.OnCall(1) }

// OnCall limits f to the nth time, counted from 1, that each of its seams would make a
// difference: the nth step that it would have end otherwise, the nth text that it would
// change. Each call of OnCall counts anew.
//
// A policy is not limited: every request looks at it, whatever comes of that.
func (f Fault) OnCall(n int) Fault { return f.limited(occasion.Nth(n)) }

// Sometimes limits f to a share p of the times, 0 to 1, that it would make a
// difference. random decides, 8 bytes for each of them: with the same stream, such as
// one of a seed, it does so in the same way. A random that fails decides against it.
func (f Fault) Sometimes(p float64, random io.Reader) Fault {
	return f.limited(occasion.Share(p, random))
}

// limited asks occasions, for each seam, for a function that tells whether this is an
// occasion to act.
func (f Fault) limited(occasions func() func() bool) Fault {
	s := &f.Seams
	if handle := s.Handle; handle != nil {
		due := occasions()
		s.Handle = func(name string, drawn []byte) []byte {
			return limit(due, bytes.Equal, drawn, handle(name, drawn))
		}
	}
	if options := s.Options; options != nil {
		due := occasions()
		s.Options = func(of ceremony.Ceremony, laid json.RawMessage) json.RawMessage {
			return limit(due, sameJSON, laid, options(of, laid))
		}
	}
	if taken := s.Taken; taken != nil {
		due := occasions()
		s.Taken = func(w ceremony.Waiting) any {
			return limit(due, func(a, b any) bool { return a == b }, w.What, taken(w)) // pointers
		}
	}
	s.Challenge = limitPart(occasions(), s.Challenge)
	s.Response = limitPart(occasions(), s.Response)
	s.ClientData = limitPart(occasions(), s.ClientData)
	s.AuthenticatorData = limitPart(occasions(), s.AuthenticatorData)
	if object := s.AttestationObject; object != nil {
		due := occasions()
		s.AttestationObject = func(data []byte) []byte { return limit(due, bytes.Equal, data, object(data)) }
	}
	if s.Steps != nil {
		steps := make(map[ceremony.Step]around, len(s.Steps))
		for step, act := range s.Steps {
			steps[step] = limitStep(occasions(), act)
		}
		s.Steps = steps
	}
	return f
}

// limit chooses what was spoiled where that makes a difference and is due.
func limit[V any](due func() bool, same func(a, b V) bool, sound, spoiled V) V {
	if same(sound, spoiled) || due() {
		return spoiled
	}
	return sound
}

// sameJSON compares options whatever the order of their members.
func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return bytes.Equal(a, b)
	}
	return bytes.Equal(canonical(x), canonical(y))
}

func canonical(v any) []byte {
	out, err := json.Marshal(v) // with members in order
	if err != nil {
		return nil
	}
	return out
}

func limitPart(due func() bool, seam func(ceremony.Ceremony, []byte) []byte) func(ceremony.Ceremony, []byte) []byte {
	if seam == nil {
		return nil
	}
	return func(of ceremony.Ceremony, data []byte) []byte {
		return limit(due, bytes.Equal, data, seam(of, data))
	}
}

// limitStep has a step end as it would without the fault, where that is otherwise and
// not due. What a fault leaves in the Verification stands only where it acted.
func limitStep(due func() bool, act around) around {
	return func(v *ceremony.Verification, run func() error) error {
		before := *v
		sound := run()
		after := *v
		*v = before
		spoiled := act(v, run)
		if (sound == nil) == (spoiled == nil) || due() {
			return spoiled
		}
		*v = after
		return sound
	}
}
