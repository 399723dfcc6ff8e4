package authenticators

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// makeCredentialCases are those of authenticatorMakeCredential (§6.1).
func makeCredentialCases() []testCase {
	return slices.Concat(makeCredentialAnswer, makeCredentialSteps, makeCredentialLists, makeCredentialStores)
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
		ID: "makecredential/known-members", Spec: at("6.1.2", ""), Level: conformance.MustNot,
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
		ID: "makecredential/unverified-flag", Spec: at("6.1.2", "11"), Level: conformance.MustNot, Needs: []need{touchAlone},
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

// makeCredentialSteps are about the refusals of single steps.
var makeCredentialSteps = []testCase{
	{
		ID: "makecredential/zero-length-param/no-pin", Spec: at("6.1.2", "1"), Level: conformance.Must, Needs: []need{clientPIN},
		Doc:     "An empty pinUvAuthParam is answered with PIN_NOT_SET after a touch, on a device without a PIN.",
		Catches: []string{"create/zero-length-probe-untouched", "status/pin-not-set"},
		Run:     on(func(k *key) { k.expect(k.send(k.newCredential().with(mcParam, []byte{})), ctap.PINNotSet) }),
	},
	{
		ID: "makecredential/zero-length-param/pin-set", Spec: at("6.1.2", "1"), Level: conformance.Must, Needs: []need{clientPIN},
		Doc: "An empty pinUvAuthParam is answered with PIN_INVALID after a touch, on a device with a PIN.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.expect(k.send(k.newCredential().with(mcParam, []byte{})), ctap.PINInvalid)
		}),
	},
	{
		ID: "makecredential/zero-length-param/declined", Spec: at("6.1.2", "1"), Level: conformance.Must, Needs: []need{clientPIN, person}, Twin: "makecredential/zero-length-param/no-pin",
		Doc:     "An empty pinUvAuthParam waits for a touch: declined, it is answered with OPERATION_DENIED.",
		Catches: []string{"create/zero-length-probe-untouched", "status/denied"},
		Run: on(func(k *key) {
			k.user(Decline)
			k.expect(k.send(k.newCredential().with(mcParam, []byte{})), ctap.OperationDenied, ctap.UPRequired)
		}),
	},
	{
		ID: "makecredential/zero-length-param/before-protocol", Spec: at("6.1.2", "1"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "makecredential/zero-length-param/no-pin",
		Doc:     "An empty pinUvAuthParam is answered before pinUvAuthProtocol is looked at.",
		Catches: []string{"status/pin-not-set"},
		Run: on(func(k *key) {
			k.expect(k.send(k.newCredential().with(mcParam, []byte{}).with(mcProtocol, 99)), ctap.PINNotSet)
		}),
	},
	{
		ID: "makecredential/protocol-unsupported", Spec: at("6.1.2", "2.1"), Level: conformance.Must, Needs: []need{ceremonyToken}, Twin: "makecredential/token/plain",
		Doc:     "A pinUvAuthParam of a protocol that the device does not have is answered with INVALID_PARAMETER.",
		Catches: []string{"status/invalid-parameter"},
		Run: on(func(k *key) {
			r := k.tokenFor(k.newCredential())
			k.expect(k.send(r.with(mcProtocol, 99)), ctap.InvalidParameter)
		}),
	},
	{
		ID: "makecredential/protocol-missing", Spec: at("6.1.2", "2.2"), Level: conformance.Must, Needs: []need{ceremonyToken}, Twin: "makecredential/token/plain",
		Doc:     "A pinUvAuthParam without pinUvAuthProtocol is answered with MISSING_PARAMETER.",
		Catches: []string{"status/missing-parameter"},
		Run: on(func(k *key) {
			r := k.tokenFor(k.newCredential())
			k.expect(k.send(r.without(mcProtocol)), ctap.MissingParameter)
		}),
	},
	{
		ID: "makecredential/protocol-without-param", Spec: at("6.1.2", "2"), Level: conformance.Must, Twin: mcPlain,
		Doc: "pinUvAuthProtocol without pinUvAuthParam does not matter.",
		Run: on(func(k *key) {
			r := k.authorise(k.newCredential())
			if _, ok := r.params.Get(mcParam); ok {
				k.Unsupportedf("a device that makes credentials without a pinUvAuthParam")
			}
			k.succeeds(k.send(r.with(mcProtocol, 1)), madeAuthData)
		}),
	},
	{
		ID: "makecredential/algorithm/none-supported", Spec: at("6.1.2", "3.2"), Level: conformance.Must, Twin: mcPlain,
		Doc:     "Where no algorithm is supported the answer is UNSUPPORTED_ALGORITHM.",
		Catches: []string{"create/algorithm-unasked", "status/algorithm"},
		Run: on(func(k *key) {
			k.expect(k.send(k.authorise(k.newCredential().with(mcParams, algorithms(-65000, -65001)))), ctap.UnsupportedAlgorithm)
		}),
	},
	{
		ID: "makecredential/algorithm/first-supported", Spec: at("6.1.2", "3.1.3"), Level: conformance.Must,
		Doc:     "The first element of pubKeyCredParams that is supported is chosen, whatever the device prefers.",
		Catches: []string{"create/algorithm-order"},
		Run: on(func(k *key) {
			all := slices.Clone(k.info().algorithms())
			slices.Reverse(all)
			if c := k.make(k.newCredential().with(mcParams, algorithms(all...))); c.publicKey.alg != all[0] {
				k.Differ(fmt.Sprint(all[0]), fmt.Sprint(c.publicKey.alg), "another algorithm was chosen")
			}
		}),
	},
	{
		ID: "makecredential/algorithm/unknown-skipped", Spec: at("6.1.2", "3.1.3"), Level: conformance.Must, Twin: mcPlain,
		Doc: "An algorithm that is not known is passed over.",
		Run: on(func(k *key) {
			known := k.info().algorithms()[0]
			if c := k.make(k.newCredential().with(mcParams, algorithms(-65000, known))); c.publicKey.alg != known {
				k.Differ(fmt.Sprint(known), fmt.Sprint(c.publicKey.alg), "another algorithm was chosen")
			}
		}),
	},
	{
		ID: "makecredential/algorithm/unknown-type-skipped", Spec: at("6.1.2", "3.1.3"), Level: conformance.Must, Twin: mcPlain,
		Doc: "An element of a type that is not known is passed over, though its algorithm is.",
		Run: on(func(k *key) {
			known := k.info().algorithms()[0]
			other := cbor.Map{{Key: "alg", Value: known}, {Key: "type", Value: "private-key"}}
			k.expectOK(k.send(k.authorise(k.newCredential().with(mcParams, append(cbor.Array{other}, algorithms(known)...)))))
			k.expect(k.send(k.authorise(k.newCredential().with(mcParams, cbor.Array{other}))), ctap.UnsupportedAlgorithm)
		}),
	},
	{
		ID: "makecredential/algorithm/later-elements-validated", Spec: at("6.1.2", "3.1.1"), Level: conformance.Must, Twin: mcPlain,
		Doc: "An element without alg is an error, though one before it is supported.",
		Run: on(func(k *key) {
			list := append(algorithms(k.info().algorithms()...), cbor.Map{{Key: "type", Value: "public-key"}})
			k.refused(k.send(k.authorise(k.newCredential().with(mcParams, list))))
		}),
	},
	{
		ID: "makecredential/option/up-false", Spec: at("6.1.2", "5.6.1"), Level: conformance.Must, Needs: []need{atLeast21}, Twin: mcPlain,
		Doc:     "Option up of false is answered with INVALID_OPTION.",
		Catches: []string{"create/up-false-accepted", "status/invalid-option"},
		Run: on(func(k *key) {
			k.expect(k.send(k.authorise(withOption(k.newCredential(), "up", false))), ctap.InvalidOption)
		}),
	},
	{
		ID: "makecredential/option/up-true", Spec: at("6.1.2", "5.7"), Level: conformance.Must, Needs: []need{atLeast21},
		Doc:     "Option up of true is what it is by default.",
		Catches: []string{"quirk/up-option-refused"},
		Run:     on(func(k *key) { k.make(withOption(k.newCredential(), "up", true)) }),
	},
	{
		ID: "makecredential/option/unknown", Spec: at("8", ""), Level: conformance.Must, Twin: mcPlain,
		Doc: "An option that is not known is ignored.",
		Run: on(func(k *key) {
			k.make(withOption(k.newCredential(), "tomorrow", true))
			k.make(withOption(k.newCredential(), "tomorrow", false))
		}),
	},
	{
		ID: "makecredential/option/uv-without-uv", Spec: at("6.1.2", "5.3"), Level: conformance.Must, Needs: []need{noBuiltInUV}, Twin: mcPlain,
		Doc:     "Option uv of true is answered with INVALID_OPTION by a device without built-in user verification that is set up.",
		Catches: []string{"info/uv-untold"},
		Run: on(func(k *key) {
			k.expect(k.send(withOption(k.newCredential(), "uv", true)), ctap.InvalidOption)
		}),
	},
	{
		ID: "makecredential/option/rk-without-rk", Spec: at("6.1.2", "5.4.1"), Level: conformance.Must, Twin: mcPlain,
		Needs: []need{feature("no discoverable credentials", func(i *info) bool { return !i.listed(ctap.OptionRK) })},
		Doc:   "Option rk is answered with UNSUPPORTED_OPTION by a device that does not list it.",
		Run: on(func(k *key) {
			k.expect(k.send(withOption(k.newCredential(), "rk", true)), ctap.UnsupportedOption)
		}),
	},
	{
		ID: "makecredential/enterprise/not-capable", Spec: at("6.1.2", "9.1"), Level: conformance.Must, Twin: mcPlain,
		Needs: []need{atLeast21, feature("no enterprise attestation that is switched on", func(i *info) bool { return !i.option(ctap.OptionEP) })},
		Doc:   "enterpriseAttestation is answered with INVALID_PARAMETER where it is not possible or not switched on, whatever its value.",
		Run: on(func(k *key) {
			for _, value := range []int{1, 2, 7} {
				k.expect(k.send(k.authorise(k.newCredential().with(mcEnterprise, value))), ctap.InvalidParameter)
			}
		}),
	},
	{
		ID: "makecredential/presence/declined", Spec: at("6.1.2", "14.2"), Level: conformance.Must, Needs: []need{person, touchAlone}, Twin: mcPlain,
		Doc:     "Where the user declines, no credential is made.",
		Catches: []string{"user/creates-without-touch", "user/takes-no-for-yes"},
		Run: on(func(k *key) {
			k.user(Decline)
			k.expect(k.send(k.newCredential()), ctap.OperationDenied)
		}),
	},
	{
		ID: "makecredential/presence/cancelled", Spec: at("11.2.9.1.5", ""), Level: conformance.Must, Needs: []need{person, touchAlone}, Twin: mcPlain,
		Doc:     "A platform that cancels while the device waits for a touch is answered with KEEPALIVE_CANCEL.",
		Catches: []string{"quirk/cancel-status"},
		Run:     on(func(k *key) { k.expect(k.cancelled(k.newCredential()), ctap.KeepaliveCancel) }),
	},
	{
		ID: "makecredential/client-data-hash-length", Spec: at("6.1", ""), Level: conformance.Must, Twin: mcPlain,
		Doc: "A clientDataHash of another length than 32 bytes is an error.",
		Run: on(func(k *key) {
			r := k.newCredential()
			for _, n := range []int{0, 31, 33} {
				k.refused(k.send(k.authorise(r.with(mcClientDataHash, k.draw(n)))))
			}
		}),
	},
	{
		ID: "makecredential/user-id-length", Spec: conformance.Spec{Document: webauthn, Section: "5.4.3"}, Level: conformance.Must, Twin: "makecredential/user-id-64",
		Doc: "A user.id of more than 64 bytes is an error.",
		Run: on(func(k *key) { k.refused(k.send(k.authorise(k.withUserID(65)))) }),
	},
	{
		ID: "makecredential/user-id-64", Spec: conformance.Spec{Document: webauthn, Section: "5.4.3"}, Level: conformance.Must,
		Doc: "A user.id of 1 byte and one of 64 bytes are accepted.",
		Run: on(func(k *key) {
			k.make(k.withUserID(1))
			k.make(k.withUserID(64))
		}),
	},
	{
		ID: "makecredential/long-names", Spec: at("6.1.2", "17.3"), Level: conformance.MustNot, Twin: mcPlain,
		Doc: "Names that are too long are shortened, and never an error.",
		Run: on(func(k *key) {
			long := string(bytes.Repeat([]byte("ü"), 60))
			r := k.newCredential().with(mcRP, cbor.Map{{Key: "id", Value: k.rp}, {Key: "name", Value: long}}).
				with(mcUser, cbor.Map{{Key: "id", Value: k.draw(8)}, {Key: "name", Value: long}, {Key: "displayName", Value: long}})
			k.make(r)
		}),
	},
	{
		ID: "makecredential/icons", Spec: at("6.1", ""), Level: conformance.MustNot, Twin: mcPlain,
		Doc: "Icons, which CTAP 2.0 had, are no error.",
		Run: on(func(k *key) {
			r := k.newCredential()
			rp, user := k.rpAndUser(r)
			k.make(r.with(mcRP, rp.With("icon", "https://judged.example/i.png")).with(mcUser, user.With("icon", "data:,")))
		}),
	},
}

