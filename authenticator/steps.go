package authenticator

import (
	"context"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
)

// step is one numbered step of a command's algorithm. Spec order is code order:
// a command is a slice of these.
type step[Op any] struct {
	number string
	run    func(Op, context.Context) error
}

// follow runs steps in order until one fails, and says in the error which.
func follow[Op any](ctx context.Context, seams *activeSeams, section string, op Op, steps []step[Op]) error {
	for i := range steps {
		if err := runStep(ctx, seams, section, op, &steps[i]); err != nil {
			return fmt.Errorf("CTAP 2.3 §%s step %s: %w", section, steps[i].number, withStatus(err))
		}
	}
	return nil
}

// runStep runs a step by itself where no seam is around any: only a seam needs
// the step as a function.
func runStep[Op any](ctx context.Context, seams *activeSeams, section string, op Op, s *step[Op]) error {
	if !seams.steps {
		return s.run(op, ctx)
	}
	return seams.step(Step{section, s.number}, func() error { return s.run(op, ctx) })
}

// subcommand is one action of a command that has several.
type subcommand[Op any] struct {
	section string
	has     func(*Model) bool // nil = on every device that has the command
	bare    bool              // its answer carries no data
	steps   []step[Op]
}

// choose finds the subcommand that a request names. The refusal is that of §8.1:
// a request that names none at all was refused when it was decoded.
func choose[Op any](m *Model, command ctap.Command, all map[ctap.SubCommand]subcommand[Op], named ctap.SubCommand) (subcommand[Op], error) {
	sub, ok := all[named]
	if !ok || sub.has != nil && !sub.has(m) {
		return sub, ctap.Errorf(ctap.InvalidSubcommand, "subCommand 0x%02X of %s is not supported", uint64(named), command)
	}
	return sub, nil
}
