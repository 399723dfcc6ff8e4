package authenticator_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

// owner is a platform with a device that is set up as far as it can be: with a
// PIN where it takes one, a finger where it learns them, and a relying party that
// may know the rules for PINs.
type owner struct {
	*platform
	info *ctap.GetInfoResponse // since then
}

func newOwner(t testing.TB, model authenticator.Model) *owner {
	t.Helper()
	r := newRig(t, model)
	o := &owner{platform: r.platform(pinuv.Two)}
	if !slices.Contains(model.Protocols, pinuv.Two) {
		o.protocol = pinuv.One
	}
	r.allowMinPINLength("example.com")
	if model.PIN.Supported {
		require.Equal(t, ctap.OK, o.setPIN(pin))
	}
	if model.Bio.Templates > 0 {
		o.granted(be, "").finger()
	}
	o.token, o.info = nil, r.info()
	return o
}

func (o *owner) protected() bool {
	return o.info.Option(ctap.OptionClientPIN) || o.info.Option(ctap.OptionUV)
}

// authorise gets a token where the device wants one, by PIN if that can be.
func (o *owner) authorise(permissions ctap.Permissions) bool {
	switch {
	case !o.protected():
		return true
	case !o.info.Option(ctap.OptionPinUvAuthToken):
		return false
	case o.info.Option(ctap.OptionClientPIN) && o.grant(pin, permissions, "") == nil:
		return true
	}
	return o.verifies(permissions)
}

// verifies gets a token by built-in user verification.
func (o *owner) verifies(permissions ctap.Permissions) bool {
	return len(o.info.PinUvAuthProtocols) > 0 && o.grant("", permissions, "") == nil
}

// oldToken gets the token of getPinToken.
func (o *owner) oldToken() {
	o.r.t.Helper()
	require.NoError(o.r.t, o.grant(pin, 0, "", func(req *ctap.ClientPINRequest) { req.SubCommand, req.Permissions = ctap.GetPINToken, nil }))
}

// making is a makeCredential that the device grants, discoverable where it can be.
func (o *owner) making(change ...func(*ctap.MakeCredentialRequest)) *ctap.MakeCredentialRequest {
	o.r.t.Helper()
	req := creation(func(req *ctap.MakeCredentialRequest) {
		req.PubKeyCredParams, req.Options = o.info.Algorithms, &ctap.Options{}
		if o.info.Option(ctap.OptionRK) {
			req.Options.RK = ptr(true)
		}
	})
	switch {
	case o.info.Option(ctap.OptionUV):
		req.Options.UV = ptr(true)
	case o.info.Option(ctap.OptionClientPIN):
		o.oldToken()
		req.PinUvAuthParam, req.PinUvAuthProtocol = o.sign(req.ClientDataHash), o.number()
	}
	return changed(req, change)
}

// signing is a getAssertion that the device grants.
func (o *owner) signing(change ...func(*ctap.GetAssertionRequest)) *ctap.GetAssertionRequest {
	o.r.t.Helper()
	req := signIn()
	switch {
	case o.info.Option(ctap.OptionUV):
	case o.info.Option(ctap.OptionClientPIN):
		o.oldToken()
		o.asserting(req)
	default:
		req.Options = nil
	}
	return changed(req, change)
}

func (o *owner) makes(change ...func(*ctap.MakeCredentialRequest)) bool {
	return o.r.status(o.making(change...)) == ctap.OK
}

// knows reports whether the device has a command and its subcommand at all.
func (o *owner) knows(req ctap.Request) bool { return known(o.r.status(req)) }

func known(status ctap.Status) bool {
	return status != ctap.InvalidCommand && status != ctap.InvalidSubcommand
}

// configures reports whether a subcommand of authenticatorConfig does what it is
// for, or refuses for a reason of its own.
func (o *owner) configures(sub ctap.SubCommand, params any) bool {
	if !o.authorise(acfg) {
		return false
	}
	status := o.configure(sub, params)
	return known(status) && status != ctap.PINAuthInvalid && status != ctap.PUATRequired
}

// claim is something that getInfo can say, and a way to find out.
type claim struct {
	says   string
	listed func(*owner) bool
	works  func(*owner) bool
}