func canVerify(i *info) bool {
	return i.option(ctap.OptionUV) || i.listed(ctap.OptionClientPIN) && i.pinServesCeremonies()
}

func (k *key) rpAndUser(r request) (rp, user cbor.Map) {
	v, _ := r.params.Get(mcRP)
	rp, _ = v.(cbor.Map)
	v, _ = r.params.Get(mcUser)
	user, _ = v.(cbor.Map)
	return rp, user
}

func (k *key) withUserID(n int) request {
	return k.newCredential().with(mcUser, cbor.Map{{Key: "id", Value: k.draw(n)}, {Key: "name", Value: "n"}, {Key: "displayName", Value: "d"}})
}

// makeCredentialLists are about excludeList.
var makeCredentialLists = []testCase{
	{
		ID: "makecredential/exclude/hit", Spec: at("6.1.2", "12"), Level: conformance.Must, Twin: "makecredential/exclude/miss",
		Doc:     "A credential in excludeList that the device has for this relying party ends the command with CREDENTIAL_EXCLUDED.",
		Catches: []string{"create/exclude-ignored", "status/excluded"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expect(k.send(k.authorise(k.excluding(c))), ctap.CredentialExcluded)
		}),
	},
	{
		ID: "makecredential/exclude/miss", Spec: at("6.1.2", "12"), Level: conformance.Must,
		Doc: "A credential in excludeList that no device has does not matter.",
		Run: on(func(k *key) {
			k.make(k.newCredential().with(mcExcludeList, cbor.Array{descriptor(k.draw(64))}))
		}),
	},
	{
		ID: "makecredential/exclude/other-rp", Spec: at("6.1.2", "12"), Level: conformance.MustNot, Twin: "makecredential/exclude/hit",
		Doc: "A credential in excludeList that belongs to another relying party does not matter.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.make(k.excluding(c).with(mcRP, rpEntity("other-"+k.rp)))
		}),
	},
	{
		ID: "makecredential/exclude/second-entry", Spec: at("6.1.2", "12"), Level: conformance.Must, Twin: "makecredential/exclude/miss",
		Doc:     "Every entry of excludeList counts, also one behind others that are not there.",
		Catches: []string{"create/exclude-ignored"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			list := cbor.Array{descriptor(k.draw(64)), descriptor(k.draw(16)), c.descriptor()}
			k.expect(k.send(k.authorise(k.newCredential().with(mcExcludeList, list))), ctap.CredentialExcluded)
		}),
	},
	{
		ID: "makecredential/exclude/unknown-type", Spec: at("6.1", ""), Level: conformance.Must, Twin: "makecredential/exclude/hit",
		Doc: "An entry of excludeList of a type that is not known is passed over.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.make(k.newCredential().with(mcExcludeList, cbor.Array{c.descriptor().With("type", "private-key")}))
		}),
	},
	{
		ID: "makecredential/exclude/transports-ignored", Spec: at("6.1", ""), Level: conformance.Must, Twin: "makecredential/exclude/miss",
		Doc: "transports of an entry of excludeList do not matter, nor do members that are not known.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			entry := c.descriptor().With("transports", cbor.Array{"carrier-pigeon"}).With("tomorrow", true)
			k.expect(k.send(k.authorise(k.newCredential().with(mcExcludeList, cbor.Array{entry}))), ctap.CredentialExcluded)
		}),
	},
	{
		ID: "makecredential/exclude/discoverable-hit", Spec: at("6.1.2", "12"), Level: conformance.Must, Needs: []need{residentKeys}, Twin: "makecredential/exclude/miss",
		Doc:     "A discoverable credential in excludeList ends the command with CREDENTIAL_EXCLUDED.",
		Catches: []string{"create/exclude-ignored", "status/excluded"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			k.expect(k.send(k.authorise(k.excluding(c))), ctap.CredentialExcluded)
		}),
	},
	{
		ID: "makecredential/exclude/waits-for-touch", Spec: at("6.1.2", "12.1.4"), Level: conformance.Must, Needs: []need{person, touchAlone}, Twin: "makecredential/exclude/hit",
		Doc:     "CREDENTIAL_EXCLUDED is told after the user was asked, and where the user declines too.",
		Catches: []string{"user/reveals-excluded-without-touch"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.user(Decline)
			k.expect(k.send(k.excluding(c)), ctap.CredentialExcluded)
			if k.user(Ignore); k.cancelled(k.excluding(c)).status == ctap.CredentialExcluded {
				k.Errorf("CREDENTIAL_EXCLUDED was told although the user did nothing")
			}
		}),
	},
	{
		ID: "makecredential/exclude/changes-nothing", Spec: at("6.1.2", "12"), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: "makecredential/exclude/discoverable-hit",
		Doc:     "A command that ends with CREDENTIAL_EXCLUDED makes no credential, and the excluded one still works.",
		Catches: []string{"status/excluded"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			k.expect(k.send(k.authorise(discoverable(k.excluding(c)))), ctap.CredentialExcluded)
			s := k.assert(k.use())
			if v, ok := s.answer.members.Get(gotNumber); ok {
				k.Differ("one credential", cbor.Text(v, nil), "there is another credential")
			}
			k.assert(k.useOf(c))
		}),
	},
}

