package relyingparties

import (
	"fmt"
	"path"
	"strings"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
	data "github.com/passkeylab/passkeylab/webauthn"
)

// way is a way of attesting of which there are cases.
type way struct {
	name   string // of the sample, as [slug] has it
	format string
	level  conformance.Level // how binding it is that it is accepted, where it can be
	zero   bool              // the AAGUID is zero
	doc    string
}

// ways are those that relying parties meet, the usual one of each format first.
var ways = []way{
	{"none", data.FormatNone, conformance.Should, false, "without attestation"},
	{"packed", data.FormatPacked, conformance.Should, false, "of format packed, with a certificate for its model"},
	{"packed-self", data.FormatPacked, conformance.Should, false, "of format packed, attested by its own key"},
	{"packed-chained", data.FormatPacked, conformance.Should, false, "of format packed, with an intermediate certificate"},
	{"packed-es384", data.FormatPacked, conformance.Should, false, "of format packed, with an attestation key for ES384"},
	{"packed-es512", data.FormatPacked, conformance.May, false, "of format packed, with an attestation key for ES512"},
	{"packed-rs256", data.FormatPacked, conformance.Should, false, "of format packed, with an attestation key for RS256"},
	{"packed-eddsa", data.FormatPacked, conformance.May, false, "of format packed, with an attestation key for EdDSA"},
	{"fido-u2f", data.FormatFIDOU2F, conformance.Should, true, "of format fido-u2f"},
	{"tpm", data.FormatTPM, conformance.Should, false, "of format tpm, signed by RS1"},
	{"tpm-rs256", data.FormatTPM, conformance.Should, false, "of format tpm, signed by RS256"},
	{"tpm-es256", data.FormatTPM, conformance.Should, false, "of format tpm, signed by ES256"},
	{"android-key", data.FormatAndroidKey, conformance.Should, false, "of format android-key, with five certificates"},
	{"android-key-strongbox", data.FormatAndroidKey, conformance.Should, false, "of format android-key, by a StrongBox, with four certificates"},
	{"android-key-two-certificates", data.FormatAndroidKey, conformance.May, false, "of format android-key, with two certificates and without the root"},
	{"apple", data.FormatApple, conformance.Should, false, "of format apple"},
	{"android-safetynet", data.FormatAndroidSafetyNet, conformance.May, false, "of format android-safetynet, which is no longer made"},
	{"compound", data.FormatCompound, conformance.May, false, "of format compound"},
}

// formatSections are where formats are defined.
var formatSections = map[string]string{
	data.FormatPacked: "8.2", data.FormatTPM: "8.3", data.FormatAndroidKey: "8.4", data.FormatAndroidSafetyNet: "8.5",
	data.FormatFIDOU2F: "8.6", data.FormatNone: "8.7", data.FormatApple: "8.8", data.FormatCompound: "8.9",
}

// registration is one that is attested so.
func (w way) registration(change func(attestation.Attester) (attestation.Attester, error)) registration {
	r := registration{alg: forge.ES256, ask: creationAsk{attestation: direct}, aaguid: model, attest: attestedBy(w.name, change)}
	if w.zero {
		r.aaguid = [16]byte{}
	}
	if w.format == data.FormatNone {
		r.ask.attestation, r.aaguid = none, [16]byte{}
	}
	return r
}

func (w way) id() string { return "attestation/" + w.name }

func (w way) needs() []need {
	if w.format == data.FormatNone {
		return []need{offers(forge.ES256)}
	}
	return []need{conveys(direct), offers(forge.ES256), believed}
}

// rooted are the needs of statements that only those can accept who know whom to
// believe.
func (w way) rooted() []need {
	if w.format == data.FormatNone || w.name == "packed-self" {
		return nil
	}
	return []need{rooted}
}

// taken is met where the relying party takes correct statements of this way: which
// formats it supports is its own affair (WebAuthn L3 §7.1 step 21).
func (w way) taken() need { return takes("attestation "+w.doc, w.registration(nil)) }

// believed is always met: it has a relying party that can be told whom to believe do
// so, before it is asked for anything.
var believed = need{Name: "a relying party", Met: func(check *conformance.Check) bool {
	newClient(check).believe()
	return true
}}

func statementCases() []testCase {
	var all []testCase
	for _, w := range ways {
		spec := l3(formatSections[w.format])
		all = append(all, testCase{
			ID: w.id() + "/supported", Spec: formatStep, Level: w.level, Needs: append(w.rooted(), w.needs()...),
			Doc: fmt.Sprintf("A registration %s is accepted.", w.doc), Run: w.registration(nil).accepted(),
		}, testCase{
			ID: w.id() + "/plain", Spec: spec, Level: conformance.Must, Needs: append(w.needs(), w.taken()),
			Doc: fmt.Sprintf("Registrations of two users %s are accepted by a relying party that takes such.", w.doc), Run: w.registration(nil).acceptedTwice(),
		}, testCase{
			ID: w.id() + "/login", Spec: at72("21"), Level: conformance.Must, Needs: append(w.needs(), w.taken()), Twin: w.id() + "/plain",
			Doc: fmt.Sprintf("A login with a credential registered %s is accepted.", w.doc), Run: login{register: w.registration(nil)}.accepted(),
		})
	}
	for _, d := range attestation.Defects() {
		all = append(all, defectCase(d))
	}
	for what, x5c := range map[string]any{"empty": cbor.Array{}, "null": nil, "text": "x5c", "map": cbor.Map{}} {
		all = append(all, selfWithCertificates(what, x5c))
	}
	return append(all, aaguidCases...)
}

