package subject_test

import (
	"testing"

	"github.com/passkeylab/passkeylab/client/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
)

// Nothing correct is blamed.
func TestOurClientConforms(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Select(clients.Cases(), conformance.Selection{Level: conformance.May})
	if err != nil {
		t.Fatal(err)
	}
	conformance.Test(t, subject.Target{}, cases, conformance.Options{Seed: 1, Strict: true, Parallel: 16})
}
