package conformanceapi

import (
	"bytes"
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/relyingparty"
)

// maxUsers bounds how many names are kept, maxCredentials how many credentials one has.
const (
	maxUsers       = 10_000
	maxCredentials = 100
)

// user is a name with its credentials.
type user struct {
	handle      []byte
	credentials []relyingparty.Credential
}

// users finds users by name. The zero value has none.
type users struct {
	mu     sync.Mutex
	byName map[string]*user
}

// find returns a copy of a user; a name that nobody has is a user without anything.
func (t *users) find(name string) user {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.byName[name]
	if u == nil {
		return user{}
	}
	return user{u.handle, slices.Clone(u.credentials)}
}

// add registers a credential, with its user if that is new. One credential belongs to
// one user (WebAuthn L3 §7.1 step 26).
func (t *users) add(name string, handle []byte, c relyingparty.Credential) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, u := range t.byName {
		if u.index(c.ID) >= 0 {
			return &relyingparty.Refusal{Reason: relyingparty.ReasonDuplicateCredential}
		}
	}
	u := t.byName[name]
	switch {
	case u == nil && len(t.byName) >= maxUsers:
		return wrong("there are too many users")
	case u == nil:
		u = &user{handle: handle}
	case !bytes.Equal(u.handle, handle):
		return wrong("the user was registered by somebody else in the meantime")
	case len(u.credentials) >= maxCredentials:
		return wrong("the user has too many credentials")
	}
	u.credentials = append(u.credentials, c)
	if t.byName == nil {
		t.byName = make(map[string]*user)
	}
	t.byName[name] = u
	return nil
}

// use stores what a login changed. Of two answers that race with the same counter, one
// is refused unless any counter goes.
func (t *users) use(name string, a relyingparty.Assertion, any bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.byName[name]
	i := u.index(a.CredentialID)
	known := &u.credentials[i]
	if !any && known.SignCount >= a.SignCount && (known.SignCount > 0 || a.SignCount > 0) {
		return &relyingparty.Refusal{Reason: relyingparty.ReasonCounter}
	}
	known.SignCount, known.BackedUp = a.SignCount, a.BackedUp
	return nil
}

func (u *user) index(id []byte) int {
	return slices.IndexFunc(u.credentials, func(c relyingparty.Credential) bool { return bytes.Equal(c.ID, id) })
}
