package relyingparty

import "cmp"

// attributesJSON is options.attributes of the connection: Flexible Identifiers.
type attributesJSON struct {
	Email    *attributeJSON `json:"email,omitempty"`
	Phone    *attributeJSON `json:"phone_number,omitempty"`
	Username *attributeJSON `json:"username,omitempty"`
}

// attributeJSON is one of them.
type attributeJSON struct {
	Identifier         attributeIdentifierJSON  `json:"identifier"`
	ProfileRequired    bool                     `json:"profile_required,omitempty"`
	VerificationMethod string                   `json:"verification_method,omitempty"`
	SignUp             *attributeSignUpJSON     `json:"signup,omitempty"`
	Validation         *attributeValidationJSON `json:"validation,omitempty"` // of usernames
}

type attributeIdentifierJSON struct {
	Active        bool   `json:"active"`
	DefaultMethod string `json:"default_method,omitempty"`
}

type attributeSignUpJSON struct {
	Status       SignUpStatus `json:"status,omitempty"`
	Verification *activeJSON  `json:"verification,omitempty"`
}

type activeJSON struct {
	Active bool `json:"active"`
}

type attributeValidationJSON struct {
	MinLength    int `json:"min_length,omitempty"`
	MaxLength    int `json:"max_length,omitempty"`
	AllowedTypes *struct {
		Email bool `json:"email"`
		Phone bool `json:"phone_number"`
	} `json:"allowed_types,omitempty"`
}

// Lengths of usernames, which are fixed here.
const (
	minUsername = 1
	maxUsername = 15
)

func attributesOf(i Identifiers) *attributesJSON {
	return &attributesJSON{Email: attributeOf(i.Email), Phone: attributeOf(i.Phone), Username: attributeOf(i.Username)}
}

func attributeOf(a Attribute) *attributeJSON {
	if a == (Attribute{}) {
		return nil
	}
	return &attributeJSON{
		Identifier: attributeIdentifierJSON{Active: a.Identifier},
		SignUp:     &attributeSignUpJSON{Status: cmp.Or(a.SignUp, SignUpInactive)},
	}
}

// identifiers are what the attributes say; nil says nothing.
func (a *attributesJSON) identifiers() (i Identifiers, err error) {
	if a == nil {
		return i, nil
	}
	for _, one := range []struct {
		name string
		from *attributeJSON
		to   *Attribute
	}{{"email", a.Email, &i.Email}, {"phone_number", a.Phone, &i.Phone}, {"username", a.Username, &i.Username}} {
		if *one.to, err = one.from.attribute(one.name); err != nil {
			return i, err
		}
	}
	return i, i.problem() // attributes that say nothing leave the email address
}

// problem is what is wrong with attributes, as text for a program.
func (i Identifiers) problem() error {
	if err := i.validate(); err != nil {
		return badRequest("%s", unreadyText(err)).because(err)
	}
	return nil
}

// attribute reads one and refuses what the site has not.
func (a *attributeJSON) attribute(name string) (out Attribute, err error) {
	if a == nil {
		return out, nil
	}
	out.Identifier = a.Identifier.Active
	if out.Identifier {
		out.SignUp = SignUpRequired
	}
	if a.ProfileRequired {
		out.SignUp = SignUpRequired
	}
	if a.SignUp != nil && a.SignUp.Status != "" {
		out.SignUp = a.SignUp.Status
	}
	switch {
	case a.Identifier.DefaultMethod != "" && a.Identifier.DefaultMethod != "password":
		return out, badRequest("attributes.%s.identifier.default_method must be password", name)
	case a.SignUp != nil && a.SignUp.Verification != nil && a.SignUp.Verification.Active:
		return out, badRequest("attributes.%s.signup.verification is not available here.", name)
	case a.ProfileRequired && out.SignUp != SignUpRequired:
		return out, badRequest("attributes.%s.profile_required goes with signup.status required", name)
	case a.Validation != nil && name != "username":
		return out, badRequest("attributes.%s has no validation", name)
	}
	return out, a.Validation.fits()
}

// fits refuses rules for usernames other than the site's own.
func (v *attributeValidationJSON) fits() error {
	switch {
	case v == nil:
		return nil
	case v.MinLength != 0 && v.MinLength != minUsername || v.MaxLength != 0 && v.MaxLength != maxUsername:
		return badRequest("attributes.username.validation: usernames have %d to %d characters here", minUsername, maxUsername)
	case v.AllowedTypes != nil && (v.AllowedTypes.Email || v.AllowedTypes.Phone):
		return badRequest("attributes.username.validation.allowed_types: usernames cannot look like addresses or numbers here")
	}
	return nil
}
