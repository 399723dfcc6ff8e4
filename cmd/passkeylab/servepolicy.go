package main

import (
	"fmt"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// policyFlags are the parts of the site's policy that no API of the product knows.
type policyFlags struct {
	Passkeys   string `help:"Which passkeys may be made and used: any, device-bound (that cannot be synced) or eligible (that can be)." default:"any" enum:"any,device-bound,eligible"`
	BackupLoss string `name:"backup-loss" help:"When a passkey is backed up no longer: warn (in the log) or refuse." default:"warn" enum:"warn,refuse"`
	Counter    string `help:"When a signature counter does not grow: refuse or warn (in the log)." default:"refuse" enum:"refuse,warn"`
	Hints      string `help:"Which kinds of authenticator browsers offer first: security-key, client-device, hybrid, separated by commas." placeholder:"HINTS"`
	Suffices   bool   `name:"passkey-suffices" help:"Leave the second factor out of a login with a passkey, as an Action after the login can."`
	Upgrade    bool   `help:"After a login with a password, ask the browser for a passkey in silence (conditional create())."`
	Signals    bool   `help:"Tell devices which passkeys are accepted and what users are called." default:"true" negatable:""`
}

// applyTo puts the flags into a policy.
func (f policyFlags) applyTo(p *relyingparty.Policy) (err error) {
	p.Backup, p.BackupLoss = ceremony.BackupPolicy(f.Passkeys), ceremony.BackupLossPolicy(f.BackupLoss)
	p.CounterPolicy, p.Upgrade, p.Signals = ceremony.CounterPolicy(f.Counter), f.Upgrade, f.Signals
	p.PasskeySuffices = f.Suffices
	if p.Hints, err = ceremony.ParseHints(f.Hints); err != nil {
		return fmt.Errorf("--hints: %w", err)
	}
	return nil
}
