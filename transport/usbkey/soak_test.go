//go:build soak && linux && (amd64 || arm64)

package usbkey_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Ten thousand registrations and sign-ins, without one error of the transport.
func TestSoak(t *testing.T) {
	t.Parallel()
	p := start(t, newKey(t))
	assert.Equal(t, "done", p.do(t, "ceremonies", p.bus.Nodes()[0], "10000"))
}
