package client

import (
	"context"
	"errors"
)

// attempt asks one authenticator.
type attempt[Answer any] func(ctx context.Context, a *candidate) (Answer, error)

// race asks all candidates, of which there is at least one, at the same time
// (#CreateCred-async-loop). The first success wins; a failure that ends the
// ceremony ends it for all, any other merely drops its authenticator. Whoever
// is left is cancelled and waited for, so nothing of the race outlives it.
func race[Answer any](ctx context.Context, all []*candidate, ask attempt[Answer]) (Answer, error) {
	if len(all) == 1 {
		answer, err := ask(ctx, all[0])
		if final, ok := ends(err); ok {
			err = final
		}
		return answer, err
	}
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	finish := make(chan outcome[Answer])
	for _, a := range all {
		go func() {
			answer, err := ask(running, a)
			finish <- outcome[Answer]{answer, err}
		}()
	}
	var first outcome[Answer]
	var dropped []error
	decided := false
	for range all {
		o := <-finish
		final, over := ends(o.err)
		switch {
		case decided: // a late answer of somebody cancelled
			continue
		case o.err == nil:
			first, decided = o, true
		case over:
			first, decided = outcome[Answer]{err: final}, true
		default:
			dropped = append(dropped, o.err)
			continue
		}
		cancel()
	}
	if !decided {
		first.err = errors.Join(dropped...)
	}
	return first.answer, first.err
}

// contest is a race in which an authenticator may be selected before it can
// answer; it is then asked again, alone.
func contest[Answer any](ctx context.Context, c *ceremony, all []*candidate, ask attempt[Answer]) (Answer, error) {
	c.alone = len(all) == 1
	answer, err := race(ctx, all, ask)
	if err == nil {
		return answer, nil
	}
	if touched := (*selected)(nil); errors.As(err, &touched) {
		c.alone = true
		return race(ctx, []*candidate{touched.by}, ask)
	}
	return answer, err
}

type outcome[Answer any] struct {
	answer Answer
	err    error
}

// errNobody says that no authenticator was fit to be asked.
var errNobody = errors.New("no authenticator at hand can serve the request")
