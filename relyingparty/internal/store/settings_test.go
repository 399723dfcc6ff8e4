package store

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, where string) {
		s := open(t, where)
		_, err := s.Setting("a")
		require.ErrorIs(t, err, ErrNotFound)
		for _, value := range []string{`{"b":"ü\u0000"}`, "1"} {
			require.NoError(t, s.SetSetting("a", json.RawMessage(value)))
			got, err := s.Setting("a")
			require.NoError(t, err)
			assert.Equal(t, value, string(got), "as it was written")
		}
		require.ErrorContains(t, s.SetSetting("a", json.RawMessage("{")), `"a" is no JSON`)
		_, err = s.Setting("A")
		require.ErrorIs(t, err, ErrNotFound)
		require.NoError(t, s.SetSetting("a", nil))
		_, err = s.Setting("a")
		require.ErrorIs(t, err, ErrNotFound)
	})
}
