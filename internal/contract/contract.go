// Package contract is what the contract tests of interfaces have in common. A
// contract test holds any implementation to what its interface promises, and is held
// itself to notice implementations that break a promise.
//
// It must never know an interface.
package contract

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// T is the part of *testing.T that a contract needs.
type T[Self any] interface {
	Reporter
	Run(name string, test func(Self)) bool
}

// Reporter is T without Run, which is the same for every Self.
type Reporter interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	FailNow()
}

// Recorder is a T that notes failures instead of failing.
type Recorder struct {
	name string
	ctx  context.Context

	mu     *sync.Mutex
	failed *[]string
}

var _ T[*Recorder] = (*Recorder)(nil)

// Judge runs a contract and returns what it has found, each with the name of the
// rule in front.
func Judge(ctx context.Context, run func(*Recorder)) (failed []string) {
	run(&Recorder{ctx: ctx, mu: new(sync.Mutex), failed: &failed})
	return failed
}

// Notice reports whether a rule whose name begins so is among what has failed.
func Notice(failed []string, rule string) bool {
	return slices.ContainsFunc(failed, func(f string) bool { return strings.HasPrefix(f, rule) })
}

// Helper does nothing.
func (r *Recorder) Helper() {}

// Context ends with the test that judges.
func (r *Recorder) Context() context.Context { return r.ctx }

// FailNow ends the rule that is checked.
func (r *Recorder) FailNow() { runtime.Goexit() }

// Errorf notes a failure.
func (r *Recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*r.failed = append(*r.failed, r.name+": "+fmt.Sprintf(format, args...))
}

// Run checks a rule.
func (r *Recorder) Run(name string, test func(*Recorder)) bool {
	var done sync.WaitGroup
	done.Go(func() { test(&Recorder{name, r.ctx, r.mu, r.failed}) })
	done.Wait()
	return true
}
