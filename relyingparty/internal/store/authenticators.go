package store

import (
	"fmt"
	"time"
)

// AuthenticatorType is a kind of second factor.
type AuthenticatorType string

const (
	AuthenticatorOTP          AuthenticatorType = "otp"           // time-based codes of an app
	AuthenticatorEmail        AuthenticatorType = "email"         // codes by mail
	AuthenticatorRecoveryCode AuthenticatorType = "recovery-code" // goes when no other is left
)

// Authenticator is a second factor of an account, which its user has confirmed.
type Authenticator struct {
	ID       string
	UserID   string
	Type     AuthenticatorType
	Secret   []byte // key of an OTP, hash of a recovery code; nothing for an email address
	Address  string // of an email
	Name     string // that an operator or its user has given it; "" for none
	UsedStep int64  // time step of the newest code of an OTP that was used
	Created  time.Time
	LastUsed time.Time // zero when never used
}

// InsertAuthenticators adds second factors to an account. Where they are to be its first
// ones, ErrNotFound says that it has some already.
func (t *Tx) InsertAuthenticators(all []Authenticator, first bool) error {
	for i, a := range all {
		secret, sealed, err := t.sealedSecret(a)
		if err != nil {
			return err
		}
		if err := t.execOne(insertAuthenticator, a.ID, a.UserID, string(a.Type), secret, a.Address, a.UsedStep, a.Created.UnixMilli(),
			flag(first && i == 0), flag(sealed), a.Name); err != nil {
			return err
		}
	}
	return nil
}

// sealedSecret is a secret as it is stored. The key of an app has to be read again; a hash
// tells nothing anyway.
func (t *Tx) sealedSecret(a Authenticator) (secret []byte, sealed bool, err error) {
	switch {
	case a.Secret == nil:
		return []byte{}, false, nil
	case a.Type != AuthenticatorOTP || t.store.sealer == nil:
		return a.Secret, false, nil
	}
	secret, err = t.store.sealer.seal(placeOf(a.ID), a.Secret)
	return secret, true, err
}

// UseStep keeps that the code of a time step was used; ErrNotFound when it, or a later
// one, was used before.
func (t *Tx) UseStep(id string, step int64, at time.Time) error {
	return t.execOne(updateAuthenticatorStep, step, at.UnixMilli(), id)
}

// ReplaceSecret puts another secret in the place of one that is used up; ErrNotFound when
// it was before.
func (t *Tx) ReplaceSecret(id string, used, next []byte, at time.Time) error {
	return t.execOne(updateAuthenticatorSecret, next, at.UnixMilli(), id, used)
}

// UseAuthenticator keeps that a factor was used; ErrNotFound when it is gone.
func (t *Tx) UseAuthenticator(id string, at time.Time) error {
	return t.execOne(updateAuthenticatorUse, at.UnixMilli(), id)
}

// RenameAuthenticator gives a factor of an account another name; ErrNotFound when the account
// has none of this ID.
func (t *Tx) RenameAuthenticator(userID, id, name string) error {
	return t.execOne(updateAuthenticatorName, name, id, userID)
}

// DeleteAuthenticator removes a factor of an account, and the recovery code with the last
// of the others; ErrNotFound when the account has none of this ID.
func (t *Tx) DeleteAuthenticator(userID, id string) error {
	if err := t.execOne(deleteAuthenticator, id, userID); err != nil {
		return err
	}
	_, err := t.exec(deleteLonelyRecoveryCodes, userID, string(AuthenticatorRecoveryCode))
	return err
}

// Authenticators lists an account's second factors, oldest first.
func (s *Store) Authenticators(userID string) ([]Authenticator, error) {
	return collect(s, selectAuthenticators, s.scanAuthenticator, userID)
}

func (s *Store) scanAuthenticator(row scanner) (Authenticator, error) {
	var (
		a             Authenticator
		kind          string
		created, used int64
		sealed        bool
	)
	if err := row.Scan(&a.ID, &a.UserID, &kind, &a.Secret, &a.Address, &a.UsedStep, &created, &used, &sealed, &a.Name); err != nil {
		return a, fmt.Errorf("store: authenticator: %w", err)
	}
	if len(a.Secret) == 0 { // which the databases give back in different ways
		a.Secret = nil
	}
	if sealed {
		secret, err := s.sealer.open(placeOf(a.ID), a.Secret)
		if err != nil {
			return a, err
		}
		a.Secret = secret
	}
	a.Type, a.Created, a.LastUsed = AuthenticatorType(kind), fromMillis(created), fromMillis(used)
	return a, nil
}
