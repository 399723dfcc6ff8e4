package passkeylab

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// siteHost is the host name of the embedded site. Names under .test exist
// nowhere (RFC 6761 §6.2); the lab's browser finds them on this machine.
const siteHost = "auth.acme.test"

// Site is the relying party as its visitors see it.
type Site struct {
	lab     *Lab
	base    *url.URL
	handler http.Handler       // nil when the site is not ours
	rp      *relyingparty.Site // nil when the site is not ours, or is a look-alike
}

// openSite starts the embedded site, or points at the one of [WithSite].
func (l *Lab) openSite() *Site {
	l.t.Helper()
	s := &Site{lab: l}
	if l.options.remote != "" {
		base, err := url.Parse(l.options.remote)
		l.must("visiting "+l.options.remote, err)
		s.base = base
		return s
	}
	host, opened := l.siteName()
	s.serve(host, func() (http.Handler, error) {
		rp, err := relyingparty.New(relyingparty.Config{
			BaseURL:         s.base.String(),
			RPID:            l.sharedRPID(),
			Policy:          l.options.policy,
			Metadata:        l.options.metadata,
			Applications:    l.options.apps,
			ManagementToken: l.operatorToken(),
			Domains:         l.domains(host),
			PasswordCost:    relyingparty.LabPasswordCost(),
			LogRetention:    -1, // a journey reads all that it has caused, however long it takes by its clock
			Clock:           l.clock.Now,
			Random:          seed.Stream(l.options.seed, "site"),
		})
		s.rp = rp
		return rp, err
	})
	opened(s.handler)
	l.t.Cleanup(func() {
		if err := s.rp.Close(); err != nil {
			l.t.Errorf("closing the site: %v", err)
		}
	})
	return s
}

// At is the embedded site under another of its names, see [WithDomain] and [WithRelatedOrigins].
func (s *Site) At(host string) *Site {
	s.lab.t.Helper()
	other := *s
	other.base = &url.URL{Scheme: s.base.Scheme, Host: host + strings.TrimPrefix(s.base.Host, s.base.Hostname())}
	if !slices.ContainsFunc(s.rp.Domains(), func(d relyingparty.CustomDomain) bool { return d.Host == other.base.Host }) {
		s.lab.fail("visiting "+host, "a name of the site", "the site has no such name; give it one by WithDomain")
	}
	return &other
}

// RPID is the site's relying party identifier under this name.
func (s *Site) RPID() string {
	if s.rp != nil {
		for _, d := range s.rp.Domains() {
			if d.Host == s.base.Host {
				return d.RPID
			}
		}
	}
	return s.base.Hostname()
}

// SetRPID changes the relying party identifier of the embedded site under this name, from
// the next request on. What devices hold for the old one cannot be used any more.
func (s *Site) SetRPID(rpID string) {
	s.lab.t.Helper()
	s.lab.must("changing the RP ID", s.rp.SetRPID(s.base.Host, rpID))
	s.lab.Note("the RP ID of %s is now %s", s.base.Host, s.RPID())
}

// serve puts a handler up at host: on a port of its own where a browser is to
// find it, otherwise in memory. The handler is made once the address is known.
func (s *Site) serve(host string, handler func() (http.Handler, error)) {
	l := s.lab
	l.t.Helper()
	s.base = &url.URL{Scheme: "https", Host: host}
	if !l.options.link.InBrowser() {
		made, err := handler()
		l.must("starting the site", err)
		s.handler = made
		l.hosts.Store(host, made)
		return
	}
	server := httptest.NewUnstartedServer(nil)
	certificate, err := l.stage.certificate()
	l.must("starting the site", err)
	server.TLS = certificate.serverConfig()
	s.base.Host += server.Listener.Addr().String()[strings.LastIndexByte(server.Listener.Addr().String(), ':'):]
	made, err := handler()
	l.must("starting the site", err)
	s.handler, server.Config.Handler = made, made
	server.Config.ErrorLog = l.stage.quiet()
	server.StartTLS()
	l.t.Cleanup(server.Close)
}

// LookAlike puts up a phishing site at host, a name under .test: it hands every
// request on to the real site and every answer back, under its own address.
func (s *Site) LookAlike(host string) *Site {
	s.lab.t.Helper()
	fake := &Site{lab: s.lab}
	fake.serve(host, func() (http.Handler, error) {
		return &httputil.ReverseProxy{
			Transport: s.transport(),
			ErrorLog:  s.lab.stage.quiet(),
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(s.base)
				r.Out.Host = s.base.Host
				r.Out.Header.Del("Sec-Fetch-Site")
				if r.In.Header.Get("Origin") != "" {
					r.Out.Header.Set("Origin", s.base.String())
				}
			},
		}, nil
	})
	s.lab.Note("a phishing site at %s hands everything on to %s", fake.base, s.base)
	return fake
}

