package relyingparty

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
	"github.com/passkeylab/passkeylab/relyingparty/internal/tokens"
)

// bearerToken is the access token of a request (RFC 6750 §2.1); "" for none.
func (v *visit) bearerToken() string {
	scheme, token, _ := strings.Cut(v.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// caller reads the access token, which has to be for an audience.
func (v *visit) caller(audience string) (tokens.Access, error) {
	token := v.bearerToken()
	if token == "" {
		return tokens.Access{}, unauthorized("An access token is required.", nil)
	}
	signer, err := v.site.signer()
	if err != nil {
		return tokens.Access{}, err
	}
	access, err := signer.Read(token, v.at.issuer(), audience, v.now)
	if _, gone := v.site.takenBack.get(string(hashSecret(token))); err == nil && gone {
		err = errors.New("the token was taken back, as its code came a second time")
	}
	if err != nil {
		return access, unauthorized("The access token is invalid, expired or for something else.", err)
	}
	if app, known := v.site.applications.find(access.Client); known {
		v.app = app
	}
	return access, nil
}

func unauthorized(text string, cause error) *apiProblem {
	return &apiProblem{status: http.StatusUnauthorized, code: codeInvalidToken, text: text, cause: cause}
}

// allowed reports whether a token has a scope.
func allowed(access tokens.Access, scope string) error {
	if slices.Contains(strings.Fields(access.Scope), scope) {
		return nil
	}
	return &apiProblem{status: http.StatusForbidden, code: codeInsufficientScope, text: "Insufficient scope, expected: " + scope}
}

// bearer reads the access token, which has to be for an audience and have a scope, and the
// account that it speaks for. An account that is gone has no tokens, and those from before
// its sessions were ended, as by a new password, are over. Tokens tell no more than the
// second that they were made in, and so those of that very second are let by.
func (v *visit) bearer(audience, scope string) (store.User, tokens.Access, error) {
	access, err := v.caller(audience)
	if err != nil {
		return store.User{}, access, err
	}
	if err := allowed(access, scope); err != nil {
		return store.User{}, access, err
	}
	u, err := v.site.store.UserByID(access.Subject)
	if errors.Is(err, store.ErrNotFound) {
		err = unauthorized("The account of the access token does not exist any more.", err)
	}
	if err == nil && access.Issued.Before(u.SessionsEnded.Truncate(time.Second)) {
		err = unauthorized("The login that the access token is of has ended.", nil)
	}
	return u, access, err
}
