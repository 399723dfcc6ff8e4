// Package fault is the catalogue of deviations: each a documented value that
// makes a correct authenticator wrong in exactly one way.
//
// It owns what can go wrong with a device. It acts through
// [authenticator.Seams] alone and must never need a change in the behaviour it
// spoils; nor does it know who is to notice.
package fault

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/internal/nearest"
)

// Fault is one deviation. The absence of faults is correct behaviour.
type Fault struct {
	ID    string              // permanent, "what/how"
	Spec  string              // the rule that it breaks, or that a verifier checks to notice
	Doc   string              // one sentence
	Seams authenticator.Seams // hand these to authenticator.New or Attach
}

// All returns every fault, sorted by ID.
func All() []Fault { return slices.Clone(catalogue) }

// Lookup returns the fault with an ID. The error names the ID most like it.
func Lookup(id string) (Fault, error) {
	ids := make([]string, len(catalogue))
	for i, f := range catalogue {
		if f.ID == id {
			return f, nil
		}
		ids[i] = f.ID
	}
	if meant := nearest.Name(id, ids); meant != "" {
		return Fault{}, fmt.Errorf("no fault is called %q: did you mean %q?", id, meant)
	}
	return Fault{}, fmt.Errorf("no fault is called %q: fault.All lists them", id)
}

// Once limits f to the first time it could act. Each call of Once counts anew.
func (f Fault) Once() Fault { return f.OnCall(1) }

// OnCall limits f to the nth time, counted from 1, that each of its seams is
// passed: the nth signature, the nth answer of the user. Each call of OnCall
// counts anew.
func (f Fault) OnCall(n int) Fault {
	s := &f.Seams
	s.Request = nth(n, s.Request)
	s.Response = nth(n, s.Response)
	s.APDU = nth(n, s.APDU)
	s.AuthData = nth(n, s.AuthData)
	s.Attester = nth(n, s.Attester)
	if sign, due := s.Sign, due(n); sign != nil {
		s.Sign = func(message, signature []byte) []byte {
			if !due() {
				return signature
			}
			return sign(message, signature)
		}
	}
	if answer, due := s.Answer, due(n); answer != nil {
		s.Answer = func(p authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
			if !due() {
				return g, err
			}
			return answer(p, g, err)
		}
	}
	if found, due := s.Found, due(n); found != nil {
		s.Found = func(rpID string, all []*authenticator.Credential) []*authenticator.Credential {
			if !due() {
				return all
			}
			return found(rpID, all)
		}
	}
	return f
}

// due returns a function that is true when called the nth time.
func due(n int) func() bool {
	var calls atomic.Int64
	return func() bool { return calls.Add(1) == int64(n) }
}

// nth limits a seam of one value.
func nth[V any](n int, seam func(V) V) func(V) V {
	if seam == nil {
		return nil
	}
	due := due(n)
	return func(v V) V {
		if !due() {
			return v
		}
		return seam(v)
	}
}
