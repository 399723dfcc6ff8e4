//go:build interop

package pcsc_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/pcsc"
	"github.com/passkeylab/passkeylab/transport/subject"
)

// Our card passes what the judge asks of cards, short or extended, through a pcscd and
// a reader that are not ours. Nobody tells its user what to do, and it is reset by its
// own command.
func TestCardConforms(t *testing.T) {
	d := startPCSCD(t)
	key := d.insert(t, authenticator.SecurityKey(), transport.Attend)
	t.Setenv(pcsc.SocketVariable, d.socket)
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Level: conformance.May, Match: []string{"nfc", "hid", "u2f", "selection", "getinfo"}})
	require.NoError(t, err)
	target := &subject.Target{Name: "pcsc:" + readerName, Replug: func(context.Context) error {
		key.key.PowerCycle()
		return nil
	}}
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 1})
	passed := map[string]int{}
	for _, r := range out.Results {
		if r.Case.ID == "u2f/unknown-class" {
			continue // our own client sends no such command to a card
		}
		switch r.Verdict {
		case conformance.Fail, conformance.Error:
			t.Errorf("%s: %s: %s; expected %s, seen %s", r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen)
		case conformance.Pass:
			passed[r.Case.Section()]++
		}
	}
	assert.Greater(t, passed["nfc"], 30)
	assert.Zero(t, passed["hid"], "a reader carries no reports")
}
