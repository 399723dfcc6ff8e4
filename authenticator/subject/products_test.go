package subject_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/webauthn"
)

// deviating are the cases that the device of a product fails, because of facts that
// are known of the product.
var deviating = map[string][]string{
	// Its passkeys tell an AAGUID, and its getInfo, which nobody sees, another.
	"google-password-manager-android": {"makecredential/aaguid"},
	"icloud-keychain":                 {"makecredential/aaguid"},
	// It has U2F alone, and so no getInfo.
	"u2f-key": {
		"getinfo/aaguid-length", "getinfo/canonical", "getinfo/known-members", "getinfo/plain", "getinfo/trailing-bytes-ignored",
	},
}

// Products fail what is known of them, and nothing else.
func TestProducts(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Level: conformance.May})
	require.NoError(t, err)
	cases = slices.DeleteFunc(cases, func(c conformance.Case) bool { return sameForAll(c) || strings.Contains(c.ID, "/permission/") })
	for _, p := range profile.All() {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			m, err := p.Model()
			require.NoError(t, err)
			cases := cases
			if !slices.Contains(m.Algorithms, webauthn.ES256) { // a key of RSA takes a second to make
				cases, err = conformance.Select(cases, conformance.Selection{Match: []string{"getinfo", "makecredential/works", "getassertion/every-algorithm"}})
				require.NoError(t, err)
			}
			out := conformance.Run(t.Context(), subject.Target{Model: m}, cases, conformance.Options{Seed: 1, Parallel: 1})
			var failed []string
			for _, r := range out.Results {
				if r.Verdict == conformance.Fail {
					failed = append(failed, r.Case.ID)
				}
			}
			assert.Equal(t, deviating[p.ID], failed)
		})
	}
}
