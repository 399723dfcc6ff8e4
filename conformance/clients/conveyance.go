package clients

import (
	"bytes"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// conveyanceCases are about what a client makes of attestations (WebAuthn L3 §5.4.7).
func conveyanceCases() []testCase { return conveyances }

// attestation asks for a conveyance.
func attestation(preference string) func(*Request) {
	return func(r *Request) { r.Attestation = preference }
}

// statement changes the attestation statement.
func (t *trial) statement(change func(cbor.Map) cbor.Map) {
	t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{ctap.CommandMakeCredential: func(m cbor.Map) cbor.Map {
		return m.With(madeStatement, change(mapAt(m, madeStatement)))
	}}
}

func (t *trial) nameless() {
	t.device.script.parts = func(p *authParts) { p.aaguid = make([]byte, 16) }
}

var emptyMap = []byte{0xA0}

var conveyances = []testCase{
	{
		ID: "create/attestation/none-statement", Spec: page("8.7"), Level: conformance.Must, Needs: needs(ConveysAttestation),
		Doc:     "The attestation statement of format none is an empty map.",
		Catches: []string{"create/statement-kept"},
		Run: on(func(t *trial) {
			got := t.accepted(t.creation(attestation("none")))
			if got.Format == "none" && got.Statement != nil && !bytes.Equal(got.Statement, emptyMap) {
				t.Differ("a0", cbor.Text(cbor.Raw(got.Statement), nil), "the statement is another")
			}
		}),
	},
	{
		ID: "create/attestation/none-certified", Spec: page("5.4.7"), Level: conformance.Must, Needs: needs(ConveysAttestation),
		Doc:     "A caller that wants no attestation gets no certificate, also where the AAGUID is zero.",
		Catches: []string{"create/attestation-always"},
		Run: on(func(t *trial) {
			t.nameless()
			t.statement(func(m cbor.Map) cbor.Map { return m.With("x5c", cbor.Array{[]byte("a certificate")}) })
			t.sameText("fmt", "none", t.accepted(t.creation(attestation("none"))).Format)
		}),
	},
	{
		ID: "create/attestation/none-self", Spec: page("5.4.7"), Level: conformance.Should, Needs: needs(ServesPages, ConveysAttestation),
		Doc:     "A self attestation with an AAGUID of zero, which tells nothing, is handed on to a page that wants no attestation.",
		Catches: []string{"create/self-attestation-dropped"},
		Run: on(func(t *trial) {
			t.nameless()
			t.sameText("fmt", "packed", t.accepted(t.creation(attestation("none"))).Format)
		}),
	},
	{
		ID: "create/attestation/unknown", Spec: page("5.4.7"), Level: conformance.Must, Needs: needs(ServesPages, ConveysAttestation),
		Doc:     "An attestation conveyance preference that nobody knows counts as none.",
		Catches: []string{"create/attestation-always"},
		Run:     on(func(t *trial) { t.sameText("fmt", "none", t.accepted(t.creation(attestation("some"))).Format) }),
	},
	{
		ID: "create/attestation/direct-data", Spec: page("5.4.7"), Level: conformance.Must, Needs: needs(ConveysAttestation),
		Doc:     "A caller that wants the attestation directly gets the authenticator data that it signs.",
		Catches: []string{"result/aaguid-zeroed"},
		Run: on(func(t *trial) {
			var data []byte
			t.device.script.authData = func(b []byte) []byte { data = bytes.Clone(b); return b }
			t.same("authData", data, t.accepted(t.creation(attestation("direct"))).AuthData)
		}),
	},
	{
		ID: "create/attestation/direct-statement", Spec: page("5.4.7"), Level: conformance.Must, Needs: needs(ConveysAttestation),
		Doc:     "A caller that wants the attestation directly gets the statement as the authenticator has made it.",
		Catches: []string{"create/statement-emptied"},
		Run: on(func(t *trial) {
			var made cbor.Map
			t.statement(func(m cbor.Map) cbor.Map { made = m; return m })
			got := t.accepted(t.creation(attestation("direct")))
			if got.Statement != nil {
				t.same("the statement", cbor.Encode(made), got.Statement)
			}
		}),
	},
}
