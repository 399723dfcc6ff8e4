package ctap

import "github.com/passkeylab/passkeylab/internal/canon"

// Subcommands of bioEnrollment (CTAP 2.3 §6.7).
const (
	EnrollBegin              SubCommand = 0x01
	EnrollCaptureNextSample  SubCommand = 0x02
	CancelCurrentEnrollment  SubCommand = 0x03
	EnumerateEnrollments     SubCommand = 0x04
	SetFriendlyName          SubCommand = 0x05
	RemoveEnrollment         SubCommand = 0x06
	GetFingerprintSensorInfo SubCommand = 0x07
)

// ModalityFingerprint is the only modality of bioEnrollment (§6.7.1).
const ModalityFingerprint = 1

// Kinds of fingerprint sensor (§6.7.3).
const (
	FingerprintTouch = 1
	FingerprintSwipe = 2
)

// SampleStatus says how good a captured sample was (§6.7.4). It travels inside
// a successful answer.
type SampleStatus uint64

// The sample statuses. 0x0C is not used.
const (
	SampleGood                     SampleStatus = 0x00
	SampleTooHigh                  SampleStatus = 0x01
	SampleTooLow                   SampleStatus = 0x02
	SampleTooLeft                  SampleStatus = 0x03
	SampleTooRight                 SampleStatus = 0x04
	SampleTooFast                  SampleStatus = 0x05
	SampleTooSlow                  SampleStatus = 0x06
	SamplePoorQuality              SampleStatus = 0x07
	SampleTooSkewed                SampleStatus = 0x08
	SampleTooShort                 SampleStatus = 0x09
	SampleMergeFailure             SampleStatus = 0x0A
	SampleExists                   SampleStatus = 0x0B
	SampleNoUserActivity           SampleStatus = 0x0D
	SampleNoUserPresenceTransition SampleStatus = 0x0E
)

// BioEnrollmentRequest is authenticatorBioEnrollment (§6.7.1).
type BioEnrollmentRequest struct {
	Modality          *uint64                      `cbor:"1,keyasint,omitempty"`
	SubCommand        SubCommand                   `cbor:"2,keyasint,omitempty"`
	SubCommandParams  *Params[BioEnrollmentParams] `cbor:"3,keyasint,omitempty"`
	PinUvAuthProtocol *uint64                      `cbor:"4,keyasint,omitempty"`
	PinUvAuthParam    []byte                       `cbor:"5,keyasint,omitzero"`
	GetModality       *bool                        `cbor:"6,keyasint,omitempty"`
	Preview           bool                         `cbor:"-"` // sent as command 0x40
}

// BioEnrollmentParams is subCommandParams (§6.7.1).
type BioEnrollmentParams struct {
	TemplateID           []byte  `cbor:"1,keyasint,omitzero"`
	TemplateFriendlyName *string `cbor:"2,keyasint,omitempty"`
	TimeoutMilliseconds  *uint64 `cbor:"3,keyasint,omitempty"`
}

// BioEnrollmentResponse is the answer; which members it has depends on the
// subcommand.
type BioEnrollmentResponse struct {
	Modality                *uint64        `cbor:"1,keyasint,omitempty"`
	FingerprintKind         *uint64        `cbor:"2,keyasint,omitempty"`
	MaxCaptureSamples       *uint64        `cbor:"3,keyasint,omitempty"` // maxCaptureSamplesRequiredForEnroll
	TemplateID              []byte         `cbor:"4,keyasint,omitempty"`
	LastEnrollSampleStatus  *SampleStatus  `cbor:"5,keyasint,omitempty"`
	RemainingSamples        *uint64        `cbor:"6,keyasint,omitempty"`
	TemplateInfos           []TemplateInfo `cbor:"7,keyasint,omitempty"`
	MaxTemplateFriendlyName *uint64        `cbor:"8,keyasint,omitempty"` // bytes
}

// TemplateInfo is one enrolled fingerprint.
type TemplateInfo struct {
	TemplateID           []byte `cbor:"1,keyasint"`
	TemplateFriendlyName string `cbor:"2,keyasint"`
}

// Command returns CommandBioEnrollment, or its preview.
func (r *BioEnrollmentRequest) Command() Command {
	if r.Preview {
		return CommandBioEnrollmentPreview
	}
	return CommandBioEnrollment
}

func (*BioEnrollmentRequest) answer() *BioEnrollmentResponse { return new(BioEnrollmentResponse) }

func (r *BioEnrollmentRequest) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			r.Modality = readOptional(from, from.Uint)
		case 2:
			r.SubCommand = readSubCommand(from)
		case 3:
			r.SubCommandParams = readParams(from, (*BioEnrollmentParams).read)
		case 4:
			r.PinUvAuthProtocol = readOptional(from, from.Uint)
		case 5:
			r.PinUvAuthParam = from.Bytes()
		case 6:
			r.GetModality = readOptional(from, from.Bool)
		default:
			from.Skip()
		}
	}
}

func (p *BioEnrollmentParams) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			p.TemplateID = from.Bytes()
		case 2:
			p.TemplateFriendlyName = readOptional(from, from.Text)
		case 3:
			p.TimeoutMilliseconds = readOptional(from, from.Uint)
		default:
			from.Skip()
		}
	}
}

// complete takes getModality for a question of its own, which needs no
// subCommand.
func (r *BioEnrollmentRequest) complete() error {
	return completeParameters(r.Command(), parameter{"subCommand (0x02)", r.SubCommand != 0 || r.asksModality()})
}

func (r *BioEnrollmentRequest) asksModality() bool { return r.GetModality != nil && *r.GetModality }

// mayBeEmpty: cancelling, renaming and removing return no data.
func (*BioEnrollmentResponse) mayBeEmpty() {}
