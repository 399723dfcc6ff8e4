package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
)

// §12.3: what is refused.
func TestLargeBlobKeyRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	r.create()
	key := ctap.ExtensionLargeBlobKey
	for name, req := range map[string]ctap.Request{
		"false":                   creation(with(key, false)),
		"not discoverable":        creation(with(key, true), notDiscoverable),
		"rk absent":               creation(with(key, true), func(r *ctap.MakeCredentialRequest) { r.Options.RK = nil }),
		"false at getAssertion":   signIn(asking(key, false)),
		"false, and in a silence": signIn(asking(key, false), silent),
	} {
		assert.Equal(t, ctap.InvalidOption, r.status(req), name)
	}
}

// The key is 32 random bytes of each credential, told beside authenticator data.
func TestLargeBlobKey(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	alice, _ := r.create(forUser("alice"), with(ctap.ExtensionLargeBlobKey, true))
	r.create(forUser("bob"))
	carol, _ := r.create(forUser("carol"), with(ctap.ExtensionLargeBlobKey, true))
	assert.Len(t, alice.LargeBlobKey, 32)
	assert.Len(t, carol.LargeBlobKey, 32)
	assert.NotEqual(t, alice.LargeBlobKey, carol.LargeBlobKey)
	assert.Nil(t, said(t, alice.AuthData))

	first := r.assert(asking(ctap.ExtensionLargeBlobKey, true))
	assert.Equal(t, carol.LargeBlobKey, first.LargeBlobKey)
	assert.Nil(t, said(t, first.AuthData))
	for _, want := range [][]byte{nil, alice.LargeBlobKey} {
		next, err := ctap.Call(t.Context(), r, &ctap.GetNextAssertionRequest{})
		require.NoError(t, err)
		assert.Equal(t, want, next.LargeBlobKey)
	}

	again, _ := r.create(forUser("carol"), with(ctap.ExtensionLargeBlobKey, true))
	assert.NotEqual(t, carol.LargeBlobKey, again.LargeBlobKey, "a new credential has a new key")
}
