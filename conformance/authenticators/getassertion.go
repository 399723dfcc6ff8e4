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
		ID: "getassertion/known-members", Spec: at("6.2.2", ""), Level: conformance.Should,
		Doc:     "The answer has no members but those that CTAP 2.3 defines.",
		Catches: []string{"cbor/too-deep"},
		Run:     on(func(k *key) { k.onlyMembers(k.assert(k.useOf(k.make(k.newCredential()))).answer, gotUnsigned) }),
	},
	{
		ID: "getassertion/signature", Spec: at("6.2.2", "13"), Level: conformance.Must,
		Doc: "The signature is over authData and clientDataHash, by the key of the credential.",
		Catches: []string{
			"signature/client-data-alone", "signature/parts-swapped", "signature/sha-384", "signature/unhashed", "signature/without-client-data",
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
			k.uncounted(a, "though there is one credential")
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
		ID: "getassertion/unverified-flag", Spec: at("6.2.2", "6"), Level: conformance.MustNot, Needs: []need{noBuiltInUV, touchSigns},
		Doc:     "The flag UV is not set where the user was not verified.",
		Catches: []string{"flags/up-missing", "flags/uv-always"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.flags(k.asserted(k.send(k.useOf(c))).data, flagUP, flagUV)
		}),
	},
	{
		ID: "getassertion/silent", Spec: at("6.2.2", "9"), Needs: []need{levelOne}, Level: conformance.Must, Twin: gaPlain,
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
		ID: "getassertion/silent-without-touch", Spec: at("6.2.2", "9"), Level: conformance.MustNot, Needs: []need{levelOne, person}, Twin: "getassertion/silent",
		Doc:     "With option up of false the user is not asked.",
		Catches: []string{"quirk/silent-refused", "user/asks-when-silent"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			k.user(Decline)
			k.asserted(k.send(withOption(k.useOf(c), "up", false)))
		}),
	},
}
