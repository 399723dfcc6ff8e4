package u2f

import (
	"fmt"

	"github.com/passkeylab/passkeylab/internal/apdu"
)

// Instruction says which command a request is (§3.1).
type Instruction byte

// The commands. Those of vendors, from 0x40 on, have no messages here.
const (
	InstructionRegister     Instruction = 0x01
	InstructionAuthenticate Instruction = 0x02
	InstructionVersion      Instruction = 0x03
)

// Sizes in bytes.
const (
	ParameterSize     = 32 // of the challenge and application parameters: SHA-256
	MaxKeyHandle      = 255
	publicKeySize     = 65 // an uncompressed point of P-256
	pointUncompressed = 0x04
	// MaxMessage bounds what is read of either side: more than CTAPHID carries.
	MaxMessage = 8192
)

// Parameter is the SHA-256 hash of client data, as the challenge, or of an
// application identity.
type Parameter [ParameterSize]byte

// Request is a command with its parameters. Requests are pointers to the types
// of this package.
type Request interface {
	Instruction() Instruction
	// arguments are P1 and the data of the APDU.
	arguments() (p1 byte, data []byte, err error)
	// read takes them over; the error is an [*Error].
	read(p1 byte, data []byte) error
}

// RequestFor is a Request whose successful answer is a Resp.
type RequestFor[Resp any] interface {
	Request
	answer() *Resp
}

// Response is what a command answers with on success.
type Response interface {
	// Append appends the data of the response, without a status word.
	Append([]byte) []byte
	read(data []byte) error
}

// commands is the only table from instruction to message.
var commands = map[Instruction]struct {
	name string
	new  func() Request
}{
	InstructionRegister:     {"U2F_REGISTER", func() Request { return new(RegisterRequest) }},
	InstructionAuthenticate: {"U2F_AUTHENTICATE", func() Request { return new(AuthenticateRequest) }},
	InstructionVersion:      {"U2F_VERSION", func() Request { return new(VersionRequest) }},
}

// String returns the command's name in the specification.
func (i Instruction) String() string {
	if known, ok := commands[i]; ok {
		return known.name
	}
	return fmt.Sprintf("U2F instruction 0x%02X", byte(i))
}

// DecodeRequest reads a command APDU, short or extended. How much data the
// client expects is not looked at: U2F over HID returns all there is (§3.1). The
// error carries the status to answer with; class, instruction, lengths, P2, P1
// and contents are judged in this order.
func DecodeRequest(raw []byte) (Request, error) {
	if len(raw) > MaxMessage {
		return nil, Errorf(WrongLength, "a request of %d bytes, at most %d are read", len(raw), MaxMessage)
	}
	command, wrong := apdu.Parse(raw)
	known, ok := commands[Instruction(command.Instruction)]
	switch {
	case len(raw) < apdu.HeadSize:
		return nil, Errorf(WrongLength, "%v", wrong)
	case command.Class != 0:
		return nil, Errorf(ClassNotSupported, "class 0x%02X", command.Class)
	case !ok:
		return nil, Errorf(InstructionNotSupported, "%s is not implemented", Instruction(command.Instruction))
	case wrong != nil:
		return nil, Errorf(WrongLength, "%v", wrong)
	case command.P2 != 0:
		return nil, Errorf(IncorrectParameters, "%s: P2 is 0x%02X, it is always 0", known.name, command.P2)
	}
	req := known.new()
	return req, req.read(command.P1, command.Data)
}

// EncodeRequest lays req out as an extended APDU that expects all there is, as
// clients send it over HID and BLE.
func EncodeRequest(req Request) ([]byte, error) {
	return encodeRequest(req, apdu.Command{Extended: true, Expected: apdu.AllExtended})
}

// EncodeShortRequest lays req out as a short APDU. It fails for a key handle of
// more than 190 bytes.
func EncodeShortRequest(req Request) ([]byte, error) {
	return encodeRequest(req, apdu.Command{Expected: apdu.AllShort})
}

func encodeRequest(req Request, command apdu.Command) (raw []byte, err error) {
	command.Instruction = byte(req.Instruction())
	if command.P1, command.Data, err = req.arguments(); err != nil {
		return nil, err
	}
	return command.Encode()
}

// EncodeResponse lays out what a command returned. An error becomes its status
// word alone.
func EncodeResponse(resp Response, err error) []byte {
	if err != nil {
		return apdu.Response(nil, uint16(StatusOf(err)))
	}
	return apdu.Response(resp.Append(nil), uint16(NoError))
}

// DecodeResponse reads the response to req. A status word other than NoError
// comes back as that [Status]; a response that does not parse, as an error that
// is no Status.
func DecodeResponse[Resp any, P interface {
	*Resp
	Response
}](req RequestFor[Resp], raw []byte) (*Resp, error) {
	if len(raw) > MaxMessage {
		return nil, fmt.Errorf("%s: an answer of %d bytes, at most %d are read", req.Instruction(), len(raw), MaxMessage)
	}
	data, status, err := apdu.Split(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", req.Instruction(), err)
	}
	if Status(status) != NoError {
		return nil, Status(status)
	}
	resp := req.answer()
	if err := P(resp).read(data); err != nil {
		return nil, fmt.Errorf("the authenticator's answer to %s: %w", req.Instruction(), err)
	}
	return resp, nil
}
