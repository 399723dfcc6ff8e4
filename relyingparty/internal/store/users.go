package store

import (
	"fmt"
	"strings"
	"time"
)

// User is one account.
type User struct {
	ID       string
	Handle   []byte // WebAuthn user handle: random, never shown
	Email    string // as the user wrote it; "" for none
	EmailKey string // as it is compared
	Password string // encoded hash; empty when none is set
	Created  time.Time
	Logins   int
	// SessionsEnded is when all sessions that there were came to an end; zero for never.
	SessionsEnded time.Time
	Profile       []byte // JSON object; nil means an empty one

	// Identifiers are names besides the email address. They are written once and not
	// read: what a user is called stands in the profile.
	Identifiers []Identifier

	Progressive, Local Snooze
}

// Snooze is a user's wish to be left alone by an enrolment screen.
type Snooze struct {
	At    time.Time // zero when never declined
	Never bool
}

// InsertUser creates an account; ErrEmailTaken when the email has one.
func (t *Tx) InsertUser(u User) error {
	if u.Email == "" {
		u.EmailKey = noEmail + u.ID
	}
	_, err := t.exec(insertUser, u.ID, u.Handle, u.Email, u.EmailKey, u.Password, u.Created.UnixMilli(), profileText(u.Profile))
	if t.store.dialect.violates(err) {
		return ErrEmailTaken
	}
	if err != nil {
		return err
	}
	return t.insertIdentifiers(u)
}

// noEmail begins the key of an account without an address, which is stored since keys
// are unique. No address begins so, and nobody is found by it.
const noEmail = "no email: "

// noProfile is how a missing profile is stored.
const noProfile = "{}"

func profileText(profile []byte) string {
	if profile == nil {
		return noProfile
	}
	return string(profile)
}

// SetPassword replaces an account's encoded password hash, and ends its sessions.
func (t *Tx) SetPassword(userID, hash string, at time.Time) error {
	return t.execOne(updatePassword, hash, at.UnixMilli(), userID)
}

// SetProfile replaces an account's profile, a JSON object.
func (t *Tx) SetProfile(userID string, profile []byte) error {
	return t.execOne(updateProfile, profileText(profile), userID)
}

// CountLogin adds one to an account's number of logins.
func (t *Tx) CountLogin(userID string) error { return t.execOne(updateLogins, userID) }

// SnoozeProgressive stores that the user declined the progressive enrolment screen.
func (t *Tx) SnoozeProgressive(userID string, s Snooze) error {
	return t.execOne(snoozeProgressive, s.At.UnixMilli(), flag(s.Never), userID)
}

// SnoozeLocal stores that the user declined the local enrolment screen.
func (t *Tx) SnoozeLocal(userID string, s Snooze) error {
	return t.execOne(snoozeLocal, s.At.UnixMilli(), flag(s.Never), userID)
}

// UserByID finds an account, or ErrNotFound.
func (s *Store) UserByID(id string) (User, error) {
	u, err := scanUser(s.row(selectUserByID, id))
	return u, s.notFound(err)
}

// UserByEmail finds an account by its email key, or ErrNotFound.
func (s *Store) UserByEmail(key string) (User, error) {
	if strings.HasPrefix(key, noEmail) {
		return User{}, ErrNotFound
	}
	u, err := scanUser(s.row(selectUserByEmail, key))
	return u, s.notFound(err)
}

// Users lists all accounts, oldest first.
func (s *Store) Users() ([]User, error) { return collect(s, selectUsers, scanUser) }

// userRow is a row of userColumns on its way into a User.
type userRow struct {
	user                            User
	created, progressiveAt, localAt int64
	sessionsEnded                   int64
	profile                         string
}

func (r *userRow) destinations() []any {
	u := &r.user
	return []any{&u.ID, &u.Handle, &u.Email, &u.EmailKey, &u.Password, &r.created, &u.Logins,
		&r.progressiveAt, &u.Progressive.Never, &r.localAt, &u.Local.Never, &r.profile, &r.sessionsEnded}
}

func (r *userRow) value() User {
	if r.user.Email == "" {
		r.user.EmailKey = ""
	}
	r.user.Created = fromMillis(r.created)
	r.user.SessionsEnded = fromMillis(r.sessionsEnded)
	r.user.Progressive.At = fromMillis(r.progressiveAt)
	r.user.Local.At = fromMillis(r.localAt)
	if r.profile != noProfile {
		r.user.Profile = []byte(r.profile)
	}
	return r.user
}

func scanUser(row scanner) (User, error) {
	var r userRow
	if err := row.Scan(r.destinations()...); err != nil {
		return User{}, fmt.Errorf("store: user: %w", err)
	}
	return r.value(), nil
}

// fromMillis turns a stored time back; zero stays the zero time.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
