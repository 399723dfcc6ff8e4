package relyingparty

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// FuzzSite sends hostile bodies to every form, exchange and API: none may panic or be
// an internal error.
func FuzzSite(f *testing.F) {
	s, _ := newSite(f, withApplications, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.Requests.Burst = math.MaxInt32 // or only the limit would be tried
		c.Limits.PasskeyAPI.Burst = math.MaxInt32
	})
	b := visitSite(f, s)
	d := b.signUp("fuzz@example.com")
	b.logOut()
	b.open(pathLogin)
	f.Add(uint8(0), d.Get(f, b.loginOptions()))
	f.Add(uint8(1), []byte(`{"mediation":"conditional"}`))
	f.Add(uint8(4), []byte("email=alice%40example.com"))
	f.Add(uint8(5), []byte("password=%ff%00&ticket=x"))
	var posts []route
	for _, r := range slices.Concat(s.table(), s.apiTable()) {
		if strings.HasPrefix(r.pattern, "POST ") {
			posts = append(posts, r)
		}
	}
	f.Add(uint8(len(posts)-1), []byte(`{"grant_type":"refresh_token","client_id":"app","refresh_token":"x"}`))
	f.Add(uint8(len(posts)-2), []byte(`{"client_id":"app","user_profile":{"email":"a@example.com"}}`))
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		b := &browser{t: t, http: b.http, csrf: b.csrf}
		to := posts[int(which)%len(posts)]
		path := strings.TrimPrefix(to.pattern, "POST ")
		contentType := "application/json"
		if to.kind == form {
			contentType = "application/x-www-form-urlencoded"
			body = append([]byte("csrf="+b.csrf+"&"), body...)
		}
		r := b.request(http.MethodPost, path, contentType, body)
		r.Header.Set(csrfHeader, b.csrf)
		if a := b.do(r); a.status >= 500 {
			t.Fatalf("%s: %d", path, a.status)
		}
	})
}

// FuzzAuthorize sends hostile queries to the authorization endpoint: none may be an
// internal error, and none may lead to a place that is not configured.
func FuzzAuthorize(f *testing.F) {
	s, _ := newSite(f, withApplications)
	b := visitSite(f, s)
	b.signUp("fuzz@example.com")
	f.Add(strings.TrimPrefix(authorizeQuery(nil), pathAuthorize+"?"))
	f.Add("client_id=app&redirect_uri=https://evil.test")
	f.Add("client_id=app&redirect_uri=" + url.QueryEscape(callback) + "&prompt=none&state=%0d%0aSet-Cookie:x")
	f.Fuzz(func(t *testing.T, query string) {
		r, err := http.NewRequest(http.MethodGet, testOrigin+pathAuthorize, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.RawQuery = query
		a := standing(&browser{t: t, http: b.http}).do(r)
		to := a.header.Get("Location")
		if a.status >= 500 || to != "" && !strings.HasPrefix(to, callback+"?") && to != pathLogin && to != pathSignUp {
			t.Fatalf("%d to %q", a.status, to)
		}
	})
}
