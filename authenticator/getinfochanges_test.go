package authenticator_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// changedFrom names the members of getInfo, and the options in member 0x04, that
// are not as they were.
func changedFrom(before, after *ctap.GetInfoResponse) (changed []string) {
	is, was := reflect.ValueOf(*after), reflect.ValueOf(*before)
	for i := range is.NumField() {
		if name := is.Type().Field(i).Name; name != "Options" && !reflect.DeepEqual(is.Field(i).Interface(), was.Field(i).Interface()) {
			changed = append(changed, name)
		}
	}
	for id := range maps.Keys(after.Options) {
		if after.Options[id] != before.Options[id] {
			changed = append(changed, id)
		}
	}
	return changed
}

// What changes at run time changes with the act that it depends on, and nothing
// else does.
func TestGetInfoChanges(t *testing.T) {
	t.Parallel()
	model := authenticator.BioKey()
	model.Enterprise = authenticator.EnterpriseFeatures{Platform: true, Key: makersKey("one")}
	r := newRig(t, model)
	p := r.platform(2)
	factory := r.info()
	configures := func(sub ctap.SubCommand, params any) func() {
		return func() { require.Equal(t, ctap.OK, p.granted(acfg, "").configure(sub, params)) }
	}
	info := factory
	for _, c := range []struct {
		act     string
		do      func()
		changes []string
	}{
		{"looking again", func() {}, nil},
		{"setting a PIN", func() { require.Equal(t, ctap.OK, p.setPIN(pin)) }, []string{ctap.OptionClientPIN}},
		{"enrolling a finger", func() { p.granted(be, "").finger() }, []string{ctap.OptionBioEnroll, ctap.OptionUserVerificationMgmtPreview, ctap.OptionUV}},
		{"a touch of that finger", func() { r.create(notDiscoverable) }, []string{"UvCountSinceLastPinEntry"}},
		{"a wrong finger", func() {
			r.user.WrongFinger(1)
			r.create(notDiscoverable)
		}, []string{"UvCountSinceLastPinEntry"}},
		{"entering the PIN", func() { p.granted(ga, "example.com") }, []string{"UvCountSinceLastPinEntry"}},
		{"a new passkey", func() { p.granted(mc, "example.com"); r.create(p.creating) }, []string{"RemainingDiscoverableCredentials"}},
		{"enterprise attestation", configures(ctap.EnableEnterpriseAttestation, nil), []string{ctap.OptionEP}},
		{"a long touch", configures(ctap.EnableLongTouchForReset, nil), []string{"LongTouchForReset"}},
		{"complex PINs", configures(ctap.SetMinPINLength, minPIN{PINComplexityPolicy: ptr(true)}), []string{"PinComplexityPolicy"}},
		{"alwaysUv", configures(ctap.ToggleAlwaysUv, nil), []string{"Versions", ctap.OptionAlwaysUv, ctap.OptionMakeCredUvNotRqd}},
		{"no longer", configures(ctap.ToggleAlwaysUv, nil), []string{"Versions", ctap.OptionAlwaysUv, ctap.OptionMakeCredUvNotRqd}},
		{"a persistent token", func() { p.granted(pcmr, "") }, []string{"EncIdentifier", "EncCredStoreState"}},
		{"looking once more", func() {}, []string{"EncIdentifier", "EncCredStoreState"}},
		{"longer PINs", configures(ctap.SetMinPINLength, length(8)), []string{"ForcePINChange", "MinPINLength", "EncIdentifier", "EncCredStoreState"}},
		{"a longer PIN", func() { require.Equal(t, ctap.OK, p.changePIN(pin, "31415926")) }, []string{"ForcePINChange"}},
		{"a power cycle", r.PowerCycle, nil},
	} {
		c.do()
		now := r.info()
		assert.ElementsMatch(t, c.changes, changedFrom(info, now), c.act)
		info = now
	}
	r.user.Always(authenticator.Approve)
	require.Equal(t, ctap.OK, r.status(&ctap.ResetRequest{}))
	assert.Equal(t, factory, r.info(), "as it left the factory")
}

