//go:build interop

package interop_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// libfido2 speaks U2F behind its usual functions.
func TestU2FThroughLibfido2(t *testing.T) {
	t.Parallel()
	k := newKey(t, libfido2, authenticator.SecurityKey())
	made := k.ok("register", "rp=example.com", "user=alice", "u2f=1")
	assert.Equal(t, "fido-u2f", made["format"])
	signed := k.ok("assert", "rp=example.com", "u2f=1", "id="+made["id"], "key="+made["key"])
	assert.Equal(t, "01", signed["flags.0"])
	k.ok("assert", "rp=example.com", "id="+made["id"], "key="+made["key"]) // by CTAP2
}

func TestU2FThroughPython(t *testing.T) {
	t.Parallel()
	k := newKey(t, pythonFIDO2, authenticator.SecurityKey())
	assert.Equal(t, u2f.V2, k.ok("u2f-version")["version"])
	k.user.Then(authenticator.Ignore)
	got := k.run(t, k.socket, "u2f-register", "rp=example.com")
	assert.Equal(t, u2f.ConditionsNotSatisfied, u2f.Status(got.status), "a touch is wanted")
	made := k.ok("u2f-register", "rp=example.com")
	for check, want := range map[string]u2f.Status{"example.com": u2f.ConditionsNotSatisfied, "example.net": u2f.WrongData} {
		got := k.run(t, k.socket, "u2f-authenticate", "rp="+check, "id="+made["id"], "key="+made["key"], "check=1")
		assert.Equal(t, want, u2f.Status(got.status), check)
	}
	signed := k.ok("u2f-authenticate", "rp=example.com", "id="+made["id"], "key="+made["key"])
	assert.Equal(t, "1", signed["presence"])
	k.ok("assert", "rp=example.com", "id="+made["id"], "key="+made["key"]) // by CTAP2
}
