package fleet

import (
	"context"
	"slices"
)

// shrink looks for a shorter life that breaks the same truth: it leaves out ever
// smaller parts, as long as that shortens it. Any part of a life can be lived, because
// steps choose from what there is.
func shrink(ctx context.Context, o Options, v *Violation) *Violation {
	best := v
	tries := 0
	for part := len(best.Life) / 2; part >= 1; {
		shorter := false
		for from := 0; from < len(best.Life) && tries < maxTries && ctx.Err() == nil; {
			tries++
			life := slices.Delete(slices.Clone(best.Life), from, min(from+part, len(best.Life)))
			if got, is := Live(ctx, o, life).(*Violation); is && got.Truth == v.Truth {
				best, shorter = got, true // it may have ended sooner, too
				continue
			}
			from += part
		}
		if !shorter || part > 1 {
			part /= 2
		}
	}
	return best
}

// maxTries bounds how often a life is lived again.
const maxTries = 3000
