//go:build soak

package provider_test

import "testing"

// Long lives of many fleets: nearly four million steps.
func TestSoakWalks(t *testing.T) { walkAll(t, 20, 10_000) }
