package nfc

import "fmt"

// AID returns the identifier of the FIDO applet (§11.3.3).
func AID() []byte { return []byte{0xA0, 0x00, 0x00, 0x06, 0x47, 0x2F, 0x00, 0x01} }

// What the applet calls itself when it is selected (§11.3.3). A card with U2F
// says so, whether it has CTAP2 or not: getInfo tells.
const (
	VersionU2F  = "U2F_V2"
	VersionCTAP = "FIDO_2_0"
)

// Classes. A command that another part follows has chainBit set (ISO 7816-4
// §5.1.1).
const (
	classISO  = 0x00 // SELECT, GET RESPONSE, and U2F
	classCTAP = 0x80
	chainBit  = 0x10
)

// Instructions.
const (
	insU2FRegister     = 0x01
	insU2FAuthenticate = 0x02
	insU2FVersion      = 0x03
	insMessage         = 0x10 // NFCCTAP_MSG (§11.3.5.1)
	insPoll            = 0x11 // NFCCTAP_GETRESPONSE (§11.3.7.2)
	insControl         = 0x12 // NFCCTAP_CONTROL (§11.3.4)
	insSelect          = 0xA4
	insMore            = 0xC0 // GET RESPONSE of ISO 7816-4
)

// Values of P1.
const (
	p1Polls    = 0x80 // of insMessage: the reader knows insPoll
	p1Cancel   = 0x11 // of insPoll
	p1End      = 0x01 // of insControl
	p1ByName   = 0x04 // of insSelect
	moreToCome = 0x61 // first byte of a status word, the second says how much
	wrongLe    = 0x6C // first byte of a status word, the second says what is right
)

// Status is a status word (ISO 7816-4 §5.6). What a CTAP2 command ended with is
// in the answer, under [NoError]; U2F has its own statuses here. A Status is an
// error.
type Status uint16

// The status words.
const (
	NoError                 Status = 0x9000
	StillProcessing         Status = 0x9100 // with a [KeepaliveStatus]
	WrongLength             Status = 0x6700
	ChainingNotSupported    Status = 0x6884
	ConditionsNotSatisfied  Status = 0x6985 // the applet is not selected, or there is nothing to fetch
	ApplicationNotFound     Status = 0x6A82
	IncorrectParameters     Status = 0x6A86
	InstructionNotSupported Status = 0x6D00
	ClassNotSupported       Status = 0x6E00
	Internal                Status = 0x6F00
)

var statusNames = map[Status]string{
	NoError: "no error", StillProcessing: "still processing", WrongLength: "wrong length",
	ChainingNotSupported: "command chaining not supported", ConditionsNotSatisfied: "conditions not satisfied",
	ApplicationNotFound: "application not found", IncorrectParameters: "incorrect P1 or P2",
	InstructionNotSupported: "instruction not supported", ClassNotSupported: "class not supported",
	Internal: "internal error of the card",
}

func (s Status) Error() string {
	if name, ok := statusNames[s]; ok {
		return fmt.Sprintf("status word %04X, %s", uint16(s), name)
	}
	return fmt.Sprintf("status word %04X", uint16(s))
}

// KeepaliveStatus says what a card is busy with (§11.3.7.1).
type KeepaliveStatus byte

// The statuses.
const (
	Processing KeepaliveStatus = 1
	UserNeeded KeepaliveStatus = 2 // it waits for a touch
)
