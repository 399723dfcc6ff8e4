package latewait_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/internal/latewait"
)

var (
	errEnd    = errors.New("told to end")
	errParent = errors.New("the parent's reason")
)

type key struct{}

// subject is a context under test, or what package context makes of the same.
type subject struct {
	context.Context
	endParent, end context.CancelCauseFunc
}

func newSubject(ours bool, timeout time.Duration) subject {
	parent, endParent := context.WithCancelCause(context.WithValue(context.Background(), key{}, "value"))
	switch {
	case !ours && timeout > 0:
		limited, stop := context.WithTimeout(parent, timeout)
		c, end := context.WithCancelCause(limited)
		return subject{c, endParent, func(cause error) { end(cause); stop() }}
	case !ours:
		c, end := context.WithCancelCause(parent)
		return subject{c, endParent, end}
	case timeout > 0:
		c, _ := latewait.WithTimeout(parent, timeout)
		return subject{c, endParent, c.(*latewait.Context).End}
	}
	c := latewait.New(parent)
	return subject{c, endParent, c.End}
}

// shows is all that can be seen of a context.
func (s subject) shows() string {
	done := false
	select {
	case <-s.Done():
		done = true
	default:
	}
	deadline, limited := s.Deadline()
	if limited {
		limited = deadline.After(time.Now())
	}
	child, stop := context.WithCancel(s)
	defer stop()
	return fmt.Sprint(s.Err(), context.Cause(s), done, deadline.IsZero(), limited, s.Value(key{}), child.Err(), context.Cause(child))
}

// TestEndsAsContextsDo runs orders of ends through both kinds, and has somebody
// wait, or only look, before each.
func TestEndsAsContextsDo(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	pass := func(subject) { <-time.After(2 * minute) }
	end := func(s subject) { s.end(errEnd) }
	endWithout := func(s subject) { s.end(nil) }
	endParent := func(s subject) { s.endParent(errParent) }
	wait := func(s subject) { s.Done() }
	look := func(s subject) { _ = s.Err() }
	for name, events := range map[string][]func(subject){
		"never": {}, "by itself": {end}, "without a reason": {endWithout}, "by its parent": {endParent}, "at its deadline": {pass},
		"twice": {end, endWithout}, "itself, parent": {end, endParent}, "parent seen, itself": {endParent, look, end}, "itself, deadline": {end, pass},
		"deadline seen, itself": {pass, look, end}, "deadline seen, parent": {pass, look, endParent}, "parent seen, deadline": {endParent, look, pass},
	} {
		for _, before := range [][]func(subject){{}, {wait}, {look}} {
			for _, timeout := range []time.Duration{0, minute} {
				synctest.Test(t, func(t *testing.T) {
					var shown []string
					for _, ours := range []bool{false, true} {
						s := newSubject(ours, timeout)
						for _, event := range slices.Concat(before, events) {
							event(s)
						}
						shown = append(shown, s.shows())
					}
					assert.Equal(t, shown[0], shown[1], "%s, timeout %s", name, timeout)
				})
			}
		}
	}
}

func TestWaitersHearOfTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, cancel := latewait.WithTimeout(t.Context(), time.Hour)
		child, stop := context.WithCancel(c)
		defer stop()
		began := time.Now()
		<-child.Done()
		assert.Equal(t, time.Hour, time.Since(began))
		cancel()
		assert.Equal(t, context.DeadlineExceeded, child.Err())
	})
	c, cancel := latewait.WithTimeout(t.Context(), time.Hour)
	done := c.Done()
	cancel()
	<-done
	assert.Equal(t, context.Canceled, c.Err())
}
