package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// getInfo is authenticatorGetInfo (CTAP 2.3 §6.4). Every member is derived from
// the model or from what the store holds: nothing is announced that is not there.
func (a *Authenticator) getInfo(ctx context.Context) (any, error) {
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, withStatus(err)
	}
	m, now := &a.model, a.model.standing(&held.Settings)
	aaguid := m.infoAAGUID()
	info := &ctap.GetInfoResponse{
		Versions:                 m.versions(&now),
		Extensions:               m.Extensions,
		AAGUID:                   aaguid[:],
		Options:                  m.options(&now),
		MaxMsgSize:               uint64(m.MaxMsgSize),
		MaxCredentialCountInList: uint64(m.MaxCredentialCountInList),
		MaxCredentialIDLength:    uint64(m.maxCredentialIDLength()),
		Transports:               m.Transports,
		Algorithms:               m.parameters(),
		FirmwareVersion:          m.Firmware,
		MaxCredBlobLength:        uint64(m.MaxCredBlob),
		Certifications:           m.Certifications,
		TransportsForReset:       m.TransportsForReset,
	}
	m.tellFormats(info)
	m.tellVerification(info, &held, &now)
	m.tellConfig(info, &now)
	m.tellRoom(info, &held)
	if err := a.tellIdentity(ctx, info, &held); err != nil {
		return nil, withStatus(err)
	}
	return info, nil
}

// versions leaves out U2F while every ceremony needs user verification, which
// U2F knows nothing of (§7.2.4).
func (m *Model) versions(now *standing) []string {
	if len(m.Versions) == 0 {
		return []string{ctap.VersionFIDO20}
	}
	if !now.alwaysUv || !m.version(ctap.VersionU2FV2) {
		return m.Versions
	}
	kept := make([]string, 0, len(m.Versions))
	for _, v := range m.Versions {
		if v != ctap.VersionU2FV2 {
			kept = append(kept, v)
		}
	}
	return kept
}

func (m *Model) parameters() []ctap.Parameters {
	list := make([]ctap.Parameters, len(m.Algorithms))
	for i, alg := range m.Algorithms {
		list[i] = ctap.Parameters{Algorithm: int64(alg), Type: ctap.PublicKey}
	}
	return list
}

// options lists the option IDs that the model has (§6.4). The others are absent,
// which says that the feature is not supported.
func (m *Model) options(now *standing) map[string]bool {
	options := make(map[string]bool, 20)
	tell := func(id string, has, value bool) {
		if has {
			options[id] = value
		}
	}
	tell(ctap.OptionPlat, true, m.Platform)
	tell(ctap.OptionRK, m.ResidentKeys, true) // absent, not false: then makeCredential refuses the option (step 5.4.1)
	tell(ctap.OptionUP, true, true)
	tell(ctap.OptionClientPIN, m.PIN.Supported, now.pinSet)
	tell(ctap.OptionUV, m.UV != NoUV, now.uv)
	tell(ctap.OptionPinUvAuthToken, m.PinUvAuthToken, true)
	tell(ctap.OptionNoMcGaPermissionsWithClientPin, m.PIN.NoMcGa, true)
	tell(ctap.OptionLargeBlobs, m.MaxLargeBlobs > 0, true)
	tell(ctap.OptionEP, m.Enterprise.capable(), now.enterprise)
	tell(ctap.OptionBioEnroll, m.Bio.Templates > 0, now.uv)
	tell(ctap.OptionUserVerificationMgmtPreview, m.Bio.Templates > 0 && m.Previews, now.uv)
	tell(ctap.OptionUVBioEnroll, m.Bio.Templates > 0 && m.Bio.ByUV, true)
	tell(ctap.OptionAuthnrCfg, m.hasConfig(), true)
	tell(ctap.OptionUVAcfg, m.hasConfig() && m.Config.ByUV && hasTokenByUV(m), true)
	tell(ctap.OptionCredMgmt, m.hasCredMgmt(), true)
	tell(ctap.OptionPerCredMgmtRO, m.CredMgmtReadOnly, true)
	tell(ctap.OptionCredentialMgmtPreview, m.CredMgmt && m.Previews, true)
	tell(ctap.OptionSetMinPINLength, m.Config.MinPINLength, true)
	tell(ctap.OptionMakeCredUvNotRqd, m.MakeCredUVNotRqd, now.makeCredUvNotRqd)
	tell(ctap.OptionAlwaysUv, m.AlwaysUv != Lacking, now.alwaysUv)
	return options
}

