package main

import (
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

func TestPolicyFlags(t *testing.T) {
	t.Parallel()
	parse := func(args ...string) (relyingparty.Policy, error) {
		var f struct {
			policyFlags
			modelFlags
		}
		parser, err := kong.New(&f)
		require.NoError(t, err)
		_, err = parser.Parse(args)
		p := relyingparty.DefaultPolicy()
		if err == nil {
			_, err = f.modelFlags.applyTo(&p)
		}
		if err == nil {
			err = f.policyFlags.applyTo(&p)
		}
		return p, err
	}
	p, err := parse()
	require.NoError(t, err)
	assert.Equal(t, relyingparty.DefaultPolicy(), p)

	p, err = parse("--passkeys=device-bound", "--backup-loss=refuse", "--counter=warn", "--hints=security-key, hybrid", "--upgrade", "--no-signals", "--passkey-suffices", "--attestation=enterprise")
	require.NoError(t, err)
	want := relyingparty.DefaultPolicy()
	want.Backup, want.BackupLoss, want.CounterPolicy = ceremony.BackupDeviceBound, ceremony.BackupLossRefuse, ceremony.CounterWarn
	want.Hints, want.Upgrade, want.Signals = ceremony.Hints{ceremony.HintSecurityKey, ceremony.HintHybrid}, true, false
	want.PasskeySuffices = true
	want.Attestation = ceremony.AttestationEnterprise
	assert.Equal(t, want, p)

	_, err = parse("--hints=telepathy")
	assert.ErrorContains(t, err, `--hints: `)
	_, err = parse("--passkeys=some")
	assert.ErrorContains(t, err, "--passkeys")
}
