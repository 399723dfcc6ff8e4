package subject_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap"
)

// fromTheStart has devices tell encIdentifier and encCredStoreState before anybody has a
// persistent token: they have drawn one, and encrypt anew for each answer.
func fromTheStart() []authenticator.Seams {
	stream := rand.NewChaCha8([32]byte{1})
	draw := func() []byte {
		out := make([]byte, 32)
		_, _ = stream.Read(out) // never fails
		return out
	}
	return []authenticator.Seams{{Result: func(_ ctap.Request, resp any, err error) (any, error) {
		told, is := resp.(*ctap.GetInfoResponse)
		if !is || err != nil || told.EncIdentifier != nil {
			return resp, err
		}
		changed := *told
		changed.EncIdentifier, changed.EncCredStoreState = draw(), draw()
		return &changed, nil
	}}}
}

// No two answers to getInfo of such a device are the same, for which it is not blamed.
func TestIdentifiersFromTheStart(t *testing.T) {
	t.Parallel()
	target := subject.Target{Model: authenticator.SecurityKey(), Seams: fromTheStart}
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{})
	require.NoError(t, err)
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 1})
	for _, r := range out.Results {
		if r.Verdict == conformance.Fail || r.Verdict == conformance.Error {
			t.Errorf("%s: %s: %s (expected %s, seen %s)", r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen)
		}
	}
	assert.Greater(t, out.Count(conformance.Pass), 1000)
}
