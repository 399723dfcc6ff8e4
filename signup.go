package passkeylab

// What adapters are asked for, in words.
const (
	byPasskey = "sign up with a passkey"
	byButton  = "log in with a passkey"
)

// SignUp makes an account with a passkey on the page's device and returns the
// session it leads to.
func (p *Page) SignUp(email string) *Session {
	p.lab.t.Helper()
	p.BeginSignUp(email)
	return p.CreatePasskey(email)
}

// BeginSignUp gives the email address and gets as far as the offer of a passkey.
func (p *Page) BeginSignUp(email string) {
	p.lab.t.Helper()
	if p.guide != nil {
		p.guide.begin(byPasskey, p.guide.way.SignUp, email)
		return
	}
	p.Open(pathSignUp)
	p.Fill("email", email)
	p.Press("continue")
	p.Expect(ScreenEnrollment)
}

// CreatePasskey accepts the passkey that the page offers.
func (p *Page) CreatePasskey(email string) *Session {
	p.lab.t.Helper()
	if p.guide != nil {
		return p.guide.finish(byPasskey, email)
	}
	p.Press("create-passkey")
	p.Expect(ScreenHome, ScreenAccount)
	return p.session(email)
}

// CreatePasskeyFails accepts the passkey that the page offers, and checks that
// nothing comes of it but an error of one of these keys.
func (p *Page) CreatePasskeyFails(keys ...string) {
	p.lab.t.Helper()
	if p.guide != nil {
		p.guide.finishFails(byPasskey, keys)
		return
	}
	p.Press("create-passkey")
	p.ExpectError(keys...)
}

// SignUpWithPassword makes an account without a passkey.
func (p *Page) SignUpWithPassword(email, password string) *Session {
	p.lab.t.Helper()
	if g := p.guide; g != nil {
		g.do("sign up with a password", g.enter("sign up with a password", g.way.PasswordSignUp, email, password))
		return g.session(email)
	}
	p.BeginSignUp(email)
	p.Press("continue-without-passkey")
	p.Expect(ScreenSignUpPassword)
	p.Fill("new-password", password)
	p.Press("continue")
	p.Expect(ScreenHome)
	return p.session(email)
}
