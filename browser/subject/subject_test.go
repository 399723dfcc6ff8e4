package subject

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
)

// open starts a Chromium that ends with the test.
func open(t *testing.T, link Link) *Target {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	target, err := Open(ctx, link)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, target.Close()) })
	assert.Regexp(t, `^\w+/[0-9.]+ over `+string(link)+"$", target.Name())
	return target
}

// judge holds Chromium to a part of the cases, and to every need of theirs.
func judge(t *testing.T, target *Target, patterns ...string) {
	t.Helper()
	cases, err := conformance.Select(clients.Cases(), conformance.Selection{Match: patterns, Level: conformance.May})
	require.NoError(t, err)
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 1, Parallel: 1})
	for _, r := range out.Results {
		if r.Verdict != conformance.Pass {
			t.Errorf("%s: %s: %s (%s, %s)", r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen)
		}
	}
}

// One case of each thing that has to be done about Chromium: its page, ports, dialogs,
// the web around it. All of them interop/chromium runs.
func TestOverUSB(t *testing.T) {
	t.Parallel()
	judge(t, open(t, USB),
		"create/request/client-data-hash", "create/answer/attestation-direct", "create/answer/rp-id-hash", "create/answer/data-empty", "create/error/excluded",
		"pin/protocol-2/create", "pin/protocol-2/set-pin", "pin/protocol-1/change-pin", "pin/wrong/not-for-ever", "uv/again",
		"get/accounts/rest-fetched", "hid/cancel", "u2f/register", "largeblob/written", "extension/prf/protocol-2/create-results",
		"several/create/touched", "several/create/excluded",
		"page/rp-id/create/address", "page/rp-id/create/plain-http", "page/rp-id/get/port", "page/related/create/listed", "page/related/get/not-listed",
	)
}

func TestOverHybrid(t *testing.T) {
	judge(t, open(t, Hybrid), "create/request/client-data-hash", "get/request/allow-list", "create/answer/rp-id-hash", "get/accounts/one", "extension/prf/protocol-2/result")
}

// A browser that crashes is the client's failure, and the next case has another one.
func TestABrowserThatEnds(t *testing.T) {
	t.Parallel()
	target := open(t, USB)
	crash := func(t *conformance.Check) {
		v := t.Subject.(*visit)
		_ = v.browser.Process().Signal(os.Kill)
		_, err := v.Perform(t.Context(), nil, &clients.Request{Origin: "https://example.com"})
		assert.ErrorIs(t, err, clients.ErrCrashed)
	}
	cases := []conformance.Case{{ID: "first/crash", Level: conformance.Must, Run: crash}}
	for _, c := range clients.Cases() {
		if c.ID == "create/plain" {
			cases = append(cases, c)
		}
	}
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 1, Parallel: 1})
	assert.Equal(t, 2, out.Count(conformance.Pass), "%v", out.Results)
	assert.Len(t, target.desks, 1)
}
