package relyingparty

import (
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"
	"runtime/debug"
)

// maxBody bounds request bodies. The largest honest one is an attestation with a
// certificate chain, a few kilobytes.
const maxBody = 64 << 10

const (
	csrfField  = "csrf"
	csrfHeader = "X-CSRF-Token"
)

// contentPolicy allows what the site itself serves as files, and nothing inline.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded puts around everything what holds for every request.
func (s *Site) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.survive(w, r)
		s.setHeaders(w.Header())
		if s.domainOf(r.Host) == nil && !s.isTenantDomain(r.Host) && !s.asksRelated(r) {
			s.misdirected(w, r)
			return
		}
		if s.isTenantDomain(r.Host) && asksForPage(r) {
			http.Redirect(w, r, s.primary().origin+r.URL.RequestURI(), http.StatusTemporaryRedirect)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// survive is the last resort against a bug: it keeps one visitor's request from
// ending everybody's.
func (s *Site) survive(w http.ResponseWriter, r *http.Request) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p) // the server's own signal to drop the connection
	default:
		s.config.Logger.Error("handler panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
		http.Error(w, words[problemInternal].text, http.StatusInternalServerError)
	}
}

func (s *Site) setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store") // but for the static files, which say otherwise
	// Not no-referrer: with it, browsers send "Origin: null" with our own forms.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "publickey-credentials-create=(self), publickey-credentials-get=(self)")
	// Not for localhost: a browser would apply it to every other server there.
	if s.primary().secure && s.primary().name != "localhost" {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// admit lets a visit in to its handler, or says why not.
func (v *visit) admit() error {
	if v.kind.api() {
		return v.admitAPI()
	}
	if v.onTenantDomain() {
		return fail(problemForeignHost)
	}
	known := v.findSession()
	if v.kind == page {
		if known {
			return nil
		}
		return v.startSession("")
	}
	if err := v.checkOrigin(); err != nil {
		return err
	}
	if err := v.checkRate(); err != nil {
		return err
	}
	if err := v.readBody(); err != nil {
		return err
	}
	return v.checkToken()
}

// checkOrigin refuses requests that another website made the browser send.
func (v *visit) checkOrigin() error {
	switch v.r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return fail(problemForeignOrigin)
	}
	if origin := v.r.Header.Get("Origin"); origin != "" && origin != v.at.origin {
		return fail(problemForeignOrigin)
	}
	return nil
}

func (v *visit) checkRate() error {
	use := v.site.requests.take(v.ip(), v.now)
	if use.allowed {
		return nil
	}
	p := fail(problemTooManyRequests)
	if use.first {
		return errors.Join(p, v.record(EventAddressLimited, subject{}, Details{Error: p.details()}))
	}
	return p
}

// readBody reads a form or a JSON text, whichever the route is for.
func (v *visit) readBody() error {
	want := "application/x-www-form-urlencoded"
	if v.kind == exchange {
		want = "application/json"
	}
	if got, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type")); err != nil || got != want {
		return fail(problemWrongContentType)
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxBody)
	var err error
	if v.kind == exchange {
		v.body, err = io.ReadAll(v.r.Body)
	} else {
		err = v.r.ParseForm()
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return failBecause(problemTooLarge, err)
	case err != nil:
		return failBecause(problemBadRequest, err)
	}
	return nil
}

// checkToken compares the session's CSRF token with the request's.
func (v *visit) checkToken() error {
	if v.session == nil {
		return fail(problemSessionEnded)
	}
	token := v.r.Header.Get(csrfHeader)
	if v.kind == form {
		token = v.r.PostFormValue(csrfField)
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(v.session.csrf)) != 1 {
		return fail(problemSessionEnded)
	}
	return nil
}