// excluding is a new request that excludes a credential.
func (k *key) excluding(c *credential) request {
	return k.newCredential().with(mcExcludeList, cbor.Array{c.descriptor()})
}

// makeCredentialStores are about what is kept.
var makeCredentialStores = []testCase{
	{
		ID: "makecredential/discoverable/found", Spec: at("6.1.2", "17.1"), Level: conformance.Must, Needs: []need{residentKeys},
		Doc:     "A credential made with option rk is found without a list.",
		Catches: []string{"create/rk-ignored", "quirk/uv-option-unsupported", "store/forgets-new"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			r := k.authorise(k.use())
			s := k.asserted(k.send(r))
			k.signedBy(s, c, hashOf(r))
			k.ofCredential(s, c)
		}),
	},
	{
		ID: "makecredential/discoverable/not-without-rk", Spec: at("6.1.2", "18"), Level: conformance.MustNot, Needs: []need{residentKeys, atLeast21}, Twin: "makecredential/discoverable/found",
		Doc:     "A credential made without option rk, or with rk of false, is not discoverable.",
		Catches: []string{"create/rk-forced"},
		Run: on(func(k *key) {
			k.make(k.newCredential())
			k.make(withOption(k.newCredential(), "rk", false))
			k.expect(k.send(k.authorise(k.use())), ctap.NoCredentials)
		}),
	},
	{
		ID: "makecredential/discoverable/replaced", Spec: at("6.1.2", "17.2"), Level: conformance.Must, Needs: []need{residentKeys},
		Doc:     "A discoverable credential replaces the one of the same user at the same relying party, whose ID no longer works.",
		Catches: []string{"create/replaces-nobody", "create/wrong-user-id", "store/replacement-loses-old"},
		Run: on(func(k *key) {
			first := discoverable(k.newCredential())
			old := k.make(first)
			k.make(first.with(mcClientDataHash, k.draw(32)))
			s := k.assert(k.use())
			k.absent(s.answer, gotNumber, "though one of two credentials was replaced")
			k.expect(k.send(k.authorise(k.useOf(old))), ctap.NoCredentials)
		}),
	},
	{
		ID: "makecredential/discoverable/other-user-stays", Spec: at("6.1.2", "17.2"), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: "makecredential/discoverable/replaced",
		Doc:     "A discoverable credential does not replace that of another user, whose ID begins alike.",
		Catches: []string{"quirk/display-name-required", "store/any-user-replaced"},
		Run: on(func(k *key) {
			id := k.draw(16)
			a := k.make(discoverable(k.newCredential().with(mcUser, cbor.Map{{Key: "id", Value: id}})))
			b := k.make(discoverable(k.newCredential().with(mcUser, cbor.Map{{Key: "id", Value: id[:8]}})))
			k.assert(k.useOf(a))
			k.assert(k.useOf(b))
		}),
	},
	{
		ID: "makecredential/discoverable/other-rp-stays", Spec: at("6.1.2", "17.2"), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: "makecredential/discoverable/replaced",
		Doc: "A discoverable credential does not replace that of the same user at another relying party.",
		Run: on(func(k *key) {
			r := discoverable(k.newCredential())
			a := k.make(r)
			k.make(r.with(mcRP, rpEntity("other-"+k.rp)))
			k.assert(k.useOf(a))
		}),
	},
	{
		ID: "makecredential/discoverable/non-discoverable-stays", Spec: at("6.1.2", "17.2"), Level: conformance.MustNot, Needs: []need{residentKeys},
		Doc: "A discoverable credential does not replace one of the same user that is not discoverable.",
		Run: on(func(k *key) {
			r := k.newCredential()
			a := k.make(r)
			k.make(discoverable(r))
			k.assert(k.useOf(a))
		}),
	},
	{
		ID: "makecredential/power-cycle/discoverable", Spec: at("6.1.2", "17.3"), Level: conformance.Must, Needs: []need{residentKeys, power},
		Doc:     "A discoverable credential is still there after a power cycle.",
		Catches: []string{"store/writes-late"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			k.powerCycle()
			k.ofCredential(k.assert(k.use()), c)
		}),
	},
	{
		ID: "makecredential/power-cycle/non-discoverable", Spec: at("6.1.2", "18"), Level: conformance.Must, Needs: []need{power},
		Doc:     "A credential that is not discoverable still works after a power cycle.",
		Catches: []string{"store/secret-changes"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.powerCycle()
			r := k.authorise(k.useOf(c))
			k.signedBy(k.asserted(k.send(r)), c, hashOf(r))
		}),
	},
	{
		ID: "makecredential/store-full", Spec: at("6.1.2", "17.4"), Level: conformance.Must, Needs: []need{residentKeys, feature("a known, small number of discoverable credentials", func(i *info) bool {
			return i.has(infoRemaining) && i.uint(infoRemaining, 0) <= 100
		})},
		Doc:     "Where there is no room for another discoverable credential the answer is KEY_STORE_FULL, and all that are there still work.",
		Catches: []string{"create/always-full", "status/full"},
		Run: on(func(k *key) {
			var first *credential
			for range k.info().uint(infoRemaining, 0) + 400 { // the number is an estimate for large credentials
				a := k.ask(k.authorise(discoverable(k.newCredential())))
				if a.status == ctap.KeyStoreFull {
					if first == nil {
						k.Errorf("a device without credentials is full")
						return
					}
					k.assert(k.useOf(first))
					return
				}
				if c := k.created(a); first == nil {
					first = c
				}
			}
			k.Errorf("far more credentials were made than there is room for, as getInfo has it")
		}),
	},
	{
		ID: "makecredential/remaining-falls", Spec: at("6.4", ""), Level: conformance.Must, Needs: []need{residentKeys, feature("member remainingDiscoverableCredentials of getInfo", func(i *info) bool { return i.has(infoRemaining) })},
		Doc: "remainingDiscoverableCredentials does not rise when a discoverable credential is made.",
		Run: on(func(k *key) {
			before := k.info().uint(infoRemaining, 0)
			k.make(discoverable(k.newCredential()))
			if after := k.freshInfo().uint(infoRemaining, 0); after > before {
				k.Differ(fmt.Sprintf("at most %d", before), fmt.Sprint(after), "room was gained by filling it")
			}
		}),
	},
}

