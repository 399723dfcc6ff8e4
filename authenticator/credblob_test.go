package authenticator_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// §12.2: what fits is kept, and told with every assertion that asks.
func TestCredBlob(t *testing.T) {
	t.Parallel()
	fits, over := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{7}, 33)
	cases := []struct {
		name  string
		model authenticator.Model
		rk    bool
		blob  []byte
		kept  bool
	}{
		{"fits", extended(), true, fits, true},
		{"empty", extended(), true, []byte{}, true},
		{"too long", extended(), true, over, false},
		{"fits a larger room", extended(func(m *authenticator.Model) { m.MaxCredBlob = 33 }), true, over, true},
		{"wrapped", extended(), false, fits, false},
		{"stored", extended(storing), false, fits, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.model)
			made, id := r.create(with(ctap.ExtensionCredBlob, c.blob), func(req *ctap.MakeCredentialRequest) { req.Options.RK = &c.rk })
			assert.Equal(t, only(ctap.ExtensionCredBlob, c.kept), said(t, made.AuthData))
			want := []byte{}
			if c.kept {
				want = c.blob
			}
			for range 2 {
				signed := r.assert(allowing(id), asking(ctap.ExtensionCredBlob, true))
				assert.Equal(t, only(ctap.ExtensionCredBlob, want), said(t, signed.AuthData))
			}
			assert.Nil(t, said(t, r.assert(allowing(id), asking(ctap.ExtensionCredBlob, false)).AuthData))
		})
	}
}

// A credential that was made without one has an empty one, and each account of a
// sequence its own.
func TestCredBlobOfEachAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended())
	r.create(forUser("alice"), with(ctap.ExtensionCredBlob, []byte("of alice")))
	r.create(forUser("bob"))
	r.create(forUser("carol"), with(ctap.ExtensionCredBlob, []byte("of carol")))
	got := []ctap.Extensions{said(t, r.assert(asking(ctap.ExtensionCredBlob, true)).AuthData)}
	for range 2 {
		next, err := ctap.Call(t.Context(), r, &ctap.GetNextAssertionRequest{})
		require.NoError(t, err)
		got = append(got, said(t, next.AuthData))
	}
	assert.Equal(t, []ctap.Extensions{
		only(ctap.ExtensionCredBlob, []byte("of carol")), only(ctap.ExtensionCredBlob, []byte{}), only(ctap.ExtensionCredBlob, []byte("of alice")),
	}, got)
}
