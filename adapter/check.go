package adapter

import (
	"errors"
	"fmt"
	"strings"
)

// list is one list of steps of a file, and what is asked of it.
type list struct {
	name  string
	steps steps
	asks  string // the verb that must be in it exactly once, "" for none
}

func (f *file) lists() []list {
	return []list{
		{"sign-up", f.SignUp, "passkey"},
		{"sign-up-with-password", f.SignUpPassword, ""},
		{"log-in", f.LogIn, "passkey"},
		{"log-in-by-autofill", f.LogInByAutofill, "pick"},
		{"log-in-with-password", f.LogInByPassword, ""},
		{"log-out", f.LogOut, ""},
		{"add-passkey", f.AddPasskey, "passkey"},
		{"remove-oldest-passkey", f.RemoveOldest, ""},
	}
}

// check reports everything that a file cannot go without.
func (f *file) check() error {
	var wrong []error
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if f.Site == "" {
		add("site is missing: what people call the site")
	}
	if f.Who == nil || f.Who.Text == "" {
		add("who.text is missing: the selector of the element that shows who is logged in")
	}
	if f.LogOut == nil {
		add("log-out is missing")
	}
	if f.SignUp == nil && f.SignUpPassword == nil {
		add("sign-up and sign-up-with-password are both missing: every journey begins with an account")
	}
	for i, t := range f.Errors {
		if t.Says == "" || t.Means == "" {
			add("errors: entry %d needs says and means", i+1)
		}
	}
	for _, l := range f.lists() {
		if err := l.check(); err != nil {
			wrong = append(wrong, err)
		}
	}
	if wrong == nil {
		return nil
	}
	return errors.New(strings.ReplaceAll(errors.Join(wrong...).Error(), "\n", "; "))
}

func (l list) check() error {
	if l.steps == nil {
		return nil
	}
	if len(l.steps) == 0 || len(l.steps) > maxSteps {
		return fmt.Errorf("%s: %d steps, and 1 to %d are right", l.name, len(l.steps), maxSteps)
	}
	asked := 0
	for _, s := range l.steps {
		switch {
		case s.verb == l.asks:
			asked++
		case s.verb == "passkey" || s.verb == "pick":
			return fmt.Errorf("line %d: %s has no step %q", s.line, l.name, s.verb)
		}
	}
	last := l.steps[len(l.steps)-1]
	switch {
	case l.asks != "" && asked != 1:
		return fmt.Errorf("line %d: %s has %d steps %q, and needs one", l.steps[0].line, l.name, asked, l.asks)
	case last.verb != "await":
		return fmt.Errorf("line %d: %s must end with \"await\": an element that is there only when it has worked", last.line, l.name)
	}
	return nil
}
