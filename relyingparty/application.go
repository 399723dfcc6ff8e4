package relyingparty

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
)

// GrantType is a way to get tokens.
type GrantType string

// The grant types, as POST /oauth/token names them.
const (
	GrantPasskey           GrantType = "urn:okta:params:oauth:grant-type:webauthn"
	GrantAuthorizationCode GrantType = "authorization_code"
	GrantRefreshToken      GrantType = "refresh_token"
	GrantClientCredentials GrantType = "client_credentials"

	// Those that go on from a login that takes a second factor.
	GrantOTP          GrantType = "http://auth0.com/oauth/grant-type/mfa-otp"
	GrantOOB          GrantType = "http://auth0.com/oauth/grant-type/mfa-oob"
	GrantRecoveryCode GrantType = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
)

// GrantTypes returns all grant types.
func GrantTypes() []GrantType {
	return []GrantType{
		GrantPasskey, GrantAuthorizationCode, GrantRefreshToken, GrantClientCredentials, GrantOTP, GrantOOB, GrantRecoveryCode,
	}
}

// Application is a program that people log in to through the site, or that manages it.
type Application struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret,omitempty"` // "" for one that can keep none, such as an app on a phone
	Name   string `json:"name,omitempty"`          // default: Config.Client

	Grants     []GrantType `json:"grant_types"`
	Callbacks  []string    `json:"callbacks,omitempty"`           // where codes may be sent; compared as strings
	LogoutURLs []string    `json:"allowed_logout_urls,omitempty"` // where a logout may lead
	// Origins may read answers of the APIs in a browser, and passkeys may be used on
	// them; those of apps are "android:apk-key-hash:…".
	Origins    []string `json:"allowed_origins,omitempty"`
	Audiences  []string `json:"audiences,omitempty"` // APIs of its own that tokens may be for
	ThirdParty bool     `json:"third_party,omitempty"`
}

// may reports whether the application may use a grant.
func (a *Application) may(g GrantType) bool { return slices.Contains(a.Grants, g) }

// public reports whether the application keeps no secret.
func (a *Application) public() bool { return a.Secret == "" }

// authentic reports whether secret is the application's.
func (a *Application) authentic(secret string) bool {
	return a.public() || subtle.ConstantTimeCompare([]byte(secret), []byte(a.Secret)) == 1
}

// applications are found by their IDs.
type applications map[string]*Application

// newApplications checks what is configured.
func newApplications(all []Application, defaultName string) (applications, error) {
	out := make(applications, len(all))
	var wrong []error
	for _, a := range all {
		if a.Name == "" {
			a.Name = defaultName
		}
		if _, twice := out[a.ID]; twice || a.ID == "" {
			wrong = append(wrong, fmt.Errorf("relyingparty: Applications: client ID %q is empty or there twice", a.ID))
		}
		if err := a.validate(); err != nil {
			wrong = append(wrong, fmt.Errorf("relyingparty: application %q: %w", a.ID, err))
		}
		out[a.ID] = &a
	}
	return out, errors.Join(wrong...)
}

func (a *Application) validate() error {
	var wrong []error
	for _, g := range a.Grants {
		if !slices.Contains(GrantTypes(), g) {
			wrong = append(wrong, fmt.Errorf("grant type %q: it must be one of %q", g, GrantTypes()))
		}
	}
	if a.may(GrantClientCredentials) && a.public() {
		wrong = append(wrong, errors.New("client_credentials needs a secret"))
	}
	if a.may(GrantAuthorizationCode) && len(a.Callbacks) == 0 {
		wrong = append(wrong, errors.New("authorization_code needs a callback"))
	}
	for _, u := range slices.Concat(a.Callbacks, a.LogoutURLs) {
		if err := checkCallback(u); err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

// checkCallback wants an absolute address without a fragment (RFC 6749 §3.1.2). The
// schemes that a browser would run in place of following are none.
func checkCallback(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return err
	case !u.IsAbs() || u.Fragment != "" || slices.Contains([]string{"javascript", "data", "vbscript", "file"}, u.Scheme):
		return fmt.Errorf("address %q: want an absolute URL without a fragment", text)
	}
	return nil
}

// find returns the application with this ID.
func (a applications) find(id string) (*Application, bool) {
	app, ok := a[id]
	return app, ok
}

// admit reports whether any application allows an origin in a browser.
func (a applications) admit(origin string) bool {
	for _, app := range a {
		if slices.Contains(app.Origins, origin) {
			return true
		}
	}
	return false
}
