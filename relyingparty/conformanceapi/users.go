package conformanceapi

import (
	"bytes"
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// maxUsers bounds how many names are kept, maxCredentials how many credentials one has.
const (
	maxUsers       = 10_000
	maxCredentials = 100
)

// user is a name with its credentials.
type user struct {
	handle      []byte
	credentials []ceremony.Credential
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
// one user, which is found out within a step of the ceremony.
func (t *users) add(name string, handle []byte, c ceremony.Credential, step func(look func() error) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := step(func() error { return t.unregistered(c.ID) }); err != nil {
		return err
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

// unregistered refuses a credential that somebody has.
func (t *users) unregistered(id []byte) error {
	if u, _ := t.search(id); u != nil {
		return &ceremony.Refusal{Reason: ceremony.ReasonDuplicateCredential}
	}
	return nil
}

// owner finds whose credential has an ID.
func (t *users) owner(id []byte) (ceremony.Owner, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u, i := t.search(id)
	if u == nil {
		return ceremony.Owner{}, &ceremony.Refusal{Reason: ceremony.ReasonUnknownCredential}
	}
	return ceremony.Owner{Handle: u.handle, Credential: u.credentials[i]}, nil
}

// use stores what a login changed. Of two answers that race with the same counter, one
// is refused unless any counter goes.
func (t *users) use(a ceremony.Assertion, any bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	u, i := t.search(a.CredentialID)
	if u == nil {
		return &ceremony.Refusal{Reason: ceremony.ReasonUnknownCredential}
	}
	known := &u.credentials[i]
	if !any && !a.CounterRegressed && known.SignCount >= a.SignCount && (known.SignCount > 0 || a.SignCount > 0) {
		return &ceremony.Refusal{Reason: ceremony.ReasonCounter}
	}
	known.SignCount, known.BackedUp = a.SignCount, a.BackedUp
	return nil
}

// search finds a credential and its user; nil when nobody has it.
func (t *users) search(id []byte) (*user, int) {
	for _, u := range t.byName {
		if i := u.index(id); i >= 0 {
			return u, i
		}
	}
	return nil, -1
}

func (u *user) index(id []byte) int {
	return slices.IndexFunc(u.credentials, func(c ceremony.Credential) bool { return bytes.Equal(c.ID, id) })
}
