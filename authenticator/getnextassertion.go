package authenticator

import (
	"context"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
)

// remembered is what getAssertion leaves for getNextAssertion (CTAP 2.3 §6.2.2
// step 12.2.2).
type remembered struct {
	assertion
	rest  []*Credential // not yet offered; credentialCounter is implied
	since time.Time     // of the last getAssertion or getNextAssertion
}

// nextAssertionTimeout ends the sequence (§6.3 step 3).
const nextAssertionTimeout = 30 * time.Second

// nextAssertion is authenticatorGetNextAssertion (§6.3) in progress. Its state
// left the authenticator when the command came, and returns with the last step.
type nextAssertion struct {
	a    *Authenticator
	next *remembered
	resp *ctap.GetAssertionResponse
}

var nextAssertionSteps = []step[*nextAssertion]{
	{"1 and 2", (*nextAssertion).requireMore},
	{"3", (*nextAssertion).checkTimer},
	{"4 to 6", (*nextAssertion).sign},
	{"7 and 8", (*nextAssertion).goOn},
}

func (a *Authenticator) getNextAssertion(ctx context.Context) (any, error) {
	next, _ := a.takeSequence().(*remembered)
	op := &nextAssertion{a: a, next: next}
	if err := follow(ctx, a.active, "6.3", op, nextAssertionSteps); err != nil {
		return nil, err
	}
	return op.resp, nil
}

func (op *nextAssertion) requireMore(context.Context) error {
	if op.next == nil || len(op.next.rest) == 0 {
		return ctap.Errorf(ctap.NotAllowed, "no getAssertion left another account to offer")
	}
	return nil
}

func (op *nextAssertion) checkTimer(context.Context) error {
	if waited := op.a.env.Clock.Now().Sub(op.next.since); waited > nextAssertionTimeout {
		return ctap.Errorf(ctap.NotAllowed, "%v since the assertion before, at most %v are allowed", waited, nextAssertionTimeout)
	}
	return nil
}

func (op *nextAssertion) sign(ctx context.Context) (err error) {
	op.resp, err = op.a.assert(ctx, &op.next.assertion, op.next.rest[0])
	return err
}

func (op *nextAssertion) goOn(context.Context) error {
	op.next.rest = op.next.rest[1:]
	op.next.since = op.a.env.Clock.Now()
	op.a.session.sequence = op.next
	return nil
}
