// Package laps times the rounds of a benchmark one by one, for a median, which a
// busy machine disturbs less than the mean that go test reports.
//
// It must never know what a round is.
package laps

import (
	"slices"
	"time"
)

// Laps are the times that rounds took. The zero value has none.
type Laps []time.Duration

// Time adds one round.
func (l *Laps) Time(round func()) {
	start := time.Now()
	round()
	*l = append(*l, time.Since(start))
}

// Median is the time that half of the rounds took no longer than; of an even number
// it is between the two in the middle. It is 0 without rounds.
func (l Laps) Median() time.Duration {
	if len(l) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(l))
	return (sorted[(len(l)-1)/2] + sorted[len(l)/2]) / 2
}

// Milliseconds is the median as benchmarks report it.
func (l Laps) Milliseconds() float64 { return float64(l.Median()) / float64(time.Millisecond) }
