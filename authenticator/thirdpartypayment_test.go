package authenticator_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/ctap"
)

// §12.9: a bit that is set when the credential is made, and told since, also by
// credentials that are kept in their own ID.
func TestThirdPartyPayment(t *testing.T) {
	t.Parallel()
	for _, rk := range []bool{true, false} {
		for _, asked := range []*bool{nil, ptr(false), ptr(true)} {
			t.Run(fmt.Sprintf("discoverable %t asked %v", rk, asked != nil && *asked), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, extended())
				req := creation(with(ctap.ExtensionCredProtect, 2), func(req *ctap.MakeCredentialRequest) { req.Options.RK = &rk })
				if asked != nil {
					with(ctap.ExtensionThirdPartyPayment, *asked)(req)
				}
				made, id := r.create(func(r *ctap.MakeCredentialRequest) { *r = *req })
				assert.Equal(t, only(ctap.ExtensionCredProtect, 2), said(t, made.AuthData), "no output of its own")
				want := only(ctap.ExtensionThirdPartyPayment, asked != nil && *asked)
				assert.Equal(t, want, said(t, r.assert(allowing(id), asking(ctap.ExtensionThirdPartyPayment, true)).AuthData))
				assert.Nil(t, said(t, r.assert(allowing(id), asking(ctap.ExtensionThirdPartyPayment, false)).AuthData))
			})
		}
	}
}
