package clients

import (
	"bytes"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// createAnswerCases are about what a client makes of a new credential: first what it
// has to take, then what it has to refuse.
func createAnswerCases() []testCase {
	return slices.Concat(createAccepts, derive("create", createPlain, createDefects, func(t *trial) *Request { return t.creation() }))
}

// defect is one thing that is wrong with authenticator data, or with what is beside
// them.
type defect struct {
	name, doc string
	spec      conformance.Spec
	level     conformance.Level
	needs     []conformance.Need
	catches   []string
	change    func(t *trial, r *Request)
}

// derive makes a case of each defect: the client refuses the answer.
func derive(section, twin string, defects []defect, request func(*trial) *Request) []testCase {
	var all []testCase
	for _, d := range defects {
		all = append(all, testCase{
			ID: section + "/answer/" + d.name, Spec: d.spec, Level: d.level, Needs: d.needs, Twin: twin, Catches: d.catches,
			Doc: "An answer is refused " + d.doc + ".",
			Run: on(func(t *trial) {
				r := request(t)
				d.change(t, r)
				t.refused(r)
			}),
		})
	}
	return all
}

// parts changes authenticator data before they are encoded.
func parts(change func(*authParts)) func(*trial, *Request) {
	return func(t *trial, _ *Request) { t.device.script.parts = change }
}

// bytesOfData changes them afterwards.
func bytesOfData(change func([]byte) []byte) func(*trial, *Request) {
	return func(t *trial, _ *Request) { t.device.script.authData = change }
}

var dataLayout = page("6.1")

// createDefects are of new credentials. What a client has to look at is not said
// anywhere but for what it cannot do without, so that most are a SHOULD: browsers do.
var createDefects = []defect{
	{name: "rp-id-hash", doc: "whose RP ID hash is another's", spec: dataLayout, level: conformance.Should, catches: []string{"check/rp-id-hash"}, change: parts(func(p *authParts) { p.rpIDHash = hashOf("elsewhere.example") })},
	{name: "rp-id-hash-zero", doc: "whose RP ID hash is zero", spec: dataLayout, level: conformance.Should, catches: []string{"check/rp-id-hash"}, change: parts(func(p *authParts) { p.rpIDHash = make([]byte, 32) })},
	{name: "no-user-presence", doc: "without flag UP", spec: dataLayout, level: conformance.Should, needs: needs(ServesPages), catches: []string{"check/user-presence"}, change: parts(func(p *authParts) { p.flags &^= flagUP })},
	{name: "no-credential", doc: "without flag AT, so that it has no credential", spec: dataLayout, level: conformance.Must, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: parts(func(p *authParts) { p.flags &^= flagAT })},
	{name: "outputs-announced", doc: "with flag ED and nothing behind it", spec: dataLayout, level: conformance.Should, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: parts(func(p *authParts) { p.flags |= flagED })},
	{name: "outputs-unannounced", doc: "with outputs behind authenticator data that have no flag ED", spec: dataLayout, level: conformance.Should, catches: []string{"answer/trailing-bytes-ignored"}, change: bytesOfData(func(b []byte) []byte { return append(b, 0xA0) })},
	{name: "data-empty", doc: "whose authenticator data are empty", spec: dataLayout, level: conformance.Must, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: bytesOfData(func([]byte) []byte { return []byte{} })},
	{name: "data-short", doc: "whose authenticator data end before the counter", spec: dataLayout, level: conformance.Must, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: bytesOfData(func(b []byte) []byte { return b[:36] })},
	{name: "data-cut-in-aaguid", doc: "whose authenticator data end within the AAGUID", spec: dataLayout, level: conformance.Must, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: bytesOfData(func(b []byte) []byte { return b[:45] })},
	{name: "data-cut-in-id", doc: "whose authenticator data end within the credential ID", spec: dataLayout, level: conformance.Must, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: bytesOfData(func(b []byte) []byte { return b[:60] })},
	{name: "data-cut-in-key", doc: "whose authenticator data end within the public key", spec: dataLayout, level: conformance.Should, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: bytesOfData(func(b []byte) []byte { return b[:len(b)-1] })},
	{name: "data-trailing", doc: "with bytes behind the public key", spec: dataLayout, level: conformance.Should, catches: []string{"answer/trailing-bytes-ignored"}, change: bytesOfData(func(b []byte) []byte { return append(b, 0) })},
	{name: "id-overrun", doc: "whose credential ID is said to be longer than all there is", spec: dataLayout, level: conformance.Must, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: bytesOfData(func(b []byte) []byte { b = bytes.Clone(b); b[53], b[54] = 0xFF, 0xFF; return b })},
	{name: "id-empty", doc: "whose credential ID is empty", spec: page("4"), level: conformance.Should, catches: []string{"check/credential-id"}, change: parts(func(p *authParts) { p.id = nil })},
	{name: "id-too-long", doc: "whose credential ID has more than 1023 bytes", spec: page("4"), level: conformance.Should, needs: needs(ServesPages), catches: []string{"answer/long-id-cut"}, change: parts(func(p *authParts) { p.id = make([]byte, 1024) })},
	{name: "key-not-cbor", doc: "whose public key is not CBOR", spec: page("6.5.1"), level: conformance.Should, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: parts(func(p *authParts) { p.key = cbor.Raw{0xFF} })},
	{name: "key-no-map", doc: "whose public key is no map", spec: page("6.5.1"), level: conformance.Must, needs: needs(ServesPages), catches: []string{"answer/key-replaced"}, change: parts(func(p *authParts) { p.key = 7 })},
	{name: "key-without-algorithm", doc: "whose public key names no algorithm", spec: page("6.5.1"), level: conformance.Must, needs: needs(ServesPages), catches: []string{"answer/key-replaced"}, change: parts(func(p *authParts) { p.key = p.key.(cbor.Map).Without(3) })},
	{name: "enterprise-unasked", doc: "that says that it is an enterprise attestation, which nobody asked for", spec: at("7.1", ""), level: conformance.Should, needs: needs(ServesPages), catches: []string{"check/enterprise"}, change: func(t *trial, _ *Request) {
		t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{ctap.CommandMakeCredential: func(m cbor.Map) cbor.Map { return m.With(madeEnterprise, true) }}
	}},
	{name: "output-unasked", doc: "with an extension output that nobody asked for", spec: page("9.5"), level: conformance.Should, needs: needs(ServesPages), catches: []string{"check/outputs-unasked"}, change: parts(func(p *authParts) { p.outputs = append(p.outputs, cbor.Pair{Key: extCredProtect, Value: 1}) })},
	{name: "outputs-no-map", doc: "whose extension outputs are no map", spec: page("9.5"), level: conformance.Should, needs: needs(ServesPages), catches: []string{"answer/outputs-dropped"}, change: func(t *trial, _ *Request) {
		t.device.script.parts = func(p *authParts) { p.flags |= flagED }
		t.device.script.authData = func(b []byte) []byte { return append(b, 0x07) }
	}},
	{name: "uv-missing", doc: "without flag UV where user verification is required", spec: page("5.8.6"), level: conformance.Should, needs: needs(ServesPages, VerifiesBuiltIn), catches: []string{"check/user-verification"}, change: func(t *trial, r *Request) {
		t.device.giveUV(2, 1)
		r.UserVerification = "required"
		t.device.script.parts = func(p *authParts) { p.flags &^= flagUV }
	}},
}

var createAccepts = []testCase{
	{
		ID: "create/answer/unknown-member", Spec: at("8", ""), Level: conformance.Must, Twin: createPlain,
		Doc:     "Members that nobody knows are ignored in an answer.",
		Catches: []string{"answer/unknown-members-refused"},
		Run: on(func(t *trial) {
			t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{ctap.CommandMakeCredential: func(m cbor.Map) cbor.Map { return m.With(0x7F, "from the future") }}
			t.accepted(t.creation())
		}),
	},
	{
		ID: "create/answer/unknown-format", Spec: page("6.5.3"), Level: conformance.Must, Needs: needs(ConveysAttestation), Twin: createPlain,
		Doc:     "An attestation statement of a format that nobody knows is handed on where the caller wants it directly.",
		Catches: []string{"answer/unknown-formats-refused"},
		Run: on(func(t *trial) {
			t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{ctap.CommandMakeCredential: func(m cbor.Map) cbor.Map {
				return m.With(madeFormat, "future").With(madeStatement, cbor.Map{{Key: "x", Value: 1}})
			}}
			got := t.accepted(t.creation(func(r *Request) { r.Attestation = "direct" }))
			t.sameText("fmt", "future", got.Format)
		}),
	},
	{
		ID: "create/answer/attestation-none", Spec: page("5.4.7"), Level: conformance.Must, Needs: needs(ConveysAttestation),
		Doc:     "A caller that wants no attestation gets none, or a self attestation that names no model.",
		Catches: []string{"create/attestation-always"},
		Run: on(func(t *trial) {
			got := t.accepted(t.creation(func(r *Request) { r.Attestation = "none" }))
			t.sameText("fmt", "none", got.Format)
		}),
	},
	{
		ID: "create/answer/attestation-direct", Spec: page("5.4.7"), Level: conformance.Must, Needs: needs(ConveysAttestation),
		Doc:     "A caller that wants the attestation directly gets the authenticator's own.",
		Catches: []string{"create/attestation-never"},
		Run: on(func(t *trial) {
			got := t.accepted(t.creation(func(r *Request) { r.Attestation = "direct" }))
			t.sameText("fmt", "packed", got.Format)
		}),
	},
	{
		ID: "create/answer/credential-id", Spec: page("5.1"), Level: conformance.Must,
		Doc:     "The caller learns the ID that the authenticator gave the credential.",
		Catches: []string{"result/other-id"},
		Run: on(func(t *trial) {
			got := t.accepted(t.creation())
			t.same("the ID", t.device.passkeys[0].id, got.CredentialID)
		}),
	},
	{
		ID: "create/answer/of-1200", Spec: at("11.2.4", ""), Level: conformance.Must, Twin: createPlain,
		Doc:     "An answer of 1200 bytes is read, as long as attestation makes many.",
		Catches: []string{"answer/kilobytes-refused"},
		Run:     on(func(t *trial) { t.longAnswer(1200) }),
	},
	{
		ID: "create/answer/of-5000", Spec: at("11.2.4", ""), Level: conformance.Should, Twin: createPlain,
		Doc:     "An answer of 5000 bytes is read, which CTAPHID can carry.",
		Catches: []string{"answer/long-ones-refused"},
		Run:     on(func(t *trial) { t.longAnswer(5000) }),
	},
	{
		ID: "create/answer/counter-large", Spec: dataLayout, Level: conformance.Must, Twin: createPlain,
		Doc:     "A counter may be as large as 32 bits allow.",
		Catches: []string{"answer/large-counters-refused"},
		Run: on(func(t *trial) {
			t.device.script.parts = func(p *authParts) { p.count = 0xFFFFFFFF }
			t.accepted(t.creation())
		}),
	},
	{
		ID: "create/answer/id-longest", Spec: page("4"), Level: conformance.Must, Twin: createPlain,
		Doc:     "A credential ID may have 1023 bytes.",
		Catches: []string{"answer/long-ids-refused"},
		Run: on(func(t *trial) {
			t.device.script.parts = func(p *authParts) { p.id = bytes.Repeat([]byte{7}, 1023) }
			t.accepted(t.creation())
		}),
	},
	{
		ID: "create/answer/backup-flags", Spec: page("6.1.3"), Level: conformance.Must, Twin: createPlain,
		Doc:     "A credential may be one that is backed up (flags BE and BS).",
		Catches: []string{"answer/backups-refused"},
		Run: on(func(t *trial) {
			t.device.script.parts = func(p *authParts) { p.flags |= 0x18 }
			t.accepted(t.creation())
		}),
	},
}

// longAnswer makes a credential whose attestation statement has n bytes more.
func (t *trial) longAnswer(n int) {
	t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{ctap.CommandMakeCredential: func(m cbor.Map) cbor.Map {
		statement, _ := m.Get(madeStatement)
		return m.With(madeStatement, statement.(cbor.Map).With("x5c", cbor.Array{make([]byte, n)}))
	}}
	t.accepted(t.creation(func(r *Request) { r.Attestation = "none" }))
}
