// Package hybridtest is the contract of what phones and computers meet by, as tests:
// that of [hybrid.Advertiser] and [hybrid.Scanner], which share the air, and that of
// [hybrid.Dialer] and the [hybrid.Conn] it opens. Every implementation runs them:
//
//	func TestAir(t *testing.T) { hybridtest.RunAir(t, newAir) }
//
// It owns what these promise. It must never know how a message or an advert gets to
// the other side.
package hybridtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/internal/contract"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// T is the part of *testing.T that the contracts need.
type T[Self any] = contract.T[Self]

// Air is what an advertiser and a scanner have between them.
type Air struct {
	Advertiser hybrid.Advertiser
	Scanner    hybrid.Scanner
	Close      func() // nil where there is nothing to close
}

// RunAir holds an advertiser and a scanner to their contract. fresh returns two that
// are near each other, in silence, and is called often.
func RunAir[Self T[Self]](t Self, fresh func(Self) Air) {
	t.Helper()
	for _, rule := range []struct {
		name  string
		holds func(*air)
	}{
		{"hears what is said already", hearsWhatIsSaid},
		{"hears what is said meanwhile", hearsWhatIsSaidMeanwhile},
		{"hears several at once", hearsSeveral},
		{"hears either service and no other", hearsItsServices},
		{"hears nothing that was stopped", hearsNothingStopped},
		{"keeps what it was given", keepsWhatItWasGiven},
		{"gives each listener its own", givesEachItsOwn},
		{"says on when the start is over", saysOn},
		{"says nothing for who has gone", saysNothingForTheGone},
		{"tells from one goroutine, until it returns", tellsFromOneGoroutine},
	} {
		t.Run(rule.name, func(t Self) {
			made := fresh(t)
			if made.Close != nil {
				defer made.Close()
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			rule.holds(&air{test{t, ctx}, made})
		})
	}
}

// RunDialer holds a dialer and its connections to their contract. fresh returns one
// that reaches a tunnel service at which nothing is going on, under domain 0, and is
// called often.
func RunDialer[Self T[Self]](t Self, fresh func(Self) hybrid.Dialer) {
	t.Helper()
	for _, rule := range []struct {
		name  string
		holds func(*tunnels)
	}{
		{"opens tunnels and joins them", opensAndJoins},
		{"leaves the caller's header alone", leavesHeaders},
		{"says what the service refuses", saysRefusals},
		{"dials no longer than its context", dialsNoLonger},
		{"carries messages whole and in order", carriesWhole},
		{"keeps what is sent before the other has come", keepsForTheOther},
		{"carries both ways at the same time", carriesBothWays},
		{"keeps what it was given", keepsMessages},
		{"refuses what is too long", refusesTooLong},
		{"hands on what was sent before it was closed", handsOnBeforeClosing},
		{"is lost for the other side once closed", isLostOnceClosed},
		{"may be closed twice", closesTwice},
		{"ends what waits when it is closed", endsWhatWaits},
		{"receives no longer than its context", receivesNoLonger},
	} {
		t.Run(rule.name, func(t Self) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			rule.holds(&tunnels{test: test{t, ctx}, dialer: fresh(t)})
		})
	}
}

// patience is how long what must happen may take on a busy machine.
const patience = 20 * time.Second

// test is one rule under way.
type test struct {
	contract.Reporter
	ctx context.Context
}

func (t *test) fail(format string, args ...any) {
	t.Helper()
	t.Errorf(format, args...)
	t.FailNow()
}

func (t *test) must(doing string, err error) {
	t.Helper()
	if err != nil {
		t.fail("%s: %v", doing, err)
	}
}

// check fails the rule unless something holds.
func (t *test) check(holds bool, format string, args ...any) {
	t.Helper()
	if !holds {
		t.fail(format, args...)
	}
}

func (t *test) equal(what string, want, got []byte) {
	t.Helper()
	t.check(slices.Equal(want, got), "%s: want %s, got %s", what, short(want), short(got))
}

// short is enough of some bytes to tell them apart.
func short(b []byte) string { return fmt.Sprintf("%d bytes %.16x", len(b), b) }
