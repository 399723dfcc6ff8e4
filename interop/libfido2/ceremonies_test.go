//go:build interop

package libfido2_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

const (
	pin   = "pin=271828"
	other = "pin=314159"
	salt1 = "salt=" + "11111111111111111111111111111111" + "11111111111111111111111111111111"
	salt2 = salt1 + "22222222222222222222222222222222" + "22222222222222222222222222222222"
)

// setPIN gives the key the PIN that pin names.
func (k *key) setPIN() {
	k.t.Helper()
	k.ok("pin-set", "new=271828")
}

func TestInfo(t *testing.T) {
	each(t, authenticator.SecurityKey, func(k *key) {
		info := k.ok("info")
		model := k.device.Model()
		assert.Equal(k.t, hex.EncodeToString(model.AAGUID[:]), info["aaguid"])
		assert.Equal(k.t, ctap.VersionU2FV2, info["version.0"])
		assert.Equal(k.t, "1200", info["maxmsgsize"])
		assert.Equal(k.t, "0", info["option.clientPin"])
		assert.Equal(k.t, "1", info["option.uv"])
		assert.Equal(k.t, "1", info["option.rk"])
	})
}

// libfido2 verifies the attestation and the assertion.
func TestCeremonies(t *testing.T) {
	each(t, authenticator.SecurityKey, func(k *key) {
		for _, alg := range []string{"es256", "eddsa"} {
			made := k.ok("register", "rp=example.com", "user=alice", "alg="+alg)
			assert.Equal(k.t, "packed", made["format"])
			assert.Equal(k.t, "41", made["flags"], "present, not verified")
			signed := k.ok("assert", "rp=example.com", "alg="+alg, "id="+made["id"], "key="+made["key"])
			assert.Equal(k.t, "01", signed["flags.0"])
			assert.Greater(k.t, signed["count.0"], made["count"])
			k.refused(ctap.NoCredentials, "assert", "rp=example.net", "id="+made["id"])
			k.refused(ctap.CredentialExcluded, "register", "rp=example.com", "user=alice", "exclude="+made["id"])
		}
		silent := k.ok("assert", "rp=example.com", "up=0", "id="+k.ok("register", "rp=example.com", "user=bob")["id"])
		assert.Equal(k.t, "00", silent["flags.0"])
	})
}

// Built-in user verification stands in for the PIN.
func TestDiscoverableCeremonies(t *testing.T) {
	each(t, authenticator.SecurityKey, func(k *key) {
		k.refused(ctap.OperationDenied, "register", "rp=example.com", "user=alice", "rk=1")
		alice := k.ok("register", "rp=example.com", "user=alice", "rk=1", "uv=1")
		assert.Equal(k.t, "45", alice["flags"])
		k.ok("register", "rp=example.com", "user=bob", "rk=1", "uv=1")
		both := k.ok("assert", "rp=example.com", "uv=1")
		assert.Equal(k.t, "2", both["assertions"])
		assert.Equal(k.t, []string{"bob", "alice"}, []string{both["user.0"], both["user.1"]}, "the newest first")
		assert.Equal(k.t, []string{"bob", "alice"}, []string{both["name.0"], both["name.1"]}, "to whom was verified")
		assert.Equal(k.t, alice["id"], both["id.1"])
		k.ok("register", "rp=example.com", "user=alice", "rk=1", "uv=1")
		again := k.ok("assert", "rp=example.com", "uv=1")
		assert.Equal(k.t, "alice", again["user.0"])
		assert.NotEqual(k.t, alice["id"], again["id.0"], "the account has one credential, the newest")
	})
}

func TestCeremoniesByPIN(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		k.refused(ctap.PUATRequired, "register", "rp=example.com", "user=alice", "rk=1")
		made := k.ok("register", "rp=example.com", "user=alice", "rk=1", pin)
		assert.Equal(k.t, "45", made["flags"])
		signed := k.ok("assert", "rp=example.com", "key="+made["key"], pin)
		assert.Equal(k.t, "05", signed["flags.0"])
		assert.Equal(k.t, "alice", signed["user.0"])
		k.refused(ctap.PINInvalid, "assert", "rp=example.com", other)
		k.ok("register", "rp=example.com", "user=bob") // makeCredUvNotRqd
	})
}

// A touch that is refused ends the ceremony, and leaves nothing behind.
func TestTouchRefused(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		k.user.Then(authenticator.Decline)
		k.refused(ctap.OperationDenied, "register", "rp=example.com", "user=alice", "rk=1", pin)
		k.refused(ctap.NoCredentials, "assert", "rp=example.com", pin)
		made := k.ok("register", "rp=example.com", "user=alice", "rk=1", pin)
		k.user.Then(authenticator.Decline)
		k.refused(ctap.OperationDenied, "assert", "rp=example.com", pin)
		k.user.Then(authenticator.TimeOut)
		k.refused(ctap.OperationDenied, "assert", "rp=example.com", pin)
		k.ok("assert", "rp=example.com", pin, "key="+made["key"])
	})
}

func TestReset(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		made := k.ok("register", "rp=example.com", "user=alice", "rk=1", pin)
		k.ok("reset")
		assert.Equal(k.t, "0", k.ok("info")["option.clientPin"])
		k.refused(ctap.NoCredentials, "assert", "rp=example.com", "id="+made["id"])
	})
}