// selfWithCertificates is a case of self attestation with an x5c that has no
// certificates: that it is there makes the statement one that needs some.
func selfWithCertificates(what string, x5c any) testCase {
	w := wayNamed("packed-self")
	r := w.registration(nil)
	r.attest = func(_ *client, key *forge.Key) forge.Attest {
		return func(authData, hash []byte) (string, any, error) {
			format, made, err := forge.Self(key)(authData, hash)
			members, _ := made.(cbor.Map)
			return format, members.With("x5c", x5c), err
		}
	}
	level := conformance.Must
	if x5c == nil { // which every library takes for none
		level = conformance.Should
	}
	return testCase{
		ID: w.id() + "/x5c-" + what, Spec: l3("8.2"), Level: level, Twin: w.id() + "/plain", Needs: append(w.needs(), w.taken()),
		Doc: "A registration of format packed that is attested by its own key, and has an x5c all the same, is refused: " + map[string]string{
			"empty": "one that is an empty list.", "null": "one that is null.", "text": "one that is a text.", "map": "one that is a map.",
		}[what],
		Run: r.refused(),
	}
}

// wayOf is the usual way that can have a defect.
func wayOf(d attestation.Defect) way {
	for _, w := range ways {
		self := w.name == "packed-self"
		if w.format == d.Format && self == strings.HasPrefix(d.ID, "packed/self-") {
			return w
		}
	}
	return way{}
}

// defectCase is a case of a statement with a defect.
func defectCase(d attestation.Defect) testCase {
	w := wayOf(d)
	c := testCase{
		ID: "attestation/" + d.ID, Spec: specOf(d), Level: conformance.Must, Twin: w.id() + "/plain", Needs: append(w.needs(), w.taken()),
		Doc: fmt.Sprintf("A registration of format %s is refused where this is wrong: %s", d.Format, uncapital(d.Doc)),
		Run: w.registration(d.Break).refused(),
	}
	if chained(d) {
		c.Needs = append([]need{rooted}, c.Needs...)
	}
	for _, rule := range disputed {
		if fits, _ := path.Match(rule.pattern, d.ID); fits {
			c.Level = rule.level
			c.Needs = append(rule.needs, c.Needs...)
			break
		}
	}
	return c
}

// chained reports defects that only those find who know which roots to believe.
func chained(d attestation.Defect) bool {
	return strings.HasPrefix(d.Spec, "WebAuthn L3 §7.1 step 24")
}

// specOf is the step of a defect: "WebAuthn L3 §8.2 verification step 2, signature".
func specOf(d attestation.Defect) conformance.Spec {
	section, step, _ := strings.Cut(strings.TrimPrefix(d.Spec, webauthn+" §"), " ")
	section, comma := strings.CutSuffix(section, ",")
	step = strings.TrimPrefix(strings.TrimPrefix(step, "verification step "), "verification, ")
	step = strings.TrimPrefix(strings.TrimPrefix(step, "step "), "verification, ")
	if comma {
		step = strings.TrimSpace(step)
	}
	return conformance.Spec{Document: webauthn, Section: section, Step: step}
}

