package storetest

import (
	"errors"
	"fmt"
	"sync"

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
	h.loads("a new store is empty", authenticator.Held{})
	h.finds("a new store is empty", authenticator.Query{})
	h.finds("a new store is empty", authenticator.Query{RPID: "a.test"})
	h.finds("a new store is empty", authenticator.Query{ID: []byte("id")})
}

func findsBack(h *handle) {
	a1, a2, a3, b1 := credential("a.test", 1), credential("a.test", 2), credential("a.test", 3), credential("b.test", 1)
	a2.Discoverable = false
	h.commit(put(a3, b1))
	h.commit(put(a1))
	h.commit(put(a2))
	for range 2 {
		h.finds("those of an RP ID come oldest first, whenever they were put", authenticator.Query{RPID: "a.test"}, a1, a2, a3)
		h.finds("those of another RP ID are kept apart", authenticator.Query{RPID: "b.test"}, b1)
		h.finds("all come by RP ID, then oldest first", authenticator.Query{}, a1, a2, a3, b1)
		h.finds("one is found by its ID", authenticator.Query{ID: a2.ID}, a2)
		h.finds("where there is an ID it alone decides", authenticator.Query{ID: a2.ID, RPID: "b.test"}, a2)
		h.finds("RP IDs are compared byte by byte", authenticator.Query{RPID: "A.test"})
		h.loads("discoverable ones are counted", authenticator.Held{Discoverable: 3})
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
		Extras: &authenticator.Extras{
			CredProtect: 3, CredBlob: []byte{4}, LargeBlobKey: authenticator.Secret{5}, CredRandom: authenticator.Secret{6},
			ThirdPartyPayment: true, TakesLargeBlob: true, LargeBlob: []byte{}, LargeBlobSize: 7,
		},
	}
	h.commit(put(full))
	h.reopen()
	h.finds("every field comes back", authenticator.Query{}, full)
}

func replaces(h *handle) {
	first := credential("a.test", 1)
	moved := *first
	moved.RPID, moved.Discoverable, moved.SignCount = "b.test", false, 7
	h.commit(put(first))
	h.commit(put(&moved))
	for range 2 {
		h.finds("the one before is gone", authenticator.Query{RPID: "a.test"})
		h.finds("the new one is there", authenticator.Query{RPID: "b.test"}, &moved)
		h.finds("the new one is there", authenticator.Query{ID: first.ID}, &moved)
		h.loads("the count follows", authenticator.Held{})
		h.reopen()
	}
}

func ordersOneChange(h *handle) {
	old, kept, fresh := credential("a.test", 1), credential("a.test", 2), credential("a.test", 3)
	h.commit(put(old, kept))
	h.commit(authenticator.Change{Delete: [][]byte{old.ID, []byte("nobody has this ID"), fresh.ID}, Put: []*authenticator.Credential{fresh}})
	h.finds("Delete comes before Put, and ignores IDs that are not there", authenticator.Query{}, kept, fresh)
	h.commit(authenticator.Change{Wipe: true, Put: []*authenticator.Credential{old}, State: &authenticator.State{SignCount: 1}})
	for range 2 {
		h.finds("Wipe comes before all", authenticator.Query{}, old)
		h.loads("Wipe comes before all", authenticator.Held{State: authenticator.State{SignCount: 1}, Discoverable: 1})
		h.reopen()
	}
}

func keepsWhatElseIsHeld(h *handle) {
	off := false
	want := authenticator.Held{
		State: authenticator.State{
			Secret: authenticator.Secret{1, 2}, SignCount: 9, UVMisses: 3, PINMisses: 2, UVCount: 1 << 40, CredStore: []byte{4},
		},
		Settings: authenticator.Settings{
			PINHash: authenticator.Secret{5}, PINLength: 63, MinPINLength: 6, MinPINRPIDs: []string{"a.test"}, ForcePINChange: true,
			PINComplexity: true, AlwaysUv: &off, Enterprise: true, LongTouch: true, Identifier: []byte{6},
			PersistentToken: authenticator.Secret{7}, Templates: []authenticator.Template{{ID: []byte{8}, Name: "thumb"}},
		},
		LargeBlobs: []byte{0x80},
	}
	h.commit(authenticator.Change{State: &want.State})
	h.commit(authenticator.Change{Settings: &want.Settings})
	h.commit(authenticator.Change{LargeBlobs: want.LargeBlobs})
	h.commit(put(credential("a.test", 1)))
	want.Discoverable = 1
	for range 2 {
		h.loads("what a change does not name stays", want)
		h.reopen()
	}
	h.commit(authenticator.Change{LargeBlobs: []byte{}})
	h.equal("an empty array replaces the one before", 0, len(h.load().LargeBlobs))
	h.commit(authenticator.Change{Wipe: true})
	h.loads("Wipe removes all that is held", authenticator.Held{})
}

func refusesBadChange(h *handle) {
	good := credential("a.test", 1)
	for name, bad := range map[string]*authenticator.Credential{
		"a nil credential": nil,
		"no ID":            {RPID: "a.test"},
		"an ID too long":   {ID: make([]byte, webauthn.MaxCredentialID+1), RPID: "a.test"},
		"a missing RP ID":  {ID: []byte{1}},
	} {
		err := h.store.Commit(h.t.Context(), put(good, bad))
		h.equal(name+" is refused with ErrChange", true, errors.Is(err, authenticator.ErrChange))
		h.finds(name+": nothing of a refused change is there", authenticator.Query{})
	}
	h.commit(put(good))
}

func leavesResultsAlone(h *handle) {
	a1, a2, a3 := credential("a.test", 1), credential("a.test", 2), credential("a.test", 3)
	h.commit(put(a1, a2))
	before := h.find(authenticator.Query{RPID: "a.test"})
	h.commit(put(a3))
	h.commit(authenticator.Change{Delete: [][]byte{a1.ID}})
	h.finds("what is left", authenticator.Query{RPID: "a.test"}, a2, a3)
	h.commit(authenticator.Change{Wipe: true})
	h.equal("later changes and searches leave a result alone", []*authenticator.Credential{a1, a2}, before)
	h.commit(put(a1))
	longer := append(h.find(authenticator.Query{RPID: "a.test"}), a3)
	h.commit(put(a2))
	h.equal("appending to a result is the caller's business", []*authenticator.Credential{a1, a3}, longer)
	h.finds("appending to a result changes nothing here", authenticator.Query{RPID: "a.test"}, a1, a2)
}

func servesSeveral(h *handle) {
	const callers, each = 4, 20
	var all sync.WaitGroup
	failures := make(chan error, callers*each*2)
	for caller := range callers {
		all.Go(func() {
			for i := range each {
				failures <- h.store.Commit(h.t.Context(), put(credential("a.test", caller*each+i)))
				_, err := h.store.Find(h.t.Context(), authenticator.Query{RPID: "a.test"})
				failures <- err
			}
		})
	}
	all.Wait()
	close(failures)
	for err := range failures {
		h.must("several at once", err)
	}
	h.equal("nothing gets lost", callers*each, len(h.find(authenticator.Query{RPID: "a.test"})))
}
