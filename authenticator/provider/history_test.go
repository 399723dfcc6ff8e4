package provider

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
)

// An account in which everybody keeps up takes no more room the longer it lives.
func TestHistoryStaysShort(t *testing.T) {
	t.Parallel()
	a, err := NewAccount(Options{Provider: Provider{Name: "open"}, Clock: authenticator.NewManualClock(time.Now())})
	require.NoError(t, err)
	m, err := a.Join(Device{Name: "phone"})
	require.NoError(t, err)
	for i := range 5000 {
		c := &authenticator.Credential{ID: fmt.Appendf(nil, "%d", i), RPID: fmt.Sprintf("%d.test", i), BackupEligible: true}
		require.NoError(t, m.Store().Commit(context.Background(), authenticator.Change{Put: []*authenticator.Credential{c}}))
		require.NoError(t, m.Store().Commit(context.Background(), authenticator.Change{Delete: [][]byte{c.ID}}))
		a.Sync()
	}
	assert.LessOrEqual(t, len(a.log), 2*minLog)
	assert.LessOrEqual(t, len(a.records), 2*minLog)
	assert.LessOrEqual(t, len(a.byRP), 2*minLog)
}
