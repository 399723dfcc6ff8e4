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

// What CTAP 2.1 forbade first is no failure of devices that speak 2.0 alone.
func TestWhatCTAP20Allows(t *testing.T) {
	t.Parallel()
	two0 := changed(authenticator.PINKey(), noConfig, noLargeBlobs, noTokens, versions(ctap.VersionFIDO20))
	for id, about := range map[string][]string{
		"token/survives-pin-change":      {"clientpin/change-pin/ends-tokens"},
		"token/rp-unchecked":             {"makecredential/token/bound-by-first-use"},
		"create/rk-forced":               {"makecredential/discoverable/non-discoverable-stays", "makecredential/discoverable/not-without-rk"},
		"status/invalid-option":          {"makecredential/option/uv-without-uv", "getassertion/option/uv-without-uv"},
		"status/invalid-parameter":       {"clientpin/key-agreement/unsupported-protocol", "clientpin/set-pin/not-64-bytes", "clientpin/change-pin/not-64-bytes"},
		"quirk/lone-credential-missing":  {"getassertion/signature", "makecredential/works"},
		"quirk/user-missing-when-listed": {"getassertion/allow-list/discoverable"},
	} {
		cases := slices.DeleteFunc(authenticators.Cases(), func(c conformance.Case) bool { return !slices.Contains(about, c.ID) })
		out := conformance.Run(t.Context(), faulty(two0, id), cases, conformance.Options{Seed: 1})
		assert.Len(t, out.Results, len(about), id)
		for _, r := range out.Results {
			assert.Contains(t, []conformance.Verdict{conformance.Pass, conformance.Unsupported}, r.Verdict, "%s with %s: %s, seen %s", r.Case.ID, id, r.Reason, r.Seen)
		}
	}
}
