package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// tokenRequestCases are about asking for tokens with permissions, by either way.
func tokenRequestCases(name, section string, way need, one func(*key, ctap.Permissions, string) request) []testCase {
	plain := name + "/plain"
	byPIN := way.Name == pinToken.Name
	all := []testCase{
		{
			ID: plain, Spec: at(section, ""), Level: conformance.Must, Needs: []need{way},
			Doc: "A token with one permission that the device can give is handed out.",
			Run: on(func(k *key) {
				p, rp := k.possible(byPIN)
				k.expectOK(k.send(one(k, p, rp)))
			}),
		},
		{
			ID: name + "/no-permissions", Spec: at(section, "3"), Level: conformance.Must, Needs: []need{way}, Twin: plain,
			Doc: "Permissions of 0 are answered with INVALID_PARAMETER.",
			Run: on(func(k *key) {
				p, rp := k.possible(byPIN)
				k.expect(k.send(one(k, p, rp).with(pinPermissions, 0)), ctap.InvalidParameter)
			}),
		},
		{
			ID: name + "/unknown-bits", Spec: at(section, "4"), Level: conformance.Must, Needs: []need{way}, Twin: plain,
			Doc: "Bits of permissions that are not defined do not matter.",
			Run: on(func(k *key) {
				p, rp := k.possible(byPIN)
				k.expectOK(k.send(one(k, p|0x80, rp)))
			}),
		},
		{
			ID: name + "/rp-missing", Spec: at(section, "1"), Level: conformance.Must, Needs: []need{way, ceremonyToken}, Twin: plain,
			Doc: "Permission mc or ga without an RP ID is answered with MISSING_PARAMETER or INVALID_PARAMETER.",
			Run: on(func(k *key) {
				for _, p := range []ctap.Permissions{ctap.PermissionMakeCredential, ctap.PermissionGetAssertion} {
					a := k.send(one(k, p, ""))
					k.expect(a, ctap.MissingParameter, ctap.InvalidParameter, ctap.UnauthorizedPermission)
				}
			}),
		},
		{
			ID: name + "/read-only-alone", Spec: at(section, "4"), Level: conformance.Must, Needs: []need{way, readOnlyMgmt}, Twin: plain,
			Doc: "Permission pcmr together with another is answered with UNAUTHORIZED_PERMISSION.",
			Run: on(func(k *key) {
				k.expect(k.send(one(k, ctap.PermissionPersistentReadOnly|ctap.PermissionCredentialManagement, "")), ctap.UnauthorizedPermission)
			}),
		},
		{
			ID: name + "/unsupported-protocol", Spec: at(section, "2"), Level: conformance.Must, Needs: []need{way}, Twin: plain,
			Doc: "A protocol that the device does not have is answered with INVALID_PARAMETER.",
			Run: on(func(k *key) {
				p, rp := k.possible(byPIN)
				k.expect(k.send(one(k, p, rp).with(pinProtocol, 99)), ctap.InvalidParameter)
			}),
		},
	}
	for _, p := range permissions {
		all = append(all, testCase{
			ID: name + "/unobtainable/" + p.name, Spec: at(section, "4"), Level: conformance.Must, Needs: append([]need{way}, p.needs...), Twin: plain,
			Doc: fmt.Sprintf("Permission %s is given exactly where getInfo has what it is for, and else answered with UNAUTHORIZED_PERMISSION.", p.name),
			Run: on(func(k *key) {
				a := k.send(one(k, p.bit, k.rp))
				if p.given(k.info(), byPIN) {
					k.expectOK(a)
					return
				}
				k.expect(a, ctap.UnauthorizedPermission)
			}),
		})
	}
	return all
}

// possible is a permission that the device can give.
func (k *key) possible(byPIN bool) (ctap.Permissions, string) {
	for _, p := range permissions {
		if p.given(k.info(), byPIN) {
			return p.bit, k.rp
		}
	}
	k.Unsupportedf("needs a permission that a token can have")
	return 0, ""
}

// permission is one of §6.5.5.7.
type permission struct {
	bit  ctap.Permissions
	name string
	// given reports whether a token can have it, as getInfo has it.
	given func(i *info, byPIN bool) bool
	// needs are met where the device can know it.
	needs []need
}

var permissions = []permission{
	{ctap.PermissionMakeCredential, "mc", func(i *info, byPIN bool) bool { return !byPIN || i.pinServesCeremonies() }, nil},
	{ctap.PermissionGetAssertion, "ga", func(i *info, byPIN bool) bool { return !byPIN || i.pinServesCeremonies() }, nil},
	{ctap.PermissionCredentialManagement, "cm", func(i *info, _ bool) bool { return i.option(ctap.OptionCredMgmt) }, nil},
	{ctap.PermissionBioEnrollment, "be", func(i *info, byPIN bool) bool {
		return i.listed(ctap.OptionBioEnroll) && (byPIN || i.option(ctap.OptionUVBioEnroll))
	}, nil},
	{ctap.PermissionLargeBlobWrite, "lbw", func(i *info, _ bool) bool { return i.option(ctap.OptionLargeBlobs) }, nil},
	{ctap.PermissionAuthenticatorConfig, "acfg", func(i *info, byPIN bool) bool {
		return i.option(ctap.OptionAuthnrCfg) && (byPIN || i.option(ctap.OptionUVAcfg))
	}, nil},
	{ctap.PermissionPersistentReadOnly, "pcmr", func(i *info, _ bool) bool { return i.option(ctap.OptionPerCredMgmtRO) }, []need{
		// Before there was such a permission its bit was one of those that are passed over.
		feature("CTAP 2.3, or option "+ctap.OptionPerCredMgmtRO, func(i *info) bool { return i.version(ctap.VersionFIDO23) || i.option(ctap.OptionPerCredMgmtRO) }),
	}},
}
