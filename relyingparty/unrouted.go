package relyingparty

import (
	"net/http"
	"strings"
)

// What no route is for is answered as its neighbours are: by a page, or in the form of an
// API.

// neighbours are the kinds of routes by how their paths begin; all others are pages.
var neighbours = []struct {
	prefix string
	kind   kind
}{
	{"/api/v2/", management}, {"/log/", management},
	{"/me/", selfService},
	{"/passkey/", authentication}, {"/oauth/", authentication}, {"/mfa/", authentication}, {"/dbconnections/", authentication},
	{"/userinfo", authentication}, {"/.well-known/", authentication},
}

func neighbourhood(path string) kind {
	for _, n := range neighbours {
		if strings.HasPrefix(path, n.prefix) {
			return n.kind
		}
	}
	return page
}

// refuse answers a request that no handler is for.
func (s *Site) refuse(w http.ResponseWriter, r *http.Request, key problemKey) {
	v := s.newVisit(w, r, neighbourhood(r.URL.Path))
	err := error(fail(key))
	switch {
	case v.kind.api():
		v.allowOrigin()
		if limited := v.checkRate(); limited != nil {
			err = limited
		}
	case v.onTenantDomain():
		err = fail(problemForeignHost)
	default:
		v.findSession()
	}
	v.fail(err)
}

// misdirected answers a request under a name that is not the site's. It goes by none of
// its parts but the path.
func (s *Site) misdirected(w http.ResponseWriter, r *http.Request) {
	if v := s.newVisit(w, r, neighbourhood(r.URL.Path)); v.kind.api() {
		v.fail(fail(problemForeignHost))
		return
	}
	told := words[problemForeignHost]
	http.Error(w, told.text+" It is at "+s.primary().origin+".", told.status)
}

// asksForPage reports whether a browser wants to see something. The tenant's own domain has
// nothing to see, and leads to where it is.
func asksForPage(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && neighbourhood(r.URL.Path) == page
}

func (s *Site) notFound(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, problemNotFound) }

// routed is a mux whose refusals of methods look like the rest of the site.
func (s *Site) routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refusal, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		var said statusAlone
		refusal.ServeHTTP(&said, r)
		if said.status != http.StatusMethodNotAllowed {
			s.notFound(w, r)
			return
		}
		w.Header().Set("Allow", said.Header().Get("Allow"))
		s.refuse(w, r, problemWrongMethod)
	})
}

// statusAlone keeps of an answer what is not its body.
type statusAlone struct {
	header http.Header
	status int
}

func (a *statusAlone) Header() http.Header {
	if a.header == nil {
		a.header = http.Header{}
	}
	return a.header
}

func (a *statusAlone) Write(body []byte) (int, error) { return len(body), nil }
func (a *statusAlone) WriteHeader(status int)         { a.status = status }
