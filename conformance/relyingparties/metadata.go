package relyingparties

import (
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
	data "github.com/passkeylab/passkeylab/webauthn"
)

// hexOf is an AAGUID without hyphens, as getInfo in metadata has it.
func hexOf(aaguid string) string { return strings.ReplaceAll(aaguid, "-", "") }

// needs are those of a case about a model.
func (m *judged) needs() []need {
	return append([]need{trusted, conveys(direct), offers(forge.ES256), believed}, m.also...)
}

// attempted is a registration by an authenticator of the model.
func (m *judged) attempted() registration {
	r := registration{alg: forge.ES256, ask: creationAsk{attestation: direct}, aaguid: m.id(), attest: m.attest, change: m.change}
	if m.self {
		r.attest = selfAttested
	}
	return r
}

func (m *judged) attest(c *client, key *forge.Key) forge.Attest {
	by, err := attesterOf("packed", m.number)
	if err != nil {
		c.Brokenf("%v", err)
	}
	return attest(by, c.now(), key)
}

// attesterOf attests for a model in a format.
func attesterOf(format string, number byte) (attestation.Attester, error) {
	return makers().Attester(format, attestation.Product{AAGUID: data.AAGUID((&judged{number: number}).id()), Name: "Judged Batch"})
}

// leafOfModel is the certificate with which a model attests.
func leafOfModel(format string, number byte) (*x509.Certificate, error) {
	by, err := attesterOf(format, number)
	if err != nil {
		return nil, err
	}
	return leafBy(by)
}

const usualModel = "attestation/packed/plain"

func metadataCases() []testCase {
	var all []testCase
	for i := range models {
		m := &models[i]
		c := testCase{
			ID: "metadata/" + m.what, Spec: m.spec, Level: m.level, Twin: usualModel, Needs: m.needs(),
			Doc: fmt.Sprintf("A model %s is refused.", m.doc), Run: m.attempted().refused(),
		}
		if m.accept {
			c.Doc, c.Run = fmt.Sprintf("A model %s is accepted.", m.doc), m.attempted().accepted()
		}
		all = append(all, c)
	}
	for _, f := range mds.Faults() {
		if level, judged := blobLevel(f); judged {
			all = append(all, blobCase(f, level))
		}
	}
	return append(all, otherMetadataCases...)
}

// blobLevel is how binding it is that a BLOB with a fault is not believed. What readers
// may overlook, and what costs more than a case may, is not judged.
func blobLevel(f mds.Fault) (conformance.Level, bool) {
	group, _, _ := strings.Cut(f.ID, "/")
	switch f.ID {
	case "chain/root-included", "chain/x5u-own", "chain/other-host", "token/new-line", "token/huge", "token/empty", "header/critical":
		return 0, false
	case "chain/x5c-not-base64", "token/padded", "list/missing", "list/expired", "signature/der":
		return conformance.Should, true
	}
	switch group {
	case "alg", "chain", "list", "signature", "token":
		return conformance.Must, true
	}
	return 0, false
}

// blobCase is a case of a relying party that is given a BLOB with a fault and no other:
// nobody can register by it.
func blobCase(f mds.Fault, level conformance.Level) testCase {
	return testCase{
		ID: "metadata/blob/" + strings.ReplaceAll(f.ID, "/", "-"), Spec: conformance.Spec{Document: "FIDO MDS 3.1.1", Section: "3.2", Step: "of processing"}, Level: level,
		Twin: usualModel, Needs: []need{trusting, trusted, chosen(switchUnknown, "refuse"), conveys(direct), offers(forge.ES256)},
		Doc: fmt.Sprintf("Nobody is admitted by a BLOB of which this is wrong: %s", uncapital(f.Doc)),
		Run: on(func(c *client) {
			service := c.metadata()
			service.Break(f)
			c.tell(c.server.(Trusting), c.trust(service))
			o, _ := wayNamed("packed").registration(nil).attempt(c)
			c.wantRefused("the registration", o)
		}),
	}
}

