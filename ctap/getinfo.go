package ctap

// Versions that getInfo may list (CTAP 2.3 §6.4). "FIDO_2_2" is not one.
const (
	VersionFIDO20 = "FIDO_2_0"
	VersionFIDO21 = "FIDO_2_1"

	VersionFIDO21Pre = "FIDO_2_1_PRE" // with a preview command
	VersionFIDO23    = "FIDO_2_3"
	VersionU2FV2     = "U2F_V2"
)

// Option IDs of getInfo (§6.4). What absence means differs per option.
const (
	OptionPlat                           = "plat"
	OptionRK                             = "rk"
	OptionUP                             = "up"
	OptionUV                             = "uv"
	OptionClientPIN                      = "clientPin"
	OptionPinUvAuthToken                 = "pinUvAuthToken"
	OptionNoMcGaPermissionsWithClientPin = "noMcGaPermissionsWithClientPin"
	OptionLargeBlobs                     = "largeBlobs"
	OptionEP                             = "ep"
	OptionBioEnroll                      = "bioEnroll"
	OptionUserVerificationMgmtPreview    = "userVerificationMgmtPreview"
	OptionUVBioEnroll                    = "uvBioEnroll"
	OptionAuthnrCfg                      = "authnrCfg"
	OptionUVAcfg                         = "uvAcfg"
	OptionCredMgmt                       = "credMgmt"
	OptionPerCredMgmtRO                  = "perCredMgmtRO"
	OptionCredentialMgmtPreview          = "credentialMgmtPreview"
	OptionSetMinPINLength                = "setMinPINLength"
	OptionMakeCredUvNotRqd               = "makeCredUvNotRqd"
	OptionAlwaysUv                       = "alwaysUv"
)

// GetInfoRequest is authenticatorGetInfo (§6.4). It has no parameters.
type GetInfoRequest struct{}

// GetInfoResponse is the answer. Members 0x01 and 0x03 are always there; the
// others only with the feature they describe. Sizes are in bytes, PIN lengths
// in Unicode code points.
type GetInfoResponse struct {
	Versions                         []string          `cbor:"1,keyasint"`
	Extensions                       []string          `cbor:"2,keyasint,omitempty"`
	AAGUID                           []byte            `cbor:"3,keyasint"` // 16 bytes
	Options                          map[string]bool   `cbor:"4,keyasint,omitempty"`
	MaxMsgSize                       uint64            `cbor:"5,keyasint,omitempty"`
	PinUvAuthProtocols               []uint64          `cbor:"6,keyasint,omitempty"` // preferred first
	MaxCredentialCountInList         uint64            `cbor:"7,keyasint,omitempty"`
	MaxCredentialIDLength            uint64            `cbor:"8,keyasint,omitempty"`
	Transports                       []string          `cbor:"9,keyasint,omitempty"`
	Algorithms                       []Parameters      `cbor:"10,keyasint,omitempty"` // preferred first
	MaxSerializedLargeBlobArray      uint64            `cbor:"11,keyasint,omitempty"`
	ForcePINChange                   *bool             `cbor:"12,keyasint,omitempty"`
	MinPINLength                     uint64            `cbor:"13,keyasint,omitempty"`
	FirmwareVersion                  uint64            `cbor:"14,keyasint,omitempty"`
	MaxCredBlobLength                uint64            `cbor:"15,keyasint,omitempty"`
	MaxRPIDsForSetMinPINLength       *uint64           `cbor:"16,keyasint,omitempty"`
	PreferredPlatformUvAttempts      uint64            `cbor:"17,keyasint,omitempty"`
	UvModality                       uint64            `cbor:"18,keyasint,omitempty"`
	Certifications                   map[string]uint64 `cbor:"19,keyasint,omitempty"`
	RemainingDiscoverableCredentials *uint64           `cbor:"20,keyasint,omitempty"`
	VendorPrototypeConfigCommands    []uint64          `cbor:"21,keyasint,omitzero"` // present though empty
	AttestationFormats               []string          `cbor:"22,keyasint,omitempty"`
	UvCountSinceLastPinEntry         *uint64           `cbor:"23,keyasint,omitempty"`
	LongTouchForReset                *bool             `cbor:"24,keyasint,omitempty"`
	EncIdentifier                    []byte            `cbor:"25,keyasint,omitempty"` // 32 bytes
	TransportsForReset               []string          `cbor:"26,keyasint,omitempty"`
	PinComplexityPolicy              *bool             `cbor:"27,keyasint,omitempty"`
	PinComplexityPolicyURL           []byte            `cbor:"28,keyasint,omitempty"` // UTF-8
	MaxPINLength                     uint64            `cbor:"29,keyasint,omitempty"`
	EncCredStoreState                []byte            `cbor:"30,keyasint,omitempty"` // 32 bytes
	AuthenticatorConfigCommands      []uint64          `cbor:"31,keyasint,omitzero"`  // present though empty
}

// Command returns CommandGetInfo.
func (*GetInfoRequest) Command() Command { return CommandGetInfo }

func (*GetInfoRequest) answer() *GetInfoResponse { return new(GetInfoResponse) }

func (r *GetInfoResponse) complete() error {
	return completeAnswer(CommandGetInfo,
		parameter{"versions (0x01)", r.Versions != nil},
		parameter{"aaguid (0x03), 16 bytes", len(r.AAGUID) == 16},
	)
}

// Option reports an option's value, taking the default of §6.4 where it is
// absent: true for "up", false for all others.
func (r *GetInfoResponse) Option(id string) bool {
	value, present := r.Options[id]
	return value || (!present && id == OptionUP)
}
