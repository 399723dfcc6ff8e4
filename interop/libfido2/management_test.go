//go:build interop

package libfido2_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestCredentialManagement(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		assert.Equal(k.t, "0", k.ok("cred-metadata", pin)["existing"])
		k.refused(ctap.NoCredentials, "cred-rps", pin)
		alice := k.ok("register", "rp=example.com", "user=alice", "rk=1", pin, "protect=2", "blobkey=1")
		bob := k.ok("register", "rp=example.com", "user=bob", "rk=1", pin)
		k.ok("register", "rp=example.net", "user=carol", "rk=1", pin)
		k.ok("register", "rp=example.org", "user=dave", pin)
		assert.Equal(k.t, []string{"3", "22"}, []string{k.ok("cred-metadata", pin)["existing"], k.ok("cred-metadata", pin)["remaining"]})

		rps := k.ok("cred-rps", pin)
		assert.Equal(k.t, "2", rps["rps"])
		assert.ElementsMatch(k.t, []string{"example.com", "example.net"}, []string{rps["rp.0"], rps["rp.1"]})
		hash := sha256.Sum256([]byte(rps["rp.0"]))
		assert.Equal(k.t, hex.EncodeToString(hash[:]), rps["hash.0"])

		list := k.ok("cred-list", "rp=example.com", pin)
		assert.Equal(k.t, "2", list["credentials"])
		n := "0"
		if list["user.1"] == "alice" {
			n = "1"
		}
		assert.Equal(k.t, alice["id"], list["id."+n])
		assert.Equal(k.t, alice["key"], list["key."+n])
		assert.Equal(k.t, alice["blobkey"], list["blobkey."+n])
		assert.Equal(k.t, "2", list["protect."+n])

		k.refused(ctap.InvalidSubcommand, "cred-rename", "id="+bob["id"], "user=bob", "name=robert", pin) // which the drafts do not have
		k.ok("cred-delete", "id="+alice["id"], pin)
		list = k.ok("cred-list", "rp=example.com", pin)
		assert.Equal(k.t, []string{"1", "bob"}, []string{list["credentials"], list["name.0"]})
		k.refused(ctap.NoCredentials, "cred-delete", "id="+alice["id"], pin)
		k.refused(ctap.PINInvalid, "cred-delete", "id="+bob["id"], other)
		k.ok("assert", "rp=example.com", "key="+bob["key"], pin)
	})
}

func TestLargeBlobs(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		one := k.ok("register", "rp=example.com", "user=alice", "rk=1", pin, "blobkey=1")["blobkey"]
		two := k.ok("register", "rp=example.com", "user=bob", "rk=1", pin, "blobkey=1")["blobkey"]
		assert.NotEqual(k.t, one, two)
		long := strings.Repeat("many words, none of which packs well: "+one[:40]+two[:40], 20) // more than one message
		few := "a few words, all of them quite different"                                      // libfido2 1.12 cannot encrypt less
		k.ok("blob-set", "key="+one, "text="+few, pin)
		k.ok("blob-set", "key="+two, "text="+long, pin)
		assert.Equal(k.t, few, k.ok("blob-get", "key="+one)["text"])
		assert.Equal(k.t, long, k.ok("blob-get", "key="+two)["text"])
		k.refused(ctap.PINInvalid, "blob-set", "key="+one, "text="+long, other)
		k.ok("blob-set", "key="+one, "text=some other words, none of them the same", pin)
		assert.Equal(k.t, "some other words, none of them the same", k.ok("blob-get", "key="+one)["text"])
		signed := k.ok("assert", "rp=example.com", pin, "blobkey=1")
		assert.Equal(k.t, []string{two, one}, []string{signed["blobkey.0"], signed["blobkey.1"]})
		k.ok("blob-remove", "key="+one, pin)
		assert.NotZero(k.t, run(k.t, k.socket, "blob-get", "key="+one).status, "it finds nothing")
		assert.Equal(k.t, long, k.ok("blob-get", "key="+two)["text"])
	})
}

func TestConfig(t *testing.T) {
	each(t, plain, func(k *key) {
		k.setPIN()
		made := k.ok("register", "rp=example.com", "user=alice", pin)
		k.ok("config-always-uv", pin)
		assert.Equal(k.t, "1", k.ok("info")["option.alwaysUv"])
		k.refused(ctap.PUATRequired, "assert", "rp=example.com", "id="+made["id"])
		k.ok("assert", "rp=example.com", "id="+made["id"], pin)
		k.ok("config-always-uv", pin)
		assert.Equal(k.t, "0", k.ok("info")["option.alwaysUv"])
		k.ok("assert", "rp=example.com", "id="+made["id"])

		k.ok("config-min-pin", "rp=example.com", pin)
		assert.Equal(k.t, "4", k.ok("register", "rp=example.com", "user=bob", pin, "minpin=1")["minpin"])
		k.refused(ctap.PINInvalid, "config-min-pin", "length=6", other)
		k.ok("config-min-pin", "length=6", pin)
		assert.Equal(k.t, "6", k.ok("info")["minpin"])
		k.refused(ctap.PINPolicyViolation, "config-min-pin", "length=5", pin)
		k.refused(ctap.PINPolicyViolation, "pin-change", "old=271828", "new=12345")

		k.ok("config-force-pin", pin)
		assert.Equal(k.t, "1", k.ok("info")["newpin"])
		k.refused(ctap.PINPolicyViolation, "cred-metadata", pin)
		k.ok("pin-change", "old=271828", "new=314159")
		assert.Equal(k.t, "0", k.ok("info")["newpin"])
		k.ok("cred-metadata", other)
	})
}

// Enterprise attestation can be enabled; that a ceremony asks for it libfido2 1.12
// cannot say.
func TestEnterpriseAttestation(t *testing.T) {
	capable := func() authenticator.Model {
		m := plain()
		m.Enterprise = authenticator.EnterpriseFeatures{RPIDs: []string{"example.com"}, Key: &authenticator.AttestationKey{Algorithm: webauthn.ES256, Private: bytes.Repeat([]byte{7}, 32)}}
		return m
	}
	each(t, capable, func(k *key) {
		assert.Equal(k.t, "0", k.ok("info")["option.ep"])
		k.setPIN()
		k.refused(ctap.PINInvalid, "config-enterprise", other)
		k.ok("config-enterprise", pin)
		assert.Equal(k.t, "1", k.ok("info")["option.ep"])
	})
}
