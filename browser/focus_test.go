package browser

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFocusIsAloneOrShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, ctx := newFocus(), t.Context()
		doneA, err := f.share(ctx, "a")
		require.NoError(t, err)
		doneB, err := f.share(ctx, "b")
		require.NoError(t, err, "side by side")

		var order []string
		go func() {
			_, err := f.take(ctx, "popup")
			assert.NoError(t, err)
			order = append(order, "popup")
			f.release("popup")
		}()
		synctest.Wait()
		go func() {
			done, err := f.share(ctx, "late")
			assert.NoError(t, err)
			order = append(order, "late")
			done()
		}()
		synctest.Wait()
		assert.Empty(t, order, "both wait for a and b")
		doneA()
		doneB()
		synctest.Wait()
		assert.Equal(t, []string{"popup", "late"}, order, "who wants it alone goes first")

		behind, err := f.take(ctx, "popup")
		require.NoError(t, err)
		assert.False(t, behind, "it was the last to have it alone")
		_, err = f.take(ctx, "popup")
		require.NoError(t, err, "taking again")
		f.release("somebody else")
		short, cancel := context.WithCancel(ctx)
		cancel()
		_, err = f.take(short, "other")
		assert.ErrorContains(t, err, "another tab keeps the keyboard focus")
		f.release("popup")
		behind, err = f.take(ctx, "other")
		require.NoError(t, err)
		assert.True(t, behind)
	})
}
