package ceremony

// BackupPolicy says which passkeys are wanted, by their backup eligibility (BE, WebAuthn
// L3 §6.1.3): those that may be synced, those that stay on one device, or both.
type BackupPolicy string

const (
	BackupAny         BackupPolicy = "any"
	BackupDeviceBound BackupPolicy = "device-bound" // BE has to be 0
	BackupEligible    BackupPolicy = "eligible"     // BE has to be 1
)

// BackupLossPolicy says what it means that a passkey was backed up and is so no longer
// (BS from 1 to 0, WebAuthn L3 §7.2 step 19). That BE changes is always refused.
type BackupLossPolicy string

const (
	BackupLossWarn   BackupLossPolicy = "warn"   // the login succeeds, and its [Assertion] says so
	BackupLossRefuse BackupLossPolicy = "refuse" // the login is refused
)

// checkEligibility holds a passkey to what the policy wants.
func checkEligibility(wanted BackupPolicy, eligible bool) error {
	switch {
	case wanted == BackupDeviceBound && eligible:
		return refuse(ReasonMayBeSynced, nil)
	case wanted == BackupEligible && !eligible:
		return refuse(ReasonDeviceBound, nil)
	}
	return nil
}

// backupWanted is the step by which policy looks at BE, when a passkey is made and
// whenever it is used.
func (v *Verification) backupWanted() error {
	return checkEligibility(v.Backup, v.Auth.Flags.HasBackupEligible())
}

// backupKept is the step by which policy looks at BS.
func (v *Verification) backupKept() error {
	v.unbacked = v.Owner.Credential.BackedUp && !v.Auth.Flags.HasBackupState()
	if v.unbacked && v.BackupLoss == BackupLossRefuse {
		return refuse(ReasonBackupLost, nil)
	}
	return nil
}
