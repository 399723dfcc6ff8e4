//go:build interop

package libfido2_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

func TestHMACSecret(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		made := k.ok("register", "rp=example.com", "user=alice", "rk=1", "hmac=1", pin)
		secret := func(arguments ...string) string {
			k.t.Helper()
			return k.ok("assert", append([]string{"rp=example.com", "id=" + made["id"]}, arguments...)...)["secret.0"]
		}
		one, both := secret(salt1, pin), secret(salt2, pin)
		assert.Len(k.t, one, 64)
		assert.Len(k.t, both, 128)
		assert.Equal(k.t, one, both[:64])
		assert.Equal(k.t, one, secret(salt1, pin), "the same again")
		assert.NotEqual(k.t, one, secret(salt1), "another one for whoever was not verified")
		another := k.ok("register", "rp=example.com", "user=bob", "rk=1", "hmac=1", pin)
		assert.NotEqual(k.t, one, k.ok("assert", "rp=example.com", "id="+another["id"], salt1, pin)["secret.0"])
	})
}

func TestCredProtect(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		made := map[string]map[string]string{}
		for _, level := range []string{"1", "2", "3"} {
			made[level] = k.ok("register", "rp="+level+".example", "user=alice", "rk=1", pin, "protect="+level)
			assert.Equal(k.t, level, made[level]["protect"])
			k.ok("assert", "rp="+level+".example", pin)
		}
		k.ok("assert", "rp=1.example")
		k.refused(ctap.NoCredentials, "assert", "rp=2.example")
		k.ok("assert", "rp=2.example", "id="+made["2"]["id"])
		k.refused(ctap.NoCredentials, "assert", "rp=3.example", "id="+made["3"]["id"])
	})
}

func TestCredBlob(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		made := k.ok("register", "rp=example.com", "user=alice", "rk=1", pin, "blob=a short word")
		assert.Equal(k.t, "a short word", k.ok("assert", "rp=example.com", "blob=1", pin, "key="+made["key"])["blob.0"])
	})
}

// A new key knows no fingers. It learns them, and then verifies by them.
func TestFingerprints(t *testing.T) {
	each(t, authenticator.BioKey, func(k *key) {
		k.setPIN()
		assert.Equal(k.t, []string{"1", "4"}, []string{k.ok("bio-info")["kind"], k.ok("bio-info")["samples"]})
		assert.Equal(k.t, []string{"0", "0"}, []string{k.ok("info")["option.uv"], k.ok("info")["option.bioEnroll"]})
		k.user.Samples(ctap.SampleGood, ctap.SampleTooFast)
		thumb := k.ok("bio-enroll", "name=thumb", pin)
		assert.Equal(k.t, []string{"5", "5"}, []string{thumb["touches"], thumb["sample.1"]}, "one of them too fast")
		index := k.ok("bio-enroll", pin)
		assert.Equal(k.t, "1", k.ok("info")["option.uv"])
		assert.Equal(k.t, "8", k.ok("uv-retries")["retries"])

		list := k.ok("bio-list", pin)
		assert.Equal(k.t, "2", list["templates"])
		assert.Equal(k.t, []string{thumb["id"], "thumb", index["id"], ""}, []string{list["id.0"], list["name.0"], list["id.1"], list["name.1"]})
		k.ok("register", "rp=example.com", "user=alice", "rk=1", "uv=1")
		k.ok("bio-name", "id="+index["id"], "name=index", pin)
		k.refused(ctap.PINInvalid, "bio-delete", "id="+thumb["id"], other)
		k.ok("bio-delete", "id="+thumb["id"], pin)
		list = k.ok("bio-list", pin)
		assert.Equal(k.t, []string{"1", "index"}, []string{list["templates"], list["name.0"]})
		k.ok("bio-delete", "id="+index["id"], pin)
		assert.Equal(k.t, "0", k.ok("info")["option.uv"])
	})
}

// A wrong finger and no finger. libfido2 gets a token for it.
func TestVerificationByFingerprint(t *testing.T) {
	each(t, authenticator.SecurityKey, func(k *key) {
		made := k.ok("register", "rp=example.com", "user=alice", "rk=1", "uv=1")
		k.user.WrongFinger(3)
		k.refused(ctap.UVInvalid, "assert", "rp=example.com", "uv=1")
		assert.Equal(k.t, "5", k.ok("uv-retries")["retries"])
		k.ok("assert", "rp=example.com", "uv=1", "key="+made["key"])
		k.user.Then(authenticator.Decline)
		k.refused(ctap.OperationDenied, "assert", "rp=example.com", "uv=1")
		k.ok("assert", "rp=example.com", "uv=1")
	})
}
