package adapter

import (
	"context"
	"strings"
)

// adapter makes of a file what it says.
func (f *file) adapter() *Adapter {
	a := &Adapter{Name: f.Site, Signals: f.Signals, Session: session{f}, Words: translations(f.Errors)}
	if f.SignUp != nil {
		a.SignUp = ceremony{f.SignUp, f.Error}
	}
	if f.SignUpPassword != nil {
		a.PasswordSignUp = password{f.SignUpPassword, f.Error}
	}
	if f.LogIn != nil {
		a.Login = ceremony{f.LogIn, f.Error}
	}
	if f.LogInByAutofill != nil {
		a.Autofill = autofill{f.LogInByAutofill, f.Error}
	}
	if f.LogInByPassword != nil {
		a.PasswordLogin = password{f.LogInByPassword, f.Error}
	}
	if f.AddPasskey != nil {
		a.AddPasskey = ceremony{f.AddPasskey, f.Error}
	}
	if f.RemoveOldest != nil {
		a.RemoveOldest = removal{f.RemoveOldest, f.Error}
	}
	return a
}

type session struct{ file *file }

// WhoAmI implements [Session].
func (s session) WhoAmI(ctx context.Context, p Page) (string, error) {
	if s.file.Who.Open != "" {
		if err := p.Open(ctx, s.file.Who.Open); err != nil {
			return "", err
		}
	}
	if s.file.Who.Nobody != "" {
		if err := p.Await(ctx, s.file.Who.Text+", "+s.file.Who.Nobody, ""); err != nil {
			return "", err
		}
	}
	shown, err := p.Shows(ctx, s.file.Who.Text)
	if err != nil || !shown {
		return "", err
	}
	text, err := p.Text(ctx, s.file.Who.Text)
	return strings.TrimSpace(text), err
}

// LogOut implements [Session].
func (s session) LogOut(ctx context.Context, p Page) error {
	return s.file.LogOut.do(ctx, p, words{}, s.file.Error)
}

type ceremony struct {
	steps  steps
	errors string
}

// Begin implements [Ceremony].
func (c ceremony) Begin(ctx context.Context, p Page, email string) error {
	before, _ := c.steps.split("passkey")
	return before.do(ctx, p, words{email: email}, c.errors)
}

// Finish implements [Ceremony].
func (c ceremony) Finish(ctx context.Context, p Page, email string) error {
	_, from := c.steps.split("passkey")
	return from.do(ctx, p, words{email: email}, c.errors)
}

type autofill struct {
	steps  steps
	errors string
}

// Begin implements [Autofill]: it ends with a press on the field, as a person
// would who wants to see what is offered.
func (a autofill) Begin(ctx context.Context, p Page) error {
	before, from := a.steps.split("pick")
	if err := before.do(ctx, p, words{}, a.errors); err != nil {
		return err
	}
	return from[:1].do(ctx, p, words{}, a.errors)
}

// Finish implements [Autofill].
func (a autofill) Finish(ctx context.Context, p Page) error {
	_, from := a.steps.split("pick")
	return from[1:].do(ctx, p, words{}, a.errors)
}

type password struct {
	steps  steps
	errors string
}

// Enter implements [Password].
func (w password) Enter(ctx context.Context, p Page, email, pass string) error {
	return w.steps.do(ctx, p, words{email, pass}, w.errors)
}

type removal struct {
	steps  steps
	errors string
}

// RemoveOldest implements [Removal].
func (r removal) RemoveOldest(ctx context.Context, p Page) error {
	return r.steps.do(ctx, p, words{}, r.errors)
}

type translations []translation

// Translate implements [Translator].
func (t translations) Translate(text string) string {
	for _, one := range t {
		if strings.Contains(text, one.Says) {
			return one.Means
		}
	}
	return ""
}

// Tells implements [Translator].
func (t translations) Tells(key string) bool {
	for _, one := range t {
		if one.Means == key {
			return true
		}
	}
	return false
}
