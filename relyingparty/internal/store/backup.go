package store

import "time"

// BackupChange is one change of a passkey's backup state.
type BackupChange struct {
	PasskeyID string
	At        time.Time
	BackedUp  bool // from then on
}

// mostBackupChanges bounds what is kept of one passkey; the oldest go first.
const mostBackupChanges = 50

// InsertBackupChange adds a change to the history of a passkey.
func (t *Tx) InsertBackupChange(passkeyID string, c BackupChange) error {
	if _, err := t.exec(insertBackupChange, passkeyID, c.At.UnixMilli(), flag(c.BackedUp)); err != nil {
		return err
	}
	_, err := t.exec(deleteBackupChanges, passkeyID, passkeyID, mostBackupChanges)
	return err
}

// BackupChanges lists the changes of an account's passkeys, oldest first.
func (s *Store) BackupChanges(userID string) ([]BackupChange, error) {
	return collect(s, selectBackupChanges, scanBackupChange, userID)
}

func scanBackupChange(row scanner) (BackupChange, error) {
	var c BackupChange
	var at int64
	err := row.Scan(&c.PasskeyID, &at, &c.BackedUp)
	c.At = fromMillis(at)
	return c, err
}
