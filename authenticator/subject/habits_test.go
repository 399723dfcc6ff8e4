package subject_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap"
)

// ending makes a habit of another status for requests that fail with one.
func ending(from, to ctap.Status, of func(ctap.Request) bool) authenticator.Seams {
	return authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
		if err == nil || ctap.StatusOf(err) != from || req == nil || of != nil && !of(req) {
			return resp, err
		}
		return nil, ctap.Errorf(to, "by habit, instead of: %v", err)
	}}
}

func telling(change func(*ctap.GetInfoResponse)) authenticator.Seams {
	return authenticator.Seams{Result: func(_ ctap.Request, resp any, err error) (any, error) {
		told, is := resp.(*ctap.GetInfoResponse)
		if err != nil || !is {
			return resp, err
		}
		other := *told
		change(&other)
		return &other, nil
	}}
}

func command(all ...ctap.Command) func(ctap.Request) bool {
	return func(req ctap.Request) bool { return slices.Contains(all, req.Command()) }
}

// exhausted lists end with NO_CREDENTIALS, as some devices have it; that no list was
// begun is NOT_ALLOWED all the same.
func exhausted() authenticator.Seams {
	var goesOn ctap.SubCommand // by which the list goes on that was told of last
	return authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
		r, is := req.(*ctap.CredentialManagementRequest)
		if !is || err != nil && ctap.StatusOf(err) != ctap.NotAllowed {
			goesOn = 0
			return resp, err
		}
		if err != nil && r.SubCommand == goesOn {
			return nil, ctap.Errorf(ctap.NoCredentials, "by habit, instead of: %v", err)
		}
		goesOn = 0
		switch r.SubCommand {
		case ctap.EnumerateRPsBegin, ctap.EnumerateRPsGetNextRP:
			goesOn = ctap.EnumerateRPsGetNextRP
		case ctap.EnumerateCredentialsBegin, ctap.EnumerateCredentialsGetNextCredential:
			goesOn = ctap.EnumerateCredentialsGetNextCredential
		}
		return resp, err
	}}
}

// seamsOf are those of a fault that no rule forbids.
func seamsOf(t *testing.T, id string) authenticator.Seams {
	f, err := fault.Lookup(id)
	require.NoError(t, err)
	return f.Seams
}

// habits are ways of devices which the text allows, or of which public sources do not
// agree: no model of ours has them.
func habits(t *testing.T) map[string]func() authenticator.Seams {
	is := func(s authenticator.Seams) func() authenticator.Seams {
		return func() authenticator.Seams { return s }
	}
	ceremonies := command(ctap.CommandMakeCredential, ctap.CommandGetAssertion)
	return map[string]func() authenticator.Seams{
		"the counter jumps":                            func() authenticator.Seams { return seamsOf(t, "counter/jumps") },
		"s is in the upper half":                       func() authenticator.Seams { return seamsOf(t, "signature/high-s") },
		"an option that nobody knows":                  func() authenticator.Seams { return seamsOf(t, "info/option-unknown") },
		"a member that nobody knows":                   func() authenticator.Seams { return seamsOf(t, "cbor/unknown-member") },
		"lists end with NO_CREDENTIALS":                exhausted,
		"long lists are of a wrong length":             is(ending(ctap.LimitExceeded, ctap.InvalidLength, ceremonies)),
		"unknown subcommands of config are parameters": is(ending(ctap.InvalidSubcommand, ctap.InvalidParameter, command(ctap.CommandConfig))),
		"wrong lengths are parameters":                 is(ending(ctap.InvalidLength, ctap.InvalidParameter, ceremonies)),
		"wrong lengths are types":                      is(ending(ctap.InvalidLength, ctap.CBORUnexpectedType, ceremonies)),
		"no RP ID is a parameter": is(ending(ctap.MissingParameter, ctap.InvalidParameter, func(req ctap.Request) bool {
			r, is := req.(*ctap.ClientPINRequest)
			return is && r.Permissions != nil && r.RPID == nil && r.KeyAgreement != nil && r.PinUvAuthProtocol != nil && r.PINHashEnc != nil
		})),
		"only getInfo tells its firmware": is(telling(func(r *ctap.GetInfoResponse) { r.FirmwareVersion = 7 })),
		"no certifications":               is(telling(func(r *ctap.GetInfoResponse) { r.Certifications = nil })),
		"nothing is said of formats":      is(telling(func(r *ctap.GetInfoResponse) { r.AttestationFormats = nil })),
	}
}

// What no rule forbids is not blamed.
func TestHabitsAreNotBlamed(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Level: conformance.Must})
	require.NoError(t, err)
	for name, habit := range habits(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			notBlamed(t, cases, subject.Target{Model: authenticator.SecurityKey(), Seams: func() []authenticator.Seams { return []authenticator.Seams{habit()} }})
		})
	}
}

// notBlamed holds the judge to finding nothing wrong with a target.
func notBlamed(t *testing.T, cases []conformance.Case, target conformance.Target) {
	t.Helper()
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 1, Parallel: 1, Strict: true})
	for _, r := range out.Results {
		if r.Verdict == conformance.Fail || r.Verdict == conformance.Error {
			assert.Fail(t, r.Case.ID, "%s: %s (expected %s, seen %s)", r.Verdict, r.Reason, r.Expected, r.Seen)
		}
	}
}