func present(id string) func(*owner) bool {
	return func(o *owner) bool { _, ok := o.info.Options[id]; return ok }
}

func option(id string) func(*owner) bool {
	return func(o *owner) bool { return o.info.Option(id) }
}

// both holds where both hold.
func both(a, b func(*owner) bool) func(*owner) bool {
	return func(o *owner) bool { return a(o) && b(o) }
}

// Every claim of getInfo is tried on every device, as is its absence.
func TestGetInfoClaims(t *testing.T) {
	t.Parallel()
	claims := slices.Concat(optionClaims, verificationClaims, versionClaims(), extensionClaims(), memberClaims())
	seen := make(map[string]map[bool]bool)
	for _, c := range claims {
		seen[c.says] = make(map[bool]bool)
	}
	for _, model := range claimingModels() {
		for _, c := range claims {
			o := newOwner(t, model)
			listed := c.listed(o)
			seen[c.says][listed] = true
			assert.Equal(t, listed, c.works(o), "%s: %s", model.Name, c.says)
		}
	}
	for says, values := range seen {
		assert.True(t, values[true], "no device claims %s", says)
	}
}

// optionClaims are the options of what a device can do (CTAP 2.3 §6.4).
var optionClaims = []claim{
	{"plat", option(ctap.OptionPlat), func(o *owner) bool { return slices.Contains(o.info.Transports, webauthn.TransportInternal) }},
	{"rk", present(ctap.OptionRK), func(o *owner) bool {
		return o.makes(func(req *ctap.MakeCredentialRequest) { req.Options.RK = ptr(true) })
	}},
	{"up", option(ctap.OptionUP), func(o *owner) bool {
		o.r.user.Always(authenticator.Decline)
		return o.r.status(&ctap.SelectionRequest{}) == ctap.OperationDenied
	}},
	{"largeBlobs", option(ctap.OptionLargeBlobs), func(o *owner) bool {
		array := blobArray([]byte("\x80"))
		return o.knows(reading(17, 0)) && o.authorise(lbw) && o.write(array, 0, len(array)) == ctap.OK
	}},
	{"ep", present(ctap.OptionEP), func(o *owner) bool { return o.configures(ctap.EnableEnterpriseAttestation, nil) }},
	{"ep, once it is true", present(ctap.OptionEP), func(o *owner) bool {
		asking := func(req *ctap.MakeCredentialRequest) { req.EnterpriseAttestation = ptr(uint64(1)) }
		return o.makes(asking) == o.info.Option(ctap.OptionEP) && o.configures(ctap.EnableEnterpriseAttestation, nil) && o.makes(asking)
	}},
	{"authnrCfg", option(ctap.OptionAuthnrCfg), func(o *owner) bool {
		return o.r.status(&ctap.ConfigRequest{SubCommand: 0x7f}) == ctap.InvalidSubcommand
	}},
	{"uvAcfg", option(ctap.OptionUVAcfg), func(o *owner) bool { return o.verifies(acfg) }},
	{"setMinPINLength", option(ctap.OptionSetMinPINLength), func(o *owner) bool { return o.configures(ctap.SetMinPINLength, nil) }},
	{"credMgmt", option(ctap.OptionCredMgmt), func(o *owner) bool {
		return o.authorise(cm) && o.managementStatus(ctap.GetCredsMetadata, noParams) == ctap.OK
	}},
	{"perCredMgmtRO", option(ctap.OptionPerCredMgmtRO), func(o *owner) bool {
		return o.authorise(pcmr) && o.managementStatus(ctap.GetCredsMetadata, noParams) == ctap.OK
	}},
	{"credentialMgmtPreview", option(ctap.OptionCredentialMgmtPreview), func(o *owner) bool {
		return o.knows(&ctap.CredentialManagementRequest{SubCommand: ctap.GetCredsMetadata, Preview: true})
	}},
}

