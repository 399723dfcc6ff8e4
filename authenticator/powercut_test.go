package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// Whenever the power goes while a passkey is replaced, the account has the old
// one or the new one afterwards, and no counter has gone back.
func TestPowerCutAtEveryWriteOfADevice(t *testing.T) {
	t.Parallel()
	for halves := range 3 {
		for n := 0; ; n++ {
			disk := authenticator.NewPowerDisk(halves)
			store, err := disk.OpenStore()
			require.NoError(t, err)
			r := newRigOn(t, authenticator.SecurityKey(), store)
			_, old := r.create()
			seen := parse(t, r.assert().AuthData).SignCount

			disk.CutAt(n)
			status := r.status(creation())
			assertion := r.status(signIn())
			cut := disk.Restore()

			store, err = disk.OpenStore()
			require.NoError(t, err)
			after := newRigOn(t, authenticator.SecurityKey(), store)
			resp := after.assert()
			assert.Zero(t, resp.NumberOfCredentials, "cut at write %d: one passkey", n)
			assert.Greater(t, parse(t, resp.AuthData).SignCount, seen, "cut at write %d", n)
			if status == ctap.OK {
				assert.NotEqual(t, old, resp.Credential.ID, "cut at write %d: what was acknowledged is kept", n)
			}
			if !cut {
				assert.Equal(t, []ctap.Status{ctap.OK, ctap.OK}, []ctap.Status{status, assertion})
				assert.Greater(t, n, 10, "both write")
				break
			}
		}
	}
}
