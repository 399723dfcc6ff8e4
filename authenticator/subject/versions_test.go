package subject_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap"
)

// That there is one credential, CTAP 2.0 had told by a number: devices that speak it
// alone are not blamed for that.
func TestCountOfOne(t *testing.T) {
	t.Parallel()
	cases := slices.DeleteFunc(authenticators.Cases(), func(c conformance.Case) bool {
		return !slices.Contains([]string{
			"credprotect/level-3-not-counted", "getassertion/allow-list/discoverable", "getassertion/no-number-for-one",
			"makecredential/discoverable/replaced", "makecredential/exclude/changes-nothing",
		}, c.ID)
	})
	two0 := changed(authenticator.PINKey(), noConfig, noLargeBlobs, noTokens, versions(ctap.VersionFIDO20))
	for _, of := range []struct {
		model authenticator.Model
		want  conformance.Verdict
	}{{two0, conformance.Pass}, {authenticator.PINKey(), conformance.Fail}} {
		out := conformance.Run(t.Context(), faulty(of.model, "assert/count-of-one"), cases, conformance.Options{Seed: 1})
		assert.Len(t, out.Results, 5)
		for _, r := range out.Results {
			assert.Equal(t, of.want, r.Verdict, "%s of %v: %s", r.Case.ID, of.model.Versions, r.Reason)
		}
	}
}
