package clients

import (
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// getAnswerCases are about what a client makes of an assertion.
func getAnswerCases() []testCase {
	return slices.Concat(getAccepts, derive("get", getPlain, getDefects, func(t *trial) *Request { return t.assertion() }),
		derive("get", "get/accounts/one", discoveryDefects, func(t *trial) *Request { return t.discovery() }))
}

// gotMembers changes the members of an assertion.
func gotMembers(change func(cbor.Map) cbor.Map) func(*trial, *Request) {
	return func(t *trial, _ *Request) {
		t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{ctap.CommandGetAssertion: change}
	}
}

func descriptor(id []byte) cbor.Map {
	return cbor.Map{{Key: "id", Value: id}, {Key: "type", Value: "public-key"}}
}

var getDefects = []defect{
	{name: "rp-id-hash", doc: "whose RP ID hash is another's", spec: dataLayout, level: conformance.Should, catches: []string{"check/rp-id-hash"}, change: parts(func(p *authParts) { p.rpIDHash = hashOf("elsewhere.example") })},
	{name: "no-user-presence", doc: "without flag UP", spec: dataLayout, level: conformance.Should, needs: needs(ServesPages), catches: []string{"check/user-presence"}, change: parts(func(p *authParts) { p.flags &^= flagUP })},
	{name: "uv-missing", doc: "without flag UV where user verification is required", spec: page("5.8.6"), level: conformance.Should, needs: needs(ServesPages, VerifiesBuiltIn), catches: []string{"check/user-verification"}, change: func(t *trial, r *Request) {
		t.device.giveUV(2, 1)
		r.UserVerification = "required"
		t.device.script.parts = func(p *authParts) { p.flags &^= flagUV }
	}},
	{name: "credential", doc: "with flag AT and a credential in it", spec: dataLayout, level: conformance.Should, needs: needs(ServesPages), catches: []string{"check/no-credential"}, change: func(t *trial, _ *Request) {
		t.device.script.parts = func(p *authParts) {
			p.flags |= flagAT
			p.aaguid, p.id, p.key = make([]byte, 16), []byte("new"), t.device.coseKey()
		}
	}},
	{name: "data-empty", doc: "whose authenticator data are empty", spec: dataLayout, level: conformance.Must, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: bytesOfData(func([]byte) []byte { return []byte{} })},
	{name: "data-short", doc: "whose authenticator data end before the counter", spec: dataLayout, level: conformance.Must, catches: []string{"answer/what-cannot-be-read-is-believed"}, change: bytesOfData(func(b []byte) []byte { return b[:36] })},
	{name: "data-trailing", doc: "with bytes behind authenticator data", spec: dataLayout, level: conformance.Should, needs: needs(ServesPages), catches: []string{"answer/trailing-bytes-ignored"}, change: bytesOfData(func(b []byte) []byte { return append(b, 0) })},
	{name: "outputs-announced", doc: "with flag ED and nothing behind it", spec: dataLayout, level: conformance.Should, needs: needs(ServesPages), catches: []string{"answer/what-cannot-be-read-is-believed"}, change: parts(func(p *authParts) { p.flags |= flagED })},
	{name: "output-unasked", doc: "with an extension output that nobody asked for", spec: page("9.5"), level: conformance.Should, needs: needs(ServesPages), catches: []string{"check/outputs-unasked"}, change: parts(func(p *authParts) { p.outputs = append(p.outputs, cbor.Pair{Key: extCredBlob, Value: []byte{1}}) })},
	{name: "stranger", doc: "of a credential that is not in the allow list", spec: page("5.1.4"), level: conformance.Must, needs: needs(ServesPages), catches: []string{"check/allow-list"}, change: gotMembers(func(m cbor.Map) cbor.Map {
		return m.With(gotCredential, descriptor([]byte("a credential of somebody else")))
	})},
	{name: "stranger-to-many", doc: "of a credential that is none of several in the allow list", spec: page("5.1.4"), level: conformance.Must, needs: needs(ServesPages), catches: []string{"check/allow-list"}, change: func(t *trial, r *Request) {
		r.List = append(r.List, t.hold(false))
		gotMembers(func(m cbor.Map) cbor.Map {
			return m.With(gotCredential, descriptor([]byte("a credential of somebody else")))
		})(t, r)
	}},
	{name: "id-empty", doc: "whose credential ID is empty", spec: page("4"), level: conformance.Must, needs: needs(ServesPages), catches: []string{"answer/first-id-assumed"}, change: gotMembers(func(m cbor.Map) cbor.Map { return m.With(gotCredential, descriptor([]byte{})) })},
	{name: "not-told-which", doc: "that does not tell which of several credentials it is of", spec: at("6.2.2", ""), level: conformance.Should, needs: needs(ServesPages), catches: []string{"answer/first-id-assumed"}, change: func(t *trial, r *Request) {
		r.List = append(r.List, t.hold(false))
		gotMembers(func(m cbor.Map) cbor.Map { return m.Without(gotCredential) })(t, r)
	}},
	{name: "several", doc: "that announces more of them although there was an allow list", spec: at("6.2.2", ""), level: conformance.Should, needs: needs(ServesPages), catches: []string{"check/number"}, change: gotMembers(func(m cbor.Map) cbor.Map { return m.With(gotNumber, 2) })},
	{name: "names", doc: "that tells a name of the user's without verification", spec: at("6.2.2", ""), level: conformance.Should, needs: needs(ServesPages), catches: []string{"check/user-names"}, change: gotMembers(func(m cbor.Map) cbor.Map {
		return m.With(gotUser, cbor.Map{{Key: "id", Value: []byte("alice")}, {Key: "name", Value: "alice"}})
	})},
	{name: "display-name", doc: "that tells the user's displayName without verification", spec: at("6.2.2", ""), level: conformance.Should, needs: needs(ServesPages), catches: []string{"check/user-names"}, change: gotMembers(func(m cbor.Map) cbor.Map {
		return m.With(gotUser, cbor.Map{{Key: "id", Value: []byte("alice")}, {Key: "displayName", Value: "Alice"}})
	})},
}

// discoveryDefects are of assertions without an allow list.
var discoveryDefects = []defect{
	{name: "no-user", doc: "of a discoverable credential that tells no user", spec: page("5.1.4"), level: conformance.Must, needs: needs(ServesPages, FindsAccounts), catches: []string{"check/user-handle"}, change: gotMembers(func(m cbor.Map) cbor.Map { return m.Without(gotUser) })},
	{name: "user-handle-empty", doc: "of a discoverable credential whose user handle is empty", spec: page("5.1.4"), level: conformance.Should, needs: needs(ServesPages, FindsAccounts), catches: []string{"check/user-handle"}, change: gotMembers(func(m cbor.Map) cbor.Map { return m.With(gotUser, cbor.Map{{Key: "id", Value: []byte{}}}) })},
	{name: "id-too-long", doc: "whose credential ID has more than 1023 bytes", spec: page("4"), level: conformance.Should, needs: needs(ServesPages, FindsAccounts), catches: []string{"check/credential-id"}, change: gotMembers(func(m cbor.Map) cbor.Map {
		return m.With(gotCredential, descriptor(make([]byte, 1024)))
	})},
	{name: "not-told", doc: "of a discoverable credential that is not told", spec: page("5.1.4"), level: conformance.Must, needs: needs(ServesPages, FindsAccounts), catches: []string{"answer/first-id-assumed"}, change: gotMembers(func(m cbor.Map) cbor.Map { return m.Without(gotCredential) })},
}

var getAccepts = []testCase{
	{
		ID: "get/answer/credential-left-out", Spec: at("6.2.2", ""), Level: conformance.Must, Twin: getPlain,
		Doc:     "The credential may be left out of the answer where the allow list has one entry.",
		Catches: []string{"answer/id-demanded"},
		Run: on(func(t *trial) {
			gotMembers(func(m cbor.Map) cbor.Map { return m.Without(gotCredential) })(t, nil)
			r := t.assertion()
			got := t.accepted(r)
			if got.CredentialID != nil {
				t.same("the ID", r.List[0], got.CredentialID)
			}
		}),
	},
	{
		ID: "get/answer/user-handle", Spec: page("5.2.2"), Level: conformance.Must, Needs: needs(ServesPages), Twin: getPlain,
		Doc:     "A user handle that comes with a credential of the allow list reaches the caller.",
		Catches: []string{"result/user-handle-left-out"},
		Run: on(func(t *trial) {
			t.hold(true)
			r := t.request(false)
			r.List = [][]byte{t.device.passkeys[0].id}
			t.same("the user handle", t.device.passkeys[0].user, t.accepted(r).UserHandle)
		}),
	},
	{
		ID: "get/answer/unknown-member", Spec: at("8", ""), Level: conformance.Must, Twin: getPlain,
		Doc:     "Members that nobody knows are ignored in an answer.",
		Catches: []string{"answer/unknown-members-refused"},
		Run: on(func(t *trial) {
			gotMembers(func(m cbor.Map) cbor.Map { return m.With(0x7F, "from the future") })(t, nil)
			t.accepted(t.assertion())
		}),
	},
	{
		ID: "get/answer/signature", Spec: page("5.2.2"), Level: conformance.Must,
		Doc:     "Authenticator data and signature reach the caller as they are.",
		Catches: []string{"result/other-signature", "result/other-auth-data"},
		Run: on(func(t *trial) {
			var data, signature []byte
			gotMembers(func(m cbor.Map) cbor.Map {
				data, signature = bytesAt(m, gotAuthData), bytesAt(m, gotSignature)
				return m
			})(t, nil)
			got := t.accepted(t.assertion())
			t.same("authData", data, got.AuthData)
			t.same("the signature", signature, got.Signature)
		}),
	},
	{
		ID: "get/answer/counter-zero", Spec: dataLayout, Level: conformance.Must, Twin: getPlain,
		Doc:     "A counter may stay at zero.",
		Catches: []string{"answer/zero-counters-refused"},
		Run: on(func(t *trial) {
			t.device.script.parts = func(p *authParts) { p.count = 0 }
			t.accepted(t.assertion())
		}),
	},
}
