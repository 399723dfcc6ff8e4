package passkeylab

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty"
)

// siteName is the host name that the lab's own site is to have. Where other origins may
// use its passkeys, browsers look at the default port of that name, so that no other
// lab may have it meanwhile.
func (l *Lab) siteName() (host string, opened func(http.Handler)) {
	l.t.Helper()
	if len(l.options.related) == 0 || !l.options.link.InBrowser() {
		return siteHost, func(http.Handler) {}
	}
	door, err := l.stage.openedDoor()
	l.must("starting the site", err)
	name, _, _ := strings.Cut(siteHost, ".")
	host = door.take(name)
	l.t.Cleanup(func() { door.leave(host) })
	return host, func(handler http.Handler) { door.put(host, handler) }
}

// domains are the other names of the site.
func (l *Lab) domains(rpID string) []relyingparty.CustomDomain {
	all := slices.Clone(l.options.domains)
	for _, host := range l.options.related {
		all = append(all, relyingparty.CustomDomain{Host: host, RPID: rpID, Related: true})
	}
	return all
}

// world is what the clients of a lab can fetch: what its site says to everybody at the
// default port.
type world struct{ lab *Lab }

// RoundTrip implements http.RoundTripper.
func (w world) RoundTrip(r *http.Request) (*http.Response, error) {
	s := w.lab.Site
	switch {
	case s.handler == nil:
		return http.DefaultTransport.RoundTrip(r)
	case strings.EqualFold(r.URL.Host, s.base.Hostname()):
		return inMemory{s}.RoundTrip(r)
	}
	return nil, fmt.Errorf("there is no host %s in the lab", r.URL.Host)
}
