package authenticator

import (
	"context"
	"fmt"
)

// step is one numbered step of a command's algorithm. Spec order is code order:
// a command is a slice of these.
type step[Op any] struct {
	number string
	run    func(Op, context.Context) error
}

// follow runs steps in order until one fails, and says in the error which.
func follow[Op any](ctx context.Context, section string, op Op, steps []step[Op]) error {
	return followIn(ctx, "CTAP 2.3", section, op, steps)
}

// followIn is follow for steps of another text.
func followIn[Op any](ctx context.Context, text, section string, op Op, steps []step[Op]) error {
	for i := range steps {
		if err := steps[i].run(op, ctx); err != nil {
			return fmt.Errorf("%s §%s step %s: %w", text, section, steps[i].number, withStatus(err))
		}
	}
	return nil
}
