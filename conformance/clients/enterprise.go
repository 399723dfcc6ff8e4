package clients

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// enterpriseCases are about enterprise attestation (CTAP 2.3 §7.1): which pages may
// have it is the affair of who manages the client, and an authenticator has the last
// word.
func enterpriseCases() []testCase { return enterprises }

func wantsEnterprise(r *Request) { r.Attestation = "enterprise" }

// enterprise is what a client sent of it.
func (t *trial) enterprise() (value any, sent bool) {
	m := t.last(ctap.CommandMakeCredential)
	return m.params.Get(mcEnterprise)
}

var enterprises = []testCase{
	{
		ID: "create/enterprise/not-enabled", Spec: at("7.1", ""), Level: conformance.MustNot, Needs: needs(AsksEnterprise), Twin: createPlain,
		Doc:     "enterpriseAttestation is not sent to an authenticator whose option ep is false.",
		Catches: []string{"create/enterprise-without-ep"},
		Run: on(func(t *trial) {
			t.device.script.withOption("ep", false)
			t.accepted(t.creation(wantsEnterprise))
			if v, sent := t.enterprise(); sent {
				t.Fatalf("enterpriseAttestation is %s", cbor.Text(v, nil))
			}
		}),
	},
	{
		ID: "create/enterprise/not-known", Spec: at("7.1", ""), Level: conformance.MustNot, Needs: needs(AsksEnterprise), Twin: createPlain,
		Doc:     "enterpriseAttestation is not sent to an authenticator that has no option ep.",
		Catches: []string{"create/enterprise-without-ep"},
		Run: on(func(t *trial) {
			t.accepted(t.creation(wantsEnterprise))
			if v, sent := t.enterprise(); sent {
				t.Fatalf("enterpriseAttestation is %s", cbor.Text(v, nil))
			}
		}),
	},
	{
		ID: "create/enterprise/value", Spec: at("6.1", ""), Level: conformance.Must, Needs: needs(AsksEnterprise), Twin: createPlain,
		Doc:     "enterpriseAttestation is 1 or 2, where it is sent.",
		Catches: []string{"create/enterprise-as-bool"},
		Run: on(func(t *trial) {
			t.device.script.withOption("ep", true)
			t.accepted(t.creation(wantsEnterprise))
			if v, sent := t.enterprise(); sent && !cbor.Same(v, int64(1)) && !cbor.Same(v, int64(2)) {
				t.Fatalf("enterpriseAttestation is %s", cbor.Text(v, nil))
			}
		}),
	},
	{
		ID: "create/enterprise/sent", Spec: page("5.4.7"), Level: conformance.Must, Needs: needs(AsksEnterprise, GivesEnterprise), Twin: createPlain,
		Doc:     "enterpriseAttestation is sent for a page that may have it, to an authenticator whose option ep is true.",
		Catches: []string{"create/enterprise-never"},
		Run: on(func(t *trial) {
			t.device.script.withOption("ep", true)
			t.accepted(t.creation(wantsEnterprise))
			if _, sent := t.enterprise(); !sent {
				t.Fatalf("enterpriseAttestation is not sent")
			}
		}),
	},
	{
		ID: "create/enterprise/not-permitted", Spec: page("5.4.7"), Level: conformance.MustNot, Needs: needs(ServesPages, AsksEnterprise), Twin: createPlain,
		Doc:     "A client vouches by enterpriseAttestation 2 for no page but those that it is told of; 1 leaves the choice to the authenticator.",
		Catches: []string{"create/enterprise-for-anybody"},
		Run: on(func(t *trial) {
			t.device.script.withOption("ep", true)
			t.accepted(t.creation(wantsEnterprise, func(r *Request) { r.Origin, r.RPID = "https://login.example.com", "login.example.com" }))
			if v, sent := t.enterprise(); sent && cbor.Same(v, int64(2)) {
				t.Fatalf("enterpriseAttestation is 2")
			}
		}),
	},
	{
		ID: "create/enterprise/conveyed", Spec: page("5.4.7"), Level: conformance.Must, Needs: needs(AsksEnterprise, GivesEnterprise, ConveysAttestation), Twin: "create/enterprise/sent",
		Doc:     "The page that asked for it gets the enterprise attestation of the authenticator as it is.",
		Catches: []string{"create/attestation-never"},
		Run: on(func(t *trial) {
			t.device.script.withOption("ep", true)
			t.enterpriseGiven()
			got := t.accepted(t.creation(wantsEnterprise))
			t.sameText("fmt", "packed", got.Format)
		}),
	},
	{
		ID: "create/enterprise/declined", Spec: at("7.1", ""), Level: conformance.Must, Needs: needs(AsksEnterprise), Twin: createPlain,
		Doc:     "An authenticator that gives another attestation in the place of an enterprise attestation has made a credential all the same.",
		Catches: []string{"answer/enterprise-demanded"},
		Run: on(func(t *trial) {
			t.device.script.withOption("ep", true)
			t.accepted(t.creation(wantsEnterprise))
		}),
	},
	{
		ID: "create/enterprise/direct", Spec: at("7.1", ""), Level: conformance.MustNot, Needs: needs(AsksEnterprise), Twin: createPlain,
		Doc:     "enterpriseAttestation is not sent for a page that wants another attestation.",
		Catches: []string{"create/enterprise-unasked"},
		Run: on(func(t *trial) {
			t.device.script.withOption("ep", true)
			t.accepted(t.creation(func(r *Request) { r.Attestation = "direct" }))
			if v, sent := t.enterprise(); sent {
				t.Fatalf("enterpriseAttestation is %s", cbor.Text(v, nil))
			}
		}),
	},
}

// enterpriseGiven has the device say that its attestation is an enterprise's, if it was
// asked for one.
func (t *trial) enterpriseGiven() {
	t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{ctap.CommandMakeCredential: func(m cbor.Map) cbor.Map {
		return m.With(madeEnterprise, true)
	}}
}
