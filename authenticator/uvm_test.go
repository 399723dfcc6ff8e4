package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// WebAuthn L2 §10.3: how the user was verified, with the numbers of the FIDO
// Registry of Predefined Values.
func TestUVM(t *testing.T) {
	t.Parallel()
	face := func(m *authenticator.Model) { m.UVModality = 0x10 | 4 }
	cases := []struct {
		name   string
		change func(*authenticator.Model)
		by     func(*platform, *ctap.GetAssertionRequest)
		method uint64
	}{
		{"fingerprint", nil, func(*platform, *ctap.GetAssertionRequest) {}, 2},
		{"face or passcode", face, func(*platform, *ctap.GetAssertionRequest) {}, 0x10},
		{"PIN", nil, func(p *platform, r *ctap.GetAssertionRequest) {
			p.granted(ctap.PermissionGetAssertion, "example.com").asserting(r)
		}, 0x800},
		{"token by face", face, func(p *platform, r *ctap.GetAssertionRequest) {
			require.NoError(t, p.grant("", ctap.PermissionGetAssertion, "example.com"))
			p.asserting(r)
		}, 0x10},
		{"touch", nil, func(_ *platform, r *ctap.GetAssertionRequest) { touchOnly(r) }, 1},
		{"silence", nil, func(_ *platform, r *ctap.GetAssertionRequest) { silent(r) }, 0x200},
		{"unheard-of method", func(m *authenticator.Model) { m.UVModality = 0x20 }, func(*platform, *ctap.GetAssertionRequest) {}, 0x200},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			model := extended()
			if c.change != nil {
				c.change(&model)
			}
			r := newRig(t, model)
			p := r.withPIN()
			r.create()
			req := signIn(asking(ctap.ExtensionUVM, true))
			c.by(p, req)
			resp, err := ctap.Call(t.Context(), r, req)
			require.NoError(t, err)
			assert.Equal(t, only(ctap.ExtensionUVM, [][]uint64{{c.method, 1, 1}}), said(t, resp.AuthData))
		})
	}
}

func TestUVMAtCreation(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	made, _ := r.create(with(ctap.ExtensionUVM, true))
	assert.Equal(t, only(ctap.ExtensionUVM, [][]uint64{{2, 1, 1}}), said(t, made.AuthData))
	p := r.withPIN().granted(ctap.PermissionMakeCredential, "example.com")
	made, _ = r.create(p.creating, with(ctap.ExtensionUVM, true))
	assert.Equal(t, only(ctap.ExtensionUVM, [][]uint64{{0x800, 1, 1}}), said(t, made.AuthData))
	made, _ = r.create(with(ctap.ExtensionUVM, false))
	assert.Nil(t, said(t, made.AuthData))
}