// ofCredential complains unless an assertion names a credential.
func (k *key) ofCredential(s *assertion, c *credential) {
	if s.id != nil && !bytes.Equal(s.id, c.id) {
		k.Differ(fmt.Sprintf("%x", c.id), fmt.Sprintf("%x", s.id), "another credential")
	}
}

// The checks of authenticator data that several commands share.

func (k *key) rpIDHash(data *authData, rpID string) {
	if want := sha256.Sum256([]byte(rpID)); !bytes.Equal(data.rpIDHash, want[:]) {
		k.Differ(fmt.Sprintf("%x", want), fmt.Sprintf("%x", data.rpIDHash), "rpIdHash is not the hash of %q", rpID)
	}
}

func (k *key) flags(data *authData, set, clear byte) {
	if data.flags&set != set || data.flags&clear != 0 {
		k.Differ(fmt.Sprintf("%08b set, %08b clear", set, clear), fmt.Sprintf("%08b", data.flags), "other flags")
	}
}

func (k *key) wholeAuthData(data *authData) {
	if len(data.rest) > 0 {
		k.Errorf("%d bytes follow what the flags %08b announce", len(data.rest), data.flags)
	}
	if _, isMap := data.extensions.Value.(cbor.Map); data.hasOutputs && !isMap {
		k.Errorf("extension outputs are a %s, not a map", cbor.Kind(data.extensions.Value))
	}
}

func (k *key) backupFlags(data *authData) {
	if data.has(flagBS) && !data.has(flagBE) {
		k.Differ("BS only with BE", fmt.Sprintf("%08b", data.flags), "backed up, though not eligible for that")
	}
}

func (k *key) onlyMembers(a answer, last int) {
	for _, p := range a.members {
		if n, ok := p.Key.(int64); !ok || n < 1 || n > int64(last) {
			k.Errorf("there is no member %s in the answer to %s", cbor.Text(p.Key, nil), a.command)
		}
	}
}
