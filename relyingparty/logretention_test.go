package relyingparty

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oldest is how old the oldest line of the log is.
func oldest(t *testing.T, s *Site, clock *testClock) time.Duration {
	t.Helper()
	events, err := s.Events(0)
	require.NoError(t, err)
	require.NotEmpty(t, events)
	return clock.Now().Sub(events[0].Time)
}

// The log is kept for as long as it is said, and does not grow for ever.
func TestLogIsKeptForAWhile(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		kept  time.Duration
		lasts time.Duration
	}{"by default": {0, 30 * day}, "a day": {day, day}, "for ever": {-1, 400 * day}} {
		s, clock := newSite(t, withApplications, func(c *Config) { c.LogRetention = test.kept })
		p := newProgram(t, s)
		p.beginLogin("app")
		clock.advance(test.lasts)
		for range 20 {
			p.beginLogin("app")
		}
		assert.Equal(t, test.lasts, oldest(t, s, clock), name)
		clock.advance(time.Second)
		for range 20 {
			p.beginLogin("app")
		}
		if test.kept < 0 {
			assert.Greater(t, oldest(t, s, clock), test.lasts, name)
			continue
		}
		assert.Equal(t, time.Second, oldest(t, s, clock), name)
	}
}

// A site that was away for long comes back with what it would have by now.
func TestOldLogGoesWhenTheSiteIsOpened(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "site.db")
	clock := newClock()
	open := func() *Site {
		s, _ := newSite(t, withApplications, func(c *Config) { c.Data, c.Clock = file, clock.Now })
		return s
	}
	first := open()
	newProgram(t, first).beginLogin("app")
	_, err := first.Events(0)
	require.NoError(t, err)
	clock.advance(DefaultLogRetention + time.Second)
	events, err := open().Events(0)
	require.NoError(t, err)
	assert.Empty(t, events)
}
