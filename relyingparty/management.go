package relyingparty

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/printable"
)

// Scopes of the Management API.
const (
	scopeReadConnections     = "read:connections"
	scopeUpdateConnections   = "update:connections"
	scopeReadPrompts         = "read:prompts"
	scopeUpdatePrompts       = "update:prompts"
	scopeReadClients         = "read:clients"
	scopeUpdateClients       = "update:clients"
	scopeReadCustomDomains   = "read:custom_domains"
	scopeUpdateCustomDomains = "update:custom_domains"
	scopeReadUsers           = "read:users"
	scopeUpdateUsers         = "update:users"
	scopeReadLogs            = "read:logs"
	scopeReadFactorPolicy    = "read:mfa_policies"
	scopeUpdateFactorPolicy  = "update:mfa_policies"
	scopeReadUserMethods     = "read:authentication_methods"
	scopeCreateUserMethods   = "create:authentication_methods"
	scopeUpdateUserMethods   = "update:authentication_methods"
	scopeDeleteUserMethods   = "delete:authentication_methods"
)

// managementScopes are all of them.
var managementScopes = []string{
	scopeReadConnections, scopeUpdateConnections, scopeReadPrompts, scopeUpdatePrompts, scopeReadClients, scopeUpdateClients,
	scopeReadCustomDomains, scopeUpdateCustomDomains, scopeReadFactorPolicy, scopeUpdateFactorPolicy,
	scopeReadUsers, scopeUpdateUsers, scopeReadLogs, scopeReadUserMethods, scopeCreateUserMethods, scopeUpdateUserMethods, scopeDeleteUserMethods,
}

// withManagement makes a handler that an access token with a scope, or the operator's
// own token, may reach. What changed something is a line of the tenant log.
func withManagement(scope string, h handler) handler {
	return func(v *visit) error {
		if err := v.mayManage(scope); err != nil {
			return err
		}
		if v.r.Method == http.MethodGet || v.r.Method == http.MethodHead {
			return h(v)
		}
		v.before = func() error { return v.record(EventManagement, subject{}, Details{Request: v.requestDetails()}) }
		if err := h(v); err != nil {
			return v.managementFailed(err)
		}
		return nil
	}
}

func (v *visit) mayManage(scope string) error {
	if own := v.site.config.ManagementToken; own != "" && subtle.ConstantTimeCompare([]byte(v.bearerToken()), []byte(own)) == 1 {
		return nil
	}
	access, err := v.caller(v.site.audienceManagement())
	if err != nil {
		return err
	}
	return allowed(access, scope)
}

// managementFailed logs a change that came to nothing and hands the problem on.
func (v *visit) managementFailed(err error) error {
	v.before = nil
	p := apiProblemOf(err)
	if p.status == http.StatusInternalServerError {
		return err
	}
	if err := v.record(EventManagementFailed, subject{}, Details{Request: v.requestDetails(), Error: p.details()}); err != nil {
		return err
	}
	return p
}

func (v *visit) requestDetails() *RequestDetails {
	return &RequestDetails{Method: strings.ToLower(v.r.Method), Path: printable.Line(v.r.URL.Path)}
}

// grantClientCredentials gives a program a token of its own for the Management API
// (RFC 6749 §4.4).
func grantClientCredentials(v *visit, asked tokenRequest) error {
	if asked.Audience != v.site.audienceManagement() {
		return v.clientCredentialsFailed(&apiProblem{status: http.StatusForbidden, code: codeAccessDenied,
			text: "Service not found: " + printable.Line(asked.Audience)})
	}
	w := want{scopes: managementScopes, audience: asked.Audience}
	if asked.Scope != "" {
		w.scopes = strings.Fields(asked.Scope)
	}
	for _, s := range w.scopes {
		if !slices.Contains(managementScopes, s) {
			return v.clientCredentialsFailed(&apiProblem{status: http.StatusForbidden, code: codeAccessDenied,
				text: "Client has not been granted scopes: " + printable.Line(s)})
		}
	}
	answer, err := v.accessToken(v.app.ID+"@clients", w, time.Time{})
	if err != nil {
		return err
	}
	if err := v.record(EventExchangeClientCredentials, subject{}, Details{}); err != nil {
		return err
	}
	return v.answer(http.StatusOK, answer)
}

func (v *visit) clientCredentialsFailed(p *apiProblem) error {
	if err := v.record(EventExchangeClientCredentialsFailed, subject{}, Details{Error: p.details()}); err != nil {
		return err
	}
	return p
}
