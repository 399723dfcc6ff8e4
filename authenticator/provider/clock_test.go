package provider_test

import (
	"fmt"
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

// What was due before a device fell silent has happened, though nobody looked.
func TestWhatWasDueHasHappened(t *testing.T) {
	t.Parallel()
	for name, silence := range map[string]func(*provider.Account, *provider.Member){
		"offline":     func(_ *provider.Account, m *provider.Member) { m.GoOffline() },
		"paused":      func(_ *provider.Account, m *provider.Member) { m.Pause() },
		"partitioned": func(a *provider.Account, m *provider.Member) { a.Partition(m) },
		"wiped":       func(_ *provider.Account, m *provider.Member) { m.Wipe() },
		"removed":     func(a *provider.Account, m *provider.Member) { assert.NoError(t, a.Remove(m)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, clock, m := lagging(t, true, 0)
			put(t, m[0], passkey("one", 1))
			clock.Advance(10 * time.Second)
			silence(a, m[0])
			clock.Advance(20 * time.Second)
			assert.Equal(t, []string{"one"}, shown(t, m[1]))
		})
	}
	a, clock, m := lagging(t, true, 0)
	put(t, m[0], passkey("one", 1))
	clock.Advance(30 * time.Second)
	a.Partition(m[1])
	assert.Equal(t, []string{"one"}, shown(t, m[1]), "it had heard before it was cut off")
}

// A script happens at its times, however seldom somebody looks: here once, in the
// end.
func TestScript(t *testing.T) {
	t.Parallel()
	for name, automatic := range map[string]bool{"automatic": true, "on call": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, clock, m := lagging(t, automatic, 0)
			var story []string
			tablet := join(t, a, "tablet")[0]
			a.Script(
				provider.Step{After: 100 * time.Second, Act: provider.GoOnline, Members: m[:1]},
				provider.Step{After: 5 * time.Second, Act: provider.GoOffline, Members: m[:1]}, // before its change is due
				provider.Step{After: 40 * time.Second, Act: provider.Partition},
				provider.Step{After: 50 * time.Second, Act: provider.Erase, Members: []*provider.Member{tablet}},
				provider.Step{After: 60 * time.Second, Act: provider.Heal},
			)
			put(t, m[0], passkey("of the phone", 1))
			put(t, m[1], passkey("of the laptop", 2))
			look := func(after time.Duration) {
				clock.Set(start.Add(after))
				if !automatic {
					a.Run()
				}
				for _, one := range []*provider.Member{m[0], m[1], tablet} {
					story = append(story, fmt.Sprint(shown(t, one)))
				}
			}
			look(45 * time.Second)
			assert.Equal(t, []string{"[of the phone]", "[of the laptop]", "[of the laptop]"}, story, "only the laptop could send, and the tablet hear")
			story = nil
			look(65 * time.Second)
			assert.Equal(t, []string{"[of the phone]", "[of the laptop]", "[]"}, story, "the tablet hears that it is erased")
			assert.False(t, tablet.In())
			story = nil
			look(1000 * time.Second)
			assert.Equal(t, []string{"[of the laptop of the phone]", "[of the laptop of the phone]", "[]"}, story)
		})
	}
}

// Every act does what its method does.
func TestActs(t *testing.T) {
	t.Parallel()
	for act, want := range map[provider.Act]provider.Status{
		provider.Pause:     {In: true, Unlocked: true},
		provider.GoOffline: {In: true, Unlocked: true},
		provider.Partition: {In: true, Unlocked: true},
		provider.Resume:    {In: true, Unlocked: true, InTouch: true},
		provider.GoOnline:  {In: true, Unlocked: true, InTouch: true},
		provider.Heal:      {In: true, Unlocked: true, InTouch: true},
		provider.Leave:     {InTouch: true},
		provider.Remove:    {InTouch: true},
		provider.Erase:     {InTouch: true},
		provider.Wipe:      {InTouch: true},
	} {
		a := newAccount(t, provider.Options{Provider: keeping()})
		m := join(t, a, "phone")[0]
		put(t, m, passkey("one", 1))
		m.Sync()
		switch act {
		case provider.Resume:
			m.Pause()
		case provider.GoOnline:
			m.GoOffline()
		case provider.Heal:
			a.Partition(m)
		}
		a.Script(provider.Step{Act: act})
		a.Run()
		assert.Equal(t, want, m.Status(), act)
		kept := act != provider.Erase && act != provider.Wipe
		assert.Equal(t, kept, len(shown(t, m)) == 1, act)
		assert.Len(t, a.Passkeys(), 1)
	}
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
