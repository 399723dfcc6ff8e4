package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// action is something that takes a token with a permission.
type action struct {
	name, section string
	permission    ctap.Permissions
	readOnly      bool // a persistent token will do too
	needs         []need
	// prepare makes what the action is done to; it may be nil.
	prepare func(*key) *credential
	request func(*key, token, *credential) request
	// done is how it ends with the permission; OK where it is nil.
	done []ctap.Status
}

func oneDiscoverable(k *key) *credential { return k.make(discoverable(k.newCredential())) }

func managing(name, section string, sub ctap.SubCommand, readOnly bool, params func(*key, *credential) cbor.Map) action {
	return action{
		name: "credentialmanagement/" + name, section: section, permission: ctap.PermissionCredentialManagement, readOnly: readOnly,
		needs: []need{credMgmt, residentKeys}, prepare: oneDiscoverable,
		request: func(k *key, t token, c *credential) request {
			if params == nil {
				return k.manage(t, sub, nil)
			}
			return k.manage(t, sub, params(k, c))
		},
	}
}

func configuring(name, section string, sub ctap.SubCommand, params cbor.Map) action {
	return action{
		name: "config/" + name, section: section, permission: ctap.PermissionAuthenticatorConfig, needs: []need{configCommand(sub)},
		request: func(_ *key, t token, _ *credential) request { return configure(t, sub, params) },
	}
}

var actions = []action{
	{
		name: "makecredential", section: "6.1.2", permission: ctap.PermissionMakeCredential,
		request: func(k *key, t token, _ *credential) request { return t.sign(k.newCredential()) },
	},
	{
		name: "getassertion", section: "6.2.2", permission: ctap.PermissionGetAssertion,
		prepare: func(k *key) *credential { return k.make(k.newCredential()) },
		request: func(k *key, t token, c *credential) request { return t.sign(k.useOf(c)) },
	},
	managing("metadata", "6.8.2", ctap.GetCredsMetadata, true, nil),
	managing("rps", "6.8.3", ctap.EnumerateRPsBegin, true, nil),
	managing("credentials", "6.8.4", ctap.EnumerateCredentialsBegin, true, func(k *key, _ *credential) cbor.Map { return hashParams(k.rp) }),
	managing("delete", "6.8.5", ctap.DeleteCredential, false, func(_ *key, c *credential) cbor.Map { return credentialParams(c) }),
	managing("update", "6.8.6", ctap.UpdateUserInformation, false, func(_ *key, c *credential) cbor.Map {
		return userParams(c, cbor.Map{{Key: "id", Value: c.user}, {Key: "name", Value: "new"}})
	}),
	{
		name: "largeblobs/set", section: "6.10.2", permission: ctap.PermissionLargeBlobWrite, needs: []need{largeBlobs},
		request: func(k *key, t token, _ *credential) request { return writeFragment(t, k.blobs(40), 0, 40) },
	},
	configuring("always-uv", "6.11.2", ctap.ToggleAlwaysUv, nil),
	configuring("min-pin-length", "6.11.4", ctap.SetMinPINLength, cbor.Map{}),
	configuring("enterprise", "6.11.1", ctap.EnableEnterpriseAttestation, nil),
	configuring("long-touch", "6.11.5", ctap.EnableLongTouchForReset, nil),
	{
		name: "bioenrollment/begin", section: "6.7.4", permission: ctap.PermissionBioEnrollment, needs: []need{bioEnroll, pinToken},
		request: func(_ *key, t token, _ *credential) request { return enrol(t, ctap.EnrollBegin, nil) },
	},
	{
		name: "bioenrollment/enumerate", section: "6.7.6", permission: ctap.PermissionBioEnrollment, needs: []need{bioEnroll, pinToken},
		request: func(_ *key, t token, _ *credential) request { return enrol(t, ctap.EnumerateEnrollments, nil) },
		done:    []ctap.Status{ctap.OK, ctap.InvalidOption}, // no finger is enrolled
	},
}

// serves reports whether a permission is enough.
func (a *action) serves(p ctap.Permissions) bool {
	return p == a.permission || a.readOnly && p == ctap.PermissionPersistentReadOnly
}

// permissionCases are the product of protocols, actions and permissions (§6.5.5.7).
func permissionCases() (all []testCase) {
	for _, protocol := range []int{1, 2} {
		for _, a := range actions {
			for _, p := range permissions {
				all = append(all, a.permissionCase(protocol, p))
			}
		}
	}
	return all
}

func (a *action) permissionCase(protocol int, p permission) testCase {
	id := func(name string) string { return fmt.Sprintf("%s/permission/protocol-%d/%s", a.name, protocol, name) }
	c := testCase{
		ID: id(p.name), Spec: at(a.section, ""), Level: conformance.Must,
		Needs: append([]need{pinUvAuthToken, protocolNumber(protocol), obtainable(p)}, a.needs...),
		Doc:   fmt.Sprintf("A token of protocol %d with permission %s alone serves %s.", protocol, p.name, a.name),
	}
	if !a.serves(p.bit) {
		c.Doc = fmt.Sprintf("A token of protocol %d with permission %s alone does not serve %s: the answer is PIN_AUTH_INVALID.", protocol, p.name, a.name)
		c.Level, c.Twin = conformance.MustNot, id(nameOf(a.permission))
	}
	c.Run = on(func(k *key) {
		var made *credential
		if a.prepare != nil {
			made = a.prepare(k)
		}
		rp := k.rp
		if p.bit == ctap.PermissionPersistentReadOnly || a.permission == ctap.PermissionCredentialManagement && p.bit == a.permission {
			rp = ""
		}
		answer := k.send(a.request(k, k.token(protocol, p.bit, rp), made))
		switch {
		case !a.serves(p.bit):
			k.expect(answer, ctap.PINAuthInvalid)
		case a.done != nil:
			k.expect(answer, a.done...)
		default:
			k.expect(answer, ctap.OK)
		}
	})
	return c
}

// obtainable is met where some way leads to a token with a permission.
func obtainable(p permission) need {
	return feature("tokens with permission "+p.name, func(i *info) bool {
		byPIN := i.listed(ctap.OptionClientPIN) && p.given(i, true)
		return byPIN || i.option(ctap.OptionUV) && p.given(i, false)
	})
}

func nameOf(bit ctap.Permissions) string {
	for _, p := range permissions {
		if p.bit == bit {
			return p.name
		}
	}
	return ""
}
