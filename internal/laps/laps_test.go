package laps

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		laps Laps
		want time.Duration
	}{
		{nil, 0},
		{Laps{7}, 7},
		{Laps{9, 1}, 5},
		{Laps{9, 1, 2}, 2},
		{Laps{100, 2, 4, 1}, 3},
	} {
		before := append(Laps(nil), c.laps...)
		assert.Equal(t, c.want, c.laps.Median())
		assert.Equal(t, before, c.laps, "in the order of the rounds still")
	}
	assert.InDelta(t, 1.5, Laps{1500 * time.Microsecond}.Milliseconds(), 1e-9)
}

func TestTimeCountsEachRound(t *testing.T) {
	t.Parallel()
	var l Laps
	rounds := 0
	for range 3 {
		l.Time(func() { rounds++ })
	}
	assert.Len(t, l, 3)
	assert.Equal(t, 3, rounds)
	assert.GreaterOrEqual(t, l.Median(), time.Duration(0))
}