// verificationClaims are the options of how the user is verified.
var verificationClaims = []claim{
	{"uv", option(ctap.OptionUV), func(o *owner) bool {
		return o.makes(func(req *ctap.MakeCredentialRequest) { req.Options.UV, req.PinUvAuthParam = ptr(true), nil })
	}},
	{"clientPin", present(ctap.OptionClientPIN), func(o *owner) bool {
		return o.knows(&ctap.ClientPINRequest{SubCommand: ctap.GetPINRetries})
	}},
	{"pinUvAuthToken by PIN", both(option(ctap.OptionPinUvAuthToken), present(ctap.OptionClientPIN)), func(o *owner) bool {
		return o.knows(&ctap.ClientPINRequest{SubCommand: ctap.GetPinUvAuthTokenUsingPinWithPermissions})
	}},
	{"pinUvAuthToken by UV", both(option(ctap.OptionPinUvAuthToken), present(ctap.OptionUV)), func(o *owner) bool {
		return o.knows(&ctap.ClientPINRequest{SubCommand: ctap.GetPinUvAuthTokenUsingUvWithPermissions}) &&
			o.r.status(&ctap.ClientPINRequest{SubCommand: ctap.GetUVRetries}) == ctap.OK
	}},
	{"noMcGaPermissionsWithClientPin", option(ctap.OptionNoMcGaPermissionsWithClientPin), func(o *owner) bool {
		if !o.info.Option(ctap.OptionClientPIN) {
			return false
		}
		o.oldToken()
		return o.r.status(creation(o.creating)) == ctap.PINAuthInvalid
	}},
	{"bioEnroll", present(ctap.OptionBioEnroll), func(o *owner) bool {
		return o.enrolStatus(ctap.GetFingerprintSensorInfo, noBioParams) == ctap.OK
	}},
	{"bioEnroll, enrolled", option(ctap.OptionBioEnroll), func(o *owner) bool {
		return o.authorise(be) && o.enrolStatus(ctap.EnumerateEnrollments, noBioParams) == ctap.OK
	}},
	{"userVerificationMgmtPreview", present(ctap.OptionUserVerificationMgmtPreview), func(o *owner) bool {
		return o.enrolStatus(ctap.GetFingerprintSensorInfo, noBioParams, func(req *ctap.BioEnrollmentRequest) { req.Preview = true }) == ctap.OK
	}},
	{"uvBioEnroll", option(ctap.OptionUVBioEnroll), func(o *owner) bool { return o.verifies(be) }},
	{"alwaysUv", present(ctap.OptionAlwaysUv), func(o *owner) bool { return o.configures(ctap.ToggleAlwaysUv, nil) }},
	{"alwaysUv, on", option(ctap.OptionAlwaysUv), func(o *owner) bool {
		made, err := ctap.Call(o.r.ctx(), o.r, o.making())
		require.NoError(o.r.t, err)
		id := parse(o.r.t, made.AuthData).Attested.CredentialID
		signed, err := ctap.Call(o.r.ctx(), o.r, signIn(touchOnly, allowing(id)))
		return err != nil || parse(o.r.t, signed.AuthData).Flags.Has(webauthn.UserVerified)
	}},
	{"makeCredUvNotRqd, or nobody to verify", func(o *owner) bool { return o.info.Option(ctap.OptionMakeCredUvNotRqd) || !o.protected() }, func(o *owner) bool {
		made, err := ctap.Call(o.r.ctx(), o.r, o.making(func(req *ctap.MakeCredentialRequest) { req.Options, req.PinUvAuthParam = nil, nil }))
		return err == nil && !parse(o.r.t, made.AuthData).Flags.Has(webauthn.UserVerified)
	}},
}

func versionClaims() []claim {
	version := func(v string) func(*owner) bool {
		return func(o *owner) bool { return slices.Contains(o.info.Versions, v) }
	}
	return []claim{
		{"U2F_V2", version(ctap.VersionU2FV2), func(o *owner) bool {
			return o.r.word(&u2f.RegisterRequest{Challenge: challenge, Application: ourApp}) == u2f.NoError
		}},
		{"FIDO_2_0", version(ctap.VersionFIDO20), func(o *owner) bool { return o.makes() && o.r.status(o.signing()) != ctap.InvalidCommand }},
		{"FIDO_2_1_PRE", version(ctap.VersionFIDO21Pre), func(o *owner) bool {
			return o.knows(&ctap.CredentialManagementRequest{SubCommand: ctap.GetCredsMetadata, Preview: true})
		}},
	}
}
