package relyingparties

import (
	"time"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
	data "github.com/passkeylab/passkeylab/webauthn"
)

// metadataService cites FIDO Metadata Service.
func metadataService(section string) conformance.Spec {
	return conformance.Spec{Document: "FIDO MDS 3.1.1", Section: section}
}

var statusReports = metadataService("3.1.4")

// judged is a model of which metadata say something, and what becomes of it.
type judged struct {
	what   string
	number byte // sets its AAGUID apart
	spec   conformance.Spec
	level  conformance.Level
	doc    string
	accept bool

	statement func(*mds.Statement)
	reports   func(now time.Time) ([]mds.StatusReport, error) // nil = certified
	also      []need                                          // besides those of all
	// change is what its authenticator does.
	change change
	self   bool // it attests by the credential's own key
}

// id is the model's AAGUID.
func (m *judged) id() [16]byte {
	id := model
	copy(id[10:], "model")
	id[15] = m.number
	return id
}

// deniedModel is the AAGUID of a model that relying parties may be told to deny.
const (
	deniedModel  = "70617373-6b65-796c-6162-6d6f64656c0e"
	deniedNumber = 14
)

// DeniedModel is the AAGUID of the judge's model that a relying party denies whose switch
// denied-models says judge.
func DeniedModel() [16]byte { return (&judged{number: deniedNumber}).id() }

// since reports a status that a model has had for a while.
func since(status mds.Status) func(time.Time) ([]mds.StatusReport, error) {
	return func(now time.Time) ([]mds.StatusReport, error) {
		return []mds.StatusReport{certified(now), {Status: status, EffectiveDate: mds.On(now.AddDate(0, -1, 0))}}, nil
	}
}

// step24 is where policy about trustworthiness belongs.
var step24 = at71("24")

