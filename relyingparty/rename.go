package relyingparty

import (
	"encoding/json"
	"errors"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// userPatch is the body of a change of an account: what may be changed is the user's
// name.
type userPatch struct {
	Name *string `json:"name"`
}

// patchUser renames a user. Their devices hear of it from the next page that signals.
func patchUser(v *visit, u store.User) error {
	var patch userPatch
	if err := v.decodeStrict(&patch); err != nil {
		return err
	}
	if patch.Name == nil || !upTo(300)(*patch.Name) {
		return badRequest("name must be a text of 1 to 300 characters")
	}
	if err := v.site.rename(&u, *patch.Name); err != nil {
		return err
	}
	return getUser(v, u)
}

// SetName changes the name of the user with an email address, as an operator would.
// Authenticators hear of it by signalCurrentUserDetails, at the next page that signals.
func (s *Site) SetName(email, name string) error {
	if !upTo(300)(name) {
		return errors.New("relyingparty: a name has 1 to 300 printable characters")
	}
	u, err := s.store.UserByEmail(emailKey(email))
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoSuchUser
	}
	if err != nil {
		return err
	}
	return s.rename(&u, name)
}

func (s *Site) rename(u *store.User, name string) error {
	p, err := profileOf(*u)
	if err != nil {
		return err
	}
	p.Name = name
	if u.Profile, err = json.Marshal(p); err != nil {
		return err
	}
	return s.store.Update(func(tx *store.Tx) error { return tx.SetProfile(u.ID, u.Profile) })
}
