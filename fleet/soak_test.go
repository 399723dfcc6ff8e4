//go:build soak

package fleet_test

import "testing"

// A million steps in twenty lives.
func TestSoakFleets(t *testing.T) { walkAll(t, 20, 50_000) }
