package relyingparties_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
)

// judgeHomemade judges a homemade relying party with traits.
func judgeHomemade(t *testing.T, switches relyingparties.Choices, traits ...string) *conformance.Outcome {
	t.Helper()
	target := relyingparties.Target{At: relyingparties.Site{
		URL: homeOrigin, Transport: relyingparties.Handler{Handler: newHomemade(traits...)}, Switches: switches,
	}}
	return conformance.Run(t.Context(), target, selected(t, conformance.Must), conformance.Options{Seed: 1, Parallel: 1})
}

// eachHomemade judges one with each line of traits, which go together with a "+" between.
func eachHomemade(t *testing.T, lines []string, look func(*testing.T, *conformance.Outcome)) {
	t.Parallel()
	for _, traits := range lines {
		t.Run(traits, func(t *testing.T) {
			t.Parallel()
			look(t, judgeHomemade(t, nil, strings.Split(traits, "+")...))
		})
	}
}

// habits are what relying parties do in ways of their own, all of which the text allows;
// several of a line go together.
var habits = []string{
	"", "no cookies", "new session each time", "strict cookies", "names its charset", "more members", "no empty message",
	"numbers with fractions", "indented", "refuses with 401", "refuses with 403", "refuses with 404", "refuses with 409", "refuses with 422", "refuses with 500",
	"no timeout", "no rp.id", "no attestation", "no empty lists", "null for nothing", "hints", "challenges of 16 bytes", "challenges of 64 bytes",
	"handles of 1 byte", "handles of 64 bytes", "EdDSA first", "RS256 alone", "ES256 alone", "unknown algorithms", "many algorithms",
	"any passkey", "any passkey+no cookies", "challenge taken on success", "kept by the first", "rawId unread", "lenient base64", "byte order mark refused",
	"attested ID unread", "counter unread", "counter unread+counter not kept", "none alone", "IDs of any length", "points unread",
	"no timeout+no rp.id+no attestation+no empty lists+no empty message+no cookies", "attested at login",
	"passkeys alone", "device-bound alone",
}

// What is unusual is not blamed.
func TestHabits(t *testing.T) {
	eachHomemade(t, habits, func(t *testing.T, out *conformance.Outcome) {
		for _, r := range out.Results {
			if r.Verdict == conformance.Fail || r.Verdict == conformance.Error || r.Verdict == conformance.Skipped && !strings.HasPrefix(r.Reason, "the bench lacks") {
				t.Errorf("%s: %s: %s (expected %s, seen %s)", r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen)
			}
		}
		assert.Greater(t, out.Count(conformance.Pass), 400)
	})
}

var lapses = []string{
	"challenge fixed", "challenge counted", "challenge of 8 bytes", "challenge lasts a session", "options of one at a time", "one handle for all", "excludes everybody's",
	"lists for texts", "any type", "challenge of anybody", "challenge of another user", "last challenge of all", "challenge of either ceremony", "challenge kept",
	"text after client data", "client data by name", "type unread", "type by prefix", "type in any case", "frames unread", "top origin unread",
	"challenge unread", "challenge by prefix", "challenge's first half", "challenge by suffix", "challenge within", "challenge in any case", "challenge if there is one",
	"origin unread", "origin if there is one", "origin null", "apps", "origin by prefix", "origin by suffix", "origin within", "origin by plain http", "any port", "any host below", "localhost", "origin by pattern",
	"flag AT unread", "extensions unread", "bytes after", "RP ID unread", "RP ID unread at login", "half the RP ID",
	"verification of the last", "verification unread", "verification unread at login", "verification unread at registration", "presence unread", "presence by verification", "backup unread",
	"any algorithm", "IDs taken over", "keys taken over", "statements unread", "statement's algorithm unread", "self unverified",
	"any passkey of anybody", "counter first", "signature unread", "RSA unverified", "EdDSA unverified+EdDSA first", "ES384 unverified+many algorithms", "ES512 unverified+many algorithms",
	"unverified with extensions", "unverified when backed up", "unverified without a counter", "unverified without verification", "unverified without a handle", "unverified if empty+empty texts", "unverified by any of the user's",
	"counter signed", "counter by one", "counter never zero", "IDs by prefix", "IDs by their beginning", "IDs in any case", "handle unread", "handle of anybody", "handle by prefix", "handle's beginning",
	"handle unread+any passkey", "any passkey of anybody+handle unread",
}

func TestLapses(t *testing.T) {
	eachHomemade(t, lapses, func(t *testing.T, out *conformance.Outcome) {
		assert.Positive(t, out.Count(conformance.Fail), "nothing notices it")
	})
}
