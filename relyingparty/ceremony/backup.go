package ceremony

import (
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
)

// checkBackup holds the backup flags to each other (§7.1 step 17, §7.2 step 18) and to
// what is known, nil at registration: eligibility is for life (§6.1.3).
func checkBackup(flags protocol.AuthenticatorFlags, known *Credential) error {
	if flags.HasBackupState() && !flags.HasBackupEligible() {
		return errors.New("the credential is backed up without being eligible for it")
	}
	if known != nil && known.BackupEligible != flags.HasBackupEligible() {
		return errors.New("the credential's eligibility for backup changed")
	}
	return nil
}
