package authenticators

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDerivedCatchesAreOfCases(t *testing.T) {
	t.Parallel()
	cases := Cases()
	for id := range derivedCatches {
		assert.True(t, slices.ContainsFunc(cases, func(c testCase) bool { return c.ID == id }), "there is no case %s", id)
	}
	for _, c := range cases {
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(c.Catches))), len(c.Catches), "%s names a fault twice", c.ID)
	}
}
