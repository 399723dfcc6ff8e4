package relyingparty

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// GET /authorize lets an application have somebody logged in by redirect: the
// authorization code flow of OpenID Connect Core 1.0 §3.1 with PKCE (RFC 7636). The
// login pages are the site's own; in between, the request waits in the session.

// authorization is what an application asked for.
type authorization struct {
	app         *Application
	redirectURI string
	state       string
	nonce       string
	challenge   string // of PKCE; "" for none
	want        want
	asked       time.Time
	silent      bool          // prompt=none: no page may be shown
	fresh       bool          // prompt=login: who is logged in has to do so again
	maxAge      time.Duration // since the login; negative for any
}

// satisfied reports whether a session is logged in as the request wants it.
func (a *authorization) satisfied(by flow, now time.Time) bool {
	switch {
	case by.userID == "":
		return false
	case a.fresh && by.authenticated.Before(a.asked):
		return false
	}
	return a.maxAge < 0 || now.Sub(by.authenticated) <= a.maxAge || !by.authenticated.Before(a.asked)
}

// maxParameter bounds what is kept and sent back of a request, in bytes.
const maxParameter = 2048

func authorize(v *visit) error {
	if err := v.checkRate(); err != nil { // as refusals are logged
		return err
	}
	query := v.r.URL.Query()
	a, err := v.whereTo(query)
	if err != nil {
		return err
	}
	if err := v.readAuthorization(a, query); err != nil {
		return v.authorizationFailed(a, err)
	}
	if a.satisfied(v.session.state(), v.now) {
		return v.grantCode(a)
	}
	if a.silent {
		return v.authorizationFailed(a, &apiProblem{status: http.StatusUnauthorized, code: codeLoginRequired, text: "Login required"})
	}
	v.session.change(func(f *flow) {
		f.authorization = a
		if hint := query.Get("login_hint"); validEmail(hint) {
			f.loginEmail = hint
		}
	})
	if query.Get("screen_hint") == "signup" && v.session.state().userID == "" {
		return v.redirect(pathSignUp)
	}
	return v.redirect(pathLogin)
}

// whereTo finds out who asks and where the answer goes. What is wrong with these is
// shown here and sent nowhere (RFC 6749 §4.1.2.1).
func (v *visit) whereTo(query url.Values) (*authorization, error) {
	app, known := v.site.applications.find(query.Get("client_id"))
	if !known {
		return nil, fail(problemUnknownClient)
	}
	redirectURI := query.Get("redirect_uri")
	if !slices.Contains(app.Callbacks, redirectURI) {
		return nil, failBecause(problemCallback, errors.New("redirect_uri is "+strconv.Quote(printable.Line(redirectURI))))
	}
	if len(query.Get("state")) > maxParameter {
		return nil, fail(problemTooLarge)
	}
	v.app = app
	return &authorization{app: app, redirectURI: redirectURI, state: query.Get("state"), asked: v.now, maxAge: -1}, nil
}

// readAuthorization reads the rest of a request.
func (v *visit) readAuthorization(a *authorization, query url.Values) error {
	for name, all := range query {
		if len(all) > 1 {
			return badRequest("parameter %q is there more than once", printable.Line(name))
		}
	}
	switch {
	case query.Get("response_type") != "code":
		return &apiProblem{code: codeUnsupportedResponse, text: "response_type must be code"}
	case !slices.Contains([]string{"", "query"}, query.Get("response_mode")):
		return badRequest("response_mode must be query")
	case query.Has("request") || query.Has("request_uri"):
		return &apiProblem{code: "request_not_supported", text: "Request objects are not supported."}
	case !a.app.may(GrantAuthorizationCode) || a.app.ThirdParty:
		return &apiProblem{code: codeUnauthorizedClient, text: "The application may not use authorization codes here."}
	case len(query.Get("nonce")) > maxParameter:
		return badRequest("nonce is too long")
	}
	if err := v.checkRealm(query.Get("connection"), query.Get("organization")); err != nil {
		return err
	}
	a.nonce = query.Get("nonce")
	var err error
	if a.want, err = v.wanted(query.Get("scope"), query.Get("audience")); err != nil {
		return err
	}
	if a.want.audience == v.at.audienceFactors() {
		return &apiProblem{code: codeAccessDenied, text: "Access tokens for the MFA API come of native passkeys alone."}
	}
	if err := a.readPrompt(query.Get("prompt"), query.Get("max_age")); err != nil {
		return err
	}
	return a.readChallenge(query.Get("code_challenge"), query.Get("code_challenge_method"))
}

func (a *authorization) readPrompt(prompt, maxAge string) error {
	for _, p := range strings.Fields(prompt) {
		switch p {
		case "none":
			a.silent = true
		case "login", "select_account":
			a.fresh = true
		case "consent": // is given by whoever logs in: all applications are the tenant's own
		default:
			return badRequest("prompt %q is not known", printable.Line(p))
		}
	}
	if a.silent && len(strings.Fields(prompt)) > 1 {
		return badRequest("prompt none goes with no other")
	}
	if maxAge == "" {
		return nil
	}
	seconds, err := strconv.Atoi(maxAge)
	const century = 100 * 365 * 24 * 60 * 60
	if err != nil || seconds < 0 || seconds > century {
		return badRequest("max_age must be a number of seconds")
	}
	a.maxAge = time.Duration(seconds) * time.Second
	return nil
}

