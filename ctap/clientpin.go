package ctap

import "github.com/passkeylab/passkeylab/internal/canon"

// Subcommands of clientPIN (CTAP 2.3 §6.5.5). 0x08 is not used.
const (
	GetPINRetries                           SubCommand = 0x01
	GetKeyAgreement                         SubCommand = 0x02
	SetPIN                                  SubCommand = 0x03
	ChangePIN                               SubCommand = 0x04
	GetPINToken                             SubCommand = 0x05 // superseded by the two with permissions
	GetPinUvAuthTokenUsingUvWithPermissions SubCommand = 0x06
	GetUVRetries                            SubCommand = 0x07

	GetPinUvAuthTokenUsingPinWithPermissions SubCommand = 0x09
)

// Permissions says what a pinUvAuthToken may be used for (§6.5.5.7).
type Permissions uint64

// The permissions.
const (
	PermissionMakeCredential       Permissions = 0x01 // mc
	PermissionGetAssertion         Permissions = 0x02 // ga
	PermissionCredentialManagement Permissions = 0x04 // cm
	PermissionBioEnrollment        Permissions = 0x08 // be
	PermissionLargeBlobWrite       Permissions = 0x10 // lbw
	PermissionAuthenticatorConfig  Permissions = 0x20 // acfg

	// PermissionPersistentReadOnly is pcmr, of the persistentPinUvAuthToken. It
	// is asked for alone.
	PermissionPersistentReadOnly Permissions = 0x40
)

// KeyAgreement is a public key for PIN/UV auth protocols: a COSE_Key of P-256
// with exactly these members (§6.5.6).
type KeyAgreement struct {
	KeyType   int64  `cbor:"1,keyasint"`  // 2, EC2
	Algorithm int64  `cbor:"3,keyasint"`  // -25, a label without meaning
	Curve     int64  `cbor:"-1,keyasint"` // 1, P-256
	X         []byte `cbor:"-2,keyasint"` // 32 bytes, big-endian
	Y         []byte `cbor:"-3,keyasint"` // 32 bytes, big-endian
}

// ClientPINRequest is authenticatorClientPIN (§6.5.5).
type ClientPINRequest struct {
	PinUvAuthProtocol *uint64       `cbor:"1,keyasint,omitempty"`
	SubCommand        SubCommand    `cbor:"2,keyasint,omitempty"`
	KeyAgreement      *KeyAgreement `cbor:"3,keyasint,omitempty"` // the platform's
	PinUvAuthParam    []byte        `cbor:"4,keyasint,omitzero"`
	NewPINEnc         []byte        `cbor:"5,keyasint,omitzero"` // 64 bytes of padded PIN, encrypted
	PINHashEnc        []byte        `cbor:"6,keyasint,omitzero"` // LEFT(SHA-256(PIN), 16), encrypted
	Permissions       *Permissions  `cbor:"9,keyasint,omitempty"`
	RPID              *string       `cbor:"10,keyasint,omitempty"`
}

// ClientPINResponse is the answer; which members it has depends on the
// subcommand.
type ClientPINResponse struct {
	KeyAgreement    *KeyAgreement `cbor:"1,keyasint,omitempty"` // the authenticator's
	PinUvAuthToken  []byte        `cbor:"2,keyasint,omitempty"` // encrypted
	PINRetries      *uint64       `cbor:"3,keyasint,omitempty"` // attempts left
	PowerCycleState *bool         `cbor:"4,keyasint,omitempty"` // a power cycle is needed before the next attempt
	UVRetries       *uint64       `cbor:"5,keyasint,omitempty"` // attempts left
}

// Command returns CommandClientPIN.
func (*ClientPINRequest) Command() Command { return CommandClientPIN }

func (*ClientPINRequest) answer() *ClientPINResponse { return new(ClientPINResponse) }

func (r *ClientPINRequest) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			r.PinUvAuthProtocol = readOptional(from, from.Uint)
		case 2:
			r.SubCommand = readSubCommand(from)
		case 3:
			r.KeyAgreement = readInto(from, (*KeyAgreement).read)
		case 4:
			r.PinUvAuthParam = from.Bytes()
		case 5:
			r.NewPINEnc = from.Bytes()
		case 6:
			r.PINHashEnc = from.Bytes()
		case 9:
			permissions := Permissions(from.Uint())
			r.Permissions = &permissions
		case 10:
			r.RPID = readOptional(from, from.Text)
		default:
			from.Skip()
		}
	}
}

// read leaves members that are missing at zero: what is no key, the protocol
// finds out. A coordinate that is missing is an empty one, and not null if it is
// encoded again.
func (k *KeyAgreement) read(from *canon.Reader) {
	k.X, k.Y = []byte{}, []byte{}
	for key := range from.IntKeys {
		switch key {
		case 1:
			k.KeyType = from.Int()
		case 3:
			k.Algorithm = from.Int()
		case -1:
			k.Curve = from.Int()
		case -2:
			k.X = from.Bytes()
		case -3:
			k.Y = from.Bytes()
		default:
			from.Skip()
		}
	}
}

func (r *ClientPINRequest) complete() error {
	return completeParameters(CommandClientPIN, parameter{"subCommand (0x02)", r.SubCommand != 0})
}

// mayBeEmpty: setPIN and changePIN return no data.
func (*ClientPINResponse) mayBeEmpty() {}
