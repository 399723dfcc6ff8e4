package relyingparties

import (
	"crypto/sha256"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// Steps about authenticator data in both ceremonies.
var (
	rpIDStep   = steps{at71("14"), at72("15")}
	layoutStep = steps{at71("13"), l3("6.1")}
	backupStep = steps{at71("17"), at72("18")}
	layout     = inBoth("6.1")
)

func authDataCases() []testCase {
	return concat(casesOf("authdata", concat(rpIDHashes, layouts)), attestedCases, relativeCases())
}

// hashIs sets the RP ID hash.
func hashIs(f func([]byte) []byte) change {
	return auth(func(a *forge.AuthData) { a.RPIDHash = f(a.RPIDHash) })
}

func hashOf(text string) change {
	return hashIs(func([]byte) []byte { sum := sha256.Sum256([]byte(text)); return sum[:] })
}

var rpIDHashes = []mirrored{
	{what: "rp-id-hash-of-another", at: rpIDStep, level: conformance.Must,
		doc:    "A %s with the hash of another site's RP ID is refused.",
		change: hashOf("attacker.example")},
	{what: "rp-id-hash-bit-flip", at: rpIDStep, level: conformance.Must,
		doc:    "A %s whose RP ID hash differs in its last bit is refused.",
		change: hashIs(flipped)},
	{what: "rp-id-hash-first-bit", at: rpIDStep, level: conformance.Must,
		doc:    "A %s whose RP ID hash differs in its first bit is refused.",
		change: hashIs(func(b []byte) []byte { return append([]byte{b[0] ^ 0x80}, b[1:]...) })},
	{what: "rp-id-hash-zero", at: rpIDStep, level: conformance.Must,
		doc:    "A %s with zeros for an RP ID hash is refused.",
		change: hashIs(func([]byte) []byte { return make([]byte, sha256.Size) })},
	{what: "rp-id-hash-of-nothing", at: rpIDStep, level: conformance.Must,
		doc:    "A %s with the hash of an empty RP ID is refused.",
		change: hashOf("")},
	{what: "rp-id-hash-halves", at: rpIDStep, level: conformance.Must,
		doc:    "A %s whose RP ID hash has its second half changed is refused.",
		change: hashIs(func(b []byte) []byte { return append(b[:16:16], make([]byte, 16)...) })},
}

var layouts = []mirrored{
	{what: "empty", at: layout, level: conformance.Must,
		doc:    "A %s with no authenticator data is refused.",
		change: authBytes(func([]byte) []byte { return []byte{} })},
	{what: "one-byte", at: layout, level: conformance.Must,
		doc:    "A %s with one byte of authenticator data is refused.",
		change: authBytes(func(b []byte) []byte { return b[:1] })},
	{what: "hash-alone", at: layout, level: conformance.Must,
		doc:    "A %s whose authenticator data end after the RP ID hash is refused.",
		change: authBytes(func(b []byte) []byte { return b[:32] })},
	{what: "counter-cut-off", at: layout, level: conformance.Must,
		doc:    "A %s whose authenticator data end in the counter is refused.",
		change: authBytes(func(b []byte) []byte { return b[:36] })},
	{what: "leftover", at: layoutStep, level: conformance.Must,
		doc:    "A %s with a byte after its authenticator data is refused.",
		change: authBytes(func(b []byte) []byte { return then(b, 0) })},
	{what: "leftover-cbor", at: layoutStep, level: conformance.Must,
		doc:    "A %s with a CBOR map after its authenticator data, and without the flag ED, is refused.",
		change: auth(func(a *forge.AuthData) { a.Extensions = cbor.Encode(cbor.Map{{Key: "credProtect", Value: 2}}) })},
	{what: "extensions-missing", at: layoutStep, level: conformance.Should, // it is authenticators that must not, and WebAuthn4J puts up with it on purpose
		doc:    "A %s with the flag ED and no extensions is refused.",
		change: withFlags(forge.ED, 0)},
	{what: "extensions-array", at: layoutStep, level: conformance.Must,
		doc:    "A %s whose extensions are a list is refused.",
		change: extensionBytes(cbor.Encode(cbor.Array{"credProtect", 2}))},
	{what: "extensions-number", at: layoutStep, level: conformance.Must,
		doc:    "A %s whose extensions are a number is refused.",
		change: extensionBytes(cbor.Encode(7))},
	{what: "extensions-cut-off", at: layoutStep, level: conformance.Must,
		doc:    "A %s whose extensions end in the middle is refused.",
		change: extensionBytes([]byte{0xa1, 0x6b, 'c', 'r', 'e', 'd'})},
	{what: "extensions-not-cbor", at: layoutStep, level: conformance.Must,
		doc:    "A %s whose extensions are no CBOR is refused.",
		change: extensionBytes([]byte{0xff})},
	{what: "extensions-leftover", at: layoutStep, level: conformance.Must,
		doc:    "A %s with a byte after its extensions is refused.",
		change: extensionBytes(append(cbor.Encode(cbor.Map{{Key: "credProtect", Value: 2}}), 0))},
	{what: "flag-reserved-1", at: layout, level: conformance.Should, accept: true,
		doc:    "A %s with the reserved flag of bit 1 is accepted: it is for the future.",
		change: withFlags(forge.RFU1, 0)},
	{what: "flag-reserved-5", at: layout, level: conformance.Should, accept: true,
		doc:    "A %s with the reserved flag of bit 5 is accepted: it is for the future.",
		change: withFlags(forge.RFU2, 0)},
	{what: "backed-up-not-eligible", at: backupStep, level: conformance.Must,
		doc:    "A %s with the flag BS and without BE is refused.",
		change: withFlags(forge.BS, forge.BE)},
}

func extensionBytes(b []byte) change {
	return auth(func(a *forge.AuthData) {
		a.Extensions = b
		a.Flags |= forge.ED
	})
}

// attested changes the attested credential data of a registration.
func attested(f func(*forge.Attested)) change {
	return auth(func(a *forge.AuthData) { f(a.Attested) })
}

// attestedCases are about attested credential data, which registrations have and
// logins do not.
var attestedCases = []testCase{
	{
		ID: "registration/authdata/flag-at-missing", Spec: at71("13"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration with an attested credential and without the flag AT is refused.",
		Run: registration{change: withFlags(0, forge.AT)}.refused(),
	},
	{
		ID: "registration/authdata/attested-missing", Spec: at71("13"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration with the flag AT and without an attested credential is refused.",
		Run: registration{change: auth(func(a *forge.AuthData) { a.Attested = nil })}.refused(),
	},
	{
		ID: "registration/authdata/no-credential", Spec: at71("13"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration without an attested credential, and without the flag AT, is refused.",
		Run: registration{change: auth(func(a *forge.AuthData) { a.Attested = nil; a.Flags &^= forge.AT })}.refused(),
	},
	{
		ID: "registration/authdata/aaguid-cut-off", Spec: l3("6.5.1"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration whose authenticator data end in the AAGUID is refused.",
		Run: registration{change: authBytes(func(b []byte) []byte { return b[:45] })}.refused(),
	},
	{
		ID: "registration/authdata/id-cut-off", Spec: l3("6.5.1"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration whose authenticator data end in the credential ID is refused.",
		Run: registration{change: authBytes(func(b []byte) []byte { return b[:60] })}.refused(),
	},
	{
		ID: "registration/authdata/key-missing", Spec: l3("6.5.1"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration whose authenticator data end before the public key is refused.",
		Run: registration{change: attested(func(c *forge.Attested) { c.Key = nil })}.refused(),
	},
	{
		ID: "registration/authdata/key-cut-off", Spec: l3("6.5.1"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration whose public key lacks its last byte is refused.",
		Run: registration{change: attested(func(c *forge.Attested) { c.Key = c.Key[:len(c.Key)-1] })}.refused(),
	},
	{
		ID: "registration/authdata/id-longer-than-data", Spec: l3("6.5.1"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration whose credentialIdLength goes beyond the authenticator data is refused.",
		Run: registration{change: attested(func(c *forge.Attested) { c.Length = 1000 })}.refused(),
	},
	{
		ID: "registration/authdata/id-length-one-more", Spec: l3("6.5.1"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration whose credentialIdLength is one byte more than the ID is refused: the key is no CBOR then.",
		Run: registration{change: attested(func(c *forge.Attested) { c.Length = len(c.ID) + 1 })}.refused(),
	},
	{
		ID: "registration/authdata/id-empty", Spec: l3("4"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration with a credential ID of no bytes is refused: IDs have 16 bytes at least.",
		Run: registration{id: []byte{}}.refused(),
	},
	{
		ID: "registration/authdata/id-1024", Spec: at71("25"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration with a credential ID of 1024 bytes is refused.",
		Run: registration{more: idOf(1024)}.refused(),
	},
	{
		ID: "registration/authdata/id-16", Spec: l3("4"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration with a credential ID of 16 bytes is accepted, and can be used.",
		Run: usable(registration{more: idOf(16)}),
	},
	{
		ID: "registration/authdata/id-65", Spec: at71("25"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration with a credential ID of 65 bytes is accepted, and can be used.",
		Run: usable(registration{more: idOf(65)}),
	},
	{
		ID: "registration/authdata/id-255", Spec: at71("25"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration with a credential ID of 255 bytes, as certified keys have them, is accepted, and can be used.",
		Run: usable(registration{more: idOf(255)}),
	},
	{
		ID: "registration/authdata/id-1023", Spec: at71("25"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration with a credential ID of 1023 bytes is accepted, and can be used.",
		Run: usable(registration{more: idOf(1023)}),
	},
	{
		ID: "registration/authdata/aaguid", Spec: l3("6.5.1"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration without attestation whose AAGUID is not zero is accepted: passkey providers tell theirs.",
		Run: registration{aaguid: [16]byte{0xea, 0x9b, 0x8d, 0x66, 15: 1}}.accepted(),
	},
	{
		ID: "login/authdata/attested", Spec: l3("6.1"), Level: conformance.Should, Twin: plainLogin,
		Doc: "A login whose authenticator data have an attested credential is refused: assertions must not have any.",
		Run: login{more: func(c *client, l *forge.Login, ch *change) {
			key := cbor.Encode(l.Key.Public)
			*ch = ch.Both(auth(func(a *forge.AuthData) {
				a.Attested = &forge.Attested{ID: l.ID, Key: key}
				a.Flags |= forge.AT
			}))
		}}.refused(),
	},
	{
		ID: "login/authdata/flag-at", Spec: l3("6.1"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with the flag AT and without an attested credential is refused.",
		Run: login{change: withFlags(forge.AT, 0)}.refused(),
	},
	{
		ID: "registration/authdata/rp-id-hash-of-origin", Spec: at71("14"), Level: conformance.Must, Twin: plainRegistration,
		Doc: "A registration with the hash of the origin in place of that of the RP ID is refused.",
		Run: registration{more: func(c *client, _ *forge.Registration, ch *change) { *ch = hashOf(c.site.Origin) }}.refused(),
	},
	{
		ID: "login/authdata/rp-id-hash-of-origin", Spec: at72("15"), Level: conformance.Must, Twin: plainLogin,
		Doc: "A login with the hash of the origin in place of that of the RP ID is refused.",
		Run: login{more: func(c *client, _ *forge.Login, ch *change) { *ch = hashOf(c.site.Origin) }}.refused(),
	},
	{
		ID: "login/authdata/counter-of-zero-cut-off", Spec: l3("6.1"), Level: conformance.Must, Twin: "login/counter/zero",
		Doc: "A login whose authenticator data lack the last byte of a counter of zero is refused.",
		Run: login{register: registration{count: number(0)}, count: number(0), change: authBytes(func(b []byte) []byte { return b[:len(b)-1] })}.refused(),
	},
}

// usable is a case that wants a registration accepted, and a login with what it made.
func usable(r registration) func(*conformance.Check) {
	return on(func(c *client) {
		o, made := r.attempt(c)
		c.wantAccepted("the registration", o)
		c.wantAccepted("the login", login{}.with(c, made))
	})
}

// idOf draws a credential ID of a size.
func idOf(size int) func(*client, *forge.Registration, *change) {
	return func(c *client, r *forge.Registration, _ *change) { r.ID = c.draw(size) }
}

// relatives are what is like the RP ID, and not the same.
var relatives = []struct {
	what, doc string
	of        func(rpID string) string
}{
	{"capitals", "the RP ID in capitals", strings.ToUpper},
	{"parent", "the domain above the RP ID", func(rpID string) string {
		_, above, _ := strings.Cut(rpID, ".")
		return above
	}},
	{"subdomain", "a domain below the RP ID", func(rpID string) string { return "www." + rpID }},
}

func relativeCases() (all []testCase) {
	for _, r := range relatives {
		all = append(all, testCase{
			ID: "registration/authdata/rp-id-hash-of-" + r.what, Spec: at71("14"), Level: conformance.Must, Twin: plainRegistration,
			Doc: "A registration with the hash of " + r.doc + " is refused.",
			Run: registration{more: func(_ *client, made *forge.Registration, ch *change) { *ch = hashOf(r.of(made.RPID)) }}.refused(),
		}, testCase{
			ID: "login/authdata/rp-id-hash-of-" + r.what, Spec: at72("15"), Level: conformance.Must, Twin: plainLogin,
			Doc: "A login with the hash of " + r.doc + " is refused.",
			Run: login{more: func(_ *client, made *forge.Login, ch *change) { *ch = hashOf(r.of(made.RPID)) }}.refused(),
		})
	}
	return all
}
