package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
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
	save    func([]fate) error // what is known so far, for a run that is ended early
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
	for ; err == nil && a.Trial != ""; a, err = w.next(1) {
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
	next := make(chan int)
	var running sync.WaitGroup
	found := notes{fates: make([]fate, len(c.mutants)), save: c.save}
	found.remember(c.known)
	failed := make([]error, c.workers)
	for i := range c.workers {
		running.Go(func() { failed[i] = c.work(ctx, next, &found) })
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
	return found.fates, errors.Join(append(failed, ctx.Err())...)
}

// notes are the fates found so far. They are saved now and then, so that a run that is
// ended early was not for nothing.
type notes struct {
	mu    sync.Mutex
	fates []fate
	tried int
	save  func([]fate) error
	// by are the trials that noticed something, the latest last. What noticed one
	// mistake is likely to notice the next, and is asked first.
	by []string
}

// remember begins with what noticed mutants before.
func (n *notes) remember(known map[mutation.Mutant]fate) {
	for _, f := range known {
		n.by = append(n.by, f.By)
	}
	slices.Sort(n.by)
	n.by = slices.Compact(n.by)
}

// likeliest returns trials in the order in which to ask them.
func (n *notes) likeliest(trials []string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	ranks := make(map[string]int, len(n.by))
	for i, trial := range n.by {
		ranks[trial] = i + 1
	}
	trials = slices.Clone(trials)
	slices.SortStableFunc(trials, func(a, b string) int { return cmp.Compare(ranks[b], ranks[a]) })
	return trials
}

// put notes the fate of mutant i; tried says that it took a trial to find out.
func (n *notes) put(i int, f fate, tried bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fates[i] = f
	if !tried {
		return nil
	}
	if f.By != "" {
		n.by = append(slices.DeleteFunc(n.by, func(trial string) bool { return trial == f.By }), f.By)
	}
	if n.tried++; n.tried%step != 0 {
		return nil
	}
	return n.save(slices.DeleteFunc(slices.Clone(n.fates), func(f fate) bool { return f.Outcome == "" }))
}

func (c *campaign) work(ctx context.Context, next <-chan int, found *notes) error {
	var w *worker
	defer func() {
		if w != nil {
			w.end()
		}
	}()
	for i := range next {
		f, isKnown := c.known[c.mutants[i]]
		tried := !isKnown && len(c.trials[c.mutants[i].ID]) > 0
		switch {
		case tried:
			if w == nil {
				var err error
				if w, err = start(ctx, c.program, c.suite); err != nil {
					return err
				}
			}
			var spoilt bool
			// What a case left running when it was given up would spoil the next.
			if f, spoilt = try(w, c.mutants[i], found.likeliest(c.trials[c.mutants[i].ID])); spoilt {
				w.end()
				w = nil
			}
		case !isKnown:
			f = fate{Mutant: c.mutants[i], Outcome: unreached}
		}
		if err := found.put(i, f, tried); err != nil {
			return err
		}
	}
	return nil
}

// try shows one mutant to the trials that come by it. The program is not fit for
// another mutant where it is spoilt.
func try(w *worker, m mutation.Mutant, trials []string) (f fate, spoilt bool) {
	a, err := w.ask(mutation.Question{Mutant: m.ID, Trials: trials})
	f = fate{Mutant: m, Outcome: survived, By: a.Trial, Reason: a.Reason, Trials: len(trials)}
	if a.Trial != "" {
		f.Outcome = noticed
	}
	if err != nil {
		f.Outcome, f.Reason = noticed, err.Error()
	}
	return f, err != nil || a.Verdict == "error"
}
