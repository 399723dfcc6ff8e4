package clients

import (
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
)

// newPINCases are about PINs that a user chooses and the platform turns down before an
// authenticator sees them (§6.5.1, §6.5.5.5).
func newPINCases() (all []testCase) {
	for _, p := range poorPINs {
		all = append(all, testCase{
			ID: "pin/new/" + p.name, Spec: at("6.5.5.5", ""), Level: conformance.Should, Twin: "pin/protocol-2/set-pin",
			Needs: append(needs(ServesPages, TypesPIN, SetsPIN), p.needs...), Catches: []string{"pin/new-of-any-length"},
			Doc: "A new PIN " + p.doc + " is not sent to the authenticator.",
			Run: on(func(t *trial) {
				t.device.givePIN("", 2)
				if p.least > 0 {
					t.device.script.with(infoMinPIN, p.least)
				}
				t.perform(t.creation(func(r *Request) { r.UserVerification, r.PIN, r.NewPIN = "required", p.pin, p.pin }))
				if n := len(t.pinRequests(subSetPIN)); n > 0 {
					t.Fatalf("setPIN is sent %d times", n)
				}
			}),
		})
	}
	return append(all, newPINs...)
}

var poorPINs = []struct {
	name, doc, pin string
	least          int
	needs          []conformance.Need
}{
	{"too-short", "of three characters", "314", 0, nil},
	{"too-short-in-characters", "of three characters that take six bytes", "äöü", 0, needs(TypesAnyPIN)},
	{"below-minimum", "that is shorter than minPINLength", "314159", 8, nil},
	{"too-long", "of 64 bytes", strings.Repeat("31415926", 8), 0, nil},
}

var newPINs = []testCase{
	{
		ID: "pin/new/longest", Spec: at("6.5.5.5", ""), Level: conformance.Should, Needs: needs(ServesPages, TypesPIN, SetsPIN), Twin: "pin/protocol-2/set-pin",
		Doc:     "A new PIN may have 63 bytes.",
		Catches: []string{"pin/short-new-ones-only"},
		Run: on(func(t *trial) {
			pin := strings.Repeat("31415926", 8)[:63]
			t.device.givePIN("", 2)
			t.perform(t.creation(func(r *Request) { r.UserVerification, r.PIN, r.NewPIN = "required", pin, pin }))
			t.newPIN(subSetPIN, pin)
		}),
	},
}
