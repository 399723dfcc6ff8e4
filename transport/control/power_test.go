package control_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/control"
)

// journal notes what happens to a device and its doors, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) PowerOff() { j.note("off") }
func (j *journal) PowerOn()  { j.note("on") }

func (j *journal) read() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines)
}

// since returns the lines since it was called last, once all is quiet.
func (j *journal) since() []string {
	synctest.Wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	j.lines = nil
	return lines
}

// hatch is a door that notes what happens to it.
type hatch struct {
	*journal
	at   string
	fail chan error // ends Serve
}

func (h *hatch) Address() string { return h.at + "!" }
func (h *hatch) Close() error    { h.note("close " + h.at); return nil }

func (h *hatch) Serve(ctx context.Context) error {
	h.note("serve " + h.at)
	defer h.note("end " + h.at)
	select {
	case err := <-h.fail:
		return err
	case <-ctx.Done():
		return nil
	}
}

func (j *journal) opener(fail chan error) control.Opener {
	return func(at string) (control.Door, error) {
		j.note("open " + at)
		return &hatch{j, at, fail}, nil
	}
}

func TestPower(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := new(journal)
		p := control.NewPower(j)
		at, err := p.Add("a", j.opener(nil))
		require.NoError(t, err)
		assert.Equal(t, "a!", at)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx) }()
		assert.Equal(t, []string{"open a", "serve a"}, j.since())
		assert.Equal(t, []string{"a!"}, p.Doors())

		require.NoError(t, p.Off())
		require.NoError(t, p.Off())
		assert.Equal(t, []string{"end a", "off"}, j.since(), "nobody is inside when it forgets")
		assert.False(t, p.IsOn())
		assert.Empty(t, p.Doors())
		require.NoError(t, p.On())
		require.NoError(t, p.On())
		assert.Equal(t, []string{"on", "open a!", "serve a!"}, j.since(), "it is opened by its address")
		assert.True(t, p.IsOn())

		require.NoError(t, p.Cycle(func() error { j.note("between"); return nil }))
		assert.Equal(t, []string{"end a!", "off", "between", "on", "open a!", "serve a!"}, j.since())
		require.ErrorContains(t, p.Cycle(func() error { return errors.New("no paper") }), "no paper")
		assert.True(t, p.IsOn(), "all the same")

		cancel()
		require.NoError(t, <-ended)
		j.since()
		require.NoError(t, p.Off())
		require.NoError(t, p.On())
		assert.Equal(t, []string{"off", "on"}, j.since(), "what was closed for good stays so")
	})
}

func TestDoorsThatFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			failure error
			says    string
		}{{errors.New("stuck"), "a!: stuck"}, {nil, "a!: it was closed"}} {
			j, fail := new(journal), make(chan error)
			p := control.NewPower(j)
			for _, at := range []string{"a", "b"} {
				ended := fail
				if at == "b" {
					ended = nil
				}
				_, err := p.Add(at, j.opener(ended))
				require.NoError(t, err)
			}
			ended := make(chan error, 1)
			go func() { ended <- p.Run(t.Context()) }()
			fail <- c.failure
			require.EqualError(t, <-ended, c.says)
			assert.Contains(t, j.since(), "end b")
		}
	})
}

func TestDoorsThatDoNotOpen(t *testing.T) {
	t.Parallel()
	j := new(journal)
	p := control.NewPower(j)
	fine, taken := j.opener(nil), false
	open := func(at string) (control.Door, error) {
		if taken {
			return nil, errors.New("the port is taken")
		}
		return fine(at)
	}
	_, err := p.Add("a", open)
	require.NoError(t, err)
	require.NoError(t, p.Off())
	assert.Contains(t, j.read(), "close a", "also one that nobody serves at yet")
	taken = true
	require.ErrorContains(t, p.On(), "opening it again: the port is taken")
	_, err = p.Add("b", open)
	require.Error(t, err)
	taken = false
	require.NoError(t, p.On(), "it is tried again")
	assert.Equal(t, []string{"a!"}, p.Doors())
	require.NoError(t, p.Close())
	assert.Empty(t, p.Doors())
}

func TestLamp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := new(control.Lamp)
		seen := make(chan error)
		go func() { seen <- l.Await(t.Context(), 2) }()
		l.Wink()
		synctest.Wait()
		l.Wink()
		require.NoError(t, <-seen)
		assert.Equal(t, 2, l.Winks())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, l.Await(ctx, 3), context.Canceled)
	})
}
