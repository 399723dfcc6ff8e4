package mds

import (
	"encoding/base64"
	"encoding/hex"

	"github.com/passkeylab/passkeylab/ctap"
)

// GetInfo is the answer to authenticatorGetInfo (CTAP 2.3 §6.4) in JSON, as
// statements have it ("AuthenticatorGetInfo dictionary").
type GetInfo struct {
	Versions                         []string          `json:"versions"`
	Extensions                       []string          `json:"extensions,omitempty"`
	AAGUID                           string            `json:"aaguid"` // without hyphens
	Options                          map[string]bool   `json:"options,omitempty"`
	MaxMsgSize                       uint64            `json:"maxMsgSize,omitempty"`
	PinUvAuthProtocols               []uint64          `json:"pinUvAuthProtocols,omitempty"`
	MaxCredentialCountInList         uint64            `json:"maxCredentialCountInList,omitempty"`
	MaxCredentialIDLength            uint64            `json:"maxCredentialIdLength,omitempty"`
	Transports                       []string          `json:"transports,omitempty"`
	Algorithms                       []AlgorithmOf     `json:"algorithms,omitempty"`
	MaxSerializedLargeBlobArray      uint64            `json:"maxSerializedLargeBlobArray,omitempty"`
	ForcePINChange                   *bool             `json:"forcePINChange,omitempty"`
	MinPINLength                     uint64            `json:"minPINLength,omitempty"`
	FirmwareVersion                  uint64            `json:"firmwareVersion,omitempty"`
	MaxCredBlobLength                uint64            `json:"maxCredBlobLength,omitempty"`
	MaxRPIDsForSetMinPINLength       *uint64           `json:"maxRPIDsForSetMinPINLength,omitempty"`
	PreferredPlatformUvAttempts      uint64            `json:"preferredPlatformUvAttempts,omitempty"`
	UvModality                       uint64            `json:"uvModality,omitempty"`
	Certifications                   map[string]uint64 `json:"certifications,omitempty"`
	RemainingDiscoverableCredentials *uint64           `json:"remainingDiscoverableCredentials,omitempty"`
	VendorPrototypeConfigCommands    []uint64          `json:"vendorPrototypeConfigCommands,omitzero"`
	AttestationFormats               []string          `json:"attestationFormats,omitempty"`
	UvCountSinceLastPinEntry         *uint64           `json:"uvCountSinceLastPinEntry,omitempty"`
	LongTouchForReset                *bool             `json:"longTouchForReset,omitempty"`
	EncIdentifier                    string            `json:"encIdentifier,omitempty"` // base64, as EncCredStoreState and PinComplexityPolicyURL
	TransportsForReset               []string          `json:"transportsForReset,omitempty"`
	PinComplexityPolicy              *bool             `json:"pinComplexityPolicy,omitempty"`
	PinComplexityPolicyURL           string            `json:"pinComplexityPolicyURL,omitempty"`
	MaxPINLength                     uint64            `json:"maxPINLength,omitempty"`
	EncCredStoreState                string            `json:"encCredStoreState,omitempty"`
	AuthenticatorConfigCommands      []uint64          `json:"authenticatorConfigCommands,omitzero"`
}

// AlgorithmOf is a kind of credential that can be made.
type AlgorithmOf struct {
	Type string `json:"type"` // "public-key"
	Alg  int64  `json:"alg"`  // COSE
}

// GetInfoOf is what a statement says of a model that answers like this. What tells
// one device, or its state, from another of the model is left out.
func GetInfoOf(r *ctap.GetInfoResponse) *GetInfo {
	info := &GetInfo{
		Versions: r.Versions, Extensions: r.Extensions, AAGUID: hex.EncodeToString(r.AAGUID), Options: r.Options,
		MaxMsgSize: r.MaxMsgSize, PinUvAuthProtocols: r.PinUvAuthProtocols,
		MaxCredentialCountInList: r.MaxCredentialCountInList, MaxCredentialIDLength: r.MaxCredentialIDLength,
		Transports: r.Transports, MaxSerializedLargeBlobArray: r.MaxSerializedLargeBlobArray,
		MinPINLength: r.MinPINLength, FirmwareVersion: r.FirmwareVersion, MaxCredBlobLength: r.MaxCredBlobLength,
		MaxRPIDsForSetMinPINLength: r.MaxRPIDsForSetMinPINLength, PreferredPlatformUvAttempts: r.PreferredPlatformUvAttempts,
		UvModality: r.UvModality, Certifications: r.Certifications,
		VendorPrototypeConfigCommands: r.VendorPrototypeConfigCommands, AttestationFormats: r.AttestationFormats,
		LongTouchForReset: r.LongTouchForReset, TransportsForReset: r.TransportsForReset,
		PinComplexityPolicy:    r.PinComplexityPolicy,
		PinComplexityPolicyURL: base64.StdEncoding.EncodeToString(r.PinComplexityPolicyURL),
		MaxPINLength:           r.MaxPINLength, AuthenticatorConfigCommands: r.AuthenticatorConfigCommands,
	}
	for _, a := range r.Algorithms {
		info.Algorithms = append(info.Algorithms, AlgorithmOf{Type: a.Type, Alg: a.Algorithm})
	}
	return info
}
