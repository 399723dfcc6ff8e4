package relyingparty

import "github.com/passkeylab/passkeylab/relyingparty/ceremony"

// authSession is a ceremony that a program has begun and has yet to finish. Its name,
// which the program hands back, opens it once.
type authSession struct {
	clientID     string                 // of the application that began it
	registration *ceremony.Registration // one of these two
	login        *ceremony.Login
	newcomer     *newcomer // whom a registration makes an account for; nil when userID has one
	userID       string    // whose account a registration adds to
}

// maxAuthSessions bounds how many ceremonies wait at a time.
const maxAuthSessions = 20_000

// authSessions are found by their names.
type authSessions struct{ waiting *lru[*authSession] }

func newAuthSessions() *authSessions { return &authSessions{newLRU[*authSession](maxAuthSessions)} }

// open gives a ceremony a name.
func (v *visit) openAuthSession(a *authSession) (string, error) {
	name, err := v.site.drawToken()
	if err != nil {
		return "", err
	}
	v.site.authSessions.waiting.put(name, a)
	v.rp.native.Begin(ceremony.Waiting{Door: DoorNative, Ceremony: a.ceremony(), Name: name, What: a})
	return name, nil
}

// takeAuthSession finds a ceremony by its name, its one chance.
func (v *visit) takeAuthSession(name string) (*authSession, bool) {
	a, ok := v.site.authSessions.take(name)
	w := ceremony.Waiting{Door: DoorNative, Name: name}
	if ok {
		w.Ceremony = a.ceremony()
	}
	return ceremony.Taken(v.rp.native, w, a, ok)
}

// ceremony says which of the two it is.
func (a *authSession) ceremony() ceremony.Ceremony {
	if a.login != nil {
		return ceremony.Get
	}
	return ceremony.Create
}

// take finds a ceremony by its name: its one chance.
func (t *authSessions) take(name string) (*authSession, bool) { return t.waiting.take(name) }