// transport reaches the site from Go: without a network where it is ours.
func (s *Site) transport() http.RoundTripper {
	if s.handler == nil {
		return http.DefaultTransport
	}
	return inMemory{s}
}

// URL is the address of the site.
func (s *Site) URL() string { return s.base.String() }

// Client asks the site as a program would, without cookies and without a browser.
func (s *Site) Client() *http.Client { return &http.Client{Transport: s.transport()} }

// Remote reports whether the site is not the embedded one: its clock, mail, log
// and policy are then out of reach.
func (s *Site) Remote() bool { return s.rp == nil }

// Log is the site's tenant log.
func (s *Site) Log() *Log { return &Log{lab: s.lab} }

// events reads the whole tenant log.
func (s *Site) events() ([]relyingparty.Event, error) {
	if s == nil || s.rp == nil {
		return nil, nil
	}
	return s.rp.Events(0)
}

// SetPolicy changes the policy of the embedded site from the next request on.
func (s *Site) SetPolicy(change func(*relyingparty.Policy)) {
	s.lab.t.Helper()
	s.lab.must("changing the policy", s.rp.ChangePolicy(func(p *relyingparty.Policy) error {
		change(p)
		return nil
	}))
}

// ResetLink waits for the mail with a password reset link to an address, the
// n-th one from 1, and returns the link.
func (s *Site) ResetLink(email string, n int) string {
	s.lab.t.Helper()
	var link string
	err := s.lab.within(func(ctx context.Context) error {
		after := 0
		for range n {
			mail, err := s.rp.Outbox().Wait(ctx, email, after)
			if err != nil {
				return err
			}
			if len(mail.Links) == 0 {
				return fmt.Errorf("the mail %q has no link", mail.Subject)
			}
			after, link = mail.Seq, mail.Links[0]
		}
		return nil
	})
	s.lab.must("reading the mail to "+email, err)
	s.lab.Note("%s finds a link in the mail", email)
	return link
}

// DropPasskeys deletes all passkeys of an account at the site, as an operator
// would; the devices that hold them are not told.
func (s *Site) DropPasskeys(email string) {
	s.lab.t.Helper()
	user, err := s.rp.User(email)
	s.lab.must("deleting passkeys at the site", err)
	for _, p := range user.Passkeys {
		s.lab.must("deleting passkeys at the site", s.rp.RemovePasskey(email, p.RegistrationID))
	}
	s.lab.Note("the site deletes %d passkeys of %s", len(user.Passkeys), email)
}

// Rename gives the user of an account another name, as an operator would. Devices hear
// of it when a page next signals.
func (s *Site) Rename(email, name string) {
	s.lab.t.Helper()
	s.lab.must("renaming "+email, s.rp.SetName(email, name))
	s.lab.Note("the site calls %s %q", email, name)
}

// PasskeyCount is how many passkeys the site has for an account; 0 also when
// there is no such account.
func (s *Site) PasskeyCount(email string) int {
	s.lab.t.Helper()
	users, err := s.rp.Users()
	s.lab.must("reading the site's accounts", err)
	for _, u := range users {
		if strings.EqualFold(u.Email, email) {
			return len(u.Passkeys)
		}
	}
	return 0
}

// KnowsPasskeys checks how many passkeys the site has for an account.
func (l *Lab) KnowsPasskeys(email string, n int) {
	l.t.Helper()
	what := fmt.Sprintf("the site has %d passkeys of %s", n, email)
	if got := l.Site.PasskeyCount(email); got != n {
		l.fail(what, what, fmt.Sprintf("it has %d", got))
	}
	l.record.step(what, nil)
}

// inMemory serves requests without a network: those to other hosts of the lab too, as
// pages lead there.
type inMemory struct{ site *Site }

// RoundTrip implements http.RoundTripper.
func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	handler := m.site.handler
	if other, known := m.site.lab.hosts.Load(r.URL.Host); known {
		handler = other.(http.Handler)
	}
	in := r.Clone(r.Context())
	in.RemoteAddr, in.RequestURI = "127.0.0.1:0", r.URL.RequestURI()
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, in)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}
