package passkeylab

import (
	"net/http"
	"sync"

	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/internal/shop"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// ScreenShop is the one screen of the application that [WithShop] puts up.
const ScreenShop = "shop"

// shopHost is its host name, shopID its client ID.
const (
	shopHost = "shop.acme.test"
	shopID   = "shop"
)

// operatorToken is an access token for the Management API of a lab with a shop.
const operatorToken = "operator of the lab"

// sharedRPID is what both hosts lie under, so that passkeys can be used at either; ""
// is the site's own.
func (l *Lab) sharedRPID() string {
	if l.options.shop {
		return "acme.test"
	}
	return ""
}

// operatorToken is "" where nobody manages the site by its API.
func (l *Lab) operatorToken() string {
	if l.options.shop {
		return operatorToken
	}
	return ""
}

// Shop is an application whose users log in at the embedded site: on its website by
// redirect, or in an app of its own that asks the site's API for passkeys.
type Shop struct {
	lab    *Lab
	site   *Site // its own pages
	secret string
}

// WithShop puts up an application beside the embedded site, which [Lab.Shop] returns.
func WithShop() Option { return func(o *options) { o.shop = true } }

// Shop is the application of [WithShop].
func (l *Lab) Shop() *Shop {
	l.t.Helper()
	if l.shop == nil {
		l.fail("visiting the shop", "a lab made with passkeylab.WithShop()", "one without")
	}
	return l.shop
}

// openShop puts the application up, before the site that has to know it.
func (l *Lab) openShop() {
	l.t.Helper()
	s := &Shop{lab: l, site: &Site{lab: l}, secret: "secret of the shop"}
	s.site.serve(shopHost, func() (http.Handler, error) {
		return &lateHandler{make: func() http.Handler {
			return shop.New(shop.Config{
				URL: s.site.URL(), Issuer: l.Site.URL() + "/", ClientID: shopID, Secret: s.secret,
				Transport: l.Site.transport(), Now: l.clock.Now, Random: seed.Stream(l.options.seed, "shop"),
			})
		}}, nil
	})
	l.options.apps = append(l.options.apps, relyingparty.Application{
		ID: shopID, Secret: s.secret, Name: "Acme Shop", Grants: relyingparty.GrantTypes(),
		Callbacks: []string{s.site.URL() + shop.Callback}, LogoutURLs: []string{s.site.URL() + "/"}, Origins: []string{s.site.URL()},
	})
	l.shop = s
}

// lateHandler is made when it is first asked, since it has to know a site that opens
// after it.
type lateHandler struct {
	make func() http.Handler
	once sync.Once
	made http.Handler
}

// ServeHTTP implements [http.Handler].
func (h *lateHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.once.Do(func() { h.made = h.make() })
	h.made.ServeHTTP(w, r)
}

// URL is the address of the shop.
func (s *Shop) URL() string { return s.site.URL() }

// OpenOn opens the shop in a new tab on a device.
func (s *Shop) OpenOn(d *Device) *Page {
	s.lab.t.Helper()
	p := s.site.OpenOn(d)
	p.Open("/")
	p.Expect(ScreenShop)
	return p
}

// LoggedIn checks that the page shows the shop, with a user logged in.
func (s *Shop) LoggedIn(p *Page, email string) {
	s.lab.t.Helper()
	p.Expect(ScreenShop)
	p.loggedInAs(email)
}