var models = []judged{
	{what: "status/user-verification-bypass", number: 1, spec: statusReports, level: conformance.Must,
		doc: "that is known to let user verification be bypassed", reports: since(mds.UserVerificationBypass)},
	{what: "status/attestation-key-compromise", number: 2, spec: statusReports, level: conformance.Must,
		doc: "whose attestation key is known to others", reports: since(mds.AttestationKeyCompromise)},
	{what: "status/user-key-remote-compromise", number: 3, spec: statusReports, level: conformance.Must,
		doc: "whose keys can be had from afar", reports: since(mds.UserKeyRemoteCompromise)},
	{what: "status/user-key-physical-compromise", number: 4, spec: statusReports, level: conformance.Must,
		doc: "whose keys can be had by whoever has it in hand", reports: since(mds.UserKeyPhysicalCompromise)},
	{what: "status/revoked", number: 5, spec: statusReports, level: conformance.Must,
		doc: "that is revoked", reports: since(mds.Revoked)},
	{what: "status/retired", number: 6, spec: statusReports, level: conformance.Should,
		doc: "that is retired", reports: since(mds.Retired)},
	{what: "status/revoked-before-certified", number: 7, spec: statusReports, level: conformance.Should,
		doc: "that is revoked, though a certification is reported after that", reports: func(now time.Time) ([]mds.StatusReport, error) {
			return []mds.StatusReport{{Status: mds.Revoked, EffectiveDate: mds.On(now.AddDate(-1, 0, 0))}, {Status: mds.FIDOCertifiedL2, EffectiveDate: mds.On(now.AddDate(0, -1, 0))}}, nil
		}},
	{what: "status/not-certified", number: 8, spec: statusReports, level: conformance.May, accept: true,
		doc: "that is not certified", reports: func(now time.Time) ([]mds.StatusReport, error) {
			return []mds.StatusReport{{Status: mds.NotFIDOCertified, EffectiveDate: mds.On(now.AddDate(-1, 0, 0))}}, nil
		}},
	{what: "status/update-available", number: 9, spec: statusReports, level: conformance.Should, accept: true,
		doc: "for which there is an update", reports: since(mds.UpdateAvailable)},
	{what: "status/certified-l2", number: 10, spec: statusReports, level: conformance.Must, accept: true,
		doc: "that is certified at level 2", reports: since(mds.FIDOCertifiedL2)},
	{what: "status/of-this-batch", number: 11, spec: metadataService("3.1.3"), level: conformance.Should,
		doc: "of which this batch is compromised", reports: func(now time.Time) ([]mds.StatusReport, error) {
			leaf, err := leafOfModel("packed", 11)
			if err != nil {
				return nil, err
			}
			return []mds.StatusReport{certified(now), {Status: mds.AttestationKeyCompromise, EffectiveDate: mds.On(now.AddDate(0, -1, 0)), BatchCertificate: leaf.Raw}}, nil
		}},
	{what: "status/of-another-batch", number: 12, spec: metadataService("3.1.3"), level: conformance.May, accept: true,
		doc: "of which another batch is compromised", reports: func(now time.Time) ([]mds.StatusReport, error) {
			other, err := leafOf("packed-es384")
			if err != nil {
				return nil, err
			}
			return []mds.StatusReport{certified(now), {Status: mds.AttestationKeyCompromise, EffectiveDate: mds.On(now.AddDate(0, -1, 0)), BatchCertificate: other.Raw}}, nil
		}},
	{what: "policy/software-keys", number: 13, spec: step24, level: conformance.Must, also: []need{chosen(switchSoftware, "refuse")},
		doc: "that keeps its keys in software", statement: func(s *mds.Statement) {
			s.KeyProtection = []string{"software"}
		}},
	{what: "policy/denied", number: deniedNumber, spec: step24, level: conformance.Must, also: []need{chosen(switchDenied, "judge")},
		doc: "that the relying party denies"},
	{what: "types/no-basic-full", number: 20, spec: step24, level: conformance.Should,
		doc: "that attests by the credential's own key alone, as its metadata say, and now with a certificate", statement: func(s *mds.Statement) {
			s.AttestationTypes = []mds.AttestationType{mds.BasicSurrogate}
		}},
	{what: "types/no-surrogate", number: 21, spec: step24, level: conformance.Should, self: true,
		doc: "that attests with a certificate, as its metadata say, and now by the credential's own key", statement: func(s *mds.Statement) {
			s.AttestationTypes = []mds.AttestationType{mds.BasicFull}
		}},
	{what: "roots/of-another", number: 22, spec: step24, level: conformance.Must,
		doc: "whose certificate leads to the root of other models", statement: func(s *mds.Statement) {
			s.AttestationRootCertificates = s.AttestationRootCertificates[:1] // the first of the formats is not packed
		}},
	{what: "roots/none", number: 23, spec: step24, level: conformance.Should,
		doc: "of which metadata have no root", statement: func(s *mds.Statement) { s.AttestationRootCertificates = [][]byte{} }},
	{what: "roots/leaf", number: 24, spec: step24, level: conformance.May, accept: true,
		doc: "whose own certificate is the trust anchor", statement: func(s *mds.Statement) {
			if leaf, err := leafOfModel("packed", 24); err == nil {
				s.AttestationRootCertificates = [][]byte{leaf.Raw}
			}
		}},
	{what: "says/other-aaguid", number: 25, spec: metadataService("3.1.1"), level: conformance.Should,
		doc: "whose getInfo in the metadata names another model", statement: func(s *mds.Statement) {
			s.AuthenticatorGetInfo = &mds.GetInfo{Versions: []string{"FIDO_2_1"}, AAGUID: "00112233445566778899aabbccddeeff"}
		}},
	{what: "says/other-formats", number: 26, spec: step24, level: conformance.Should,
		doc: "that attests in another format than its getInfo in the metadata says", statement: func(s *mds.Statement) {
			s.AuthenticatorGetInfo = &mds.GetInfo{Versions: []string{"FIDO_2_1"}, AAGUID: hexOf(s.AAGUID), AttestationFormats: []string{"tpm"}}
		}},
	{what: "says/no-backup", number: 27, spec: step24, level: conformance.Should, change: withFlags(forge.BE|forge.BS, 0),
		doc: "that cannot back passkeys up, as its metadata say, and now has", statement: func(s *mds.Statement) {
			s.MultiDeviceCredentialSupport = mds.MultiDeviceUnsupported
		}},
	{what: "says/other-algorithms", number: 28, spec: testList("AttestationResponse-Resp-3"), level: conformance.Should,
		doc: "that does not make keys for ES256, as its metadata say, and now has", statement: func(s *mds.Statement) {
			s.AuthenticationAlgorithms = []string{mds.AlgorithmWord(data.EdDSA)}
		}},
	{what: "says/no-verification", number: 29, spec: step24, level: conformance.Should,
		doc: "that cannot verify users, as its metadata say, and now has", statement: func(s *mds.Statement) {
			s.UserVerificationDetails = [][]mds.VerificationMethod{{{UserVerificationMethod: "presence_internal"}}}
		}},
	{what: "says/other-extensions", number: 30, spec: step24, level: conformance.May,
		doc: "that does not have the extension that answers, as its metadata say", change: auth(func(a *forge.AuthData) {
			a.Extend(cbor.Map{{Key: "credProtect", Value: 2}})
		}), statement: func(s *mds.Statement) {
			s.AuthenticatorGetInfo = &mds.GetInfo{Versions: []string{"FIDO_2_1"}, AAGUID: hexOf(s.AAGUID), Extensions: []string{"hmac-secret"}}
			s.SupportedExtensions = []mds.ExtensionDescriptor{{ID: "hmac-secret"}}
		}},
}
