package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/passkeylab/passkeylab/internal/mutation"
)

// fate is what became of one mutant.
type fate struct {
	mutation.Mutant

	Outcome outcome
	By      string `json:",omitempty"` // the trial that noticed it
	Reason  string `json:",omitempty"` // what that said
	Trials  int    // that come by its place
}

type outcome string

const (
	noticed   outcome = "noticed"
	survived  outcome = "survived"
	unreached outcome = "not come by" // no trial runs the source
)

// campaign shows every mutant to the trials that come by its place.
type campaign struct {
	program string
	suite   string
	mutants []mutation.Mutant
	known   map[mutation.Mutant]fate // of before, which are not tried
	trials  map[int][]string         // by mutant
	workers int
	told    func(done, all int)
}

// survey finds out which trials come by which places. All of them have to pass.
func (c *campaign) survey(ctx context.Context) error {
	w, err := start(ctx, c.program, c.suite)
	if err != nil {
		return err
	}
	defer w.end()
	c.trials = map[int][]string{}
	a, err := w.ask(mutation.Question{})
	for ; err == nil && a.Trial != ""; a, err = w.next() {
		if a.Verdict == "fail" || a.Verdict == "error" {
			return fmt.Errorf("without a mutant, %s has the verdict %s: %s", a.Trial, a.Verdict, a.Reason)
		}
		for _, id := range a.Reached {
			c.trials[id] = append(c.trials[id], a.Trial)
		}
	}
	return err
}

// run returns the fate of every mutant, in their order.
func (c *campaign) run(ctx context.Context) ([]fate, error) {
	fates := make([]fate, len(c.mutants))
	next := make(chan int)
	var running sync.WaitGroup
	failed := make([]error, c.workers)
	for i := range c.workers {
		running.Go(func() { failed[i] = c.work(ctx, next, fates) })
	}
	for i := range c.mutants {
		select {
		case next <- i:
		case <-ctx.Done():
		}
		c.told(i, len(c.mutants))
	}
	close(next)
	running.Wait()
	return fates, errors.Join(append(failed, ctx.Err())...)
}

func (c *campaign) work(ctx context.Context, next <-chan int, fates []fate) error {
	var w *worker
	defer func() {
		if w != nil {
			w.end()
		}
	}()
	for i := range next {
		m := c.mutants[i]
		if f, is := c.known[m]; is {
			fates[i] = f
			continue
		}
		trials := c.trials[m.ID]
		if len(trials) == 0 {
			fates[i] = fate{Mutant: m, Outcome: unreached}
			continue
		}
		if w == nil {
			var err error
			if w, err = start(ctx, c.program, c.suite); err != nil {
				return err
			}
		}
		a, err := w.ask(mutation.Question{Mutant: m.ID, Trials: trials})
		fates[i] = fate{Mutant: m, Outcome: survived, By: a.Trial, Reason: a.Reason, Trials: len(trials)}
		if a.Trial != "" {
			fates[i].Outcome = noticed
		}
		if err != nil {
			fates[i].Outcome, fates[i].Reason = noticed, err.Error()
		}
		// What a case left running when it was given up would spoil the next.
		if err != nil || a.Verdict == "error" {
			w.end()
			w = nil
		}
	}
	return nil
}
