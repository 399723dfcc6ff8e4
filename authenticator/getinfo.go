package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// getInfo is authenticatorGetInfo (CTAP 2.3 §6.4). Every member is derived from
// the model or the store: nothing is announced that is not there. FIDO_2_1 and
// later demand features that no Model has yet, so only FIDO_2_0 is claimed.
func (a *Authenticator) getInfo(ctx context.Context) (any, error) {
	m := &a.model
	info := &ctap.GetInfoResponse{
		Versions:                 []string{ctap.VersionFIDO20},
		AAGUID:                   m.AAGUID[:],
		Options:                  m.options(),
		MaxMsgSize:               uint64(m.MaxMsgSize),
		MaxCredentialCountInList: uint64(m.MaxCredentialCountInList),
		MaxCredentialIDLength:    uint64(m.maxCredentialID()),
		Transports:               m.Transports,
		Algorithms:               make([]ctap.Parameters, len(m.Algorithms)),
		FirmwareVersion:          m.Firmware,
	}
	for i, alg := range m.Algorithms {
		info.Algorithms[i] = ctap.Parameters{Algorithm: int64(alg), Type: ctap.PublicKey}
	}
	if m.UV != NoUV {
		info.UvModality = m.UVModality
	}
	if m.AttestationFormat != webauthn.FormatNone { // 0x16 must not contain "none"
		info.AttestationFormats = []string{m.AttestationFormat}
	}
	if m.ResidentKeys && m.Capacity > 0 {
		held, err := a.env.Store.Load(ctx)
		if err != nil {
			return nil, withStatus(err)
		}
		remaining := uint64(max(0, m.Capacity-held.Discoverable))
		info.RemainingDiscoverableCredentials = &remaining
	}
	return info, nil
}

// options lists the option IDs that the model has (§6.4). The others are absent,
// which says that the feature is not supported.
func (m *Model) options() map[string]bool {
	options := map[string]bool{
		ctap.OptionPlat: m.Platform,
		ctap.OptionRK:   m.ResidentKeys,
		ctap.OptionUP:   true,
	}
	if !m.ResidentKeys {
		delete(options, ctap.OptionRK) // so that makeCredential refuses the option, as step 5.4.1 has it
	}
	if m.UV != NoUV {
		options[ctap.OptionUV] = m.UV == UVConfigured
	}
	if m.MakeCredUVNotRqd {
		options[ctap.OptionMakeCredUvNotRqd] = true
	}
	return options
}