// couplings are what getInfo must not say together, or not alone (CTAP 2.3 §6.4,
// §7, §9, §12). Each holds for every answer of every device.
var couplings = map[string]func(*ctap.GetInfoResponse) bool{
	"FIDO_2_2 is no version": func(i *ctap.GetInfoResponse) bool { return !slices.Contains(i.Versions, "FIDO_2_2") },
	"largeBlobs: member 0x0B": func(i *ctap.GetInfoResponse) bool {
		return i.Option("largeBlobs") == (i.MaxSerializedLargeBlobArray > 0)
	},
	"largeBlobs: largeBlobKey":         func(i *ctap.GetInfoResponse) bool { return i.Option("largeBlobs") == extends(i, "largeBlobKey") },
	"largeBlob excludes largeBlobs":    func(i *ctap.GetInfoResponse) bool { return !extends(i, "largeBlob") || !i.Option("largeBlobs") },
	"credBlob: member 0x0F":            func(i *ctap.GetInfoResponse) bool { return extends(i, "credBlob") == (i.MaxCredBlobLength >= 32) },
	"credBlob needs credProtect":       func(i *ctap.GetInfoResponse) bool { return !extends(i, "credBlob") || extends(i, "credProtect") },
	"hmac-secret-mc needs hmac-secret": func(i *ctap.GetInfoResponse) bool { return !extends(i, "hmac-secret-mc") || extends(i, "hmac-secret") },
	"clientPin: member 0x0D":           func(i *ctap.GetInfoResponse) bool { return has(i, "clientPin") == (i.MinPINLength >= 4) },
	"clientPin: member 0x0C":           func(i *ctap.GetInfoResponse) bool { return has(i, "clientPin") == (i.ForcePINChange != nil) },
	"0x1B needs clientPin":             func(i *ctap.GetInfoResponse) bool { return i.PinComplexityPolicy == nil || has(i, "clientPin") },
	"0x1C needs 0x1B": func(i *ctap.GetInfoResponse) bool {
		return i.PinComplexityPolicyURL == nil || i.PinComplexityPolicy != nil
	},
	"0x1D needs clientPin": func(i *ctap.GetInfoResponse) bool {
		return i.MaxPINLength == 0 || i.MaxPINLength >= 8 && has(i, "clientPin")
	},
	"setMinPINLength: member 0x10": func(i *ctap.GetInfoResponse) bool {
		return i.Option("setMinPINLength") == (i.MaxRPIDsForSetMinPINLength != nil)
	},
	"setMinPINLength: minPinLength":   func(i *ctap.GetInfoResponse) bool { return i.Option("setMinPINLength") == extends(i, "minPinLength") },
	"setMinPINLength needs clientPin": func(i *ctap.GetInfoResponse) bool { return !i.Option("setMinPINLength") || has(i, "clientPin") },
	"authnrCfg: member 0x1F": func(i *ctap.GetInfoResponse) bool {
		return i.Option("authnrCfg") == (i.AuthenticatorConfigCommands != nil)
	},
	"ep: subcommand 0x01":              func(i *ctap.GetInfoResponse) bool { return has(i, "ep") == configurable(i, 1) },
	"alwaysUv: subcommand 0x02":        func(i *ctap.GetInfoResponse) bool { return has(i, "alwaysUv") == configurable(i, 2) },
	"setMinPINLength: subcommand 0x03": func(i *ctap.GetInfoResponse) bool { return i.Option("setMinPINLength") == configurable(i, 3) },
	"0x15: subcommand 0xFF": func(i *ctap.GetInfoResponse) bool {
		return (i.VendorPrototypeConfigCommands != nil) == configurable(i, 0xff)
	},
	"noMcGa needs clientPin": func(i *ctap.GetInfoResponse) bool {
		return !i.Option("noMcGaPermissionsWithClientPin") || has(i, "clientPin")
	},
	"uvBioEnroll needs bioEnroll": func(i *ctap.GetInfoResponse) bool { return !i.Option("uvBioEnroll") || has(i, "bioEnroll") },
	"uvAcfg needs authnrCfg and uv": func(i *ctap.GetInfoResponse) bool {
		return !i.Option("uvAcfg") || i.Option("authnrCfg") && has(i, "uv")
	},
	"perCredMgmtRO needs credMgmt": func(i *ctap.GetInfoResponse) bool { return !i.Option("perCredMgmtRO") || i.Option("credMgmt") },
	"bioEnroll is true where uv is": func(i *ctap.GetInfoResponse) bool {
		return !has(i, "bioEnroll") || i.Option("bioEnroll") == i.Option("uv")
	},
	"alwaysUv hides U2F": func(i *ctap.GetInfoResponse) bool {
		return !i.Option("alwaysUv") || !slices.Contains(i.Versions, ctap.VersionU2FV2)
	},
	"alwaysUv makes makeCredUvNotRqd fall": func(i *ctap.GetInfoResponse) bool { return !i.Option("alwaysUv") || !i.Option("makeCredUvNotRqd") },
	"previews: FIDO_2_1_PRE": func(i *ctap.GetInfoResponse) bool {
		return slices.Contains(i.Versions, ctap.VersionFIDO21Pre) == (has(i, "credentialMgmtPreview") || has(i, "userVerificationMgmtPreview"))
	},
	"0x06 where something needs a protocol": func(i *ctap.GetInfoResponse) bool {
		needed := has(i, "clientPin") || i.Option("pinUvAuthToken") || extends(i, "hmac-secret")
		return !needed || len(i.PinUvAuthProtocols) > 0
	},
	"FIDO_2_3 has what it promises": func(i *ctap.GetInfoResponse) bool {
		user := has(i, "clientPin") || has(i, "uv")
		promised := extends(i, "hmac-secret") && slices.Contains(i.PinUvAuthProtocols, 2) && (!user || extends(i, "credProtect") && i.Option("pinUvAuthToken"))
		return !slices.Contains(i.Versions, ctap.VersionFIDO23) || promised
	},
	"lists name each thing once": func(i *ctap.GetInfoResponse) bool {
		algorithms := make([]webauthn.Algorithm, len(i.Algorithms))
		for n, p := range i.Algorithms {
			algorithms[n] = webauthn.Algorithm(p.Algorithm)
		}
		return unique(i.Versions) && unique(i.Extensions) && unique(i.Transports) && unique(i.TransportsForReset) &&
			unique(i.AttestationFormats) && unique(i.PinUvAuthProtocols) && unique(algorithms)
	},
	"no list is empty": func(i *ctap.GetInfoResponse) bool {
		return len(i.Transports) > 0 && len(i.Algorithms) > 0 && (i.TransportsForReset == nil || len(i.TransportsForReset) > 0)
	},
}

