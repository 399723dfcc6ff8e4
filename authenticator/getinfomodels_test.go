package authenticator_test

import (
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

// claimingModels is every model and, beside it, one for each feature that getInfo
// can claim or keep quiet about.
func claimingModels() []authenticator.Model {
	models := everyModel()
	for name, model := range map[string]authenticator.Model{
		"FIDO_2_0 with a PIN":            oldKey(),
		"FIDO_2_1":                       keyOf(withoutPreviews, func(m *authenticator.Model) { m.Versions = []string{ctap.VersionFIDO20, ctap.VersionFIDO21} }),
		"previews":                       draftKey(),
		"previews, tokens for all":       oldDraftKey(),
		"without previews":               keyOf(withoutPreviews),
		"without U2F":                    keyOf(func(m *authenticator.Model) { m.Versions = m.Versions[1:] }),
		"without credMgmt":               keyOf(withoutPreviews, func(m *authenticator.Model) { m.CredMgmt, m.CredMgmtReadOnly, m.Display = false, false, true }),
		"without pcmr":                   keyOf(func(m *authenticator.Model) { m.CredMgmtReadOnly = false }),
		"without config":                 keyOf(withoutConfig),
		"without large blobs":            keyOf(withoutLargeBlobs),
		"large blobs beside credentials": extended(blobs),
		"UV without PIN":                 keyOf(withoutPIN),
		"no ceremonies by PIN":           keyOf(func(m *authenticator.Model) { m.PIN.NoMcGa = true }),
		"no managing by UV":              keyOf(func(m *authenticator.Model) { m.Config.ByUV = false }),
		"no enrolling by UV":             *changed(ptr(authenticator.BioKey()), []func(*authenticator.Model){func(m *authenticator.Model) { m.Bio.ByUV = false }}),
		"UV wanted for everything":       keyOf(func(m *authenticator.Model) { m.MakeCredUVNotRqd = false }),
		"alwaysUv":                       keyOf(alwaysUv),
		"alwaysUv, PIN alone":            pinKey(alwaysUv),
		"alwaysUv for good":              keyOf(func(m *authenticator.Model) { m.AlwaysUv = authenticator.FixedOn }),
		"enterprise, vendor-facilitated": keyOf(func(m *authenticator.Model) {
			m.Enterprise.RPIDs, m.Enterprise.Key = []string{"example.com"}, makersKey("one")
		}),
		"enterprise, platform-managed": pinKey(func(m *authenticator.Model) { m.Enterprise.Platform, m.Enterprise.Key = true, makersKey("one") }),
		"two formats":                  keyOf(func(m *authenticator.Model) { attesting(m, webauthn.FormatPacked, webauthn.FormatFIDOU2F) }),
		"fido-u2f":                     keyOf(func(m *authenticator.Model) { attesting(m, webauthn.FormatFIDOU2F) }),
		"reset over USB":               keyOf(func(m *authenticator.Model) { m.TransportsForReset = []string{webauthn.TransportUSB} }),
		"no long touch":                keyOf(func(m *authenticator.Model) { m.Config.LongTouch = authenticator.Lacking }),
		"a long touch from the start":  keyOf(func(m *authenticator.Model) { m.Config.LongTouch = authenticator.FactoryOn }),
		"a long touch for good":        keyOf(func(m *authenticator.Model) { m.Config.LongTouch = authenticator.FixedOn }),
		"vendor commands":              keyOf(func(m *authenticator.Model) { m.Config.Vendor = []uint64{1, 1 << 63} }),
		"no vendor commands yet":       keyOf(func(m *authenticator.Model) { m.Config.Vendor = []uint64{} }),
		"complex PINs": keyOf(func(m *authenticator.Model) {
			m.PIN.Complexity, m.PIN.ComplexityURL = authenticator.FixedOn, "https://pin.test"
		}),
		"PINs of any kind":            keyOf(withoutComplexity),
		"limits":                      keyOf(withLimits),
		"no RP may know":              keyOf(func(m *authenticator.Model) { m.Config.MaxRPIDs = 0 }),
		"the platform retries":        keyOf(func(m *authenticator.Model) { m.PlatformUVTries = 3 }),
		"the platform does not retry": keyOf(func(m *authenticator.Model) { m.PlatformUVTries = 1 }),
		"protocol one":                keyOf(func(m *authenticator.Model) { m.Protocols, m.Versions = []pinuv.Protocol{pinuv.One}, m.Versions[:4] }),
		"uvm":                         extended(),
		"every algorithm":             polyglot(),
		"certified":                   keyOf(func(m *authenticator.Model) { m.Certifications = map[string]uint64{"FIDO": 3} }),
	} {
		model.Name = name
		models = append(models, model)
	}
	return models
}

func drop(m *authenticator.Model, ids ...string) {
	m.Extensions = slices.DeleteFunc(slices.Clone(m.Extensions), func(id string) bool { return slices.Contains(ids, id) })
}

func withoutPreviews(m *authenticator.Model) {
	m.Previews = false
	m.Versions = slices.DeleteFunc(slices.Clone(m.Versions), func(v string) bool { return v == ctap.VersionFIDO21Pre })
}

func withoutLargeBlobs(m *authenticator.Model) {
	m.MaxLargeBlobs = 0
	drop(m, ctap.ExtensionLargeBlobKey)
}

func withoutComplexity(m *authenticator.Model) {
	m.PIN.Complexity = authenticator.Lacking
	drop(m, ctap.ExtensionPINComplexityPolicy)
}

func withoutConfig(m *authenticator.Model) {
	m.Config, m.AlwaysUv = authenticator.ConfigFeatures{}, authenticator.Lacking
	m.PIN.Complexity = authenticator.Lacking
	drop(m, ctap.ExtensionMinPINLength, ctap.ExtensionPINComplexityPolicy)
}

func withoutPIN(m *authenticator.Model) {
	m.PIN, m.Config.MinPINLength = authenticator.PINFeatures{}, false
	drop(m, ctap.ExtensionMinPINLength, ctap.ExtensionPINComplexityPolicy)
}

func attesting(m *authenticator.Model, formats ...string) {
	m.AttestationFormats, m.Attestation = formats, makersKey("many")
}

func withLimits(m *authenticator.Model) {
	m.PIN.MinLength, m.PIN.MaxLength, m.Config.MaxRPIDs = 6, 8, 1
	m.MaxCredBlob, m.MaxLargeBlobs, m.Capacity = 64, 1024, 2
}

// oldKey is a key of CTAP 2.0 with a PIN, whose tokens have no permissions.
func oldKey() authenticator.Model {
	return pinKey(withoutConfig, withoutLargeBlobs, func(m *authenticator.Model) {
		m.Versions = []string{ctap.VersionFIDO20}
		m.PinUvAuthToken, m.CredMgmt, m.CredMgmtReadOnly, m.Previews = false, false, false, false
	})
}

// oldDraftKey has such tokens too, and the preview that takes them.
func oldDraftKey() authenticator.Model {
	return *changed(ptr(oldKey()), []func(*authenticator.Model){func(m *authenticator.Model) {
		m.Versions, m.Previews, m.CredMgmt = []string{ctap.VersionFIDO20, ctap.VersionFIDO21Pre}, true, true
	}})
}
