package store

import (
	"fmt"
	"strings"
	"time"
)

// Passkey is one registered credential.
type Passkey struct {
	ID             string
	UserID         string
	CredentialID   []byte
	PublicKey      []byte // COSE_Key
	SignCount      uint32
	BackupEligible bool
	BackedUp       bool
	UserVerified   bool // the user was verified when it was registered
	AAGUID         []byte
	Attachment     string // platform, cross-platform or unknown ("")
	Transports     []string
	Attestation    string // statement format
	RPID           string
	Name           string
	UserAgent      string
	Created        time.Time
	LastUsed       time.Time // zero when never used
}

// Use is what a login changes about a passkey.
type Use struct {
	SignCount uint32
	BackedUp  bool
	At        time.Time
	// AnyCounter stores SignCount even where it goes backwards.
	AnyCounter bool
}

// InsertPasskey adds a passkey to its account unless that has most already
// (ErrTooManyPasskeys) or the credential is registered anywhere (ErrCredentialTaken).
func (t *Tx) InsertPasskey(p Passkey, most int) error {
	var count int
	if err := t.row(countPasskeys, p.UserID).Scan(&count); err != nil {
		return fmt.Errorf("store: count passkeys: %w", err)
	}
	if count >= most {
		return ErrTooManyPasskeys
	}
	_, err := t.exec(insertPasskey, p.ID, p.UserID, p.CredentialID, p.PublicKey, p.SignCount, flag(p.BackupEligible), flag(p.BackedUp),
		flag(p.UserVerified), p.AAGUID, p.Attachment, strings.Join(p.Transports, " "), p.Attestation, p.RPID, p.Name, p.UserAgent,
		p.Created.UnixMilli())
	if t.store.dialect.violates(err) {
		return ErrCredentialTaken
	}
	return err
}

// UsePasskey stores a login's counter, backup state and time. ErrStaleCounter means
// that the counter did not grow, or the passkey is gone.
func (t *Tx) UsePasskey(id string, u Use) error {
	n, err := t.exec(updatePasskeyUse, u.SignCount, flag(u.BackedUp), u.At.UnixMilli(), id, flag(u.AnyCounter))
	if err == nil && n == 0 {
		return ErrStaleCounter
	}
	return err
}

// RenamePasskey changes the name of a user's own passkey.
func (t *Tx) RenamePasskey(userID, id, name string) error {
	return t.execOne(updatePasskeyName, name, id, userID)
}

// DeletePasskey removes a user's own passkey.
func (t *Tx) DeletePasskey(userID, id string) error { return t.execOne(deletePasskey, id, userID) }

// Passkeys lists an account's passkeys, oldest first.
func (s *Store) Passkeys(userID string) ([]Passkey, error) {
	return collect(s, selectPasskeys, scanPasskey, userID)
}

// PasskeyByCredential finds a passkey and its owner by credential ID, or ErrNotFound.
func (s *Store) PasskeyByCredential(credentialID []byte) (Passkey, User, error) {
	var (
		p passkeyRow
		u userRow
	)
	row := s.row(selectPasskeyByCredential, credentialID)
	if err := row.Scan(append(p.destinations(), u.destinations()...)...); err != nil {
		return Passkey{}, User{}, s.notFound(fmt.Errorf("store: passkey: %w", err))
	}
	return p.value(), u.value(), nil
}

// PasskeysByRPID counts the passkeys for each RP ID.
func (s *Store) PasskeysByRPID() (map[string]int, error) {
	type group struct {
		rpID  string
		count int
	}
	groups, err := collect(s, countPasskeysByRPID, func(row scanner) (g group, err error) {
		return g, row.Scan(&g.rpID, &g.count)
	})
	counts := make(map[string]int, len(groups))
	for _, g := range groups {
		counts[g.rpID] = g.count
	}
	return counts, err
}

// passkeyRow is a row of passkeyColumns on its way into a Passkey.
type passkeyRow struct {
	passkey           Passkey
	transports        string
	created, lastUsed int64
}

func (r *passkeyRow) destinations() []any {
	p := &r.passkey
	return []any{&p.ID, &p.UserID, &p.CredentialID, &p.PublicKey, &p.SignCount, &p.BackupEligible, &p.BackedUp,
		&p.UserVerified, &p.AAGUID, &p.Attachment, &r.transports, &p.Attestation, &p.RPID, &p.Name, &p.UserAgent,
		&r.created, &r.lastUsed}
}

func (r *passkeyRow) value() Passkey {
	r.passkey.Transports = strings.Fields(r.transports)
	r.passkey.Created = fromMillis(r.created)
	r.passkey.LastUsed = fromMillis(r.lastUsed)
	return r.passkey
}

func scanPasskey(row scanner) (Passkey, error) {
	var r passkeyRow
	if err := row.Scan(r.destinations()...); err != nil {
		return Passkey{}, err
	}
	return r.value(), nil
}
