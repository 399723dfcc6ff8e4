package clients

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// u2fCases are about clients that fall back to U2F (CTAP 2.3 §10).
func u2fCases() []testCase { return u2fs }

// commands are the U2F commands with an instruction.
func (t *trial) commands(ins byte) (found []apdu) {
	for _, a := range t.apdus() {
		if a.ins == ins {
			found = append(found, a)
		}
	}
	return found
}

// u2fAssertion asks for an assertion of a key handle.
func (t *trial) u2fAssertion() *Request {
	t.device.giveU2F(true)
	handle := []byte("a key handle of this authenticator")
	t.device.holdU2F(handle, site)
	r := t.request(false)
	r.List = [][]byte{handle}
	return r
}

// spoilU2F changes the answer to an instruction where it succeeds.
func (t *trial) spoilU2F(ins byte, change func([]byte) []byte) {
	t.device.script.u2f.answer = func(to byte, honest []byte) []byte {
		if to != ins || len(honest) < 3 {
			return honest
		}
		return change(honest)
	}
}

// touched complains unless the user has touched the authenticator.
func (t *trial) touched() {
	for _, a := range t.apdus() {
		if a.status == swOK && (a.ins == insRegister || a.ins == insAuthenticate && a.p1 == controlSign) {
			return
		}
	}
	t.Fatalf("nobody has touched the authenticator")
}

const (
	u2fRegister     = "u2f/register"
	u2fAuthenticate = "u2f/authenticate"
)

func u2fSpec(section string) conformance.Spec {
	return conformance.Spec{Document: rawU2F, Section: section}
}

var u2fNeeds = needs(SpeaksU2F, OverHID)

