package relyingparty

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/passkeylab/passkeylab/internal/printable"
)

// The APIs are asked by programs: there is no session and hence no CSRF token, and
// what a browser may read of the answers is for the application's origins only.

// api reports whether a route is asked by programs.
func (k kind) api() bool { return k == authentication || k == selfService || k == management }

// admitAPI lets a program's request in to its handler, or says why not.
func (v *visit) admitAPI() error {
	v.allowOrigin()
	if err := v.checkRate(); err != nil {
		return err
	}
	if v.r.Method == http.MethodGet || v.r.Method == http.MethodDelete || v.r.ContentLength == 0 {
		return nil
	}
	return v.readAPIBody()
}

// readAPIBody reads JSON. The Authentication API takes forms too (RFC 6749 §3.2), which
// become JSON objects of strings.
func (v *visit) readAPIBody() error {
	got, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	asForm := got == "application/x-www-form-urlencoded" && v.kind == authentication
	if err != nil || got != "application/json" && !asForm {
		return fail(problemWrongContentType)
	}
	body, err := io.ReadAll(http.MaxBytesReader(v.w, v.r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return failBecause(problemTooLarge, err)
	case err != nil:
		return failBecause(problemBadRequest, err)
	}
	if asForm {
		body, err = formAsJSON(string(body))
	}
	v.body = body
	return err
}

// formAsJSON turns a form into a JSON object. A member that is there twice is an error
// (RFC 6749 §3.2).
func formAsJSON(form string) ([]byte, error) {
	values, err := url.ParseQuery(form)
	if err != nil {
		return nil, failBecause(problemBadRequest, err)
	}
	members := make(map[string]string, len(values))
	for name, all := range values {
		if len(all) > 1 {
			return nil, badRequest("parameter %q is there more than once", printable.Line(name))
		}
		members[name] = all[0]
	}
	return json.Marshal(members)
}

// decodeAPI reads a JSON object into a struct. Members that are not known are let by;
// those that are known have to be of their type.
func (v *visit) decodeAPI(into any) error { return decodeObject(v.body, into, false) }

// decodeStrict is decodeAPI, but refuses members that are not known.
func (v *visit) decodeStrict(into any) error { return decodeObject(v.body, into, true) }

func decodeObject(data []byte, into any, strict bool) error {
	if first := bytes.TrimLeft(data, " \t\r\n"); len(first) == 0 || first[0] != '{' {
		return badRequest("the body must be a JSON object")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if strict {
		d.DisallowUnknownFields()
	}
	err := d.Decode(into)
	if err == nil && len(bytes.TrimSpace(data[d.InputOffset():])) > 0 {
		err = errors.New("there is something after the JSON object")
	}
	if err == nil {
		return nil
	}
	p := badRequest("%s", strings.TrimPrefix(err.Error(), "json: "))
	p.fields = []fieldProblem{{Detail: p.text, Field: fieldOf(err), Source: "body"}}
	return p.because(err)
}

// fieldOf names the member that a decoding error is about, where it says so.
func fieldOf(err error) string {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return wrongType.Field
	}
	_, quoted, _ := strings.Cut(err.Error(), "unknown field ")
	return strings.Trim(quoted, `"`)
}

// onTenantDomain reports whether a request came in under the second host name.
func (v *visit) onTenantDomain() bool { return v.site.isTenantDomain(v.r.Host) }

func (s *Site) isTenantDomain(host string) bool {
	return s.config.TenantDomain != "" && strings.EqualFold(host, s.config.TenantDomain)
}

// allowOrigin lets a script of an application read the answer (Fetch §3.2). No cookie
// is ever looked at, so none is allowed.
func (v *visit) allowOrigin() {
	v.w.Header().Add("Vary", "Origin")
	origin := v.r.Header.Get("Origin")
	if origin == "" || v.kind == management || !v.site.applications.admit(origin) {
		return
	}
	h := v.w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "Location, WWW-Authenticate, Retry-After")
}

// preflight answers what a browser asks before it lets a script ask.
func (s *Site) preflight(k kind) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := s.newVisit(w, r, k)
		v.allowOrigin()
		if w.Header().Get("Access-Control-Allow-Origin") != "" {
			w.Header().Set("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE")
			w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
			w.Header().Set("Access-Control-Max-Age", "600")
		}
		w.WriteHeader(http.StatusNoContent)
	})
}
