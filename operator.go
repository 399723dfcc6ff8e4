package passkeylab

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/webauthn"
)

// Operator runs the site by its Management API.
type Operator struct{ shop *Shop }

// Operator returns whoever runs the site that the shop's users log in at.
func (s *Shop) Operator() Operator { return Operator{s} }

// pathConnection is the one database connection.
const pathConnection = "/api/v2/connections/con_usernamepassword"

// Configure sends options of the connection; what they leave out is at its default.
func (o Operator) Configure(options map[string]any) {
	o.shop.lab.t.Helper()
	o.must("change the connection", o.configure(options))
}

// ConfigureFails sends options that cannot be, and checks that the answer says why.
func (o Operator) ConfigureFails(options map[string]any, reason string) {
	o.shop.lab.t.Helper()
	var refused *Refusal
	err := o.configure(options)
	if !errors.As(err, &refused) || !strings.Contains(refused.Text, reason) {
		o.shop.lab.fail("the operator: change the connection", "a refusal that says "+reason, told(err))
	}
	o.shop.lab.Note("the operator cannot change the connection: %s", refused.Text)
}

func (o Operator) configure(options map[string]any) error {
	return o.ask(http.MethodPatch, pathConnection, map[string]any{"options": options}, nil)
}

// Word sets texts of the pages: by prompt, screen and key, as the product has them.
func (o Operator) Word(prompt string, texts map[string]map[string]string) {
	o.shop.lab.t.Helper()
	o.must("word the prompt "+prompt, o.ask(http.MethodPut, "/api/v2/prompts/"+prompt+"/custom-text/en", texts, nil))
}

// Passkeys lists the passkeys of a user.
func (o Operator) Passkeys(email string) []Method {
	o.shop.lab.t.Helper()
	var all []Method
	o.must("list the passkeys of "+email, o.ask(http.MethodGet, o.methods(email), nil, &all))
	return passkeysAmong(all)
}

// RemovePasskey takes a passkey from a user.
func (o Operator) RemovePasskey(email, id string) {
	o.shop.lab.t.Helper()
	o.must("remove a passkey of "+email, o.ask(http.MethodDelete, o.methods(email)+"/"+url.PathEscape(id), nil, nil))
}

func (o Operator) methods(email string) string {
	o.shop.lab.t.Helper()
	user, err := o.shop.lab.Site.rp.User(email)
	o.shop.lab.must("finding "+email, err)
	return "/api/v2/users/" + url.PathEscape(user.ID) + "/authentication-methods"
}

func (o Operator) ask(method, path string, body, answer any) error {
	return o.shop.lab.within(func(ctx context.Context) error {
		return o.shop.ask(ctx, method, path, operatorToken, body, answer)
	})
}

func (o Operator) must(what string, err error) {
	o.shop.lab.t.Helper()
	o.shop.lab.must("the operator: "+what, err)
	o.shop.lab.Note("the operator: %s", what)
}

// refused checks that something failed with one of these codes.
func (s *Shop) refused(what string, err error, codes []string) {
	s.lab.t.Helper()
	code := ""
	var refusal *Refusal
	var exception *webauthn.DOMException
	switch {
	case errors.As(err, &refusal):
		code = refusal.Code
	case errors.As(err, &exception):
		code = exception.Name
	}
	if !slices.Contains(codes, code) {
		s.lab.fail("the shop's app: "+what, "a refusal, "+strings.Join(codes, " or "), told(err))
	}
	s.lab.Note("the shop's app cannot %s: %v", what, err)
}

func told(err error) string {
	if err == nil {
		return "it succeeds"
	}
	return err.Error()
}
