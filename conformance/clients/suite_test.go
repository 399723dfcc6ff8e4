package clients_test

import (
	"context"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
)

func TestSuiteIsSound(t *testing.T) {
	t.Parallel()
	cases := clients.Cases()
	assert.Greater(t, len(cases), 300)
	assert.NoError(t, conformance.Sound(cases))
}

// stone is a client that asks no authenticator, and always says the same.
type stone struct{ result clients.Result }

func (stone) Close() error { return nil }
func (stone) Features() []clients.Feature {
	return []clients.Feature{
		clients.ServesPages, clients.OverHID, clients.SpeaksU2F, clients.TypesPIN, clients.SetsPIN, clients.VerifiesBuiltIn, clients.FindsAccounts, clients.Cancels,
		clients.ConveysAttestation, clients.HasPRF, clients.HasCredProtect, clients.HasCredProps, clients.HasCredBlob, clients.HasMinPIN, clients.HasLargeBlob, clients.HasAppID,
	}
}

func (s stone) Perform(context.Context, *clients.Device, *clients.Request) (*clients.Result, error) {
	r := s.result
	return &r, nil
}

type quarry struct{ result clients.Result }

func (q quarry) Fresh(context.Context, uint64) (conformance.Subject, error) {
	return stone(q), nil
}

// What a client passes that sends nothing: that it sends nothing wrong.
var said = regexp.MustCompile(`^getinfo/(no-parameters|max-msg-size|max-msg-size-default|protocol-none)$|^list/(get|create)/(count|one-at-a-time)$|` +
	`^hid/(packets|nonce-fresh|padding)$|^pin/wrong/(agreement-anew|no-retries|power-cycle)$|^pin/protocol-./(not-in-clear)$|` +
	`^uv/(not-configured|token-permissions)$|^get/accounts/(no-parameters|at-once|endless|fewer-than-announced)$|^extension/cred-blob/too-long$|` +
	`^extension/cred-props/not-discoverable$|^extension/prf/protocol-./wrong-length$|^largeblob/endless$|^get/request/silent-hash$|^hid/one-at-a-time$`)

// No case passes on a client that always says the same, but for what it does not do.
func TestStonesPassNothing(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]clients.Result{
		"takes everything":   {},
		"refuses everything": {Error: "NotAllowedError"},
		"excludes all":       {Error: "InvalidStateError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases, err := conformance.Select(clients.Cases(), conformance.Selection{Level: conformance.May})
			require.NoError(t, err)
			out := conformance.Run(t.Context(), quarry{result}, cases, conformance.Options{Parallel: 1})
			for _, r := range out.Results {
				if r.Verdict == conformance.Pass && !said.MatchString(r.Case.ID) {
					t.Errorf("%s passes", r.Case.ID)
				}
			}
		})
	}
}

func TestDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../../docs/client-cases.md")
	require.NoError(t, err)
	require.True(t, string(clients.Document()) == string(written), `run "make docs"`)
}
