package contract

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

var _ T[*testing.T] = (*testing.T)(nil)

func TestJudge(t *testing.T) {
	t.Parallel()
	reached := false
	failed := Judge(t.Context(), func(r *Recorder) {
		r.Run("is well", func(*Recorder) {})
		r.Run("fails", func(r *Recorder) {
			r.Helper()
			r.Errorf("%d of %d", 1, 2)
			r.Run("below", func(r *Recorder) { r.Errorf("%v", r.Context() == t.Context()) })
			r.FailNow()
			reached = true
		})
		r.Run("fails again", func(r *Recorder) { r.Errorf("so") })
	})
	assert.Equal(t, []string{"fails: 1 of 2", "below: true", "fails again: so"}, failed)
	assert.False(t, reached)
	assert.True(t, Notice(failed, "below"))
	assert.False(t, Notice(failed, "is well"))
}
