package authenticators

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// getAssertionCases are those of authenticatorGetAssertion (§6.2).
func getAssertionCases() []testCase {
	return slices.Concat(getAssertionAnswer, getAssertionSteps, getAssertionLists)
}

const gaPlain = "getassertion/plain"

// getAssertionAnswer is about what succeeds.
var getAssertionAnswer = []testCase{
	{
		ID: gaPlain, Spec: at("6.2.2", ""), Level: conformance.Must,
		Doc: "A credential in allowList signs.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expectOK(k.send(k.authorise(k.useOf(c))))
		}),
	},
	{
		ID: "getassertion/canonical", Spec: at("8", ""), Level: conformance.Must,
		Doc:     "The answer is in the canonical form of CTAP2.",
		Catches: []string{"cbor/map-order"},
		Run:     on(func(k *key) { k.canonical(k.assert(k.useOf(k.make(k.newCredential()))).answer) }),
	},
	{
		ID: "getassertion/known-members", Spec: at("6.2.2", ""), Level: conformance.MustNot,
		Doc:     "The answer has no members but those that CTAP 2.3 defines.",
		Catches: []string{"cbor/too-deep"},
		Run:     on(func(k *key) { k.onlyMembers(k.assert(k.useOf(k.make(k.newCredential()))).answer, gotUnsigned) }),
	},
	{
		ID: "getassertion/signature", Spec: at("6.2.2", "13"), Level: conformance.Must,
		Doc: "The signature is over authData and clientDataHash, by the key of the credential.",
		Catches: []string{
			"cose/other-point", "signature/bit-flip", "signature/empty", "signature/hashed-twice",
			"signature/long-form-length", "signature/negative-s", "signature/other-algorithm", "signature/other-authdata",
			"signature/other-key", "signature/padded-integer", "signature/raw", "signature/replayed", "signature/swapped",
			"signature/trailing-byte", "signature/truncated", "signature/zero",
		},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			for range 2 {
				r := k.authorise(k.useOf(c))
				k.signedBy(k.asserted(k.send(r)), c, hashOf(r))
			}
		}),
	},
	{
		ID: "getassertion/every-algorithm", Spec: at("6.2.2", "13"), Level: conformance.Must,
		Doc:     "Credentials of every algorithm listed sign by it.",
		Catches: []string{"signature/replayed", "signature/zero"},
		Run: on(func(k *key) {
			for _, alg := range k.info().algorithms() {
				c := k.make(k.newCredential().with(mcParams, algorithms(alg)))
				r := k.authorise(k.useOf(c))
				k.signedBy(k.asserted(k.send(r)), c, hashOf(r))
			}
		}),
	},
	{
		ID: "getassertion/rpid-hash", Spec: at("6.2.2", "13"), Level: conformance.Must,
		Doc:     "authData begins with the SHA-256 hash of rpId.",
		Catches: []string{"rpidhash/of-origin", "rpidhash/other-rp", "rpidhash/zero"},
		Run:     on(func(k *key) { k.rpIDHash(k.assert(k.useOf(k.make(k.newCredential()))).data, k.rp) }),
	},
	{
		ID: "getassertion/flags", Spec: at("6.2.2", "9"), Level: conformance.Must,
		Doc: "The flag UP is set, AT is not, and no reserved bit is.",
		Catches: []string{
			"authdata/credential-in-assertion", "flags/at-in-assertion", "flags/reserved-bit-1", "flags/reserved-bit-5",
			"flags/up-missing",
		},
		Run: on(func(k *key) {
			k.flags(k.assert(k.useOf(k.make(k.newCredential()))).data, flagUP, flagReserved|flagAT)
		}),
	},
	{
		ID: "getassertion/no-trailing-bytes", Spec: conformance.Spec{Document: webauthn, Section: "6.1"}, Level: conformance.MustNot,
		Doc:     "Nothing follows in authData what the flags announce.",
		Catches: []string{"authdata/trailing-byte", "authdata/truncated"},
		Run:     on(func(k *key) { k.wholeAuthData(k.assert(k.useOf(k.make(k.newCredential()))).data) }),
	},
	{
		ID: "getassertion/backup-flags", Spec: conformance.Spec{Document: webauthn, Section: "6.1.3"}, Level: conformance.MustNot,
		Doc:     "The flag BS is not set without BE, and BE is as it was when the credential was made.",
		Catches: []string{"flags/be-appears", "flags/be-disappears", "flags/bs-without-be"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			s := k.assert(k.useOf(c))
			k.backupFlags(s.data)
			if s.data.has(flagBE) != c.data.has(flagBE) {
				k.Differ(fmt.Sprintf("BE %v", c.data.has(flagBE)), fmt.Sprintf("BE %v", s.data.has(flagBE)), "the flag BE has changed")
			}
		}),
	},
	{
		ID: "getassertion/counter", Spec: conformance.Spec{Document: webauthn, Section: "6.1.1"}, Level: conformance.Must,
		Doc:     "The signature counter rises with each assertion, or is always 0.",
		Catches: []string{"counter/backwards", "counter/frozen", "counter/lost", "counter/not-kept", "counter/overflows"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			last := c.data.count
			for range 3 {
				s := k.assert(k.useOf(c))
				if (s.data.count != 0 || last != 0) && s.data.count <= last {
					k.Differ(fmt.Sprintf("more than %d", last), fmt.Sprint(s.data.count), "the counter does not rise")
				}
				last = s.data.count
			}
		}),
	},
	{
		ID: "getassertion/counter-after-power-cycle", Spec: conformance.Spec{Document: webauthn, Section: "6.1.1"}, Level: conformance.Must, Needs: []need{power},
		Doc:     "The signature counter goes on rising after a power cycle.",
		Catches: []string{"counter/backwards", "counter/frozen", "counter/not-kept"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			before := k.assert(k.useOf(c)).data.count
			k.powerCycle()
			if after := k.assert(k.useOf(c)).data.count; (after != 0 || before != 0) && after <= before {
				k.Differ(fmt.Sprintf("more than %d", before), fmt.Sprint(after), "the counter does not rise")
			}
		}),
	},
	{
		ID: "getassertion/credential-named", Spec: at("6.2.2", "13"), Level: conformance.Must, Needs: []need{atLeast21},
		Doc:     "The answer names the credential that signed, in a descriptor with id and type.",
		Catches: []string{"assert/credential-missing", "assert/credential-type", "quirk/lone-credential-missing"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			s := k.assert(k.useOf(c))
			m := k.mapOf(s.answer, gotCredential)
			if kind, _ := m.Get("type"); kind != any("public-key") || !bytes.Equal(s.id, c.id) {
				k.Differ(cbor.Text(c.descriptor(), nil), cbor.Text(m, nil), "another descriptor")
			}
		}),
	},
	{
		ID: "getassertion/no-user-for-non-discoverable", Spec: at("6.2.2", "13"), Level: conformance.MustNot, Needs: []need{atLeast21, feature("credentials that are kept in their IDs", func(i *info) bool { return !i.option(ctap.OptionPlat) })},
		Doc:     "The answer has no user for a credential that is not discoverable.",
		Catches: []string{"assert/user-of-listed", "quirk/empty-user-id"},
		Run: on(func(k *key) {
			k.absent(k.assert(k.useOf(k.make(k.newCredential()))).answer, gotUser, "though the credential is not discoverable")
		}),
	},
	{
		ID: "getassertion/user-of-discoverable", Spec: at("6.2.2", "12"), Level: conformance.Must, Needs: []need{residentKeys},
		Doc:     "The answer has the user of a discoverable credential that was found without a list, with the ID it was made with.",
		Catches: []string{"assert/passkeys-not-found", "assert/user-missing", "assert/user-other"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			s := k.assert(k.use())
			if id, _ := s.user.Get("id"); !cbor.Same(id, c.user) {
				k.Differ(fmt.Sprintf("%x", c.user), cbor.Text(s.user, nil), "another user handle")
			}
		}),
	},
	{
		ID: "getassertion/no-number-for-one", Spec: at("6.2.2", "12.1"), Level: conformance.MustNot, Needs: []need{residentKeys},
		Doc:     "numberOfCredentials and userSelected are absent where there is one credential.",
		Catches: []string{"assert/count-of-one", "assert/passkeys-not-found", "assert/selected-unasked"},
		Run: on(func(k *key) {
			k.make(discoverable(k.newCredential()))
			a := k.assert(k.use()).answer
			k.absent(a, gotNumber, "though there is one credential")
			k.absent(a, gotSelected, "though there is nothing to choose")
		}),
	},
	{
		ID: "getassertion/no-outputs-unasked", Spec: at("6.2.2", "10"), Level: conformance.MustNot,
		Doc:     "There are no extension outputs, no largeBlobKey and no unsigned outputs where there were no inputs.",
		Catches: []string{"authdata/output-unasked", "authdata/outputs-empty"},
		Run: on(func(k *key) {
			s := k.assert(k.useOf(k.make(k.newCredential())))
			if s.data.hasOutputs {
				k.Differ("none", cbor.Text(s.data.extensions.Value, nil), "unsolicited extension outputs")
			}
			k.absent(s.answer, gotLargeBlobKey, "though nothing asked for it")
			k.absent(s.answer, gotUnsigned, "though nothing asked for it")
		}),
	},
	{
		ID: "getassertion/verified-flag", Spec: at("6.2.2", "6"), Level: conformance.Must, Needs: []need{feature("user verification", canVerify)},
		Doc:     "The flag UV is set where the user was verified.",
		Catches: []string{"flags/up-missing", "flags/uv-missing"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.flags(k.asserted(k.send(k.verified(k.useOf(c)))).data, flagUV|flagUP, 0)
		}),
	},
	{
		ID: "getassertion/unverified-flag", Spec: at("6.2.2", "6"), Level: conformance.MustNot, Needs: []need{feature("assertions without user verification", func(i *info) bool { return !i.option(ctap.OptionAlwaysUv) })},
		Doc:     "The flag UV is not set where the user was not verified.",
		Catches: []string{"flags/up-missing", "flags/uv-always"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.flags(k.asserted(k.send(k.useOf(c))).data, flagUP, flagUV)
		}),
	},
	{
		ID: "getassertion/silent", Spec: at("6.2.2", "9"), Level: conformance.Must, Twin: gaPlain,
		Doc:     "With option up of false the answer is signed without the flag UP.",
		Catches: []string{"flags/up-always", "signature/other-key", "user/asks-when-silent"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			r := withOption(k.useOf(c), "up", false)
			s := k.asserted(k.send(r))
			k.flags(s.data, 0, flagUP)
			k.signedBy(s, c, hashOf(r))
		}),
	},
	{
		ID: "getassertion/silent-without-touch", Spec: at("6.2.2", "9"), Level: conformance.MustNot, Needs: []need{person}, Twin: "getassertion/silent",
		Doc:     "With option up of false the user is not asked.",
		Catches: []string{"quirk/silent-refused", "user/asks-when-silent"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.user(Decline)
			k.asserted(k.send(withOption(k.useOf(c), "up", false)))
		}),
	},
}

