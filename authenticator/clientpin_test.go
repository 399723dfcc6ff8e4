package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

func TestCeremoniesByPIN(t *testing.T) {
	t.Parallel()
	for _, protocol := range []pinuv.Protocol{pinuv.One, pinuv.Two} {
		t.Run(protocol.String(), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, pinKey())
			p := r.platform(protocol)
			require.Equal(t, ctap.OK, p.setPIN(pin))
			p.granted(ctap.PermissionMakeCredential|ctap.PermissionGetAssertion, "example.com")
			made, _ := r.create(p.creating)
			assert.Equal(t, "UP|UV|AT", parse(t, made.AuthData).Flags.String())
			assert.Equal(t, ctap.PINAuthInvalid, r.status(signIn(p.asserting)), "the token is spent")
			p.granted(ctap.PermissionGetAssertion, "example.com")
			assert.Equal(t, "UP|UV", parse(t, r.assert(p.asserting).AuthData).Flags.String())
		})
	}
}
