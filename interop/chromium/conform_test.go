//go:build interop

package chromium_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/browser/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/conformance/known"
)

// browsers are so many at a time: most of the time they wait.
const browsers = 3

// deviating are the cases of a MUST that Chromium fails over either link, and what that
// is due to. docs/conformance-results.md has what it does with less binding requirements.
var deviating = known.Failures{
	"create/answer/no-credential": "the browser crashes",
	"page/related/*/status-201":   "any status of success will do",
	"page/user-id-empty":          "a user handle may have no bytes",
}

// overUSB are those of USB alone.
var overUSB = known.Failures{
	"getinfo/max-msg-size*":        "maxMsgSize is not looked at",
	"getinfo/protocol-none":        "the browser crashes",
	"hid/answer/sequence-from-one": "packets of an answer are not held to their numbers",
}

// judge holds Chromium to what is known of it, and to nothing else.
func judge(t *testing.T, link subject.Link, expected known.Failures, passed int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	target, err := subject.Open(ctx, link)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, target.Close()) })
	t.Log(target.Name())
	cases, err := conformance.Select(clients.Cases(), conformance.Selection{})
	require.NoError(t, err)
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 1, Parallel: browsers})
	assert.Empty(t, expected.Differences(out))
	assert.Greater(t, out.Count(conformance.Pass), passed)
}

func TestConformsOverUSB(t *testing.T) {
	expected := maps.Clone(deviating)
	maps.Copy(expected, overUSB)
	judge(t, subject.USB, expected, 400)
}

func TestConformsOverHybrid(t *testing.T) { judge(t, subject.Hybrid, deviating, 250) }
