package storetest

import (
	"fmt"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// credential makes one that differs from all others in every field that tells
// credentials apart.
func credential(rpID string, number int) *authenticator.Credential {
	name := fmt.Sprintf("%s-%d", rpID, number)
	return &authenticator.Credential{
		ID: []byte(name + "-credential-id"), RPID: rpID,
		User:      ctap.UserEntity{ID: []byte(name), Name: name + "@" + rpID, DisplayName: "Number " + name},
		Algorithm: webauthn.ES256, PrivateKey: authenticator.Secret(fmt.Sprintf("%032d", number)),
		Discoverable: true, Sequence: uint64(number),
	}
}

func put(credentials ...*authenticator.Credential) authenticator.Change {
	return authenticator.Change{Put: credentials}
}

func beginsEmpty(h *handle) {
	state, discoverable := h.load()
	assert.Zero(h.t, state)
	assert.Zero(h.t, discoverable)
	assert.Empty(h.t, h.find(authenticator.Query{}))
	assert.Empty(h.t, h.find(authenticator.Query{RPID: "a.test"}))
	assert.Empty(h.t, h.find(authenticator.Query{ID: []byte("id")}))
}

func finds(h *handle) {
	a1, a2, a3, b1 := credential("a.test", 1), credential("a.test", 2), credential("a.test", 3), credential("b.test", 1)
	a2.Discoverable = false
	h.commit(put(a3, b1))
	h.commit(put(a1))
	h.commit(put(a2))
	for range 2 {
		assert.Equal(h.t, []*authenticator.Credential{a1, a2, a3}, h.find(authenticator.Query{RPID: "a.test"}), "oldest first, whenever it was put")
		assert.Equal(h.t, []*authenticator.Credential{b1}, h.find(authenticator.Query{RPID: "b.test"}))
		assert.Equal(h.t, []*authenticator.Credential{a1, a2, a3, b1}, h.find(authenticator.Query{}), "by RP ID, then oldest first")
		assert.Equal(h.t, []*authenticator.Credential{a2}, h.find(authenticator.Query{ID: a2.ID}))
		assert.Equal(h.t, []*authenticator.Credential{a2}, h.find(authenticator.Query{ID: a2.ID, RPID: "b.test"}), "the ID alone decides")
		assert.Empty(h.t, h.find(authenticator.Query{RPID: "A.test"}), "RP IDs are compared byte by byte")
		_, discoverable := h.load()
		assert.Equal(h.t, 3, discoverable)
		h.reopen()
	}
}

func keepsEveryField(h *handle) {
	full := &authenticator.Credential{
		ID: []byte{0, 1, 2, 255}, RPID: "a.test",
		User:      ctap.UserEntity{ID: []byte{0}, Name: "å", DisplayName: "\U0001f511"},
		Algorithm: webauthn.EdDSA, PrivateKey: authenticator.Secret{1, 2, 3},
		Discoverable: true, SignCount: 1<<32 - 1, BackupEligible: true, BackedUp: true,
		Sequence: 1<<63 + 1, Created: -1,
	}
	bare := &authenticator.Credential{ID: []byte{1}, RPID: "b.test"}
	h.commit(put(full, bare))
	h.reopen()
	got := h.find(authenticator.Query{})
	require.Len(h.t, got, 2)
	assert.Equal(h.t, full, got[0])
	assert.Equal(h.t, bare.ID, got[1].ID)
	assert.False(h.t, got[1].Discoverable)
}

func replaces(h *handle) {
	first := credential("a.test", 1)
	moved := *first
	moved.RPID, moved.Discoverable, moved.SignCount = "b.test", false, 7
	h.commit(put(first))
	h.commit(put(&moved))
	for range 2 {
		assert.Empty(h.t, h.find(authenticator.Query{RPID: "a.test"}))
		assert.Equal(h.t, []*authenticator.Credential{&moved}, h.find(authenticator.Query{RPID: "b.test"}))
		assert.Equal(h.t, []*authenticator.Credential{&moved}, h.find(authenticator.Query{ID: first.ID}))
		_, discoverable := h.load()
		assert.Zero(h.t, discoverable)
		h.reopen()
	}
}

func ordersOneChange(h *handle) {
	old, kept, fresh := credential("a.test", 1), credential("a.test", 2), credential("a.test", 3)
	h.commit(put(old, kept))
	h.commit(authenticator.Change{Delete: [][]byte{old.ID, []byte("nobody has this ID"), fresh.ID}, Put: []*authenticator.Credential{fresh}})
	assert.Equal(h.t, []*authenticator.Credential{kept, fresh}, h.find(authenticator.Query{}))
	h.commit(authenticator.Change{Wipe: true, Put: []*authenticator.Credential{old}, State: &authenticator.State{SignCount: 1}})
	for range 2 {
		assert.Equal(h.t, []*authenticator.Credential{old}, h.find(authenticator.Query{}))
		state, discoverable := h.load()
		assert.Equal(h.t, authenticator.State{SignCount: 1}, state)
		assert.Equal(h.t, 1, discoverable)
		h.reopen()
	}
}

func keepsState(h *handle) {
	want := authenticator.State{Secret: authenticator.Secret{1, 2}, SignCount: 9, UVMisses: 3}
	h.commit(authenticator.Change{State: &want})
	h.commit(put(credential("a.test", 1)))
	for range 2 {
		state, _ := h.load()
		assert.Equal(h.t, want, state)
		h.reopen()
	}
	h.commit(authenticator.Change{Wipe: true})
	state, _ := h.load()
	assert.Zero(h.t, state)
}

func refusesBadChange(h *handle) {
	good := credential("a.test", 1)
	for name, bad := range map[string]*authenticator.Credential{
		"nil":         nil,
		"no ID":       {RPID: "a.test"},
		"ID too long": {ID: make([]byte, webauthn.MaxCredentialID+1), RPID: "a.test"},
		"no RP ID":    {ID: []byte{1}},
	} {
		err := h.store.Commit(h.t.Context(), put(good, bad))
		require.ErrorIs(h.t, err, authenticator.ErrChange, name)
		assert.Empty(h.t, h.find(authenticator.Query{}), "%s: nothing of it is there", name)
	}
	h.commit(put(good))
}

func leavesResultsAlone(h *handle) {
	a1, a2, a3 := credential("a.test", 1), credential("a.test", 2), credential("a.test", 3)
	h.commit(put(a1, a2))
	before := h.find(authenticator.Query{RPID: "a.test"})
	h.commit(put(a3))
	h.commit(authenticator.Change{Delete: [][]byte{a1.ID}})
	h.commit(authenticator.Change{Wipe: true})
	assert.Equal(h.t, []*authenticator.Credential{a1, a2}, before)
	h.commit(put(a1))
	before = append(h.find(authenticator.Query{RPID: "a.test"}), a3)
	h.commit(put(a2))
	assert.Equal(h.t, []*authenticator.Credential{a1, a3}, before, "appending to a result is the caller's business")
}

func servesSeveral(h *handle) {
	const callers, each = 4, 20
	var all sync.WaitGroup
	failed := make(chan error, callers*each*2)
	for caller := range callers {
		all.Go(func() {
			for i := range each {
				failed <- h.store.Commit(h.t.Context(), put(credential("a.test", caller*each+i)))
				_, err := h.store.Find(h.t.Context(), authenticator.Query{RPID: "a.test"})
				failed <- err
			}
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		require.NoError(h.t, err)
	}
	assert.Len(h.t, h.find(authenticator.Query{RPID: "a.test"}), callers*each)
}