// readChallenge takes S256 alone; "plain" protects nothing (RFC 7636 §7.2).
func (a *authorization) readChallenge(challenge, method string) error {
	if challenge == "" {
		if a.app.public() {
			return badRequest("Parameter 'code_challenge' is required for this application.")
		}
		return nil
	}
	if raw, err := base64.RawURLEncoding.Strict().DecodeString(challenge); err != nil || len(raw) != 32 || method != "S256" {
		return badRequest("code_challenge_method must be S256, and code_challenge a SHA-256 hash in base64url")
	}
	a.challenge = challenge
	return nil
}

// resume goes on with a request once somebody has logged in.
func resume(v *visit) error {
	a := v.awaited()
	switch {
	case a == nil:
		return v.redirect(pathHome)
	case !a.satisfied(v.session.state(), v.now):
		return v.redirect(pathLogin)
	}
	v.app = a.app
	return v.grantCode(a)
}

// onward is where a login leads: back to the application that asked for it, or home.
func (v *visit) onward() string {
	if v.awaited() != nil {
		return pathResume
	}
	return pathHome
}

// authorizationLifetime is how long a request waits for somebody to log in.
const authorizationLifetime = time.Hour

// awaited is the request that waits in the session; nil for none.
func (v *visit) awaited() *authorization {
	if v.session == nil {
		return nil
	}
	a := v.session.state().authorization
	if a == nil || v.now.Sub(a.asked) > authorizationLifetime {
		return nil
	}
	return a
}

// codeLifetime is how long an application has to fetch its tokens (RFC 6749 §4.1.2
// has ten minutes at most).
const codeLifetime = time.Minute

// maxCodes bounds how many codes wait at a time.
const maxCodes = 20_000

// grantedCode is what a code stands for.
type grantedCode struct {
	authorization
	userID        string
	authenticated time.Time
	expires       time.Time
	family        string // of the refresh tokens that it gives
	multiFactor   bool   // the login that was made for it took a second factor

	mu     sync.Mutex // held for as long as an exchange takes
	spent  bool
	access string // token that it gave; "" for none
}

// grantCode sends the browser back with a code.
func (v *visit) grantCode(a *authorization) error {
	state := v.session.state()
	u, err := v.user()
	if errors.Is(err, store.ErrNotFound) {
		return v.authorizationFailed(a, &apiProblem{code: codeLoginRequired, text: "The account does not exist any more."})
	}
	if err != nil {
		return err
	}
	code, err := v.site.drawToken()
	if err != nil {
		return err
	}
	family, err := v.site.drawToken()
	if err != nil {
		return err
	}
	v.site.codes.put(code, &grantedCode{
		authorization: *a, userID: u.ID, authenticated: state.authenticated, expires: v.now.Add(codeLifetime), family: family,
		multiFactor: state.multiFactor && !state.authenticated.Before(a.asked),
	})
	v.session.change(func(f *flow) { f.authorization = nil })
	if a.silent {
		if err := v.record(EventSilentLogin, subjectOf(u), Details{}); err != nil {
			return err
		}
	}
	return v.sendBack(a, url.Values{"code": {code}})
}

// authorizationFailed sends the browser back with an error, and logs it.
func (v *visit) authorizationFailed(a *authorization, err error) error {
	p := apiProblemOf(err)
	if p.status == http.StatusInternalServerError {
		return err
	}
	failed := EventLoginFailed
	if a.silent {
		failed = EventSilentLoginFailed
	}
	v.session.change(func(f *flow) { f.authorization = nil })
	if err := v.record(failed, subject{}, Details{Error: p.details()}); err != nil {
		return err
	}
	return v.sendBack(a, url.Values{"error": {p.code}, "error_description": {p.text}})
}

// sendBack leads to the application's callback, whose own parameters stay.
func (v *visit) sendBack(a *authorization, answer url.Values) error {
	to, err := url.Parse(a.redirectURI)
	if err != nil {
		return err
	}
	if a.state != "" {
		answer.Set("state", a.state)
	}
	to.RawQuery = strings.TrimPrefix(to.RawQuery+"&"+answer.Encode(), "&")
	v.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.w, v.r, to.String(), http.StatusFound)
	return nil
}

// formTarget is where a form of a page may lead in the end: browsers hold every redirect
// that follows to form-action of the Content Security Policy.
func (a *authorization) formTarget() string {
	u, err := url.Parse(a.redirectURI)
	switch {
	case err != nil:
		return ""
	case u.Scheme == "http" || u.Scheme == "https":
		return u.Scheme + "://" + u.Host
	}
	return u.Scheme + ":"
}
