package control_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/transport/control"
)

// diary notes when what happened, from the beginning on.
type diary struct {
	clock   control.Clock
	began   time.Time
	mu      sync.Mutex
	entries []string
}

func newDiary() *diary {
	d := new(diary)
	d.began = d.clock.Now()
	return d
}

func (d *diary) note(what string) func() {
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.entries = append(d.entries, what+" at "+d.clock.Now().Sub(d.began).String())
	}
}

func TestClockGoesAsTheMachines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		d.clock.AfterFunc(3*time.Second, d.note("second"))
		d.clock.AfterFunc(time.Second, d.note("first"))
		stopped := d.clock.AfterFunc(2*time.Second, d.note("never"))
		assert.True(t, stopped.Stop())
		assert.False(t, stopped.Stop())
		<-time.After(10 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"first at 1s", "second at 3s"}, d.entries)
	})
}

func TestClockIsMoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		later := d.clock.AfterFunc(2*time.Minute, d.note("later"))
		d.clock.AfterFunc(30*time.Second, func() {
			d.note("half a minute")()
			d.clock.AfterFunc(10*time.Second, d.note("ten seconds after that"))
		})
		d.clock.Forward(time.Minute)
		assert.Equal(t, []string{"half a minute at 30s", "ten seconds after that at 40s"}, d.entries)
		assert.Equal(t, time.Minute, d.clock.Now().Sub(d.began))

		<-time.After(time.Minute)
		synctest.Wait()
		assert.Equal(t, "later at 2m0s", d.entries[2], "what was left rings earlier by the machine's time")
		assert.False(t, later.Reset(time.Second))
		assert.True(t, later.Reset(time.Hour))
		d.clock.Forward(59 * time.Minute)
		assert.Len(t, d.entries, 3)
		d.clock.Forward(time.Minute)
		assert.Equal(t, "later at 1h2m0s", d.entries[3])
	})
}

func TestClockIsMovedByManyAtOnce(t *testing.T) {
	t.Parallel()
	d := newDiary()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			d.clock.AfterFunc(time.Minute, d.note("rings"))
			d.clock.Forward(30 * time.Second)
		})
	}
	all.Wait()
	d.clock.Forward(time.Hour)
	d.mu.Lock()
	defer d.mu.Unlock()
	assert.Len(t, d.entries, 20)
	assert.GreaterOrEqual(t, d.clock.Now().Sub(d.began), time.Hour+10*time.Minute)
}
