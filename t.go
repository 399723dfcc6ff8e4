package passkeylab

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

// T is the part of *testing.T that a Lab needs. The command line brings its
// own through [Rehearse].
type T interface {
	Helper()
	Name() string
	Context() context.Context
	Cleanup(func())
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Skipf(format string, args ...any)
	FailNow()
}

// Skipped says that a rehearsal could not take place here, and why.
type Skipped struct{ Reason string }

func (s *Skipped) Error() string { return "skipped: " + s.Reason }

// Failed says that a rehearsal did not go as it should. Message is what a test
// would have printed.
type Failed struct{ Message string }

func (f *Failed) Error() string { return f.Message }

// BrowserEnded says that a rehearsal failed because the browser that it was in ended
// by itself. That says nothing about the journey: it may be begun anew.
type BrowserEnded struct{ Failed }

// Unwrap gives the failure.
func (b *BrowserEnded) Unwrap() error { return &b.Failed }

// Crashed says that the journey's own code panicked.
type Crashed struct {
	Value any
	Stack string
}

func (c *Crashed) Error() string { return fmt.Sprintf("the journey panicked: %v", c.Value) }

// Rehearse runs a journey outside of go test: run gets a Lab made with opts,
// as [New] would make it for a test of the given name. The error is nil when
// all went well, otherwise a [*Failed], [*BrowserEnded], [*NotApplicable], [*Skipped] or [*Crashed].
func Rehearse(ctx context.Context, name string, run func(*Lab), opts ...Option) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &rehearsal{name: name, ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.finish()
		run(New(r, opts...))
	}()
	<-done
	return r.outcome()
}

// rehearsal is the T of a program without a testing.T. FailNow and Skipf end
// the goroutine that the journey runs in, as testing does.
type rehearsal struct {
	name string
	ctx  context.Context

	mu       sync.Mutex
	messages []string
	failed   bool
	ended    bool // the browser has, by itself
	skipped  *Skipped
	foreign  *NotApplicable
	crashed  *Crashed
	cleanups []func()
}

func (r *rehearsal) Helper()                  {}
func (r *rehearsal) Name() string             { return r.name }
func (r *rehearsal) Context() context.Context { return r.ctx }
func (r *rehearsal) Logf(string, ...any)      {} // the Lab's own record keeps what is worth keeping

func (r *rehearsal) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

func (r *rehearsal) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
	r.messages = append(r.messages, fmt.Sprintf(format, args...))
}

// Failed and Skipped are those of testing.T.
func (r *rehearsal) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed || r.crashed != nil
}

func (r *rehearsal) Skipped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.skipped != nil
}

func (r *rehearsal) FailNow() {
	r.mu.Lock()
	r.failed = true
	r.mu.Unlock()
	runtime.Goexit()
}

// browserEnded is what a lab tells besides, where the T can hear it.
func (r *rehearsal) browserEnded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
}

// notApplicable is what a lab tells before it skips for this reason.
func (r *rehearsal) notApplicable(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.foreign = &NotApplicable{reason}
}

func (r *rehearsal) Skipf(format string, args ...any) {
	r.mu.Lock()
	r.skipped = &Skipped{fmt.Sprintf(format, args...)}
	r.mu.Unlock()
	runtime.Goexit()
}

// finish runs the cleanups, last first, whatever ended the journey.
func (r *rehearsal) finish() {
	if value := recover(); value != nil {
		r.crashed = &Crashed{value, string(debug.Stack())}
	}
	for _, cleanup := range slices.Backward(r.cleanups) {
		cleanup()
	}
}

func (r *rehearsal) outcome() error {
	switch {
	case r.crashed != nil:
		return r.crashed
	case r.ended:
		return &BrowserEnded{Failed{strings.Join(r.messages, "\n")}}
	case r.failed:
		return &Failed{strings.Join(r.messages, "\n")}
	case r.foreign != nil:
		return r.foreign
	case r.skipped != nil:
		return r.skipped
	}
	return nil
}
