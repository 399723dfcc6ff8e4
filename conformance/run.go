package conformance

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/internal/report"
)

// Options say how a run is carried out.
type Options struct {
	Target   string // how the target is called
	Seed     uint64
	Parallel int // cases at a time where the target has several subjects; 0 = one for each core
	// Strict leaves no mercy for cases that were skipped, and for waivers that have
	// expired or excuse nothing: they fail the run.
	Strict  bool
	Waivers Waivers
	// Baseline is an earlier run whose failures do not count again.
	Baseline Baseline
	// Now is the day that waivers expire by.
	Now time.Time
	// Transcripts keeps the messages of cases that passed, too.
	Transcripts bool
	// Repeat is the command line that runs one case alone, same seed.
	Repeat func(id string) string
	// Watch is told of each case when it begins and when it has ended. It may be
	// called by several cases at a time.
	Watch Watcher
}

// Watcher follows a run.
type Watcher interface {
	Start(id, variant string)
	Done(*report.Entry)
}

// Result is what was found out about one case.
type Result struct {
	Case                   *Case
	Verdict                Verdict
	Reason, Expected, Seen string
	Duration               time.Duration
	Steps                  []report.Step
	Messages               []report.Message
}

// patience is how long after its time a case may take to notice.
const patience = time.Second

// maxLost is after how many subjects in a row that could not be made the target
// is given up: each may have taken as long as a case.
const maxLost = 3

// run is one run in progress.
type run struct {
	target Target
	cases  []Case
	o      Options
	facts  sync.Map // see Check.Once

	mu   sync.Mutex
	lost int   // subjects in a row that could not be made
	gone error // why the target was given up
}

// Run judges a target by cases, and returns what was found in the order of the
// cases. It returns within the limits of the cases, whatever the target does.
// Where ctx ends, the cases that are left are errors.
func Run(ctx context.Context, target Target, cases []Case, o Options) *Outcome {
	r := &run{target: target, cases: cases, o: o}
	out := &Outcome{Options: o, Started: time.Now(), Results: make([]Result, len(cases))}
	var running sync.WaitGroup
	next := make(chan int)
	for range r.workers() {
		running.Go(func() {
			for i := range next {
				out.Results[i] = r.judge(ctx, &cases[i])
			}
		})
	}
	for i := range cases {
		next <- i
	}
	close(next)
	running.Wait()
	out.Duration = time.Since(out.Started)
	out.heedTwins()
	out.waive()
	out.forgive()
	return out
}

func (r *run) workers() int {
	if t, ok := r.target.(Several); !ok || !t.Several() {
		return 1
	}
	if r.o.Parallel > 0 {
		return r.o.Parallel
	}
	return runtime.NumCPU()
}

// judge runs one case, and tells the watcher.
func (r *run) judge(ctx context.Context, c *Case) Result {
	if r.o.Watch != nil {
		r.o.Watch.Start(c.ID, r.o.Target)
	}
	result := r.carryOut(ctx, c)
	if r.o.Watch != nil {
		entry := result.entry(r.o)
		r.o.Watch.Done(&entry)
	}
	return result
}

func (r *run) carryOut(ctx context.Context, c *Case) Result {
	ctx, cancel := context.WithTimeout(ctx, c.limit())
	defer cancel()
	check := newCheck(ctx, c.ID, r.o.Seed, &r.facts)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.attend(check, c)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		r.waitOut(check, c, done)
	}
	verdict, found, steps, messages := check.close(r.o.Transcripts)
	return Result{
		Case: c, Verdict: verdict, Reason: found.reason, Expected: found.expected, Seen: found.seen,
		Duration: time.Since(check.begun), Steps: steps, Messages: messages,
	}
}

// waitOut lets a case notice that its time is up, and gives it up if it does not:
// a target that ignores its context holds up its own case alone.
func (r *run) waitOut(check *Check, c *Case, done <-chan struct{}) {
	left := time.NewTimer(patience)
	defer left.Stop()
	select {
	case <-done:
	case <-left.C:
		check.conclude(Error, finding{reason: fmt.Sprintf("nothing came of it within %v, and the target does not let go", c.limit())})
	}
}

// attend is the course of a case: a fresh subject, its needs, the case itself.
func (r *run) attend(check *Check, c *Case) {
	defer func() {
		if value := recover(); value != nil {
			check.conclude(Error, finding{reason: fmt.Sprintf("the case panicked: %v\n%s", value, debug.Stack())})
		}
	}()
	subject, err := r.fresh(check.ctx, r.o.Seed)
	if errors.Is(err, ErrBench) {
		check.conclude(Skipped, finding{reason: err.Error()})
		return
	}
	if err != nil {
		check.conclude(Error, finding{reason: "no fresh subject: " + err.Error()})
		return
	}
	defer func() { _ = subject.Close() }()
	defer check.cleanUp()
	check.Subject = subject
	for _, need := range c.Needs {
		if need.Met(check) {
			continue
		}
		if need.Bench {
			check.Skipf("the bench lacks %s", need.Name)
		}
		check.Unsupportedf("needs %s", need.Name)
	}
	c.Run(check)
}

// fresh makes a subject, unless too many could not be made.
func (r *run) fresh(ctx context.Context, seed uint64) (Subject, error) {
	r.mu.Lock()
	gone := r.gone
	r.mu.Unlock()
	if errors.Is(gone, ErrBench) {
		return nil, gone
	}
	if gone != nil {
		return nil, fmt.Errorf("the target was given up: %w", gone)
	}
	subject, err := r.target.Fresh(ctx, seed)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.lost = 0
	case errors.Is(err, context.Canceled):
	case errors.Is(err, ErrBench): // which no further attempt changes
		r.gone = err
	default:
		if r.lost++; r.lost >= maxLost {
			r.gone = err
		}
	}
	return subject, err
}