// getAssertionSteps are about the refusals of single steps.
var getAssertionSteps = []testCase{
	{
		ID: "getassertion/zero-length-param/no-pin", Spec: at("6.2.2", "1"), Level: conformance.Must, Needs: []need{clientPIN},
		Doc:     "An empty pinUvAuthParam is answered with PIN_NOT_SET after a touch, on a device without a PIN.",
		Catches: []string{"create/zero-length-probe-untouched"},
		Run:     on(func(k *key) { k.expect(k.send(k.use().with(gaParam, []byte{})), ctap.PINNotSet) }),
	},
	{
		ID: "getassertion/zero-length-param/pin-set", Spec: at("6.2.2", "1"), Level: conformance.Must, Needs: []need{clientPIN},
		Doc: "An empty pinUvAuthParam is answered with PIN_INVALID after a touch, on a device with a PIN.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.expect(k.send(k.use().with(gaParam, []byte{})), ctap.PINInvalid)
		}),
	},
	{
		ID: "getassertion/zero-length-param/declined", Spec: at("6.2.2", "1"), Level: conformance.Must, Needs: []need{clientPIN, person}, Twin: "getassertion/zero-length-param/no-pin",
		Doc:     "An empty pinUvAuthParam waits for a touch: declined, it is answered with OPERATION_DENIED.",
		Catches: []string{"status/denied"},
		Run: on(func(k *key) {
			k.user(Decline)
			k.expect(k.send(k.use().with(gaParam, []byte{})), ctap.OperationDenied, ctap.UPRequired)
		}),
	},
	{
		ID: "getassertion/protocol-unsupported", Spec: at("6.2.2", "2.1"), Level: conformance.Must, Needs: []need{ceremonyToken}, Twin: "getassertion/token/plain",
		Doc: "A pinUvAuthParam of a protocol that the device does not have is answered with INVALID_PARAMETER.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expect(k.send(k.tokenFor(k.useOf(c)).with(gaProtocol, 99)), ctap.InvalidParameter)
		}),
	},
	{
		ID: "getassertion/protocol-missing", Spec: at("6.2.2", "2.2"), Level: conformance.Must, Needs: []need{ceremonyToken}, Twin: "getassertion/token/plain",
		Doc: "A pinUvAuthParam without pinUvAuthProtocol is answered with MISSING_PARAMETER.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expect(k.send(k.tokenFor(k.useOf(c)).without(gaProtocol)), ctap.MissingParameter)
		}),
	},
	{
		ID: "getassertion/option/rk", Spec: at("6.2.2", "4.4"), Level: conformance.Must, Needs: []need{atLeast21}, Twin: gaPlain,
		Doc:     "Option rk is answered with UNSUPPORTED_OPTION, whatever its value.",
		Catches: []string{"assert/rk-option-accepted", "status/unsupported-option"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			for _, value := range []bool{true, false} {
				k.expect(k.send(k.authorise(withOption(k.useOf(c), "rk", value))), ctap.UnsupportedOption)
			}
		}),
	},
	{
		ID: "getassertion/option/uv-without-uv", Spec: at("6.2.2", "4.3"), Level: conformance.Must, Needs: []need{noBuiltInUV}, Twin: gaPlain,
		Doc: "Option uv of true is answered with INVALID_OPTION by a device without built-in user verification that is set up.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expect(k.send(withOption(k.useOf(c), "uv", true)), ctap.InvalidOption)
		}),
	},
	{
		ID: "getassertion/option/unknown", Spec: at("8", ""), Level: conformance.Must, Twin: gaPlain,
		Doc: "An option that is not known is ignored.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.assert(withOption(k.useOf(c), "tomorrow", true))
		}),
	},
	{
		ID: "getassertion/presence/declined", Spec: at("6.2.2", "9"), Level: conformance.Must, Needs: []need{person, feature("assertions without user verification", func(i *info) bool { return !i.option(ctap.OptionAlwaysUv) })}, Twin: gaPlain,
		Doc:     "Where the user declines, nothing is signed.",
		Catches: []string{"status/denied", "user/signs-without-touch"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.user(Decline)
			k.expect(k.send(k.useOf(c)), ctap.OperationDenied)
		}),
	},
	{
		ID: "getassertion/presence/cancelled", Spec: at("11.2.9.1.5", ""), Level: conformance.Must, Needs: []need{person, feature("assertions without user verification", func(i *info) bool { return !i.option(ctap.OptionAlwaysUv) })}, Twin: gaPlain,
		Doc:     "A platform that cancels while the device waits for a touch is answered with KEEPALIVE_CANCEL.",
		Catches: []string{"quirk/cancel-status"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.expect(k.cancelled(k.useOf(c)), ctap.KeepaliveCancel)
		}),
	},
	{
		ID: "getassertion/client-data-hash-length", Spec: at("6.2", ""), Level: conformance.Must, Twin: gaPlain,
		Doc: "A clientDataHash of another length than 32 bytes is an error.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			for _, n := range []int{0, 31, 33} {
				k.refused(k.send(k.authorise(k.useOf(c).with(gaClientDataHash, k.draw(n)))))
			}
		}),
	},
}

