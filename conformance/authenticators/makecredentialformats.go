package authenticators

import (
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

// formats is a need: at least n attestation statement formats other than none.
func formats(n int) need {
	return feature("attestation statement formats to choose from", func(i *info) bool { return len(i.texts(infoFormats)) >= n })
}

// preferring makes a credential whose relying party has a taste in formats.
func (k *key) preferring(formats ...string) *credential {
	list := cbor.Array{}
	for _, f := range formats {
		list = append(list, f)
	}
	return k.make(k.newCredential().with(mcFormats, list))
}

// formatIs says that the statement has to be of a format.
func (k *key) formatIs(c *credential, want string) {
	k.attestation(c)
	if c.format != want {
		k.Differ(want, c.format, "the statement is of another format")
	}
}

// makeCredentialFormats are about attestationFormatsPreference, which came with CTAP 2.2
// (§6.1.2 step 19). Enterprise attestation is not asked for: texts and devices disagree
// on which of the two wishes counts.
var makeCredentialFormats = []testCase{
	{
		ID: "makecredential/formats/none-alone", Spec: at("6.1.2", "19"), Level: conformance.Must, Needs: []need{version23, formats(1)}, Twin: mcPlain,
		Doc:     `Where the relying party prefers "none" and nothing else there is no attestation.`,
		Catches: []string{"create/preference-ignored"},
		Run:     on(func(k *key) { k.formatIs(k.preferring("none"), "none") }),
	},
	{
		ID: "makecredential/formats/unknown-skipped", Spec: at("6.1.2", "19"), Level: conformance.Must, Needs: []need{version23, formats(1)}, Twin: mcPlain,
		Doc:     "Formats that the device does not know are passed over.",
		Catches: []string{"create/preference-all-or-none"},
		Run: on(func(k *key) {
			own := k.info().texts(infoFormats)[0]
			k.formatIs(k.preferring("judge-unknown", own), own)
		}),
	},
	{
		ID: "makecredential/formats/first-supported", Spec: at("6.1.2", "19"), Level: conformance.Must, Needs: []need{version23, formats(2)}, Twin: mcPlain,
		Doc:     "Of the formats that the relying party prefers, the first that the device has is used.",
		Catches: []string{"create/preference-ignored", "create/preference-reversed"},
		Run: on(func(k *key) {
			own := k.info().texts(infoFormats)
			for range own {
				k.formatIs(k.preferring(own...), own[0])
				own = append(slices.Clone(own[1:]), own[0])
			}
		}),
	},
	{
		ID: "makecredential/formats/empty", Spec: at("6.1.2", "19"), Level: conformance.Must, Needs: []need{version23, formats(1)}, Twin: mcPlain,
		Doc:     "An empty list of preferences is as none at all.",
		Catches: []string{"create/preference-all-or-none"},
		Run:     on(func(k *key) { k.formatIs(k.preferring(), k.make(k.newCredential()).format) }),
	},
}
