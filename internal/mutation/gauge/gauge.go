// Package gauge is the switch that mutated source looks at: at most one mutant acts
// at a time, and which places are come by can be recorded.
//
// It owns the state of one process. It must never know what a mutant changes.
package gauge

import (
	"cmp"
	"sync/atomic"
)

// capacity is how many mutants one program can hold.
const capacity = 1 << 16

var (
	active  atomic.Int32
	reached [capacity]atomic.Bool
)

// Activate has one mutant act from now on; 0 has none, since mutants count from 1.
func Activate(mutant int) { active.Store(int32(mutant)) }

// Forget clears the record of places.
func Forget() {
	for i := range reached {
		reached[i].Store(false)
	}
}

// Reached returns the mutants whose places were come by since [Forget].
func Reached() []int {
	var all []int
	for i := range reached {
		if reached[i].Load() {
			all = append(all, i)
		}
	}
	return all
}

// On reports whether a mutant acts, and records that its place was come by.
func On(mutant int) bool {
	if !reached[mutant].Load() {
		reached[mutant].Store(true)
	}
	return active.Load() == int32(mutant)
}

// Pick returns kept, or changed where the mutant acts.
func Pick[T any](mutant int, kept, changed T) T {
	if On(mutant) {
		return changed
	}
	return kept
}

// Less is a < b, or a <= b where the mutant acts.
func Less[T cmp.Ordered](mutant int, a, b T) bool {
	if On(mutant) {
		return a <= b
	}
	return a < b
}

// LessOrEqual is a <= b, or a < b where the mutant acts.
func LessOrEqual[T cmp.Ordered](mutant int, a, b T) bool {
	if On(mutant) {
		return a < b
	}
	return a <= b
}

// Greater is a > b, or a >= b where the mutant acts.
func Greater[T cmp.Ordered](mutant int, a, b T) bool {
	if On(mutant) {
		return a >= b
	}
	return a > b
}

// GreaterOrEqual is a >= b, or a > b where the mutant acts.
func GreaterOrEqual[T cmp.Ordered](mutant int, a, b T) bool {
	if On(mutant) {
		return a > b
	}
	return a >= b
}

type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64
}

// Sum is a + b, or a - b where the mutant acts.
func Sum[T number](mutant int, a, b T) T {
	if On(mutant) {
		return a - b
	}
	return a + b
}

// Difference is a - b, or a + b where the mutant acts.
func Difference[T number](mutant int, a, b T) T {
	if On(mutant) {
		return a + b
	}
	return a - b
}
