// Package storetest is the contract of [authenticator.Store] as a test. Every
// implementation runs it, ours and other people's:
//
//	func TestStore(t *testing.T) { storetest.Run(t, newMedium) }
//
// It owns what a store promises, the power cut included, and must never know how
// a store keeps its promises.
package storetest

import (
	"io"
	"reflect"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/internal/contract"
)

// T is the part of *testing.T that the contract needs.
type T[Self any] = contract.T[Self]

// Medium is what a store writes on: it outlives the stores opened on it.
type Medium struct {
	// Open opens the store that the medium holds, an empty one at first. The
	// store before it has been closed, where it is an io.Closer, or lost its
	// power. A store that keeps nothing on a medium returns itself again.
	Open func() (authenticator.Store, error)
	// Power is nil where there is no power to lose.
	Power Power
}

// Power is the supply of a medium.
type Power interface {
	// CutAt makes the power go at the nth write from now, counted from 0: it
	// and every later one fail.
	CutAt(n int)
	// Restore gives the power back and reports whether it had gone. Then the
	// medium holds what it would after a real cut, which may be different each
	// time.
	Restore() (wasCut bool)
}

// Run holds a store to its contract. fresh returns an empty medium, and is
// called often.
func Run[Self T[Self]](t Self, fresh func(Self) Medium) {
	t.Helper()
	t.Run("begins empty", func(t Self) { beginsEmpty(open(t, fresh(t))) })
	t.Run("finds by ID, by RP ID and all", func(t Self) { findsBack(open(t, fresh(t))) })
	t.Run("keeps every field", func(t Self) { keepsEveryField(open(t, fresh(t))) })
	t.Run("replaces what has the same ID", func(t Self) { replaces(open(t, fresh(t))) })
	t.Run("wipes, deletes and puts in this order", func(t Self) { ordersOneChange(open(t, fresh(t))) })
	t.Run("keeps what else is held until it is replaced", func(t Self) { keepsWhatElseIsHeld(open(t, fresh(t))) })
	t.Run("refuses a bad change as a whole", func(t Self) { refusesBadChange(open(t, fresh(t))) })
	t.Run("leaves what it handed out alone", func(t Self) { leavesResultsAlone(open(t, fresh(t))) })
	t.Run("may be used by several at once", func(t Self) { servesSeveral(open(t, fresh(t))) })
	t.Run("agrees with a model of itself", func(t Self) { agreesWithModel(open(t, fresh(t))) })
	t.Run("survives a power cut at every write", func(t Self) { survivesPowerCuts(t, fresh) })
}

// handle is a store under test together with its test and its medium.
type handle struct {
	t      contract.Reporter
	medium Medium
	store  authenticator.Store
}

func open[Self T[Self]](t Self, m Medium) *handle {
	t.Helper()
	h := &handle{t: t, medium: m}
	h.reopen()
	return h
}

// reopen closes the store and opens what its medium holds.
func (h *handle) reopen() {
	h.t.Helper()
	if closer, ok := h.store.(io.Closer); ok {
		h.must("Close", closer.Close())
	}
	store, err := h.medium.Open()
	h.must("Open", err)
	h.store = store
}

func (h *handle) commit(change authenticator.Change) {
	h.t.Helper()
	h.must("Commit", h.store.Commit(h.t.Context(), change))
}

func (h *handle) find(q authenticator.Query) []*authenticator.Credential {
	h.t.Helper()
	found, err := h.store.Find(h.t.Context(), q)
	h.must("Find", err)
	return found
}

func (h *handle) load() authenticator.Held {
	h.t.Helper()
	held, err := h.store.Load(h.t.Context())
	h.must("Load", err)
	return held
}

// finds insists on what Find returns, in this order.
func (h *handle) finds(rule string, q authenticator.Query, want ...*authenticator.Credential) {
	h.t.Helper()
	if got := h.find(q); len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(want, got) {
		h.fail(rule, want, got)
	}
}

// loads insists on what Load returns.
func (h *handle) loads(rule string, want authenticator.Held) {
	h.t.Helper()
	h.equal(rule, want, h.load())
}

func (h *handle) equal(rule string, want, got any) {
	h.t.Helper()
	if !reflect.DeepEqual(want, got) {
		h.fail(rule, want, got)
	}
}

func (h *handle) fail(rule string, want, got any) {
	h.t.Helper()
	h.t.Errorf("%s:\nwant %+v\n got %+v", rule, want, got)
	h.t.FailNow()
}

func (h *handle) must(call string, err error) {
	h.t.Helper()
	if err != nil {
		h.t.Errorf("%s: %v", call, err)
		h.t.FailNow()
	}
}
