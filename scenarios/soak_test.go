//go:build soak

package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/scenarios"
)

// Every journey by the QR code of a real Chromium passes twenty times in a row.
func TestSoakPhones(t *testing.T) {
	stage := passkeylab.NewStage(passkeylab.StageOptions{})
	t.Cleanup(func() { require.NoError(t, stage.Close()) })
	for n := range 20 {
		t.Run(fmt.Sprint(n+1), func(t *testing.T) {
			for _, s := range scenarios.All() {
				if s.NotOn(passkeylab.Hybrid) == "" {
					t.Run(s.ID, func(t *testing.T) { s.Run(passkeylab.New(t, scenarios.Options(s, passkeylab.Hybrid, stage)...)) })
				}
			}
		})
	}
}
