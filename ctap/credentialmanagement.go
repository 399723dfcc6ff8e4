package ctap

import "github.com/passkeylab/passkeylab/internal/canon"

// Subcommands of credentialManagement (CTAP 2.3 §6.8).
const (
	GetCredsMetadata                      SubCommand = 0x01
	EnumerateRPsBegin                     SubCommand = 0x02
	EnumerateRPsGetNextRP                 SubCommand = 0x03
	EnumerateCredentialsBegin             SubCommand = 0x04
	EnumerateCredentialsGetNextCredential SubCommand = 0x05
	DeleteCredential                      SubCommand = 0x06
	UpdateUserInformation                 SubCommand = 0x07
)

// CredentialManagementRequest is authenticatorCredentialManagement (§6.8.1).
type CredentialManagementRequest struct {
	SubCommand        SubCommand                          `cbor:"1,keyasint,omitempty"`
	SubCommandParams  *Params[CredentialManagementParams] `cbor:"2,keyasint,omitempty"`
	PinUvAuthProtocol *uint64                             `cbor:"3,keyasint,omitempty"`
	PinUvAuthParam    []byte                              `cbor:"4,keyasint,omitzero"`
	Preview           bool                                `cbor:"-"` // sent as command 0x41
}

// CredentialManagementParams is subCommandParams (§6.8.1).
type CredentialManagementParams struct {
	RPIDHash     []byte      `cbor:"1,keyasint,omitzero"` // SHA-256 of the RP ID, 32 bytes
	CredentialID *Descriptor `cbor:"2,keyasint,omitempty"`
	User         *UserEntity `cbor:"3,keyasint,omitempty"`
}

// CredentialManagementResponse is the answer; which members it has depends on
// the subcommand.
type CredentialManagementResponse struct {
	ExistingResidentCredentialsCount *uint64     `cbor:"1,keyasint,omitempty"`
	MaxPossibleRemaining             *uint64     `cbor:"2,keyasint,omitempty"` // maxPossibleRemainingResidentCredentialsCount
	RP                               *RPEntity   `cbor:"3,keyasint,omitempty"`
	RPIDHash                         []byte      `cbor:"4,keyasint,omitempty"` // 32 bytes
	TotalRPs                         *uint64     `cbor:"5,keyasint,omitempty"`
	User                             *UserEntity `cbor:"6,keyasint,omitempty"`
	CredentialID                     *Descriptor `cbor:"7,keyasint,omitempty"`
	PublicKey                        canon.Raw   `cbor:"8,keyasint,omitempty"` // COSE_Key
	TotalCredentials                 *uint64     `cbor:"9,keyasint,omitempty"`
	CredProtect                      uint64      `cbor:"10,keyasint,omitempty"`
	LargeBlobKey                     []byte      `cbor:"11,keyasint,omitempty"` // 32 bytes
	ThirdPartyPayment                *bool       `cbor:"12,keyasint,omitempty"` // since CTAP 2.2
}

// Command returns CommandCredentialManagement, or its preview.
func (r *CredentialManagementRequest) Command() Command {
	if r.Preview {
		return CommandCredentialManagementPreview
	}
	return CommandCredentialManagement
}

func (*CredentialManagementRequest) answer() *CredentialManagementResponse {
	return new(CredentialManagementResponse)
}

func (r *CredentialManagementRequest) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			r.SubCommand = readSubCommand(from)
		case 2:
			r.SubCommandParams = readParams(from, (*CredentialManagementParams).read)
		case 3:
			r.PinUvAuthProtocol = readOptional(from, from.Uint)
		case 4:
			r.PinUvAuthParam = from.Bytes()
		default:
			from.Skip()
		}
	}
}

func (p *CredentialManagementParams) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			p.RPIDHash = from.Bytes()
		case 2:
			p.CredentialID = readInto(from, (*Descriptor).read)
		case 3:
			p.User = readInto(from, (*UserEntity).read)
		default:
			from.Skip()
		}
	}
}

func (r *CredentialManagementRequest) complete() error {
	return completeParameters(r.Command(), parameter{"subCommand (0x01)", r.SubCommand != 0})
}

// mayBeEmpty: deleting and updating return no data.
func (*CredentialManagementResponse) mayBeEmpty() {}
