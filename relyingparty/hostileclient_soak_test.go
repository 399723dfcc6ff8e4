//go:build soak

package relyingparty

import "testing"

// TestSoakHostileClient is the hostile client for long, with several seeds.
func TestSoakHostileClient(t *testing.T) {
	for seed := range uint64(8) {
		attack(t, seed+1, 400)
	}
}
