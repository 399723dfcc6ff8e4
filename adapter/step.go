package adapter

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// step is one thing that a file has the visitor do.
type step struct {
	line int
	verb string // a key of verbs
	what string // a path for open, otherwise a CSS selector
	with string // the text for fill
}

// verbs are the things that a step may be.
var verbs = []string{"open", "fill", "press", "await", "passkey", "pick"}

// steps are done in their order.
type steps []step

// words are what placeholders of a file stand for.
type words struct{ email, password string }

// fill puts words in for placeholders. {user} is the email address up to the @.
func (w words) fill(text string) string {
	user, _, _ := strings.Cut(w.email, "@")
	return strings.NewReplacer("{email}", w.email, "{user}", user, "{password}", w.password).Replace(text)
}

// split divides the steps before the first of this verb.
func (s steps) split(verb string) (before, from steps) {
	if i := slices.IndexFunc(s, func(one step) bool { return one.verb == verb }); i >= 0 {
		return s[:i], s[i:]
	}
	return s, nil
}

// do takes the steps. errors selects where the page shows what it refuses.
func (s steps) do(ctx context.Context, p Page, w words, errors string) error {
	for i, one := range s {
		if one.verb == "passkey" {
			// All that follows belongs to it: only the page knows when it is over.
			return one.failed(p.Ceremony(ctx, func(ctx context.Context) error {
				if err := p.Press(ctx, w.fill(one.what)); err != nil {
					return err
				}
				return s[i+1:].do(ctx, p, w, errors)
			}))
		}
		if err := one.do(ctx, p, w, errors); err != nil {
			return one.failed(err)
		}
	}
	return nil
}

func (s step) do(ctx context.Context, p Page, w words, errors string) error {
	what := w.fill(s.what)
	switch s.verb {
	case "open":
		return p.Open(ctx, what)
	case "fill":
		return p.Fill(ctx, what, w.fill(s.with))
	case "press", "pick":
		return p.Press(ctx, what)
	default:
		return p.Await(ctx, what, errors)
	}
}

// failed says which line of the file it was, once.
func (s step) failed(err error) error {
	if err == nil {
		return nil
	}
	if _, told := err.(*stepError); told {
		return err
	}
	return &stepError{s, err}
}

// stepError says where in a file something went wrong.
type stepError struct {
	step step
	err  error
}

func (e *stepError) Error() string {
	return fmt.Sprintf("line %d of the adapter, %s %s: %v", e.step.line, e.step.verb, e.step.what, e.err)
}

func (e *stepError) Unwrap() error { return e.err }
