package subject_test

import (
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

// Every fault of a device is caught by a case that names it, or there is a reason.
func TestEveryFaultIsCaught(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	for _, c := range authenticators.Cases() {
		for _, id := range c.Catches {
			named[id] = true
		}
	}
	notJudged, elsewhere := subject.NotJudged(), subject.NotOfDevices()
	for _, f := range fault.All() {
		if elsewhere[f.Group()] != "" {
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
