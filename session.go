package passkeylab

import (
	"context"
	"strings"
)

// Session is a visitor who is logged in, in one page. What keeps them logged in returns
// the session, so that steps can be told in a row.
type Session struct {
	page *Page
	user string
}

// session checks that the page says it is user who is logged in. On a screen
// that offers something first, it does not say.
func (p *Page) session(user string) *Session {
	p.lab.t.Helper()
	if v := p.look(); v.Screen == ScreenHome || v.Screen == ScreenAccount {
		p.loggedInAs(user)
	}
	return &Session{page: p, user: user}
}

func (p *Page) loggedInAs(user string) {
	p.lab.t.Helper()
	var got string
	p.lab.must("reading who is logged in", p.lab.within(func(ctx context.Context) (err error) {
		got, err = p.tab.text(ctx, "user-email")
		return err
	}))
	if !strings.EqualFold(strings.TrimSpace(got), user) {
		p.lab.fail("reading who is logged in", user+" is logged in", got+" is logged in")
	}
}

// Page is the tab that the session lives in.
func (s *Session) Page() *Page { return s.page }

// AcceptPasskey takes the passkey that the site offers after a login.
func (s *Session) AcceptPasskey() *Session {
	s.page.lab.t.Helper()
	s.page.oursOnly("takes the passkey that the site offers after a login")
	s.page.Expect(ScreenEnrollment, ScreenLocalEnrollment)
	s.page.CreatePasskey(s.user)
	return s
}

// DeclinePasskey goes on without the passkey that the site offers after a login.
func (s *Session) DeclinePasskey() *Session {
	s.page.lab.t.Helper()
	if s.page.guide != nil {
		s.page.guide.session(s.user) // nothing is offered that could be declined
		return s
	}
	s.page.Expect(ScreenEnrollment, ScreenLocalEnrollment)
	s.page.Press("continue-without-passkey")
	s.page.Expect(ScreenHome)
	s.page.loggedInAs(s.user)
	return s
}

// AddPasskey adds a passkey on the account page.
func (s *Session) AddPasskey() *Session {
	s.page.lab.t.Helper()
	if g := s.page.guide; g != nil {
		g.begin("add a passkey", g.way.AddPasskey, s.user)
		g.finish("add a passkey", s.user)
		return s
	}
	s.openAccount()
	s.page.Press("create-passkey")
	s.page.Expect(ScreenAccount)
	return s
}

// AddPasskeyFails tries to add a passkey on the account page and checks that
// nothing comes of it but an error of one of these keys.
func (s *Session) AddPasskeyFails(keys ...string) {
	s.page.lab.t.Helper()
	if g := s.page.guide; g != nil {
		g.begin("add a passkey", g.way.AddPasskey, s.user)
		g.finishFails("add a passkey", keys)
		return
	}
	s.openAccount()
	s.page.CreatePasskeyFails(keys...)
}

// RemoveOldestPasskey removes the first passkey on the account page. The device
// that holds it is not told.
func (s *Session) RemoveOldestPasskey() *Session {
	s.page.lab.t.Helper()
	if g := s.page.guide; g != nil {
		g.lacks(g.way.RemoveOldest == nil, "remove a passkey")
		g.do("remove the first passkey", g.way.RemoveOldest.RemoveOldest)
		return s
	}
	s.openAccount()
	s.page.do("remove the first passkey", s.page.tab.removeFirst)
	s.page.Expect(ScreenAccount)
	return s
}

func (s *Session) openAccount() {
	s.page.lab.t.Helper()
	s.page.Open(pathAccount)
	s.page.Expect(ScreenAccount)
}

// LogOut ends the session.
func (s *Session) LogOut() {
	s.page.lab.t.Helper()
	if g := s.page.guide; g != nil {
		g.do("log out", g.way.Session.LogOut)
		return
	}
	s.page.Open("/")
	s.page.Press("logout")
	s.page.Expect(ScreenHome, ScreenLogin)
}
