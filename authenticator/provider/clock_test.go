package provider_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
)

func lagging(t testing.TB, automatic bool, spread time.Duration) (*provider.Account, *authenticator.ManualClock, []*provider.Member) {
	clock := newClock()
	p := open()
	p.Lag = provider.Lag{Up: 10 * time.Second, Down: 20 * time.Second, Spread: spread}
	a := newAccount(t, provider.Options{Provider: p, Clock: clock, Automatic: automatic})
	return a, clock, join(t, a, "phone", "laptop")
}

func TestLagFollowsTheClock(t *testing.T) {
	t.Parallel()
	for name, automatic := range map[string]bool{"automatic": true, "on call": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, clock, m := lagging(t, automatic, 0)
			look := func() []string {
				if !automatic {
					a.Run()
				}
				return shown(t, m[1])
			}
			put(t, m[0], passkey("one", 1))
			clock.Advance(9 * time.Second)
			assert.Empty(t, look())
			assert.Empty(t, a.Passkeys())
			clock.Advance(time.Second)
			assert.Empty(t, look())
			assert.Len(t, a.Passkeys(), 1)
			clock.Advance(19 * time.Second)
			assert.Empty(t, look())
			clock.Advance(time.Second)
			assert.Equal(t, []string{"one"}, look())
		})
	}
}

// One long wait is the same as many short ones: things happen when they are due,
// whenever somebody looks.
func TestWaitsAddUp(t *testing.T) {
	t.Parallel()
	_, clock, m := lagging(t, true, 0)
	put(t, m[0], passkey("one", 1))
	clock.Advance(time.Hour)
	assert.Equal(t, []string{"one"}, shown(t, m[1]))
}

// A device that was away begins to send and to receive when it is back.
func TestLagBeginsWhenADeviceIsBack(t *testing.T) {
	t.Parallel()
	_, clock, m := lagging(t, true, 0)
	m[0].GoOffline()
	put(t, m[0], passkey("one", 1))
	clock.Advance(time.Hour)
	m[0].GoOnline()
	clock.Advance(29 * time.Second)
	assert.Empty(t, shown(t, m[1]))
	clock.Advance(time.Second)
	assert.Equal(t, []string{"one"}, shown(t, m[1]))

	m[1].GoOffline()
	rename(t, m[0], "one", "renamed")
	clock.Advance(time.Hour)
	m[1].GoOnline()
	clock.Advance(19 * time.Second)
	assert.Equal(t, "user1@site.test", get(t, m[1], "one").User.Name)
	clock.Advance(time.Second)
	assert.Equal(t, "renamed", get(t, m[1], "one").User.Name)
}

// With a spread, devices hear at different times, and of later changes sooner, but
// always at the same times.
func TestSpreadRepeats(t *testing.T) {
	t.Parallel()
	life := func() (seen [][]string) {
		_, clock, m := lagging(t, true, time.Minute)
		for i := range 20 {
			put(t, m[0], passkey(string(rune('a'+i)), i))
		}
		for range 12 {
			clock.Advance(10 * time.Second)
			seen = append(seen, shown(t, m[1]))
		}
		return seen
	}
	first := life()
	assert.Equal(t, first, life())
	require.Len(t, first[len(first)-1], 20)
	partly := 0
	for _, seen := range first {
		if len(seen) > 0 && len(seen) < 20 {
			partly++
		}
	}
	assert.Greater(t, partly, 2, "they come one by one")
}

// A device that joins is never shown what is gone already, however its deliveries
// are spread.
func TestSpreadRaisesNothing(t *testing.T) {
	t.Parallel()
	a, clock, m := lagging(t, true, time.Minute)
	for i := range 30 {
		id := string(rune('a' + i))
		put(t, m[0], passkey(id, i))
		clock.Advance(time.Second)
		remove(t, m[0], id)
	}
	clock.Advance(time.Hour)
	a.Run()
	m[1].GoOffline() // keeps the history
	put(t, m[0], passkey("z", 99))
	clock.Advance(15 * time.Second)
	a.Run()
	tablet := join(t, a, "tablet")[0]
	for range 100 {
		clock.Advance(time.Second)
		assert.Subset(t, []string{"z"}, shown(t, tablet))
	}
	assert.Equal(t, []string{"z"}, shown(t, tablet))
}

func TestAtOnceWithoutLag(t *testing.T) {
	t.Parallel()
	a := newAccount(t, provider.Options{Provider: open(), Automatic: true})
	m := join(t, a, "phone", "laptop")
	put(t, m[0], passkey("one", 1))
	assert.Equal(t, []string{"one"}, shown(t, m[1]))
	remove(t, m[1], "one")
	assert.Empty(t, shown(t, m[0]))
}
