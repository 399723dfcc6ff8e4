// Package notes is a small web application with passkeys, as somebody who has never
// heard of passkeylab might have written it: its own pages, its own script, its own
// use of go-webauthn. It stands here to be tested.
package notes

import (
	"crypto/rand"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/go-webauthn/webauthn/webauthn"
)

// App is the application, with everything that it knows in memory.
type App struct {
	routes   *http.ServeMux
	webauthn *webauthn.WebAuthn

	mu      sync.Mutex
	members map[string]*member // by email address
	visits  map[string]*visit  // by cookie
}

// member is somebody with an account.
type member struct {
	handle   []byte
	email    string
	password string // of a toy: yours are hashed
	passkeys []webauthn.Credential
}

// visit is what the application knows of one browser.
type visit struct {
	member   *member // who is in, nil for nobody
	joining  *member // who is about to sign up with a passkey
	register *webauthn.SessionData
	login    *webauthn.SessionData
}

//go:embed page.html
var pageSource string

//go:embed passkeys.js
var script string

var page = template.Must(template.New("page").Parse(pageSource))

// New makes the application for one origin, such as https://notes.example.
func New(origin, host string) (*App, error) {
	w, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: "Notes", RPOrigins: []string{origin}})
	if err != nil {
		return nil, err
	}
	a := &App{routes: http.NewServeMux(), webauthn: w, members: map[string]*member{}, visits: map[string]*visit{}}
	for path, serve := range map[string]func(*http.Request, *visit) (any, error){
		"POST /api/join/begin":  a.beginJoin,
		"POST /api/join/end":    a.endJoin,
		"POST /api/enter/begin": a.beginEnter,
		"POST /api/enter/end":   a.endEnter,
		"POST /api/more/begin":  a.beginMore,
	} {
		a.routes.HandleFunc(path, a.json(serve))
	}
	for path, serve := range map[string]func(*http.Request, *visit) (string, error){
		"POST /join":   a.joinWithPassword,
		"POST /enter":  a.enterWithPassword,
		"POST /leave":  a.leave,
		"POST /forget": a.forget,
	} {
		a.routes.HandleFunc(path, a.form(serve))
	}
	for _, path := range []string{"/join", "/join/password", "/enter", "/enter/password", "/desk"} {
		a.routes.HandleFunc("GET "+path, a.show)
	}
	a.routes.Handle("GET /{$}", http.RedirectHandler("/enter", http.StatusSeeOther))
	a.routes.HandleFunc("GET /passkeys.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write([]byte(script))
	})
	return a, nil
}

// ServeHTTP implements http.Handler.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.routes.ServeHTTP(w, r) }

// visit finds or begins the visit of a browser. The caller holds mu.
func (a *App) visit(w http.ResponseWriter, r *http.Request) *visit {
	if c, err := r.Cookie("visit"); err == nil && a.visits[c.Value] != nil {
		return a.visits[c.Value]
	}
	name := rand.Text()
	a.visits[name] = new(visit)
	http.SetCookie(w, &http.Cookie{Name: "visit", Value: name, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return a.visits[name]
}

// view is what page.html shows.
type view struct {
	Path, Problem, Email string
	Passkeys             int
}

func (a *App) show(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.render(w, r.URL.Path, "", a.visit(w, r))
}

func (a *App) render(w http.ResponseWriter, path, problem string, v *visit) {
	shown := view{Path: path, Problem: problem}
	if v.member != nil {
		shown.Email, shown.Passkeys = v.member.email, len(v.member.passkeys)
	} else if path == "/desk" {
		shown.Path = "/enter"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, shown)
}

// form serves a form: it leads on, or shows its page again with what is wrong.
func (a *App) form(serve func(*http.Request, *visit) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		v := a.visit(w, r)
		next, err := serve(r, v)
		if err != nil {
			a.render(w, r.URL.Path+"/password", err.Error(), v)
			return
		}
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

func (a *App) joinWithPassword(r *http.Request, v *visit) (string, error) {
	email := strings.ToLower(r.FormValue("mail"))
	if a.members[email] != nil {
		return "", errTaken
	}
	v.member = newMember(email)
	v.member.password = r.FormValue("secret")
	a.members[email] = v.member
	return "/desk", nil
}

func (a *App) enterWithPassword(r *http.Request, v *visit) (string, error) {
	m := a.members[strings.ToLower(r.FormValue("mail"))]
	if m == nil || m.password == "" || m.password != r.FormValue("secret") {
		return "", problem("We do not know this address and password.")
	}
	v.member = m
	return "/desk", nil
}

func (a *App) leave(_ *http.Request, v *visit) (string, error) {
	*v = visit{}
	return "/enter", nil
}

// forget removes the passkey that was made first.
func (a *App) forget(_ *http.Request, v *visit) (string, error) {
	if v.member != nil && len(v.member.passkeys) > 0 {
		v.member.passkeys = slices.Delete(v.member.passkeys, 0, 1)
	}
	return "/desk", nil
}
