//go:build interop

package libfido2_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/ctap"
)

func TestPIN(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		assert.Equal(k.t, "1", k.ok("info")["option.clientPin"])
		k.refused(ctap.PINAuthInvalid, "pin-set", "new=271828")
		assert.Equal(k.t, "8", k.ok("pin-retries")["retries"])
		k.refused(ctap.PINInvalid, "pin-change", "old=314159", "new=161803")
		assert.Equal(k.t, "7", k.ok("pin-retries")["retries"])
		k.ok("pin-change", "old=271828", "new=314159")
		assert.Equal(k.t, "8", k.ok("pin-retries")["retries"])
		k.refused(ctap.PINInvalid, "cred-metadata", pin)
		k.ok("cred-metadata", other)
	})
}

// Three wrong PINs block until the power is cut, eight until a reset.
func TestWrongPINs(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		for power := range 2 {
			for range 2 {
				k.refused(ctap.PINInvalid, "cred-metadata", other)
			}
			k.refused(ctap.PINAuthBlocked, "cred-metadata", other)
			k.refused(ctap.PINAuthBlocked, "cred-metadata", pin)
			assert.Equal(k.t, []string{"5", "2"}[power], k.ok("pin-retries")["retries"])
			k.device.PowerCycle()
		}
		k.refused(ctap.PINInvalid, "cred-metadata", other)
		k.refused(ctap.PINBlocked, "cred-metadata", other)
		k.refused(ctap.PINBlocked, "cred-metadata", pin)
		k.ok("reset")
		k.setPIN()
		k.ok("cred-metadata", pin)
	})
}

// Longer PINs, and one of other letters.
func TestOtherPINs(t *testing.T) {
	each(t, plain, func(k *key) {
		long := "123456789012345678901234567890123456789012345678901234567890123"
		k.ok("pin-set", "new="+long)
		k.ok("pin-change", "old="+long, "new=пароль")
		k.ok("cred-metadata", "pin=пароль")
		k.refused(ctap.PINInvalid, "cred-metadata", "pin=парол")
	})
}