// tellFormats keeps "none" to itself: member 0x16 must not contain it.
func (m *Model) tellFormats(info *ctap.GetInfoResponse) {
	if !m.attests(webauthn.FormatNone) {
		info.AttestationFormats = m.AttestationFormats
	}
}

// tellVerification is what concerns the PIN and built-in user verification.
func (m *Model) tellVerification(info *ctap.GetInfoResponse, held *Held, now *standing) {
	for _, p := range m.Protocols {
		info.PinUvAuthProtocols = append(info.PinUvAuthProtocols, uint64(p))
	}
	if m.PIN.Supported {
		info.ForcePINChange = &held.Settings.ForcePINChange
		info.MinPINLength = uint64(now.minPINLength)
		info.MaxPINLength = uint64(m.PIN.MaxLength)
	}
	if m.PIN.Complexity != Lacking {
		info.PinComplexityPolicy = &now.complexity
		info.PinComplexityPolicyURL = []byte(m.PIN.ComplexityURL)
	}
	if m.UV == NoUV {
		return
	}
	info.UvModality = m.UVModality
	info.PreferredPlatformUvAttempts = uint64(m.PlatformUVTries)
	if m.PIN.Supported {
		info.UvCountSinceLastPinEntry = &held.State.UVCount
	}
}

// tellConfig is what authenticatorConfig can do, and has done.
func (m *Model) tellConfig(info *ctap.GetInfoResponse, now *standing) {
	if !m.hasConfig() {
		return
	}
	info.AuthenticatorConfigCommands = m.configCommands()
	info.VendorPrototypeConfigCommands = m.Config.Vendor
	if m.Config.MinPINLength {
		limit := uint64(m.Config.MaxRPIDs)
		info.MaxRPIDsForSetMinPINLength = &limit
	}
	if m.Config.LongTouch != Lacking {
		info.LongTouchForReset = &now.longTouch
	}
}

// tellRoom is how much the device can still keep.
func (m *Model) tellRoom(info *ctap.GetInfoResponse, held *Held) {
	info.MaxSerializedLargeBlobArray = uint64(m.MaxLargeBlobs)
	if m.ResidentKeys && m.Capacity > 0 {
		remaining := uint64(max(0, m.Capacity-held.Discoverable))
		info.RemainingDiscoverableCredentials = &remaining
	}
}

// hasConfig reports whether the device has authenticatorConfig (§6.11).
func (m *Model) hasConfig() bool { return len(m.configCommands()) > 0 }

// configCommands lists the subcommands of authenticatorConfig that the device
// has (member 0x1F).
func (m *Model) configCommands() []uint64 {
	var list []uint64
	for _, known := range []struct {
		sub ctap.SubCommand
		has bool
	}{
		{ctap.EnableEnterpriseAttestation, m.Enterprise.capable()},
		{ctap.ToggleAlwaysUv, m.AlwaysUv != Lacking},
		{ctap.SetMinPINLength, m.Config.MinPINLength},
		{ctap.EnableLongTouchForReset, m.Config.LongTouch == FactoryOff || m.Config.LongTouch == FactoryOn},
		{ctap.VendorPrototype, m.Config.Vendor != nil},
	} {
		if known.has {
			list = append(list, uint64(known.sub))
		}
	}
	return list
}
