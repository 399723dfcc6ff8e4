package fault_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
)

// After a wipe nothing is hidden any more: there is nothing to come back.
func TestWipeEmptiesTheGrave(t *testing.T) {
	t.Parallel()
	f, err := fault.Lookup("store/resurrects-deleted")
	require.NoError(t, err)
	store := f.Seams.Env(authenticator.Env{Store: authenticator.NewMemoryStore()}).Store
	passkey := func() *authenticator.Credential {
		return &authenticator.Credential{ID: []byte("one"), RPID: "example.com", Discoverable: true}
	}
	commit := func(change authenticator.Change) { require.NoError(t, store.Commit(t.Context(), change)) }
	commit(authenticator.Change{Put: []*authenticator.Credential{passkey()}})
	commit(authenticator.Change{Delete: [][]byte{[]byte("one")}})
	commit(authenticator.Change{Wipe: true})
	commit(authenticator.Change{Put: []*authenticator.Credential{passkey()}})
	held, err := store.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, held.Discoverable)
	found, err := store.Find(t.Context(), authenticator.Query{RPID: "example.com"})
	require.NoError(t, err)
	assert.Len(t, found, 1)
}