var u2fs = []testCase{
	{
		ID: u2fRegister, Spec: at("10.2", ""), Level: conformance.Must, Needs: u2fNeeds,
		Doc:     "A key of U2F alone makes a credential.",
		Catches: []string{"u2f/never"},
		Run:     on(func(t *trial) { t.device.giveU2F(true); t.accepted(t.creation()) }),
	},
	{
		ID: u2fAuthenticate, Spec: at("10.3", ""), Level: conformance.Must, Needs: u2fNeeds,
		Doc:     "A key of U2F alone signs.",
		Catches: []string{"u2f/never"},
		Run:     on(func(t *trial) { t.accepted(t.u2fAssertion()) }),
	},
	{
		ID: "u2f/register-parameters", Spec: at("10.2", ""), Level: conformance.Must, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "U2F_REGISTER has the client data hash as its challenge and the hash of the RP ID as its application.",
		Catches: []string{"u2f/parameters-swapped"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			r := t.creation()
			got := t.accepted(r)
			all := t.commands(insRegister)
			last := all[len(all)-1]
			t.same("the challenge", t.hash(r, got), last.data[:32])
			t.same("the application", hashOf(site), last.data[32:])
		}),
	},
	{
		ID: "u2f/authenticate-parameters", Spec: at("10.3", ""), Level: conformance.Must, Needs: u2fNeeds, Twin: u2fAuthenticate,
		Doc:     "U2F_AUTHENTICATE has the client data hash as its challenge, the hash of the RP ID as its application, and the key handle.",
		Catches: []string{"u2f/parameters-swapped"},
		Run: on(func(t *trial) {
			r := t.u2fAssertion()
			got := t.accepted(r)
			all := t.commands(insAuthenticate)
			last := all[len(all)-1]
			t.same("the challenge", t.hash(r, got), last.data[:32])
			t.same("the application", hashOf(site), last.data[32:64])
			t.same("the key handle", r.List[0], last.data[65:])
			if last.p1 != controlSign {
				t.Fatalf("the control byte is 0x%02x, not enforce-user-presence-and-sign", last.p1)
			}
		}),
	},
	{
		ID: "u2f/auth-data", Spec: at("10.2", ""), Level: conformance.Must, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "Authenticator data of a U2F registration have flags UP and AT, and counter and AAGUID are zero.",
		Catches: []string{"u2f/flags"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			got := t.accepted(t.creation())
			if len(got.AuthData) < 55 {
				t.Fatalf("authenticator data of %d bytes", len(got.AuthData))
			}
			t.same("the flags", []byte{flagUP | flagAT}, got.AuthData[32:33])
			t.same("counter and AAGUID", make([]byte, 20), got.AuthData[33:53])
		}),
	},
	{
		ID: "u2f/touch", Spec: u2fSpec("4.2"), Level: conformance.Must, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "A command that wants a touch is sent again until there is one.",
		Catches: []string{"u2f/gives-up-untouched"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			t.device.script.u2f.untouched = 3
			t.accepted(t.creation())
		}),
	},
	{
		ID: "u2f/excluded", Spec: at("10.2", ""), Level: conformance.Must, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "A key handle that is excluded keeps another from being made.",
		Catches: []string{"u2f/exclude-list-ignored"},
		Run: on(func(t *trial) {
			r := t.u2fAssertion()
			create := t.creation()
			create.List = r.List
			t.refused(create)
		}),
	},
	{
		ID: "u2f/check-only", Spec: at("10.2", ""), Level: conformance.Should, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "Key handles that are excluded are looked for by U2F_AUTHENTICATE with control byte 0x07, check-only.",
		Catches: []string{"u2f/enforces-always"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			t.accepted(t.creation(func(r *Request) { r.List = t.strangers(2) }))
			for _, a := range t.commands(insAuthenticate) {
				if a.p1 != controlCheck {
					t.Fatalf("the control byte is 0x%02x", a.p1)
				}
			}
		}),
	},
	{
		ID: "u2f/second-handle", Spec: at("10.3", ""), Level: conformance.Must, Needs: u2fNeeds, Twin: u2fAuthenticate,
		Doc:     "A key handle signs that stands behind one of another authenticator.",
		Catches: []string{"u2f/first-handle-only"},
		Run: on(func(t *trial) {
			r := t.u2fAssertion()
			r.List = append(t.strangers(1), r.List...)
			t.accepted(r)
		}),
	},
	{
		ID: "u2f/long-id", Spec: at("10.3", ""), Level: conformance.Should, Needs: append(needs(ServesPages), u2fNeeds...), Twin: u2fAuthenticate,
		Doc:     "A key handle signs that stands behind an ID of 300 bytes, which is no key handle.",
		Catches: []string{"u2f/long-id-ends-all"},
		Run: on(func(t *trial) {
			r := t.u2fAssertion()
			r.List = append([][]byte{make([]byte, 300)}, r.List...)
			t.accepted(r)
		}),
	},
	{
		ID: "u2f/excluded-touched", Spec: page("14.5.1"), Level: conformance.Should, Needs: append(needs(ServesPages), u2fNeeds...), Twin: u2fRegister,
		Doc:     "A page learns that a key handle is excluded once the user has touched the authenticator, and not before.",
		Catches: []string{"u2f/untouched"},
		Run: on(func(t *trial) {
			r := t.u2fAssertion()
			create := t.creation()
			create.List = r.List
			t.refused(create)
			t.touched()
		}),
	},
	{
		ID: "u2f/nothing-held", Spec: page("14.5.2"), Level: conformance.Should, Needs: append(needs(ServesPages), u2fNeeds...), Twin: u2fAuthenticate,
		Doc:     "A page does not learn that an authenticator holds none of its key handles before the user has touched that.",
		Catches: []string{"u2f/untouched"},
		Run: on(func(t *trial) {
			r := t.u2fAssertion()
			r.List = t.strangers(1)
			t.refused(r)
			t.touched()
		}),
	},
	{
		ID: "u2f/public-key", Spec: at("10.2", ""), Level: conformance.Must, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "The credential of a U2F registration has the key handle for its ID, and the key as a COSE_Key of ES256.",
		Catches: []string{"u2f/other-key"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			got := t.accepted(t.creation())
			handle := append([]byte("u2f key handle: "), hashOf(site)...)
			want := append([]byte{0, byte(len(handle))}, handle...)
			want = append(want, cbor.Encode(t.device.coseKey())...)
			if len(got.AuthData) < 53 {
				t.Fatalf("authenticator data of %d bytes", len(got.AuthData))
			}
			t.same("the credential", want, got.AuthData[53:])
		}),
	},
	{
		ID: "u2f/format", Spec: at("10.2", ""), Level: conformance.Must, Needs: append(needs(ConveysAttestation), u2fNeeds...), Twin: u2fRegister,
		Doc:     "The attestation of a U2F registration has format fido-u2f.",
		Catches: []string{"u2f/format-packed"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			t.sameText("fmt", "fido-u2f", t.accepted(t.creation(attestation("direct"))).Format)
		}),
	},
	{
		ID: "u2f/counter", Spec: at("10.3", ""), Level: conformance.Must, Needs: u2fNeeds, Twin: u2fAuthenticate,
		Doc:     "Authenticator data of a U2F signature have its counter, and flag UP alone.",
		Catches: []string{"u2f/counter-zero"},
		Run: on(func(t *trial) {
			got := t.accepted(t.u2fAssertion())
			if len(got.AuthData) != 37 {
				t.Fatalf("authenticator data of %d bytes", len(got.AuthData))
			}
			t.same("flags and counter", []byte{flagUP, 0, 0, 0, 9}, got.AuthData[32:])
		}),
	},
	{
		ID: "u2f/absent-user", Spec: at("10.3", ""), Level: conformance.Should, Needs: append(needs(ServesPages), u2fNeeds...), Twin: u2fAuthenticate,
		Doc:     "A U2F signature that says that nobody was present is refused.",
		Catches: []string{"check/user-presence", "u2f/presence-supposed"},
		Run: on(func(t *trial) {
			r := t.u2fAssertion()
			t.spoilU2F(insAuthenticate, func(b []byte) []byte { return append([]byte{0}, b[1:]...) })
			t.refused(r)
		}),
	},
	{
		ID: "u2f/resident", Spec: at("10.2", ""), Level: conformance.MustNot, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "U2F does not serve a request for a discoverable credential.",
		Catches: []string{"u2f/for-everything"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			t.refused(t.creation(func(r *Request) { r.ResidentKey = "required" }))
		}),
	},
	{
		ID: "u2f/verification", Spec: at("10.2", ""), Level: conformance.MustNot, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "U2F does not serve a request that requires user verification.",
		Catches: []string{"u2f/for-everything"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			t.refused(t.creation(verified))
		}),
	},
	{
		ID: "u2f/algorithm", Spec: at("10.2", ""), Level: conformance.MustNot, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "U2F does not serve a request for other algorithms than ES256.",
		Catches: []string{"u2f/for-everything"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			t.refused(t.creation(func(r *Request) { r.Algorithms = []int64{-8} }))
		}),
	},
	{
		ID: "u2f/register-short", Spec: u2fSpec("4.3"), Level: conformance.Must, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "A registration that ends within the key handle is refused.",
		Catches: []string{"u2f/answers-unread"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			t.spoilU2F(insRegister, func(b []byte) []byte { return append(append([]byte(nil), b[:80]...), 0x90, 0) })
			t.refused(t.creation())
		}),
	},
	{
		ID: "u2f/register-no-point", Spec: u2fSpec("4.3"), Level: conformance.Should, Needs: u2fNeeds, Twin: u2fRegister,
		Doc:     "A registration whose key is no point of P-256 is refused.",
		Catches: []string{"u2f/answers-unread"},
		Run: on(func(t *trial) {
			t.device.giveU2F(true)
			t.spoilU2F(insRegister, func(b []byte) []byte {
				b = append([]byte(nil), b...)
				copy(b[2:66], make([]byte, 64))
				return b
			})
			t.refused(t.creation())
		}),
	},
	{
		ID: "u2f/authenticate-short", Spec: u2fSpec("5.4"), Level: conformance.Must, Needs: u2fNeeds, Twin: u2fAuthenticate,
		Doc:     "A signature answer without a whole counter is refused.",
		Catches: []string{"u2f/answers-unread"},
		Run: on(func(t *trial) {
			r := t.u2fAssertion()
			t.spoilU2F(insAuthenticate, func([]byte) []byte { return []byte{1, 0, 0x90, 0} })
			t.refused(r)
		}),
	},
	{
		ID: "u2f/ctap-first", Spec: at("10", ""), Level: conformance.Should, Needs: u2fNeeds, Twin: createPlain,
		Doc:     "An authenticator that speaks both is asked by CTAP2.",
		Catches: []string{"u2f/for-everything"},
		Run: on(func(t *trial) {
			t.device.giveU2F(false)
			t.accepted(t.creation(t.discoverable))
			t.last(ctap.CommandMakeCredential)
		}),
	},
}
