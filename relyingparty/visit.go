package relyingparty

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// visit is one request on its way through a handler.
type visit struct {
	site    *Site
	at      *domain       // that was asked; that of BaseURL for the tenant's
	rp      *relyingParty // there
	w       http.ResponseWriter
	r       *http.Request
	kind    kind
	now     time.Time
	policy  Policy
	session *session
	body    []byte       // of an exchange, or of a program's request
	screen  string       // that an exchange is about, for its words
	app     *Application // that asks; nil for a browser
	scopes  []string     // of the access token that the MFA API was asked with
	login   time.Time    // that the access token of My Account is of
	before  func() error // what is left to do before the answer is written, if anything
}

// handler answers a visit. A *[problem] it returns is shown to the visitor; any
// other error is logged and answered without details.
type handler func(*visit) error

func (s *Site) newVisit(w http.ResponseWriter, r *http.Request, k kind) *visit {
	at := s.domainOf(r.Host)
	if at == nil {
		at = s.primary()
	}
	rp := at.rp.Load()
	return &visit{site: s, at: at, rp: rp, w: w, r: r, kind: k, now: s.config.Clock(), policy: s.seenPolicy()}
}

// ip is the address of the peer. Headers that claim another one are not believed.
func (v *visit) ip() string {
	host, _, err := net.SplitHostPort(v.r.RemoteAddr)
	if err != nil {
		return printable.Line(v.r.RemoteAddr)
	}
	return host
}

// show renders a screen. What every screen needs is filled in here.
func (v *visit) show(status int, view pages.View) error {
	view.CSRF = v.session.csrf
	view.Company, view.Client = v.site.config.Company, v.clientName()
	if a := v.awaited(); a != nil {
		v.w.Header().Set("Content-Security-Policy", strings.Replace(contentPolicy, "form-action 'self'", "form-action 'self' "+a.formTarget(), 1))
	}
	view.SignedIn = v.session.state().userID != ""
	view.Operator, view.Faults = v.site.config.Operator, v.site.config.Faults
	view.Offers = pages.Offers{SignUp: v.policy.SignUp, PasswordSignUp: v.policy.PasswordSignUp, Reset: v.policy.PasswordReset}
	if err := v.word(&view); err != nil {
		return err
	}
	v.w.Header().Set("Cache-Control", "no-store")
	return v.site.pages.Render(v.w, status, view)
}

// showAgain renders a form again, with what was wrong with it.
func (v *visit) showAgain(p *problem, view pages.View) error {
	v.site.config.Logger.Info("refused", "path", v.r.URL.Path, "key", p.key, "cause", p.cause)
	view.Error = &pages.Problem{Key: string(p.key), Text: p.text()}
	return v.show(p.status(), view)
}

// redirect leads the browser on, after a form as after a page.
func (v *visit) redirect(path string) error {
	v.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// answer writes a JSON value.
func (v *visit) answer(status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := v.finish(); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.WriteHeader(status)
	_, err = v.w.Write(body)
	return err
}

// finish does what is left to do before the answer is written. What fails to be done is
// not tried again.
func (v *visit) finish() error {
	before := v.before
	v.before = nil
	if before == nil {
		return nil
	}
	return before()
}

// redirection is the answer to a ceremony that succeeded.
type redirection struct {
	Redirect string `json:"redirect"`
}

// refusal is the answer to an exchange that failed.
type refusal struct {
	Error   problemKey      `json:"error"`
	Message string          `json:"message"`
	Reason  ceremony.Reason `json:"reason,omitempty"`
	// Signal is the argument of PublicKeyCredential.signalUnknownCredential, where the
	// page is to call that.
	Signal *unknownJSON `json:"signal,omitempty"`
}

// fail answers a visit that came to nothing.
func (v *visit) fail(err error) {
	if v.kind.api() {
		if err := v.failAPI(err); err != nil {
			v.site.config.Logger.Error("error answer failed", "path", v.r.URL.Path, "error", err)
		}
		return
	}
	var p *problem
	if !errors.As(err, &p) {
		v.site.config.Logger.Error("request failed", "path", v.r.URL.Path, "error", err)
		p = fail(problemInternal)
	} else {
		v.site.config.Logger.Info("refused", "path", v.r.URL.Path, "key", p.key, "cause", p.cause)
	}
	if v.kind == exchange {
		err = v.answer(p.status(), v.refusal(p))
	} else {
		err = v.showProblem(p)
	}
	if err != nil {
		v.site.config.Logger.Error("error page failed", "path", v.r.URL.Path, "error", err)
	}
}

// showProblem renders an error as a page of its own, session or not.
func (v *visit) showProblem(p *problem) error {
	if v.session == nil {
		v.session = new(session)
	}
	return v.show(p.status(), pages.View{
		Screen: pages.Error,
		Error:  &pages.Problem{Key: string(p.key), Text: p.text()},
	})
}

// withUser makes a handler that only somebody logged in may reach.
func withUser(h func(*visit, store.User) error) handler {
	return func(v *visit) error {
		u, err := v.user()
		switch {
		case err == nil:
			return h(v, u)
		case errors.Is(err, store.ErrNotFound) && v.kind == page:
			return v.redirect(pathLogin)
		case errors.Is(err, store.ErrNotFound):
			return fail(problemSessionEnded)
		}
		return err
	}
}

// withoutUser makes a handler that leads somebody logged in on, to the home page or to
// the application that asked for a login, unless that wants one to be made again.
func withoutUser(h handler) handler {
	return func(v *visit) error {
		state, awaited := v.session.state(), v.awaited()
		again := awaited != nil && !awaited.satisfied(state, v.now)
		if state.userID != "" && !again {
			return v.redirect(v.onward())
		}
		return h(v)
	}
}

// user is who is logged in, or store.ErrNotFound.
func (v *visit) user() (store.User, error) {
	state := v.session.state()
	if state.userID == "" {
		return store.User{}, store.ErrNotFound
	}
	u, err := v.site.store.UserByID(state.userID)
	if err == nil && state.authenticated.Before(u.SessionsEnded) {
		// Another site on the same database has ended the user's sessions.
		v.session.change(func(f *flow) { *f = flow{} })
		return store.User{}, store.ErrNotFound
	}
	return u, err
}