// getAssertionLists are about which credentials apply.
var getAssertionLists = []testCase{
	{
		ID: "getassertion/none/allow-list", Spec: at("6.2.2", "7.6"), Level: conformance.Must, Twin: gaPlain,
		Doc:     "Where no credential of allowList is there the answer is NO_CREDENTIALS.",
		Catches: []string{"quirk/invalid-credential", "status/no-credentials"},
		Run: on(func(k *key) {
			k.make(k.newCredential())
			for _, n := range []int{1, 16, 64, 200} {
				k.expect(k.send(k.authorise(k.use().with(gaAllowList, cbor.Array{descriptor(k.draw(n))}))), ctap.NoCredentials)
			}
		}),
	},
	{
		ID: "getassertion/none/discoverable", Spec: at("6.2.2", "7.6"), Level: conformance.Must, Twin: gaPlain,
		Doc:     "Where there is no list and no discoverable credential the answer is NO_CREDENTIALS.",
		Catches: []string{"quirk/invalid-credential", "status/no-credentials"},
		Run:     on(func(k *key) { k.expect(k.send(k.authorise(k.use())), ctap.NoCredentials) }),
	},
	{
		ID: "getassertion/none/other-rp", Spec: at("6.2.2", "7.1"), Level: conformance.MustNot, Twin: gaPlain,
		Doc: "A credential does not sign for another relying party, named by its ID.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			for _, rp := range []string{"other-" + k.rp, "sub." + k.rp, k.rp[1:], k.rp + "."} {
				k.expect(k.send(k.authorise(k.useOf(c).with(gaRPID, rp))), ctap.NoCredentials)
			}
		}),
	},
	{
		ID: "getassertion/none/other-rp-by-id", Spec: at("6.2.2", "7.1"), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: "getassertion/allow-list/discoverable",
		Doc:     "A discoverable credential does not sign for another relying party that names it in allowList.",
		Catches: []string{"assert/other-rp-found"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			k.expect(k.send(k.authorise(k.useOf(c).with(gaRPID, "other-"+k.rp))), ctap.NoCredentials)
		}),
	},
	{
		ID: "getassertion/none/other-rp-discoverable", Spec: at("6.2.2", "7.2"), Level: conformance.MustNot, Needs: []need{residentKeys}, Twin: "getassertion/user-of-discoverable",
		Doc: "A discoverable credential is not found for another relying party.",
		Run: on(func(k *key) {
			k.make(discoverable(k.newCredential()))
			k.expect(k.send(k.authorise(k.use().with(gaRPID, "sub."+k.rp))), ctap.NoCredentials)
		}),
	},
	{
		ID: "getassertion/none/altered-id", Spec: at("6.2.2", "7.1"), Level: conformance.MustNot, Twin: gaPlain,
		Doc: "A credential ID with one bit changed, one byte less or one more is none.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			altered := []cbor.Map{descriptor(c.id[:len(c.id)-1]), descriptor(append(bytes.Clone(c.id), 0))}
			for _, at := range []int{0, len(c.id) / 2, len(c.id) - 1} {
				other := bytes.Clone(c.id)
				other[at] ^= 1
				altered = append(altered, descriptor(other))
			}
			for _, d := range altered {
				k.expect(k.send(k.authorise(k.use().with(gaAllowList, cbor.Array{d}))), ctap.NoCredentials)
			}
		}),
	},
	{
		ID: "getassertion/allow-list/several", Spec: at("6.2.2", "11"), Level: conformance.Must,
		Doc:     "Of several credentials in allowList one signs, and numberOfCredentials is absent.",
		Catches: []string{"assert/credential-missing", "quirk/lists-of-one"},
		Run: on(func(k *key) {
			a, b := k.make(k.newCredential()), k.make(k.newCredential())
			s := k.assert(k.use().with(gaAllowList, cbor.Array{descriptor(k.draw(64)), a.descriptor(), b.descriptor()}))
			k.absent(s.answer, gotNumber, "though there was a list")
			if !bytes.Equal(s.id, a.id) && !bytes.Equal(s.id, b.id) {
				k.Differ("one of the list", fmt.Sprintf("%x", s.id), "another credential signed")
			}
		}),
	},
	{
		ID: "getassertion/allow-list/unknown-type", Spec: at("6.2", ""), Level: conformance.Must, Twin: gaPlain,
		Doc:     "An entry of allowList of a type that is not known is passed over.",
		Catches: []string{"quirk/lists-of-one"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			other := c.descriptor().With("type", "private-key")
			k.assert(k.use().with(gaAllowList, cbor.Array{other, c.descriptor()}))
			k.expect(k.send(k.authorise(k.use().with(gaAllowList, cbor.Array{other}))), ctap.NoCredentials)
		}),
	},
	{
		ID: "getassertion/allow-list/transports-ignored", Spec: at("6.2", ""), Level: conformance.Must, Twin: gaPlain,
		Doc: "transports of an entry of allowList do not matter, nor do members that are not known.",
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.assert(k.use().with(gaAllowList, cbor.Array{c.descriptor().With("transports", cbor.Array{"carrier-pigeon"}).With("tomorrow", 1)}))
		}),
	},
	{
		ID: "getassertion/allow-list/discoverable", Spec: at("6.2.2", "7.1"), Level: conformance.Must, Needs: []need{residentKeys},
		Doc:     "A discoverable credential signs where allowList names it.",
		Catches: []string{"assert/credential-unlisted", "assert/list-ignored"},
		Run: on(func(k *key) {
			c := k.make(discoverable(k.newCredential()))
			k.make(discoverable(k.newCredential()))
			s := k.assert(k.useOf(c))
			k.ofCredential(s, c)
			k.absent(s.answer, gotNumber, "though there was a list")
		}),
	},
}
