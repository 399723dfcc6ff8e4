package fleet

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/internal/seed"
)

// Options say which life is lived.
type Options struct {
	Seed  uint64
	Steps int
	Plant Plant // what is wrong in this world
}

// Violation is a truth that a life broke.
type Violation struct {
	Truth Truth
	Says  string
	Seed  uint64
	At    int      // after so many steps of the life as it was drawn
	Life  []Step   // the shortest that was found to break the same truth
	Story []string // what happens in it
}

func (v *Violation) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\nseed %d, step %d; %d steps are enough:\n", v.Truth, v.Says, v.Seed, v.At, len(v.Life))
	for _, line := range v.Story {
		b.WriteString("  " + line + "\n")
	}
	b.WriteString("to live it again:\n  fleet.Live(ctx, fleet.Options{Seed: " + fmt.Sprint(v.Seed) + "}, []fleet.Step{\n")
	for _, s := range v.Life {
		b.WriteString("    " + s.String() + ",\n")
	}
	b.WriteString("  })")
	return b.String()
}

// Walk lives a life that the seed draws. The error is a [*Violation], shrunk, where
// something was not as it has to be; nil where all was.
func Walk(ctx context.Context, o Options) error {
	life := draw(rand.New(seed.Stream(o.Seed, "life")), o.Steps)
	err := Live(ctx, o, life)
	if v, is := err.(*Violation); is {
		at := v.At
		v = shrink(ctx, o, v)
		v.At = at
		return v
	}
	return err
}

// Live lives these steps. The error is a [*Violation], not shrunk, where something
// was not as it has to be.
func Live(ctx context.Context, o Options, life []Step) (err error) {
	var w *world
	defer func() {
		if b, is := recover().(broken); is {
			err = violation(b, o, w, life)
		}
	}()
	w = newWorld(ctx, o.Seed, o.Plant)
	defer w.close()
	for _, s := range life {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		w.step(s)
	}
	w.settle(nil, 0)
	w.siteKeeps()
	return nil
}

func violation(b broken, o Options, w *world, life []Step) *Violation {
	v := &Violation{Truth: b.truth, Says: b.says, Seed: o.Seed}
	if w != nil {
		v.At = min(w.steps+1, len(life))
		v.Life = slices.Clone(life[:v.At])
		v.Story = w.told[max(0, len(w.told)-told):]
	}
	return v
}
