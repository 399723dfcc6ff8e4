package ctap

import (
	"github.com/passkeylab/passkeylab/internal/canon"
)

// Subcommands of authenticatorConfig (CTAP 2.3 §6.11).
const (
	EnableEnterpriseAttestation SubCommand = 0x01
	ToggleAlwaysUv              SubCommand = 0x02
	SetMinPINLength             SubCommand = 0x03
	EnableLongTouchForReset     SubCommand = 0x04 // since CTAP 2.3
	VendorPrototype             SubCommand = 0xFF
)

// ConfigRequest is authenticatorConfig (§6.11). It returns no data.
type ConfigRequest struct {
	SubCommand        SubCommand `cbor:"1,keyasint,omitempty"`
	SubCommandParams  canon.Raw  `cbor:"2,keyasint,omitempty"` // as it travels: the pinUvAuthParam is over these bytes
	PinUvAuthProtocol *uint64    `cbor:"3,keyasint,omitempty"`
	PinUvAuthParam    []byte     `cbor:"4,keyasint,omitzero"`
}

// SetMinPINLengthParams is subCommandParams of setMinPINLength (§6.11.4).
type SetMinPINLengthParams struct {
	NewMinPINLength     *uint64  `cbor:"1,keyasint,omitempty"` // Unicode code points
	MinPINLengthRPIDs   []string `cbor:"2,keyasint,omitempty"` // who may ask for extension minPinLength
	ForceChangePIN      *bool    `cbor:"3,keyasint,omitempty"`
	PINComplexityPolicy *bool    `cbor:"4,keyasint,omitempty"` // since CTAP 2.2
}

// VendorPrototypeParams is what is common to subCommandParams of
// vendorPrototype; the other members are the vendor's.
type VendorPrototypeParams struct {
	VendorCommandID *uint64 `cbor:"1,keyasint,omitempty"`
}

// Command returns CommandConfig.
func (*ConfigRequest) Command() Command { return CommandConfig }

func (*ConfigRequest) answer() *Empty { return new(Empty) }

func (r *ConfigRequest) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			r.SubCommand = readSubCommand(from)
		case 2:
			r.SubCommandParams = from.Raw()
		case 3:
			r.PinUvAuthProtocol = readOptional(from, from.Uint)
		case 4:
			r.PinUvAuthParam = from.Bytes()
		default:
			from.Skip()
		}
	}
}

// complete also reads the parameters of the subcommands that have some: their
// types belong to the message.
func (r *ConfigRequest) complete() error {
	if err := completeParameters(CommandConfig, parameter{"subCommand (0x01)", r.SubCommand != 0}); err != nil {
		return err
	}
	var err error
	switch r.SubCommand {
	case SetMinPINLength:
		_, err = r.SetMinPINLength()
	case VendorPrototype:
		_, err = r.VendorPrototype()
	}
	return err
}

// SetMinPINLength returns the parameters of that subcommand. The error carries
// the status for what is wrong with them.
func (r *ConfigRequest) SetMinPINLength() (SetMinPINLengthParams, error) {
	var p SetMinPINLengthParams
	err := r.readParams(p.read)
	return p, err
}

// VendorPrototype returns the common parameters of that subcommand. The error
// carries the status for what is wrong with them.
func (r *ConfigRequest) VendorPrototype() (VendorPrototypeParams, error) {
	var p VendorPrototypeParams
	err := r.readParams(p.read)
	return p, err
}

func (r *ConfigRequest) readParams(read func(*canon.Reader)) error {
	if len(r.SubCommandParams) == 0 {
		return nil
	}
	if err := canon.Read(r.SubCommandParams, read); err != nil {
		return Errorf(CBORUnexpectedType, "subCommandParams: %v", err)
	}
	return nil
}

func (p *SetMinPINLengthParams) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			p.NewMinPINLength = readOptional(from, from.Uint)
		case 2:
			p.MinPINLengthRPIDs = readTexts(from)
		case 3:
			p.ForceChangePIN = readOptional(from, from.Bool)
		case 4:
			p.PINComplexityPolicy = readOptional(from, from.Bool)
		default:
			from.Skip()
		}
	}
}

func (p *VendorPrototypeParams) read(from *canon.Reader) {
	for key := range from.IntKeys {
		if key == 1 {
			p.VendorCommandID = readOptional(from, from.Uint)
		} else {
			from.Skip()
		}
	}
}

// SetParams encodes params as subCommandParams.
func (r *ConfigRequest) SetParams(params any) (err error) {
	r.SubCommandParams, err = canon.Marshal(params)
	return err
}