var otherMetadataCases = []testCase{
	{
		ID: "metadata/unknown-model", Spec: step24, Level: conformance.Must, Twin: usualModel,
		Needs: []need{trusted, chosen(switchUnknown, "refuse"), conveys(direct), offers(forge.ES256), believed},
		Doc:   "A model that metadata do not know is refused.",
		Run:   (&judged{number: 250}).attempted().refused(),
	},
	{
		ID: "metadata/unknown-model-accepted", Spec: step24, Level: conformance.Must, Twin: usualModel,
		Needs: []need{trusted, chosen(switchUnknown, "accept"), conveys(direct), offers(forge.ES256), believed},
		Doc:   "A model that metadata do not know is accepted.",
		Run:   (&judged{number: 250}).attempted().accepted(),
	},
	{
		ID: "metadata/aaguid-of-another", Spec: l3("8.2"), Level: conformance.Must, Twin: usualModel,
		Needs: []need{conveys(direct), offers(forge.ES256), believed},
		Doc:   "A registration is refused whose AAGUID is that of a good model, and whose certificate names another.",
		Run: on(func(c *client) {
			r := wayNamed("packed").registration(nil)
			r.attest = (&judged{number: 5}).attest
			o, _ := r.attempt(c)
			c.wantRefused("the registration", o)
		}),
	},
	{
		ID: "metadata/blob/rolled-back", Spec: metadataService("3.2"), Level: conformance.Should, Twin: usualModel,
		Needs: []need{trusting, trusted, conveys(direct), offers(forge.ES256)},
		Doc:   "A BLOB with a smaller number than the last does not bring back a model that is revoked since.",
		Run: on(func(c *client) {
			service := c.metadata()
			earlier := c.trust(service)
			if _, err := service.Report(data.AAGUID(model), mds.StatusReport{Status: mds.Revoked}); err != nil {
				c.Brokenf("%v", err)
			}
			c.tell(c.server.(Trusting), c.trust(service))
			o, _ := wayNamed("packed").registration(nil).attempt(c)
			c.wantRefused("the registration by a revoked model", o)
			c.tell(c.server.(Trusting), earlier)
			o, _ = wayNamed("packed").registration(nil).attempt(c)
			c.wantRefused("the registration after the old BLOB came again", o)
		}),
	},
	{
		ID: "metadata/revoked-since-at-login", Spec: statusReports, Level: conformance.Must, Twin: usualModel,
		Needs: []need{trusting, trusted, chosen(switchModelAgain, "refuse"), conveys(direct), offers(forge.ES256)},
		Doc:   "A login is refused once a BLOB says that the model of the passkey is revoked.",
		Run: on(func(c *client) {
			service := c.metadata()
			c.tell(c.server.(Trusting), c.trust(service))
			made := c.registeredBy(wayNamed("packed").registration(nil))
			c.wantAccepted("the login while the model is good", login{}.with(c, made))
			made.count++
			if _, err := service.Report(data.AAGUID(model), mds.StatusReport{Status: mds.Revoked}); err != nil {
				c.Brokenf("%v", err)
			}
			c.tell(c.server.(Trusting), c.trust(service))
			c.wantRefused("the login afterwards", login{}.with(c, made))
		}),
	},
	{
		ID: "metadata/revoked-since", Spec: statusReports, Level: conformance.Must, Twin: usualModel,
		Needs: []need{trusting, trusted, conveys(direct), offers(forge.ES256)},
		Doc:   "A model that was good is refused once a BLOB says that it is revoked.",
		Run: on(func(c *client) {
			service := c.metadata()
			c.tell(c.server.(Trusting), c.trust(service))
			o, _ := wayNamed("packed").registration(nil).attempt(c)
			c.wantAccepted("the registration by a good model", o)
			if _, err := service.Report(data.AAGUID(model), mds.StatusReport{Status: mds.Revoked}); err != nil {
				c.Brokenf("%v", err)
			}
			c.tell(c.server.(Trusting), c.trust(service))
			o, _ = wayNamed("packed").registration(nil).attempt(c)
			c.wantRefused("the registration by the same model", o)
		}),
	},
}
