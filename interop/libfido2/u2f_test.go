//go:build interop

package libfido2_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// libfido2 speaks U2F behind its usual functions, and asks again until there is a
// touch. What is made by U2F works by CTAP2 too.
func TestU2F(t *testing.T) {
	t.Parallel()
	k := newKey(t, authenticator.SecurityKey())
	k.user.Then(authenticator.Ignore, authenticator.Ignore)
	made := k.ok("register", "rp=example.com", "user=alice", "u2f=1")
	assert.Equal(t, "fido-u2f", made["format"])
	assert.Len(t, k.user.Asked(), 3)
	signed := k.ok("assert", "rp=example.com", "u2f=1", "id="+made["id"], "key="+made["key"])
	assert.Equal(t, "01", signed["flags.0"])
	k.ok("assert", "rp=example.com", "id="+made["id"], "key="+made["key"])
	k.refused(ctap.CredentialExcluded, "register", "rp=example.com", "user=alice", "u2f=1", "exclude="+made["id"])
}
