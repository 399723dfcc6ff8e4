package relyingparty

import (
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// BackupChange is a change of a passkey's backup state that a login told of.
type BackupChange struct {
	At       time.Time
	BackedUp bool // from then on
}

// noteBackup keeps the change of backup state that a login tells of, if it does.
func noteBackup(tx *store.Tx, p store.Passkey, a ceremony.Assertion, at time.Time) error {
	if a.BackedUp == p.BackedUp {
		return nil
	}
	return tx.InsertBackupChange(p.ID, store.BackupChange{At: at, BackedUp: a.BackedUp})
}

// BackupHistory lists the changes of backup state of an account's passkeys, by
// RegistrationID, oldest first. What a passkey was at registration is no change.
func (s *Site) BackupHistory(email string) (map[string][]BackupChange, error) {
	u, err := s.User(email)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.BackupChanges(u.ID)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]BackupChange)
	for _, row := range rows {
		all[row.PasskeyID] = append(all[row.PasskeyID], BackupChange{row.At, row.BackedUp})
	}
	return all, nil
}
