package relyingparty

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// apiProblem is an error that a program is to see. Each API has a form of its own
// for it.
type apiProblem struct {
	status int
	code   string // of the API: OAuth's "error", the Management API's "errorCode"
	text   string
	fields []fieldProblem
	cause  error // for the operator's eyes only
}

// fieldProblem says what is wrong with one member of a request.
type fieldProblem struct {
	Detail  string `json:"detail"`
	Field   string `json:"field,omitempty"`
	Pointer string `json:"pointer,omitempty"` // JSON pointer (RFC 6901)
	Source  string `json:"source"`            // "body", "query" or "path"
}

func (p *apiProblem) Error() string {
	if p.cause == nil {
		return "relyingparty: " + p.code + ": " + p.text
	}
	return fmt.Sprintf("relyingparty: %s: %s: %v", p.code, p.text, p.cause)
}

func (p *apiProblem) Unwrap() error { return p.cause }

// because adds what led to a problem, which goes to the operator's log.
func (p *apiProblem) because(cause error) *apiProblem {
	p.cause = cause
	return p
}

// details is what the tenant log says about it.
func (p *apiProblem) details() *ErrorDetails {
	d := &ErrorDetails{Message: p.text, Code: p.code, Reason: ceremony.ReasonOf(p.cause)}
	var refused *ceremony.Refusal
	if errors.As(p.cause, &refused) {
		d.Message = refused.Explain()
	}
	return d
}

// Codes of OAuth (RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core 1.0 §3.1.2.6), and
// two of the product's own.
const (
	codeInvalidRequest      = "invalid_request"
	codeInvalidClient       = "invalid_client"
	codeInvalidGrant        = "invalid_grant"
	codeInvalidScope        = "invalid_scope"
	codeUnauthorizedClient  = "unauthorized_client"
	codeUnsupportedGrant    = "unsupported_grant_type"
	codeUnsupportedResponse = "unsupported_response_type"
	codeAccessDenied        = "access_denied"
	codeLoginRequired       = "login_required"
	codeServerError         = "server_error"
	codeNotFound            = "not_found"
	codeTooManyRequests     = "too_many_requests"
	codeInvalidToken        = "invalid_token"                    // RFC 6750 §3.1
	codeInsufficientScope   = "insufficient_scope"               // RFC 6750 §3.1
	codeLoginTooOld         = "insufficient_user_authentication" // RFC 9470 §3
)

func badRequest(format string, args ...any) *apiProblem {
	return &apiProblem{status: http.StatusBadRequest, code: codeInvalidRequest, text: fmt.Sprintf(format, args...)}
}

// invalidGrant is answered with 403, as the product does; RFC 6749 §5.2 has 400.
func invalidGrant(text string) *apiProblem {
	return &apiProblem{status: http.StatusForbidden, code: codeInvalidGrant, text: text}
}

// apiProblemOf says an error as one of the API.
func apiProblemOf(err error) *apiProblem {
	var api *apiProblem
	if errors.As(err, &api) {
		return api
	}
	var p *problem
	if !errors.As(err, &p) {
		return &apiProblem{status: http.StatusInternalServerError, code: codeServerError, text: words[problemInternal].text, cause: err}
	}
	code := codeInvalidRequest
	switch p.status() {
	case http.StatusTooManyRequests:
		code = codeTooManyRequests
	case http.StatusNotFound:
		code = codeNotFound
	}
	return &apiProblem{status: p.status(), code: code, text: p.text(), cause: p.cause}
}

// oauthError is the form of the Authentication API (RFC 6749 §5.2).
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// managementError is the form of the Management API.
type managementError struct {
	StatusCode int    `json:"statusCode"`
	Error      string `json:"error"`
	Message    string `json:"message"`
	ErrorCode  string `json:"errorCode"`
}

// selfServiceError is the form of the My Account API.
type selfServiceError struct {
	Type             string         `json:"type"`
	Status           int            `json:"status"`
	Title            string         `json:"title"`
	Detail           string         `json:"detail"`
	ValidationErrors []fieldProblem `json:"validation_errors,omitempty"`
}

// errorPage is what a "type" of the My Account API starts with.
const errorPage = "https://auth0.com/api-errors#A0E-"

// failAPI answers a program's request that came to nothing.
func (v *visit) failAPI(err error) error {
	p := apiProblemOf(err)
	log := v.site.config.Logger.Info
	if p.status == http.StatusInternalServerError {
		log = v.site.config.Logger.Error
	}
	log("refused", "path", v.r.URL.Path, "code", p.code, "text", p.text, "cause", p.cause)
	if p.status == http.StatusUnauthorized || p.code == codeInsufficientScope {
		v.w.Header().Set("WWW-Authenticate", v.scheme(p))
	}
	switch v.kind {
	case management:
		return v.answer(p.status, managementError{p.status, http.StatusText(p.status), p.text, p.code})
	case selfService:
		return v.answer(p.status, selfServiceError{
			fmt.Sprintf("%s%d-0001", errorPage, p.status), p.status, http.StatusText(p.status), p.text, p.fields,
		})
	}
	return v.answer(p.status, oauthError{p.code, p.text})
}

// scheme is how to authenticate: with a token (RFC 6750 §3), or as an application
// (RFC 6749 §5.2).
func (v *visit) scheme(p *apiProblem) string {
	if p.code == codeInvalidClient {
		return `Basic realm="` + v.at.name + `"`
	}
	if v.r.Header.Get("Authorization") == "" {
		return "Bearer"
	}
	how := `Bearer error="` + p.code + `", error_description="` + strings.ReplaceAll(p.text, `"`, `'`) + `"`
	if p.code == codeLoginTooOld {
		how += fmt.Sprintf(`, max_age="%d"`, lately/time.Second)
	}
	return how
}
