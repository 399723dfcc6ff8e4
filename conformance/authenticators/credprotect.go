package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// credProtectCases are those of credProtect (§12.1).
func credProtectCases() []testCase {
	needs := func(more ...need) []need { return append([]need{extension(ctap.ExtensionCredProtect)}, more...) }
	protecting := func(k *key, level int) request { return extending(k.newCredential(), ctap.ExtensionCredProtect, level) }
	noUV := feature("assertions without user verification", func(i *info) bool { return !i.option(ctap.OptionAlwaysUv) })
	return []testCase{
		{
			ID: "credprotect/output", Spec: at("12.1", ""), Level: conformance.Must, Needs: needs(),
			Doc:     "The level that was asked for is put out, or a higher one that the device always has.",
			Catches: []string{"authdata/outputs-lost", "credprotect/output-lower", "credprotect/output-missing", "flags/ed-missing"},
			Run: on(func(k *key) {
				for level := 1; level <= 3; level++ {
					k.outputIs(k.make(protecting(k, level)).data, ctap.ExtensionCredProtect, max(int64(level), k.level()))
				}
			}),
		},
		{
			ID: "credprotect/level-3-hidden", Spec: at("6.2.2", "7.4"), Level: conformance.MustNot, Needs: needs(noUV), Twin: "credprotect/level-3-verified",
			Doc:     "A credential of level 3 does not sign for a user who was not verified, though a list names it.",
			Catches: []string{"credprotect/level-3-used"},
			Run: on(func(k *key) {
				c := k.make(protecting(k, 3))
				k.expect(k.send(k.useOf(c)), ctap.NoCredentials)
			}),
		},
		{
			ID: "credprotect/level-3-verified", Spec: at("6.2.2", "7.4"), Level: conformance.Must, Needs: needs(feature("user verification", canVerify)),
			Doc: "A credential of level 3 signs for a user who was verified.",
			Run: on(func(k *key) {
				c := k.make(protecting(k, 3))
				k.expectOK(k.send(k.verified(k.useOf(c))))
			}),
		},
		{
			ID: "credprotect/level-2-in-list", Spec: at("6.2.2", "7.5"), Level: conformance.Must, Needs: needs(noUV),
			Doc:     "A credential of level 2 signs for a user who was not verified where a list names it.",
			Catches: []string{"credprotect/level-2-unlisted"},
			Run: on(func(k *key) {
				if k.level() > 2 {
					k.Unsupportedf("needs a device that makes credentials of level 2")
				}
				c := k.make(protecting(k, 2))
				k.expectOK(k.send(k.useOf(c)))
			}),
		},
		{
			ID: "credprotect/level-2-in-silence", Spec: at("6.2.2", "7.5"), Level: conformance.Must, Needs: needs(noUV), Twin: "credprotect/level-2-in-list",
			Doc:     "A credential of level 2 that a list names signs also with option up of false.",
			Catches: []string{"credprotect/level-2-silent"},
			Run: on(func(k *key) {
				if k.level() > 2 {
					k.Unsupportedf("needs a device that makes credentials of level 2")
				}
				k.expectOK(k.send(withOption(k.useOf(k.make(protecting(k, 2))), "up", false)))
			}),
		},
		{
			ID: "credprotect/level-2-excluded", Spec: at("6.1.2", "12.1"), Level: conformance.Must, Needs: needs(touchAlone), Twin: "makecredential/exclude/miss",
			Doc:     "A credential of level 2 in excludeList ends the command also where the user was not verified.",
			Catches: []string{"credprotect/level-2-not-excluded"},
			Run: on(func(k *key) {
				if k.level() > 2 {
					k.Unsupportedf("needs a device that makes credentials of level 2")
				}
				k.expect(k.send(k.excluding(k.make(protecting(k, 2)))), ctap.CredentialExcluded)
			}),
		},
		{
			ID: "credprotect/level-2-not-found", Spec: at("6.2.2", "7.5"), Level: conformance.MustNot, Needs: needs(touchSigns, residentKeys), Twin: "credprotect/level-1-found",
			Doc:     "A credential of level 2 is not found without a list for a user who was not verified.",
			Catches: []string{"credprotect/level-2-discovered", "credprotect/level-not-kept"},
			Run: on(func(k *key) {
				k.make(discoverable(protecting(k, 2)))
				k.expect(k.send(k.use()), ctap.NoCredentials)
			}),
		},
		{
			ID: "credprotect/level-1-found", Spec: at("12.1", ""), Level: conformance.Must, Needs: needs(touchSigns, residentKeys),
			Doc:     "A credential of level 1 is found without a list and without verification.",
			Catches: []string{"credprotect/forced"},
			Run: on(func(k *key) {
				k.make(discoverable(protecting(k, 1)))
				k.expectOK(k.send(k.use()))
			}),
		},
		{
			ID: "credprotect/level-3-not-counted", Spec: at("6.2.2", "7.7"), Level: conformance.MustNot, Needs: needs(touchSigns, residentKeys), Twin: "credprotect/level-1-found",
			Doc:     "Credentials that are hidden from a user who was not verified are not counted either.",
			Catches: []string{"credprotect/level-not-kept"},
			Run: on(func(k *key) {
				k.make(discoverable(protecting(k, 1)))
				k.make(discoverable(protecting(k, 3)))
				k.uncounted(k.asserted(k.send(k.use())).answer, "though one of two credentials is hidden")
			}),
		},
		{
			ID: "credprotect/level-3-not-excluded", Spec: at("6.1.2", "12.2"), Level: conformance.MustNot, Needs: needs(touchAlone), Twin: "makecredential/exclude/hit",
			Doc:     "A credential of level 3 in excludeList does not matter where the user was not verified.",
			Catches: []string{"credprotect/level-3-excluded"},
			Run: on(func(k *key) {
				c := k.make(protecting(k, 3))
				k.expectOK(k.send(k.excluding(c)))
			}),
		},
		{
			ID: "credprotect/level-3-excluded", Spec: at("6.1.2", "12.2"), Level: conformance.Must, Needs: needs(feature("user verification", canVerify)), Twin: "makecredential/exclude/miss",
			Doc: "A credential of level 3 in excludeList ends the command where the user was verified.",
			Run: on(func(k *key) {
				c := k.make(protecting(k, 3))
				k.expect(k.send(k.verified(k.excluding(c))), ctap.CredentialExcluded)
			}),
		},
		{
			ID: "credprotect/wrong-type", Spec: at("12", ""), Level: conformance.Must, Needs: needs(), Twin: "credprotect/output",
			Doc: "An input that is no integer is an error.",
			Run: on(func(k *key) {
				for _, input := range []any{"3", true, []byte{3}, cbor.Map{}} {
					k.refused(k.send(k.authorise(extending(k.newCredential(), ctap.ExtensionCredProtect, input))))
				}
			}),
		},
	}
}