func uncapital(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// disputed are defects that texts leave open or that known relying parties judge
// differently; see the sheet of what verifiers let pass, docs/attestation.md.
var disputed = []struct {
	pattern string
	level   conformance.Level
	needs   []need
}{
	{"*/extra-member", conformance.Must, []need{chosen(switchMembers, "refuse")}},
	{"*/self-extra-member", conformance.Must, []need{chosen(switchMembers, "refuse")}},
	{"packed/ecdaa-key-id", conformance.Must, []need{chosen(switchMembers, "refuse")}},
	{"none/*", conformance.Should, []need{heeded}}, // the procedure of §8.7 looks at nothing
	{"*/x5c-with-root", conformance.Must, []need{chosen(switchDetails, "refuse")}},
	{"*/sig-trailing-byte", conformance.Should, nil},
	{"*/self-sig-trailing-byte", conformance.Should, nil},
	{"*/basic-constraints-missing", conformance.Must, []need{chosen(switchDetails, "refuse")}},
	{"packed/aaguid-trailing-byte", conformance.Must, []need{chosen(switchDetails, "refuse")}},
	{"packed/firmware-*", conformance.Must, []need{chosen(switchDetails, "refuse")}},
	{"packed/serial-without-enterprise", conformance.Must, []need{chosen(switchDetails, "refuse")}},
	{"packed/subject-o-printable", conformance.Must, []need{chosen(switchDetails, "refuse")}},
	{"packed/subject-c-*e*", conformance.Should, nil}, // lower-case, three-letters, twice, unassigned
	{"packed/subject-o-empty", conformance.Should, nil},
	{"packed/subject-ou-twice", conformance.Should, nil},
	{"packed/aaguid-empty", conformance.Should, nil},
	{"android-key/boot-unlocked", conformance.Must, []need{chosen(switchDetails, "refuse")}},
	{"android-key/*expired", conformance.Should, nil},
	{"android-key/*not-yet-valid", conformance.Should, nil},
	{"apple/*expired", conformance.Should, nil},
	{"apple/*not-yet-valid", conformance.Should, nil},
	{"android-safetynet/*", conformance.Should, nil},
	{"fido-u2f/leaf-*expired", conformance.Should, nil},
	{"fido-u2f/leaf-*not-yet-valid", conformance.Should, nil},
	{"tpm/*-trailing", conformance.Must, []need{chosen(switchDetails, "refuse")}},
	{"tpm/san-not-critical", conformance.Must, []need{chosen(switchDetails, "refuse")}},
	{"tpm/san-manufacturer-without-id", conformance.Must, []need{chosen(switchDetails, "refuse")}},
	{"tpm/san-*", conformance.Should, nil},
	{"tpm/aaguid-critical", conformance.Should, nil},
	{"tpm/sig-structure", conformance.Should, nil},
	{"compound/part-*", conformance.Should, nil},
}

// calledCompound is a compound statement whose first part has a statement of its own
// format, and says that it is compound: nothing else is wrong with it.
func calledCompound(c *client, key *forge.Key) forge.Attest {
	attest := wayNamed("compound").registration(nil).attest(c, key)
	return func(authData, hash []byte) (string, any, error) {
		format, made, err := attest(authData, hash)
		if err != nil {
			return "", nil, err
		}
		item, err := cbor.Decode(made.(cbor.Raw))
		if err != nil {
			return "", nil, err
		}
		parts := item.Value.(cbor.Array)
		first := parts[0].(cbor.Map)
		return format, append(cbor.Array{first.With("fmt", data.FormatCompound)}, parts[1:]...), nil
	}
}

// aaguidCases are about U2F, which has no models.
var aaguidCases = []testCase{
	{
		ID: "attestation/fido-u2f/aaguid", Spec: testList("AttestationResponse-Resp-8"), Level: conformance.Must, Twin: "attestation/fido-u2f/plain",
		Needs: []need{chosen(switchU2FModel, "refuse"), conveys(direct), offers(forge.ES256), believed},
		Doc:   "A registration of format fido-u2f whose AAGUID is not zero is refused.",
		Run: on(func(c *client) {
			r := wayNamed("fido-u2f").registration(nil)
			r.aaguid = model
			o, _ := r.attempt(c)
			c.wantRefused("the registration", o)
		}),
	},
	{
		ID: "attestation/compound/part-called-compound", Spec: l3("8.9"), Level: conformance.Must, Twin: "attestation/compound/plain",
		Needs: append(wayNamed("compound").needs(), wayNamed("compound").taken()),
		Doc:   "A registration of format compound whose first part says that it is compound, too, is refused.",
		Run: on(func(c *client) {
			r := wayNamed("compound").registration(nil)
			r.attest = calledCompound
			o, _ := r.attempt(c)
			c.wantRefused("the registration", o)
		}),
	},
	{
		ID: "attestation/packed/replayed", Spec: l3("8.2"), Level: conformance.Must, Twin: "attestation/packed/plain",
		Needs: append(wayNamed("packed").needs(), wayNamed("packed").taken()),
		Doc:   "A registration of format packed whose statement is that of an earlier one is refused.",
		Run: on(func(c *client) {
			var kept any
			first := wayNamed("packed").registration(nil)
			by := first.attest
			first.attest = func(c *client, key *forge.Key) forge.Attest {
				return func(authData, hash []byte) (format string, statement any, err error) {
					format, kept, err = by(c, key)(authData, hash)
					return format, kept, err
				}
			}
			made := c.registeredBy(first)
			second := wayNamed("packed").registration(nil)
			second.more = func(_ *client, r *forge.Registration, _ *change) { r.Key = made.key }
			second.attest = func(*client, *forge.Key) forge.Attest {
				return func([]byte, []byte) (string, any, error) { return "packed", kept, nil }
			}
			o, _ := second.attempt(c)
			c.wantRefused("the registration", o)
		}),
	},
}

func wayNamed(name string) way {
	for _, w := range ways {
		if w.name == name {
			return w
		}
	}
	return way{}
}
