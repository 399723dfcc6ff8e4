//go:build soak

package browser

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
)

// Fifty browsers start with a key plugged in, and each makes a passkey on it.
func TestSoakStarts(t *testing.T) {
	for n := range 50 {
		t.Run(fmt.Sprint(n+1), func(t *testing.T) {
			tab, _ := usbTab(t, authenticator.SecurityKey(), Options{})
			ask(t, tab, createOnKey)
			assert.Equal(t, "ok nfc,usb", outcomeOfAsk(t, tab))
		})
	}
}
