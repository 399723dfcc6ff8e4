package relyingparty

import (
	"net/http"
	"net/url"
)

// authenticate finds the application that asks and checks its secret, from the body or
// from HTTP Basic authentication (RFC 6749 §2.3.1), but not from both.
func (v *visit) authenticate(id, secret string) error {
	if user, password, ok := v.r.BasicAuth(); ok {
		fromHeader, err1 := url.QueryUnescape(user)
		secretFromHeader, err2 := url.QueryUnescape(password)
		if err1 != nil || err2 != nil || secret != "" || id != "" && id != fromHeader {
			return badRequest("the application names itself in two ways")
		}
		id, secret = fromHeader, secretFromHeader
	}
	if id == "" {
		return badRequest("client_id is required")
	}
	app, known := v.site.applications.find(id)
	if !known || !app.authentic(secret) {
		return &apiProblem{status: http.StatusUnauthorized, code: codeInvalidClient, text: "Unauthorized: unknown client or wrong secret."}
	}
	v.app = app
	return nil
}
