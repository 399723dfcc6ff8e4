package control_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/transport/control"
)

// answer is what a prompt was answered with, and after how long.
type answer struct {
	gesture authenticator.Gesture
	err     error
	after   time.Duration
}

// ask asks a user and returns where the answer will come.
func ask(ctx context.Context, u *control.User, p authenticator.Prompt) <-chan answer {
	answers, start := make(chan answer, 1), time.Now()
	go func() {
		g, err := u.Answer(ctx, p)
		answers <- answer{g, err, time.Since(start)}
	}()
	synctest.Wait()
	return answers
}

var (
	confirm = authenticator.Prompt{Kind: authenticator.ConfirmNew}
	touched = authenticator.Gesture{Present: true}
)

func TestManners(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		manner string
		prompt authenticator.Prompt
		want   answer
	}{
		{"auto", confirm, answer{touched, nil, 0}},
		{"auto", authenticator.Prompt{Verify: true, Long: true}, answer{authenticator.Gesture{Present: true, Verified: true, Long: true}, nil, 0}},
		{"refuse", confirm, answer{err: authenticator.ErrDeclined}},
		{"manual", confirm, answer{err: authenticator.ErrTimedOut, after: 30 * time.Second}},
		{"manual", authenticator.Prompt{Patience: 12 * time.Second}, answer{err: authenticator.ErrTimedOut, after: 12 * time.Second}},
		{"2s", confirm, answer{touched, nil, 2 * time.Second}},
		{"31s", confirm, answer{err: authenticator.ErrTimedOut, after: 30 * time.Second}},
		{"manual", authenticator.Prompt{Polled: true}, answer{err: authenticator.ErrTimedOut}},
		{"auto", authenticator.Prompt{Polled: true}, answer{touched, nil, 0}},
	} {
		synctest.Test(t, func(t *testing.T) {
			manner, err := control.ParseManner(c.manner)
			require.NoError(t, err)
			assert.Equal(t, c.manner, manner.String())
			u := new(control.User)
			u.SetManner(manner)
			assert.Equal(t, c.want, <-ask(t.Context(), u, c.prompt), c.manner)
			assert.Empty(t, u.Standing().Waiting)
		})
	}
	for _, bad := range []string{"", "delay", "-1s", "2", "AUTO"} {
		_, err := control.ParseManner(bad)
		assert.ErrorContains(t, err, "give auto, manual, refuse or a duration", bad)
	}
}

var manual = control.Manner{Kind: control.Manual}

func TestPressing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := new(control.User)
		require.NoError(t, u.Press(t.Context()), "who touches by himself need not be told")
		u.SetManner(manual)

		answers := ask(t.Context(), u, authenticator.Prompt{Long: true})
		require.NoError(t, u.AwaitPrompt(t.Context()))
		require.NoError(t, u.Press(t.Context()), "a prompt waits")
		assert.Equal(t, authenticator.Gesture{Present: true, Long: true}, (<-answers).gesture)

		pressed := make(chan error, 1)
		go func() { pressed <- u.Tap(t.Context()) }()
		synctest.Wait()
		assert.Equal(t, touched, (<-ask(t.Context(), u, authenticator.Prompt{Long: true})).gesture, "the touch waited, and is brief")
		require.NoError(t, <-pressed)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, u.Press(ctx), control.ErrNotAsked)
		require.ErrorIs(t, u.AwaitPrompt(ctx), control.ErrNotAsked)
		assert.ErrorIs(t, (<-ask(t.Context(), u, confirm)).err, authenticator.ErrTimedOut, "a touch taken back touches nothing")

		u.SetManner(control.Manner{Kind: control.Refusing})
		require.ErrorIs(t, u.Press(t.Context()), control.ErrRefusing)
	})
}

// Each touch answers one prompt.
func TestOneTouchOnePrompt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := new(control.User)
		u.SetManner(manual)
		ctx, cancel := context.WithCancel(t.Context())
		first, second := ask(ctx, u, confirm), ask(ctx, u, confirm)
		assert.Len(t, u.Standing().Waiting, 2)
		require.NoError(t, u.Press(t.Context()))
		synctest.Wait()
		assert.Len(t, u.Standing().Waiting, 1)
		cancel()
		got := []error{(<-first).err, (<-second).err}
		assert.ElementsMatch(t, []error{nil, context.Canceled}, got)
		_, err := u.Answer(ctx, confirm)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// A finger that lies on the device is one touch, until it is lifted.
func TestPlacingAFinger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := new(control.User)
		u.Lift()
		answers := ask(t.Context(), u, confirm)
		u.Place()
		require.NoError(t, (<-answers).err)
		assert.ErrorIs(t, (<-ask(t.Context(), u, confirm)).err, authenticator.ErrTimedOut)
		u.Place()
		u.Place()
		require.NoError(t, (<-ask(t.Context(), u, confirm)).err)
		assert.ErrorIs(t, (<-ask(t.Context(), u, confirm)).err, authenticator.ErrTimedOut, "there is one finger")
		u.Place()
		u.Lift()
		assert.ErrorIs(t, (<-ask(t.Context(), u, confirm)).err, authenticator.ErrTimedOut)
	})
}

func TestChangingTheMannerReachesThoseThatWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		manner control.Manner
		want   answer
	}{
		{control.Manner{}, answer{touched, nil, 5 * time.Second}},
		{control.Manner{Kind: control.Refusing}, answer{err: authenticator.ErrDeclined, after: 5 * time.Second}},
		{control.Manner{Kind: control.Delayed, Delay: 8 * time.Second}, answer{touched, nil, 8 * time.Second}},
		{control.Manner{Kind: control.Delayed, Delay: time.Second}, answer{touched, nil, 5 * time.Second}},
	} {
		synctest.Test(t, func(t *testing.T) {
			u := new(control.User)
			u.SetManner(manual)
			answers := ask(t.Context(), u, confirm)
			<-time.After(5 * time.Second)
			u.SetManner(c.manner)
			assert.Equal(t, c.want, <-answers)
		})
	}
}

// U2F asks again and again: a delay is counted from the first time.
func TestPolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := new(control.User)
		u.SetManner(control.Manner{Kind: control.Delayed, Delay: 3 * time.Second})
		poll := authenticator.Prompt{Polled: true}
		for range 2 {
			for range 3 {
				require.ErrorIs(t, (<-ask(t.Context(), u, poll)).err, authenticator.ErrTimedOut)
				<-time.After(time.Second)
			}
			assert.Equal(t, answer{touched, nil, 0}, <-ask(t.Context(), u, poll))
		}
		require.ErrorIs(t, (<-ask(t.Context(), u, poll)).err, authenticator.ErrTimedOut)
		<-time.After(time.Minute)
		require.ErrorIs(t, (<-ask(t.Context(), u, poll)).err, authenticator.ErrTimedOut, "that is another wish")

		u.SetManner(manual)
		pressed := make(chan error, 1)
		go func() { pressed <- u.Press(t.Context()) }()
		synctest.Wait()
		assert.Equal(t, answer{touched, nil, 0}, <-ask(t.Context(), u, poll))
		require.NoError(t, <-pressed)
	})
}

func TestWrongFinger(t *testing.T) {
	t.Parallel()
	u := new(control.User)
	u.WrongFinger(2)
	for _, want := range []bool{false, false, true} {
		g, err := u.Answer(t.Context(), confirm)
		require.NoError(t, err)
		assert.Equal(t, touched, g, "presence alone does not count")
		g, err = u.Answer(t.Context(), authenticator.Prompt{Verify: true})
		require.NoError(t, err)
		assert.Equal(t, want, g.Verified)
	}
}
