package subject_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// faulty is a device of a model with one fault.
func faulty(model authenticator.Model, id string) subject.Target {
	return subject.Target{
		Model: model,
		Seams: func() []authenticator.Seams {
			f, err := fault.Lookup(id)
			if err != nil {
				return nil // which every test here has looked up before
			}
			return []authenticator.Seams{f.Seams}
		},
		Carriers: func() subject.Carriers {
			f, err := fault.Lookup(id)
			if err != nil {
				return subject.Carriers{}
			}
			return subject.Carriers{HID: []hid.Seams{f.HID}, NFC: []nfc.Seams{f.NFC}}
		},
	}
}

// usual are the models that a fault is tried on, until it shows.
func usual(t *testing.T) map[string]authenticator.Model {
	t.Helper()
	return map[string]authenticator.Model{
		"security key": authenticator.SecurityKey(), "PIN key": authenticator.PINKey(), "fingerprint key": authenticator.BioKey(),
		"phone": authenticator.Phone(), "enterprise key": oddModels(t)["enterprise by its platform"],
		"attested key": oddModels(t)["attested in two formats"],
	}
}

// A case that names a fault fails on a device that has it.
func TestCasesCatchTheirFaults(t *testing.T) {
	t.Parallel()
	usual := usual(t)
	for _, c := range authenticators.Cases() {
		assert.NotEmpty(t, c.Catches, "%s names no fault: run authenticator/subject/generate, or make one for it", c.ID)
		for _, id := range c.Catches {
			t.Run(c.ID+" catches "+id, func(t *testing.T) {
				t.Parallel()
				_, err := fault.Lookup(id)
				require.NoError(t, err)
				var seen []string
				for name, model := range usual {
					out := conformance.Run(t.Context(), faulty(model, id), []conformance.Case{c}, conformance.Options{Seed: 1, Parallel: 1})
					if out.Results[0].Verdict == conformance.Fail {
						return
					}
					seen = append(seen, name+": "+out.Results[0].Verdict.String()+" "+out.Results[0].Reason)
				}
				t.Errorf("it does not fail:\n%s", strings.Join(seen, "\n"))
			})
		}
	}
}

// notJudged are faults that no case of authenticators can tell, with the reason.
var notJudged = map[string]string{
	"bio/poor-is-learned":            "no bench can give a finger that is there and poor",
	"counter/jumps":                  "a counter may rise by as much as it likes",
	"counter/little-endian":          "the first 255 counts rise all the same",
	"flags/be-always":                "nothing that a device answers says that its credentials never leave it",
	"info/algorithm-omitted":         "a device need not list all that it can",
	"info/list-limit-missing":        "a device need not announce its limit",
	"info/option-unknown":            "platforms have to ignore it, so it breaks nothing",
	"info/platform-claimed":          "nothing that a device answers says whether it is plugged in",
	"info/transport-claimed":         "one transport does not tell of the others",
	"info/transports-missing":        "the member is optional",
	"info/u2f-omitted":               "a device need not list all that it can",
	"info/version-omitted":           "a device need not list all that it can",
	"quirk/user-missing-when-listed": "texts and devices disagree on the user of a credential that was listed",
	"signature/high-s":               "verifiers have to accept it",
	"status/timeout":                 "how long a device waits for its user is for the device to say, and longer than a case",
	"user/account-not-asked":         "no bench sees the display of a device",
	"user/wrong-account":             "no bench sees the display of a device",
}

// notDevices are groups of faults that are of no device.
var notDevices = []string{
	"clientdata",  // of clients
	"attestation", // of statements, which a relying party verifies against its makers
}

// Every fault of a device is caught by a case that names it, or there is a reason.
func TestEveryFaultIsCaught(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	for _, c := range authenticators.Cases() {
		for _, id := range c.Catches {
			named[id] = true
		}
	}
	for _, f := range fault.All() {
		if slices.Contains(notDevices, f.Group()) {
			continue
		}
		_, excused := notJudged[f.ID]
		assert.True(t, named[f.ID] || excused, "no case catches %s: %s", f.ID, f.Doc)
		assert.False(t, named[f.ID] && excused, "%s is caught, and excused", f.ID)
	}
	for id, why := range notJudged {
		_, err := fault.Lookup(id)
		assert.NoError(t, err)
		assert.NotEmpty(t, why)
	}
}