func has(i *ctap.GetInfoResponse, option string) bool { _, ok := i.Options[option]; return ok }

func extends(i *ctap.GetInfoResponse, id string) bool { return slices.Contains(i.Extensions, id) }

func configurable(i *ctap.GetInfoResponse, sub uint64) bool {
	return slices.Contains(i.AuthenticatorConfigCommands, sub)
}

func unique[T comparable](list []T) bool {
	seen := make(map[T]bool, len(list))
	for _, v := range list {
		if seen[v] {
			return false
		}
		seen[v] = true
	}
	return true
}

// Couplings hold before a device is set up, after it is, and with alwaysUv turned
// round.
func TestGetInfoCouplings(t *testing.T) {
	t.Parallel()
	for _, model := range claimingModels() {
		o := newOwner(t, model)
		infos := []*ctap.GetInfoResponse{newRig(t, model).info(), o.info}
		if o.configures(ctap.ToggleAlwaysUv, nil) {
			infos = append(infos, o.r.info())
		}
		for says, holds := range couplings {
			for _, info := range infos {
				assert.True(t, holds(info), "%s: %s: %+v", model.Name, says, info)
			}
		}
		assert.Equal(t, model.Certifications, o.info.Certifications, model.Name)
		assert.Equal(t, model.Firmware, o.info.FirmwareVersion, model.Name)
		assert.Equal(t, model.PIN.ComplexityURL, string(o.info.PinComplexityPolicyURL), model.Name)
	}
}

// A list with the same thing twice is nothing that getInfo may say.
func TestModelCheckRefusesRepetition(t *testing.T) {
	t.Parallel()
	for what, repeat := range map[string]func(*authenticator.Model){
		"Versions":           func(m *authenticator.Model) { m.Versions = append(slices.Clone(m.Versions), m.Versions[0]) },
		"Extensions":         func(m *authenticator.Model) { m.Extensions = append(slices.Clone(m.Extensions), m.Extensions[0]) },
		"Transports":         func(m *authenticator.Model) { m.Transports = []string{"usb", "usb"} },
		"TransportsForReset": func(m *authenticator.Model) { m.TransportsForReset = []string{"usb", "usb"} },
		"AttestationFormats": func(m *authenticator.Model) { m.AttestationFormats = []string{"packed", "packed"} },
		"Algorithms":         func(m *authenticator.Model) { m.Algorithms = []webauthn.Algorithm{-7, -7} },
		"Protocols":          func(m *authenticator.Model) { m.Protocols = append(slices.Clone(m.Protocols), m.Protocols[0]) },
	} {
		assert.ErrorContains(t, keyOf(repeat).Check(), what+" names one thing twice")
	}
}
