package adapter

import (
	"context"
	"errors"
	"fmt"
)

// Adapter is the way about one site. What the site has not, or nobody has
// described, is nil: journeys that need it do not apply.
type Adapter struct {
	Name    string // of the site, for people
	Session Session

	SignUp         Ceremony // an account with a passkey
	PasswordSignUp Password // an account with a password and no passkey
	Login          Ceremony // by a button that asks for a passkey
	Autofill       Autofill // by the passkeys that the browser offers in a field
	PasswordLogin  Password
	AddPasskey     Ceremony // to the account that is logged in
	Signals        bool     // the site's pages tell devices about passkeys (WebAuthn L3 §5.1.10)
	RemoveOldest   Removal
	Words          Translator // nil: any error that the site shows is taken for the right one
}

// Session is who is logged in.
type Session interface {
	// WhoAmI returns what the site calls whoever is logged in, in which their
	// email address occurs, or "" for nobody.
	WhoAmI(context.Context, Page) (string, error)
	LogOut(context.Context, Page) error
}

// Ceremony is something that a passkey is made or used for.
type Ceremony interface {
	// Begin gets as far as the page on which the passkey is asked for. email may be
	// "" at a login.
	Begin(ctx context.Context, p Page, email string) error
	// Finish has the passkey asked for, and returns when the site has taken it. It may
	// be called again on the same page after it was refused. The error is a [*Refused]
	// where the page says why nothing came of it.
	Finish(ctx context.Context, p Page, email string) error
}

// Autofill is a login by a passkey that the browser offers in a field.
type Autofill interface {
	// Begin opens the page with the field, and gives the field the focus.
	Begin(context.Context, Page) error
	// Finish returns when the site has taken the passkey that was picked.
	Finish(context.Context, Page) error
}

// Password is something that is done with an email address and a password.
type Password interface {
	Enter(ctx context.Context, p Page, email, password string) error
}

// Removal takes away the passkey that the account has had for longest. The device
// that holds it is not told.
type Removal interface {
	RemoveOldest(context.Context, Page) error
}

// Translator puts what the page says into words that journeys know: names of the
// browser's exceptions, such as NotAllowedError, and keys of docs/site-hooks.md.
type Translator interface {
	// Translate returns the key of an error. It is "" where the site does not tell
	// this error from others.
	Translate(text string) string
	// Tells reports whether the site has words of its own for a key.
	Tells(key string) bool
}

// Refused is an error that the page shows.
type Refused struct{ Text string }

func (r *Refused) Error() string { return fmt.Sprintf("the page says %q", r.Text) }

// Page is a tab with the site in it. Elements are named by CSS selectors; the first
// that fits is meant. Every method waits until what it needs is there, as long as
// its context lasts.
type Page interface {
	Hands
	Eyes
	// Ceremony is around whatever makes the page ask for a passkey, until the page
	// has what came of it: the user answers meanwhile. Nothing else is answered.
	Ceremony(context.Context, func(context.Context) error) error
}

// Hands are what a visitor does.
type Hands interface {
	Open(ctx context.Context, address string) error // a path of the site, or an absolute URL
	Fill(ctx context.Context, selector, text string) error
	Press(ctx context.Context, selector string) error
}

// Eyes are what a visitor sees.
type Eyes interface {
	// Await waits until an element can be seen that could not be seen at the last
	// Press on this document, or showed another text. Where the page shows an error
	// first, likewise since then, the error is a [*Refused]. errors
	// selects where the page shows them; "" where it does not.
	Await(ctx context.Context, selector, errors string) error
	// Text is the text of an element, which must be there by now.
	Text(ctx context.Context, selector string) (string, error)
	// Shows reports whether an element can be seen now.
	Shows(ctx context.Context, selector string) (bool, error)
}

// Check reports what no adapter can go without.
func (a *Adapter) Check() error {
	switch {
	case a.Name == "":
		return errors.New("adapter: Name is missing")
	case a.Session == nil:
		return errors.New("adapter: Session is missing: without it nobody can tell who is logged in")
	case a.SignUp == nil && a.PasswordSignUp == nil:
		return errors.New("adapter: SignUp and PasswordSignUp are both missing: every journey begins with an account")
	}
	return nil
}
