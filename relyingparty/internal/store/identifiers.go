package store

// IdentifierKind is a kind of name that accounts are told apart by.
type IdentifierKind string

// The kinds.
const (
	ByEmail    IdentifierKind = "email"
	ByPhone    IdentifierKind = "phone_number"
	ByUsername IdentifierKind = "username"
)

// Identifier is a name of an account beside its email address.
type Identifier struct {
	Kind IdentifierKind
	Key  string // as it is compared
}

// insertIdentifiers reserves an account's names; ErrEmailTaken when one has an account.
func (t *Tx) insertIdentifiers(u User) error {
	for _, id := range u.Identifiers {
		_, err := t.exec(insertIdentifier, string(id.Kind), id.Key, u.ID)
		if t.store.dialect.violates(err) {
			return ErrEmailTaken
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// UserBy finds an account by one of its names, or ErrNotFound.
func (s *Store) UserBy(kind IdentifierKind, key string) (User, error) {
	if kind == ByEmail {
		return s.UserByEmail(key)
	}
	u, err := scanUser(s.row(selectUserByIdentifier, string(kind), key))
	return u, s.notFound(err)
}
