package store

import (
	"fmt"
	"time"
)

// RefreshToken is a right to get tokens for a user again. Only a hash of its secret
// is kept. Those that came of one login are a family.
type RefreshToken struct {
	Hash            []byte
	Family          string
	UserID          string
	ClientID        string
	Scope, Audience string
	Authenticated   time.Time // when the user logged in
	Expires         time.Time
	Used            time.Time // zero while unused; only rotated tokens are ever used up
}

// InsertRefreshToken stores a new token.
func (t *Tx) InsertRefreshToken(k RefreshToken) error {
	_, err := t.exec(insertRefreshToken, k.values()...)
	return err
}

// InsertRefreshSuccessor stores the token that comes after one that was used up;
// ErrNotFound when their family has been taken back in between.
func (t *Tx) InsertRefreshSuccessor(k RefreshToken) error {
	return t.execOne(insertRefreshSuccessor, append(k.values(), k.Family)...)
}

func (k RefreshToken) values() []any {
	return []any{k.Hash, k.Family, k.UserID, k.ClientID, k.Scope, k.Audience, k.Authenticated.UnixMilli(), k.Expires.UnixMilli()}
}

// SpendRefreshToken marks a token used; ErrNotFound when it is unknown or was used before.
func (t *Tx) SpendRefreshToken(hash []byte, at time.Time) error {
	return t.execOne(updateRefreshTokenUsed, at.UnixMilli(), hash)
}

// DeleteRefreshFamily takes back every token that came of one login.
func (t *Tx) DeleteRefreshFamily(family string) error {
	_, err := t.exec(deleteRefreshFamily, family)
	return err
}

// DeleteRefreshTokensOf takes back every token of an account.
func (t *Tx) DeleteRefreshTokensOf(userID string) error {
	_, err := t.exec(deleteRefreshTokensOfUser, userID)
	return err
}

// SweepRefreshTokens deletes tokens that expired before a moment, the oldest first, and at
// most so many.
func (t *Tx) SweepRefreshTokens(before time.Time, most int) error {
	_, err := t.exec(deleteExpiredRefreshTokens, before.UnixMilli(), most)
	return err
}

// RefreshToken finds a token by the hash of its secret, or ErrNotFound.
func (s *Store) RefreshToken(hash []byte) (RefreshToken, error) {
	var (
		k                            RefreshToken
		authenticated, expires, used int64
	)
	if err := s.row(selectRefreshToken, hash).Scan(&k.Hash, &k.Family, &k.UserID, &k.ClientID, &k.Scope, &k.Audience,
		&authenticated, &expires, &used); err != nil {
		return RefreshToken{}, s.notFound(fmt.Errorf("store: refresh token: %w", err))
	}
	k.Authenticated, k.Expires, k.Used = fromMillis(authenticated), fromMillis(expires), fromMillis(used)
	return k, nil
}
