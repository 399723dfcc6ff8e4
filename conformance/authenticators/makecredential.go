package authenticators

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

// makeCredentialCases are those of authenticatorMakeCredential (§6.1).
func makeCredentialCases() []testCase {
	return slices.Concat(makeCredentialAnswer, makeCredentialSteps, makeCredentialLists, makeCredentialStores, makeCredentialFormats)
}

const mcPlain = "makecredential/plain"

// makeCredentialAnswer is about what succeeds.
var makeCredentialAnswer = []testCase{
	{
		ID: mcPlain, Spec: at("6.1.2", ""), Level: conformance.Must,
		Doc: "A request with the mandatory members alone makes a credential.",
		Run: on(func(k *key) { k.succeeds(k.send(k.authorise(k.newCredential())), madeAuthData) }),
	},
	{
		ID: "makecredential/canonical", Spec: at("8", ""), Level: conformance.Must,
		Doc: "The answer is in the canonical form of CTAP2, the public key and the extension outputs too.",
		Catches: []string{
			"cbor/duplicate-key", "cbor/indefinite-map", "cbor/long-keys", "cbor/map-order", "cose/duplicate-label",
			"cose/indefinite", "cose/long-integer", "cose/order",
		},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.canonical(c.answer)
			for _, d := range slices.Concat(c.data.publicKey.Defects, c.data.extensions.Defects) {
				k.Errorf("authData is not canonical: %s", d)
			}
		}),
	},
	{
		ID: "makecredential/known-members", Spec: at("6.1.2", ""), Level: conformance.Should,
		Doc:     "The answer has no members but those that CTAP 2.3 defines.",
		Catches: []string{"cbor/too-deep", "cbor/unknown-member"},
		Run:     on(func(k *key) { k.onlyMembers(k.make(k.newCredential()).answer, madeUnsigned) }),
	},
	{
		ID: "makecredential/rpid-hash", Spec: at("6.1.2", "19"), Level: conformance.Must,
		Doc:     "authData begins with the SHA-256 hash of rp.id.",
		Catches: []string{"rpidhash/of-origin", "rpidhash/other-rp", "rpidhash/zero"},
		Run:     on(func(k *key) { k.rpIDHash(k.make(k.newCredential()).data, k.rp) }),
	},
	{
		ID: "makecredential/flags", Spec: at("6.1.2", "14.3"), Level: conformance.Must,
		Doc:     "The flags UP and AT are set, and no reserved bit is.",
		Catches: []string{"authdata/no-credential", "flags/at-missing", "flags/reserved-bit-1", "flags/reserved-bit-5", "flags/up-missing"},
		Run:     on(func(k *key) { k.flags(k.make(k.newCredential()).data, flagUP|flagAT, flagReserved) }),
	},
	{
		ID: "makecredential/no-trailing-bytes", Spec: conformance.Spec{Document: webauthn, Section: "6.1"}, Level: conformance.MustNot,
		Doc: "Nothing follows in authData what the flags announce, and the flag ED is set exactly where outputs follow.",
		Catches: []string{
			"authdata/credential-id-empty", "authdata/credential-id-overrun", "authdata/empty", "authdata/outputs-not-a-map",
			"authdata/trailing-byte", "authdata/truncated", "flags/ed-without-data",
		},
		Run: on(func(k *key) { k.wholeAuthData(k.make(k.newCredential()).data) }),
	},
	{
		ID: "makecredential/backup-flags", Spec: conformance.Spec{Document: webauthn, Section: "6.1.3"}, Level: conformance.MustNot,
		Doc:     "The flag BS is not set without BE.",
		Catches: []string{"flags/bs-without-be"},
		Run:     on(func(k *key) { k.backupFlags(k.make(k.newCredential()).data) }),
	},
	{
		ID: "makecredential/aaguid", Spec: at("6.4", ""), Level: conformance.Must,
		Doc:     "The AAGUID in authData is the one of getInfo.",
		Catches: []string{"authdata/aaguid-other", "authdata/aaguid-zero", "info/aaguid-short", "info/aaguid-zero"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			want, _ := k.info().value(infoAAGUID).([]byte)
			if !bytes.Equal(c.data.aaguid, want) {
				k.Differ(fmt.Sprintf("%x", want), fmt.Sprintf("%x", c.data.aaguid), "another AAGUID")
			}
		}),
	},
	{
		ID: "makecredential/credential-id-length", Spec: conformance.Spec{Document: webauthn, Section: "4", Step: "(Credential ID)"}, Level: conformance.Must,
		Doc:     "The credential ID has 16 to 1023 bytes, and not more than maxCredentialIdLength.",
		Catches: []string{"authdata/credential-id-long", "authdata/credential-id-short", "info/id-limit-low"},
		Run: on(func(k *key) {
			most := int(min(k.info().uint(infoMaxCredentialID, largestCredentialID), largestCredentialID))
			if n := len(k.make(k.newCredential()).id); n < 16 || n > most {
				k.Differ(fmt.Sprintf("16 to %d bytes", most), fmt.Sprintf("%d bytes", n), "a credential ID of another length")
			}
		}),
	},
	{
		ID: "makecredential/credential-ids-differ", Spec: conformance.Spec{Document: webauthn, Section: "4", Step: "(Credential ID)"}, Level: conformance.Must,
		Doc:     "Two credentials have different IDs and different keys.",
		Catches: []string{"authdata/credential-id-reused"},
		Run: on(func(k *key) {
			a, b := k.make(k.newCredential()), k.make(k.newCredential())
			if bytes.Equal(a.id, b.id) {
				k.Errorf("two credentials have the ID %x", a.id)
			}
			if cbor.Same(a.data.publicKey.Value, b.data.publicKey.Value) {
				k.Errorf("two credentials have the same key")
			}
		}),
	},
	{
		ID: "makecredential/public-key", Spec: conformance.Spec{Document: webauthn, Section: "6.5.1"}, Level: conformance.Must,
		Doc: "The public key is a COSE_Key with alg and the members that its type requires, and no others.",
		Catches: []string{
			"cose/alg-missing", "cose/alg-other", "cose/compressed", "cose/crv-missing", "cose/crv-other", "cose/key-ops",
			"cose/kid", "cose/kty-missing", "cose/kty-other", "cose/off-curve", "cose/padded-x", "cose/private-key",
			"cose/short-x", "cose/y-missing", "cose/zero-point",
		},
		Run: on(func(k *key) { k.make(k.newCredential()) }),
	},
	{
		ID: "makecredential/attestation", Spec: at("6.1.2", "19"), Level: conformance.Must,
		Doc: "The attestation statement is one of the formats that getInfo lists, or of none with an empty statement; a packed one is signed over authData and clientDataHash.",
		Catches: []string{
			"object/authdata-is-text", "object/authdata-missing", "object/fmt-case", "object/fmt-empty",
			"object/fmt-is-bytes", "object/fmt-missing", "object/fmt-unknown", "object/none-with-statement",
			"object/statement-empty", "object/statement-missing", "object/statement-not-a-map", "signature/bit-flip",
			"signature/empty", "signature/other-authdata", "signature/trailing-byte",
		},
		Run: on(func(k *key) { k.attestation(k.make(k.newCredential())) }),
	},
	{
		ID: "makecredential/attests-again", Spec: at("6.1.2", "19"), Level: conformance.Must,
		Doc: "The attestation signature covers the clientDataHash of its own request.",
		Catches: []string{
			"object/fmt-case", "object/fmt-empty", "object/fmt-is-bytes", "object/fmt-unknown", "object/none-with-statement",
			"object/statement-empty", "object/statement-not-a-map", "signature/bit-flip", "signature/empty",
			"signature/long-form-length", "signature/negative-s", "signature/other-authdata", "signature/raw",
			"signature/replayed", "signature/swapped", "signature/truncated", "signature/zero",
		},
		Run: on(func(k *key) {
			k.attestation(k.make(k.newCredential()))
			k.attestation(k.make(k.newCredential()))
		}),
	},
	{
		ID: "makecredential/works", Spec: at("6.1.2", "16"), Level: conformance.Must,
		Doc:     "The new credential signs assertions.",
		Catches: []string{"authdata/credential-id-other", "cose/other-point", "signature/other-key"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			r := k.authorise(k.useOf(c))
			k.signedBy(k.asserted(k.send(r)), c, hashOf(r))
		}),
	},
	{
		ID: "makecredential/verified-flag", Spec: at("6.1.2", "11"), Level: conformance.Must, Needs: []need{feature("user verification", canVerify)},
		Doc:     "The flag UV is set where the user was verified.",
		Catches: []string{"flags/uv-missing", "info/uv-claimed"},
		Run:     on(func(k *key) { k.flags(k.created(k.ask(k.verified(k.newCredential()))).data, flagUV, 0) }),
	},
	{
		ID: "makecredential/unverified-flag", Spec: at("6.1.2", "11"), Level: conformance.MustNot, Needs: []need{noBuiltInUV, touchAlone},
		Doc:     "The flag UV is not set where the user was not verified.",
		Catches: []string{"flags/uv-always"},
		Run: on(func(k *key) {
			c := k.created(k.ask(k.newCredential()))
			k.flags(c.data, 0, flagUV)
		}),
	},
	{
		ID: "makecredential/no-enterprise-unasked", Spec: at("6.1.2", "9"), Level: conformance.MustNot,
		Doc:     "epAtt, largeBlobKey and unsignedExtensionOutputs are absent where nothing asked for them.",
		Catches: []string{"object/enterprise-unasked", "object/large-blob-key-unasked", "object/unsigned-outputs-unasked"},
		Run: on(func(k *key) {
			a := k.make(k.newCredential()).answer
			for _, member := range []int{madeEnterprise, madeLargeBlobKey, madeUnsigned} {
				k.absent(a, member, "though nothing asked for it")
			}
		}),
	},
	{
		ID: "makecredential/no-outputs-unasked", Spec: at("6.1.2", "15"), Level: conformance.MustNot,
		Doc:     "There are no extension outputs where there were no inputs.",
		Catches: []string{"authdata/output-unasked", "authdata/outputs-empty"},
		Run: on(func(k *key) {
			if c := k.make(k.newCredential()); c.data.hasOutputs {
				k.Differ("none", cbor.Text(c.data.extensions.Value, nil), "unsolicited extension outputs")
			}
		}),
	},
}
