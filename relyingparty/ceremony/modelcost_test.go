package ceremony

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Without rules, models cost a ceremony nothing.
func TestModelsCostNothingWhenNobodyAsks(t *testing.T) {
	b := newBench(t)
	known := &Credential{AAGUID: make([]byte, 16)}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		check, err := b.ceremonies.modelCheck(nil)
		if err != nil || check.provider() != nil || check.admit(nil) != nil || b.ceremonies.checkLogin(nil, known) != nil {
			t.Fatal("something is asked")
		}
	}))
}
