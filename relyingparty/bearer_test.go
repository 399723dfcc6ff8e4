package relyingparty

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/relyingparty/internal/tokens"
)

// A scope is a word of its own: none is part of another, nor of two.
func TestScopesAreWords(t *testing.T) {
	t.Parallel()
	for scope, ok := range map[string]bool{
		"read:users": true, "openid read:users": true, " read:users  x": true,
		"": false, "read:users_app": false, "xread:users": false, "read: users": false, "READ:USERS": false, "read:user": false,
	} {
		assert.Equal(t, ok, allowed(tokens.Access{Scope: scope}, "read:users") == nil, scope)
	}
}
