package relyingparty

import (
	"net/http"
	"strings"
)

// cookieName carries the session. The prefix makes browsers refuse the cookie from
// any other host or path (RFC 6265bis §4.1.3.2); it needs https. Cookies know no ports,
// and so the name has it: what else runs on localhost may have a session of its own.
func (d *domain) cookieName() string {
	name := "session"
	if d.secure {
		name = "__Host-session"
	}
	if _, port, ok := strings.Cut(strings.TrimPrefix(d.host, d.name), ":"); ok {
		name += "-" + port
	}
	return name
}

func (d *domain) cookie(token string) *http.Cookie {
	return &http.Cookie{
		Name:     d.cookieName(),
		Value:    token,
		Path:     "/",
		Secure:   d.secure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
}

// findSession attaches the session that the browser's cookie names, if it is alive.
func (v *visit) findSession() bool {
	c, err := v.r.Cookie(v.at.cookieName())
	if err != nil {
		return false
	}
	s, ok := v.site.sessions.find(c.Value, v.now, v.policy)
	if ok = ok && s.at == v.at; ok {
		v.session = s
	}
	return ok
}

// startSession opens a session, logged in as userID unless that is empty. It takes
// the place of the present one, so that a token seen before a login is worth nothing
// after it; only what an application waits for goes over.
func (v *visit) startSession(userID string) error {
	token, err := v.site.drawToken()
	if err != nil {
		return err
	}
	csrf, err := v.site.drawToken()
	if err != nil {
		return err
	}
	next := flow{userID: userID}
	if userID != "" {
		next.authenticated, next.signalsDue = v.now, true
	}
	if v.session != nil {
		next.authorization = v.session.state().authorization
		v.site.sessions.end(v.session)
	}
	v.session = &session{at: v.at, token: token, csrf: csrf, opened: v.now, seen: v.now, flow: next}
	v.site.sessions.add(v.session)
	http.SetCookie(v.w, v.at.cookie(token))
	return nil
}

// endSession forgets the browser's session and takes its cookie back.
func (v *visit) endSession() {
	v.site.sessions.end(v.session)
	gone := v.at.cookie("")
	gone.MaxAge = -1
	http.SetCookie(v.w, gone)
}
