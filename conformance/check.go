package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// Check is what a case sees: its subject, chance of its own, and a place to say
// what is wrong. It is shaped like testing.TB, so that helpers of tests can use
// it. A case has it to itself; only the engine looks on.
type Check struct {
	Subject Subject
	Random  *rand.ChaCha8 // from the seed of the run and the ID of the case
	// Session is what the package of the case knows of the subject, so that needs
	// and the case itself need not ask twice. The engine leaves it alone.
	Session any

	id    string
	facts *sync.Map // of the run, by name
	ctx   context.Context
	begun time.Time

	mu       sync.Mutex
	closed   bool // the case was given up: what it still says is not heard
	verdict  Verdict
	finding  finding
	failed   bool
	cleanups []func()
	steps    []report.Step
	messages []message
	left     int // messages that were not kept
}

// finding is what was wrong, in words.
type finding struct{ reason, expected, seen string }

// Bounds on what one case keeps for the report: the first notes, and of the messages
// the first ones and the last.
const (
	maxSteps    = 200
	maxMessages = 24 // even, so that requests stay with their answers
)

func newCheck(ctx context.Context, id string, runSeed uint64, facts *sync.Map) *Check {
	return &Check{id: id, facts: facts, ctx: ctx, begun: time.Now(), verdict: Pass, Random: seed.Stream(runSeed, "conformance", id)}
}

// Name returns the ID of the case.
func (c *Check) Name() string { return c.id }

// Context ends when the time of the case is up.
func (c *Check) Context() context.Context { return c.ctx }

// Once returns what find finds out of any fresh subject of the target, which may be
// costly: it is asked for once in a run, or a few times where cases are judged at the
// same time. Where find ends the case, the next one that asks finds out.
func (c *Check) Once(name string, find func() any) any {
	if known, ok := c.facts.Load(name); ok {
		return known
	}
	found := find()
	c.facts.Store(name, found)
	return found
}

// Helper does nothing: what went wrong is told by what was sent and received.
func (c *Check) Helper() {}

// Logf notes something for the report.
func (c *Check) Logf(format string, args ...any) { c.step(fmt.Sprintf(format, args...), false) }

// Errorf says what the subject did wrong; the case goes on. Only the first
// complaint is the reason of the verdict, the others are notes.
func (c *Check) Errorf(format string, args ...any) {
	c.conclude(Fail, finding{reason: fmt.Sprintf(format, args...)})
}

// Fatalf says what the subject did wrong, and ends the case.
func (c *Check) Fatalf(format string, args ...any) {
	c.Errorf(format, args...)
	c.FailNow()
}

// Differ says that something else was seen than expected; the case goes on.
func (c *Check) Differ(expected, seen, format string, args ...any) {
	c.conclude(Fail, finding{fmt.Sprintf(format, args...), expected, seen})
}

// Brokenf says that no verdict can be reached, for no fault of the subject that
// this case is about, and ends the case.
func (c *Check) Brokenf(format string, args ...any) {
	c.conclude(Error, finding{reason: fmt.Sprintf(format, args...)})
	runtime.Goexit()
}

// Skipf says that the bench lacks something, and ends the case.
func (c *Check) Skipf(format string, args ...any) {
	c.conclude(Skipped, finding{reason: fmt.Sprintf(format, args...)})
	runtime.Goexit()
}

// Unsupportedf says that the subject lacks the feature, and ends the case.
func (c *Check) Unsupportedf(format string, args ...any) {
	c.conclude(Unsupported, finding{reason: fmt.Sprintf(format, args...)})
	runtime.Goexit()
}

// Fail marks the case as failed; it goes on.
func (c *Check) Fail() { c.conclude(Fail, finding{}) }

// FailNow marks the case as failed and ends it.
func (c *Check) FailNow() {
	c.Fail()
	runtime.Goexit()
}

// Failed reports whether the subject did something wrong.
func (c *Check) Failed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// Cleanup has f called when the case has ended, the last one first.
func (c *Check) Cleanup(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cleanups = append(c.cleanups, f)
}

// message is one that was recorded, and how it is told to people.
type message struct {
	report.Message
	decode func() string
}

// Record keeps a message between the judge and the subject for the report. decode
// tells it to people; it is called when the case has ended, if anybody wants to know.
func (c *Check) Record(m report.Message, decode func() string) {
	m.Bytes = slices.Clone(m.Bytes)
	m.At = time.Since(c.begun)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	if len(c.messages) == maxMessages {
		c.messages = slices.Delete(c.messages, maxMessages/2, maxMessages/2+1)
		c.left++
	}
	c.messages = append(c.messages, message{m, decode})
}

func (c *Check) step(text string, failed bool) {
	at := time.Since(c.begun)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed && len(c.steps) < maxSteps {
		c.steps = append(c.steps, report.Step{At: at, Text: text, Failed: failed})
	}
}

// conclude takes the first complaint as the reason. What does not concern the
// subject's conduct never outweighs a failure that was seen before.
func (c *Check) conclude(v Verdict, f finding) {
	if f.reason != "" {
		c.step(f.reason, v == Fail || v == Error)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.failed {
		return
	}
	c.verdict, c.failed = v, v == Fail
	c.finding = f
}

// close ends the hearing, and returns what was found until then; the messages only
// where something is wrong, or all are wanted.
func (c *Check) close(all bool) (Verdict, finding, []report.Step, []report.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if !all && c.verdict != Fail && c.verdict != Error {
		return c.verdict, c.finding, c.steps, nil
	}
	messages := make([]report.Message, len(c.messages))
	for i, m := range c.messages {
		messages[i] = m.Message
		messages[i].Decoded = m.decode()
	}
	if c.left > 0 {
		c.steps = append(c.steps, report.Step{At: time.Since(c.begun), Text: fmt.Sprintf("%d messages in the middle are left out below", c.left)})
	}
	return c.verdict, c.finding, c.steps, messages
}

func (c *Check) cleanUp() {
	c.mu.Lock()
	all := c.cleanups
	c.cleanups = nil
	c.mu.Unlock()
	for _, f := range slices.Backward(all) {
		f()
	}
}
