package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// Values of parameter enterpriseAttestation (§7.1).
const (
	vendorFacilitated = 1
	platformManaged   = 2
)

// enterpriseCases are about enterprise attestation: how it is switched on (§6.11.1), and
// what is made of being asked for it (§6.1.2 step 9).
func enterpriseCases() []testCase {
	const plain = "config/enterprise/on"
	needs := func(more ...need) []need {
		return append([]need{configCommand(ctap.EnableEnterpriseAttestation), anyToken}, more...)
	}
	enable := func(k *key) *info { return k.set(ctap.EnableEnterpriseAttestation, nil) }
	return []testCase{
		{
			ID: plain, Spec: at("6.11.1", ""), Level: conformance.Must, Needs: needs(),
			Doc:     "enableEnterpriseAttestation switches option ep on, again too.",
			Catches: []string{"info/enterprise-claimed"},
			Run: on(func(k *key) {
				enable(k)
				if !enable(k).option(ctap.OptionEP) {
					k.Errorf("option ep is not true")
				}
			}),
		},
		{
			ID: "config/enterprise/kept", Spec: at("6.11.1", ""), Level: conformance.Must, Needs: needs(power), Twin: plain,
			Doc:     "Option ep is still on after a power cycle.",
			Catches: []string{"config/enterprise-lost-with-power"},
			Run: on(func(k *key) {
				enable(k)
				k.powerCycle()
				if !k.freshInfo().option(ctap.OptionEP) {
					k.Errorf("option ep is off")
				}
			}),
		},
		{
			ID: "config/enterprise/reset", Spec: at("6.6", "4"), Level: conformance.Must, Needs: needs(power), Twin: plain,
			Doc:     "A reset switches option ep off.",
			Catches: []string{"reset/keeps-settings"},
			Run: on(func(k *key) {
				if k.info().option(ctap.OptionEP) {
					k.Unsupportedf("needs option ep off")
				}
				enable(k)
				k.resetNow()
				if k.freshInfo().option(ctap.OptionEP) {
					k.Errorf("option ep is still true")
				}
			}),
		},
		{
			ID: "config/enterprise/value", Spec: at("6.1.2", "9.2.1"), Level: conformance.Must, Needs: needs(), Twin: plain,
			Doc:     "Where enterprise attestation is on, a value other than 1 and 2 is answered with INVALID_OPTION, and either of these makes a credential.",
			Catches: []string{"info/enterprise-claimed", "create/enterprise-by-platform-refused"},
			Run: on(func(k *key) {
				enable(k)
				for _, value := range []int{0, platformManaged + 1} {
					k.expect(k.send(k.authorise(k.newCredential().with(mcEnterprise, value))), ctap.InvalidOption)
				}
				for _, value := range []int{vendorFacilitated, platformManaged} {
					k.make(k.newCredential().with(mcEnterprise, value))
				}
			}),
		},
		{
			ID: "config/enterprise/not-for-everybody", Spec: at("6.1.2", "9.2.3"), Level: conformance.MustNot, Needs: needs(), Twin: "config/enterprise/value",
			Doc:     "A relying party that is on no maker's list gets no enterprise attestation by asking for the one that makers provide for.",
			Catches: []string{"object/enterprise-for-everybody"},
			Run: on(func(k *key) {
				enable(k)
				made := k.make(k.newCredential().with(mcEnterprise, vendorFacilitated))
				if told, is := made.answer.members.Get(madeEnterprise); is && told == any(true) {
					k.Differ("no epAtt, or false", fmt.Sprint(told), "%s got an attestation for an enterprise", k.rp)
				}
			}),
		},
	}
}
