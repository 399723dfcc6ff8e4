package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// contents is everything a store shows, in a form that compares.
type contents struct {
	held        authenticator.Held
	credentials map[string]authenticator.Credential
}

func (h *handle) contents() contents {
	h.t.Helper()
	c := contents{credentials: make(map[string]authenticator.Credential)}
	c.held = h.load()
	for _, found := range h.find(authenticator.Query{}) {
		c.credentials[string(found.ID)] = *found
	}
	return c
}

// after is the model: what a store should show after a change.
func (c contents) after(change authenticator.Change) contents {
	next := contents{held: c.held, credentials: maps.Clone(c.credentials)}
	if change.Wipe {
		next = contents{credentials: make(map[string]authenticator.Credential)}
	}
	for _, id := range change.Delete {
		delete(next.credentials, string(id))
	}
	for _, put := range change.Put {
		next.credentials[string(put.ID)] = *put
	}
	if change.State != nil {
		next.held.State = *change.State
	}
	if change.Settings != nil {
		next.held.Settings = *change.Settings
	}
	if change.LargeBlobs != nil {
		next.held.LargeBlobs = change.LargeBlobs
	}
	next.held.Discoverable = 0
	for _, kept := range next.credentials {
		if kept.Discoverable {
			next.held.Discoverable++
		}
	}
	return next
}

// script is a life of changes such as a device makes, the same each time.
func script(length int) []authenticator.Change {
	random := rand.New(seed.Stream(1, "storetest"))
	changes := make([]authenticator.Change, length)
	for i := range changes {
		c := &changes[i]
		for range random.IntN(3) {
			made := credential(fmt.Sprintf("%d.test", random.IntN(3)), random.IntN(10))
			made.Discoverable, made.SignCount = random.IntN(4) > 0, random.Uint32()
			c.Put = append(c.Put, made)
		}
		if random.IntN(4) == 0 {
			c.Delete = append(c.Delete, credential(fmt.Sprintf("%d.test", random.IntN(3)), random.IntN(10)).ID)
		}
		if random.IntN(3) == 0 {
			c.State = &authenticator.State{Secret: authenticator.Secret{byte(i), 0}, SignCount: random.Uint32()}
		}
		if random.IntN(6) == 0 {
			c.Settings = &authenticator.Settings{PINHash: authenticator.Secret{byte(i)}, MinPINLength: random.IntN(64)}
		}
		if random.IntN(6) == 0 {
			c.LargeBlobs = make([]byte, 1+random.IntN(2000))
		}
		c.Wipe = random.IntN(20) == 0
	}
	return changes
}

func agreesWithModel(h *handle) {
	want := h.contents()
	for i, change := range script(150) {
		h.commit(change)
		want = want.after(change)
		h.equal(fmt.Sprintf("after change %d", i), want, h.contents())
		if i%50 == 0 {
			h.reopen()
			h.equal(fmt.Sprintf("after change %d, opened again", i), want, h.contents())
		}
		for rp := range 3 {
			siblings := h.find(authenticator.Query{RPID: fmt.Sprintf("%d.test", rp)})
			h.equal(fmt.Sprintf("after change %d, those of one RP ID come oldest first", i), true, slices.IsSortedFunc(siblings, bySequence))
		}
	}
}

func bySequence(a, b *authenticator.Credential) int { return cmp.Compare(a.Sequence, b.Sequence) }

// survivesPowerCuts lives the same life again and again, and cuts the power one
// write later each time, until a life passes without a cut.
func survivesPowerCuts[Self T[Self]](t Self, fresh func(Self) Medium) {
	changes := script(60)
	if fresh(t).Power == nil {
		return // nothing that could be cut, and nothing promised
	}
	for n := 0; ; n++ {
		m := fresh(t)
		m.Power.CutAt(n)
		h := &handle{t: t, medium: m}
		before, tried := h.live(changes)
		wasCut := m.Power.Restore()
		h.store = nil // it lost its power and is not closed
		h.reopen()
		h.onlyEither(n, before, tried)
		if !wasCut {
			h.equal("the script writes at all", true, n > 0)
			return
		}
	}
}

// live opens the store and makes changes until one fails. It returns the
// contents before the change that failed, and those the change should have led
// to.
func (h *handle) live(changes []authenticator.Change) (before, tried contents) {
	before = contents{credentials: make(map[string]authenticator.Credential)}
	store, err := h.medium.Open()
	if err != nil {
		return before, before
	}
	for _, change := range changes {
		after := before.after(change)
		if store.Commit(h.t.Context(), change) != nil {
			return before, after
		}
		before = after
	}
	return before, before
}

// onlyEither insists on the contents before or after the change that failed, and
// on a store that goes on as if nothing had been.
func (h *handle) onlyEither(n int, before, tried contents) {
	h.t.Helper()
	got := h.contents()
	if !reflect.DeepEqual(tried, got) {
		h.equal(fmt.Sprintf("cut at write %d: contents neither of before the last change nor of after it", n), before, got)
	}
	next := put(credential("after.test", n))
	h.commit(next)
	h.reopen()
	h.equal(fmt.Sprintf("cut at write %d: opened again after one more change", n), got.after(next), h.contents())
}
