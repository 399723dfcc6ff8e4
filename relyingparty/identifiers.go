package relyingparty

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// Identifiers say what accounts are told apart by (Flexible Identifiers). The zero value
// means the email address alone.
type Identifiers struct{ Email, Phone, Username Attribute }

// Attribute is one of them.
type Attribute struct {
	Identifier bool         // people log in with it, and no two have the same
	SignUp     SignUpStatus // whether it is asked for; "" for inactive
}

// SignUpStatus says whether an attribute is asked for when somebody signs up.
type SignUpStatus string

const (
	SignUpRequired SignUpStatus = "required"
	SignUpOptional SignUpStatus = "optional"
	SignUpInactive SignUpStatus = "inactive"
)

// asked reports whether people are asked for it.
func (a Attribute) asked() bool { return a.SignUp == SignUpRequired || a.SignUp == SignUpOptional }

// emailAlone is what a connection without Flexible Identifiers has.
var emailAlone = Identifiers{Email: Attribute{Identifier: true, SignUp: SignUpRequired}}

// identifiers are those in force.
func (t Tenant) identifiers() Identifiers {
	if !t.FlexibleIdentifiers || t.Identifiers == (Identifiers{}) {
		return emailAlone
	}
	return t.Identifiers
}

// withPasskeys reports whether any of them can have one: a username alone cannot, as the
// product has it (email: password, passkey; phone: password, passkey; username:
// password).
func (i Identifiers) withPasskeys() bool { return i.Email.Identifier || i.Phone.Identifier }

// kinds say what people log in with, for the pages.
func (i Identifiers) kinds() pages.Kinds {
	return pages.Kinds{Email: i.Email.Identifier, Phone: i.Phone.Identifier, Username: i.Username.Identifier}
}

func (i Identifiers) validate() error {
	if i == (Identifiers{}) {
		return nil
	}
	var errs []error
	some := false
	for name, a := range map[string]Attribute{"Email": i.Email, "Phone": i.Phone, "Username": i.Username} {
		switch a.SignUp {
		case "", SignUpInactive, SignUpOptional, SignUpRequired:
		default:
			errs = append(errs, fmt.Errorf("relyingparty: Policy.Tenant.Identifiers.%s.SignUp is %q", name, a.SignUp))
		}
		some = some || a.Identifier && a.asked()
	}
	if !some {
		errs = append(errs, errors.New("relyingparty: Policy.Tenant.Identifiers: nobody could sign up: one of them has to be an identifier that is asked for"))
	}
	return errors.Join(errs...)
}

// identifier is what somebody has typed to be known by.
type identifier struct {
	kind store.IdentifierKind
	text string // as it is shown
	key  string // as it is compared
}

// The forms of identifiers other than email addresses.
var (
	phoneForm    = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`) // E.164
	usernameForm = regexp.MustCompile("^[A-Za-z0-9_+.!#$'^`~@-]{1,15}$")
)

// phoneKey is a number in E.164, as far as text is one: what people put between its
// digits is left out.
func phoneKey(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "/", "").Replace(text)
}

func usernameKey(text string) string { return strings.ToLower(text) }

// validUsername refuses what could be taken for another kind of identifier.
func validUsername(s string) bool {
	return usernameForm.MatchString(s) && !validEmail(s) && !phoneForm.MatchString(phoneKey(s))
}

// validUsername is the same where usernames identify users; elsewhere they are only told.
func (i Identifiers) validUsername(s string) bool {
	if i.Username.Identifier {
		return validUsername(s)
	}
	return usernameForm.MatchString(s)
}

// read tells which kind of identifier a text is, among those that people log in with.
func (i Identifiers) read(text string) (identifier, bool) {
	phone := phoneKey(text)
	switch {
	case i.Email.Identifier && validEmail(text):
		return identifier{store.ByEmail, text, emailKey(text)}, true
	case i.Phone.Identifier && phoneForm.MatchString(phone):
		return identifier{store.ByPhone, phone, phone}, true
	case i.Username.Identifier && validUsername(text):
		return identifier{store.ByUsername, text, usernameKey(text)}, true
	}
	return identifier{}, false
}

// invalid is what is wrong with a text that is none of them.
func (i Identifiers) invalid(text string) *problem {
	if i == emailAlone {
		return checkEmail(text)
	}
	if text == "" {
		return fail(problemNoIdentifier)
	}
	return fail(problemInvalidIdentifier)
}

// of lists what makes somebody known. The kinds that are no identifiers here are part of
// the profile and nothing more.
func (i Identifiers) of(n newcomer) (all []identifier) {
	if n.email != "" && i.Email.Identifier {
		all = append(all, identifier{store.ByEmail, n.email, emailKey(n.email)})
	}
	if n.profile.PhoneNumber != "" && i.Phone.Identifier {
		all = append(all, identifier{store.ByPhone, n.profile.PhoneNumber, n.profile.PhoneNumber})
	}
	if n.profile.Username != "" && i.Username.Identifier {
		all = append(all, identifier{store.ByUsername, n.profile.Username, usernameKey(n.profile.Username)})
	}
	return all
}

// mayHavePasskey reports whether somebody is known by more than a username.
func (i Identifiers) mayHavePasskey(n newcomer) bool {
	return n.email != "" && i.Email.Identifier || n.profile.PhoneNumber != "" && i.Phone.Identifier
}

// missing is what is wrong with what somebody signs up with; nil for nothing. Members
// that are not asked for have been left out before.
func (i Identifiers) missing(n newcomer) *problem {
	switch {
	case n.email == "" && i.Email.SignUp == SignUpRequired:
		return fail(problemNoEmail)
	case n.profile.PhoneNumber == "" && i.Phone.SignUp == SignUpRequired:
		return fail(problemNoPhone)
	case n.profile.Username == "" && i.Username.SignUp == SignUpRequired:
		return fail(problemNoUsername)
	case len(i.of(n)) == 0:
		return fail(problemNoIdentifier)
	}
	return nil
}

// taken reports whether an account is known by one of these.
func (v *visit) taken(n newcomer) (bool, error) {
	for _, id := range v.policy.Tenant.identifiers().of(n) {
		switch _, err := v.site.store.UserBy(id.kind, id.key); {
		case err == nil:
			return true, nil
		case !errors.Is(err, store.ErrNotFound):
			return false, err
		}
	}
	return false, nil
}

// newcomerOf is an account as somebody who signs up.
func newcomerOf(u store.User) (newcomer, error) {
	p, err := profileOf(u)
	return newcomer{email: u.Email, profile: p}, err
}

// nameOf is what an account is called on pages and in the log.
func nameOf(u store.User) string {
	if u.Email != "" {
		return u.Email
	}
	n, err := newcomerOf(u)
	if err != nil {
		return u.ID
	}
	return n.name()
}

// mayEnrol reports whether an account may have passkeys.
func (v *visit) mayEnrol(u store.User) (bool, error) {
	n, err := newcomerOf(u)
	return v.policy.Tenant.identifiers().mayHavePasskey(n), err
}
