package ctap

import (
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// Command is the first byte of a CTAP2 request (CTAP 2.3 §6).
type Command byte

// The commands that have messages here.
const (
	CommandMakeCredential   Command = 0x01
	CommandGetAssertion     Command = 0x02
	CommandGetInfo          Command = 0x04
	CommandClientPIN        Command = 0x06
	CommandReset            Command = 0x07
	CommandGetNextAssertion Command = 0x08
	CommandBioEnrollment    Command = 0x09

	CommandCredentialManagement Command = 0x0A
	CommandSelection            Command = 0x0B
	CommandLargeBlobs           Command = 0x0C
	CommandConfig               Command = 0x0D

	// The previews of CTAP 2.1 lie in the vendor range and are known only to
	// devices that announce FIDO_2_1_PRE.
	CommandBioEnrollmentPreview        Command = 0x40
	CommandCredentialManagementPreview Command = 0x41
)

// Message sizes in bytes (§6.4 maxMsgSize; §11.2.4 for the CTAPHID limit).
const (
	DefaultMaxMsgSize = 1024 // what a platform assumes, and the least allowed
	MaxMsgSize        = 7609 // what CTAPHID can carry
)

// Request is a CTAP2 command with its parameters. Requests are pointers to the
// types of this package.
type Request interface{ Command() Command }

// RequestFor is a Request whose successful answer is a *Resp.
type RequestFor[Resp any] interface {
	Request
	answer() *Resp
}

// Empty is the answer of commands that return no data.
type Empty struct{}

// commands is the only table from command byte to message.
var commands = map[Command]struct {
	name string
	new  func() Request
	// bare commands have no parameters; bytes after them are ignored.
	bare bool
}{
	CommandMakeCredential:   {name: "authenticatorMakeCredential", new: func() Request { return new(MakeCredentialRequest) }},
	CommandGetAssertion:     {name: "authenticatorGetAssertion", new: func() Request { return new(GetAssertionRequest) }},
	CommandGetInfo:          {name: "authenticatorGetInfo", new: func() Request { return new(GetInfoRequest) }, bare: true},
	CommandReset:            {name: "authenticatorReset", new: func() Request { return new(ResetRequest) }, bare: true},
	CommandGetNextAssertion: {name: "authenticatorGetNextAssertion", new: func() Request { return new(GetNextAssertionRequest) }, bare: true},
	CommandSelection:        {name: "authenticatorSelection", new: func() Request { return new(SelectionRequest) }, bare: true},
	CommandClientPIN:        {name: "authenticatorClientPIN", new: func() Request { return new(ClientPINRequest) }},
	CommandBioEnrollment:    {name: "authenticatorBioEnrollment", new: func() Request { return new(BioEnrollmentRequest) }},
	CommandLargeBlobs:       {name: "authenticatorLargeBlobs", new: func() Request { return new(LargeBlobsRequest) }},
	CommandConfig:           {name: "authenticatorConfig", new: func() Request { return new(ConfigRequest) }},
	CommandCredentialManagement: {name: "authenticatorCredentialManagement", new: func() Request {
		return new(CredentialManagementRequest)
	}},
	CommandBioEnrollmentPreview: {name: "authenticatorBioEnrollment (preview)", new: func() Request {
		return &BioEnrollmentRequest{Preview: true}
	}},
	CommandCredentialManagementPreview: {name: "authenticatorCredentialManagement (preview)", new: func() Request {
		return &CredentialManagementRequest{Preview: true}
	}},
}

// String returns the command's name in the specification.
func (c Command) String() string {
	if known, ok := commands[c]; ok {
		return known.name
	}
	return fmt.Sprintf("command 0x%02X", byte(c))
}

// DecodeRequest reads an encoded request. The error carries the status to
// answer with: InvalidCommand, InvalidCBOR, CBORUnexpectedType or
// MissingParameter (§8.1, §8.2).
func DecodeRequest(raw []byte) (Request, error) {
	if len(raw) == 0 {
		return nil, Errorf(InvalidLength, "the request has no command byte")
	}
	known, ok := commands[Command(raw[0])]
	if !ok {
		return nil, Errorf(InvalidCommand, "%s is not implemented", Command(raw[0]))
	}
	req := known.new()
	if known.bare {
		return req, nil
	}
	if len(raw) == 1 {
		return nil, Errorf(InvalidCBOR, "%s needs a map of parameters", known.name)
	}
	if err := decode(known.name, raw[1:], req); err != nil {
		return nil, err
	}
	if complete, ok := req.(interface{ complete() error }); ok {
		return req, complete.complete()
	}
	return req, nil
}

// readable messages read themselves, member by member: every request, so that it
// is held to its types, and the responses of every ceremony. For all others the
// tags of their structs are enough.
type readable interface{ read(*canon.Reader) }

func unmarshal(data []byte, v any) error {
	if m, ok := v.(readable); ok {
		return canon.Read(data, m.read)
	}
	return canon.Unmarshal(data, v)
}

// unmarshalInPlace does the same, but v may share memory with data.
func unmarshalInPlace(data []byte, v any) error {
	if m, ok := v.(readable); ok {
		return canon.ReadInPlace(data, m.read)
	}
	return canon.Unmarshal(data, v)
}

// decode reads CBOR into v and chooses the status for what is wrong with it.
func decode(name string, data []byte, v any) error {
	if err := unmarshal(data, v); err != nil {
		return Errorf(statusOfDecoding(err, data[0]), "%s: %v", name, err)
	}
	return nil
}

// statusOfDecoding tells a member of the wrong type, for which there is a status
// of its own where it is a member of a map, from all else.
func statusOfDecoding(err error, initial byte) Status {
	const majorMap = 5
	if errors.Is(err, errSubCommandZero) {
		return InvalidSubcommand
	}
	var wrongType *canon.TypeError
	var missing *missingMember
	if errors.As(err, &wrongType) && !errors.As(err, &missing) && initial>>5 == majorMap {
		return CBORUnexpectedType
	}
	return InvalidCBOR
}

// EncodeRequest encodes req: the command byte and, if it has parameters, their
// map.
func EncodeRequest(req Request) ([]byte, error) {
	command := req.Command()
	if commands[command].bare {
		return []byte{byte(command)}, nil
	}
	return withHead(byte(command), req)
}

// EncodeResponse encodes what a command returned. An error becomes its status
// alone (§8.2: an error response is exactly one byte).
func EncodeResponse(resp any, err error) []byte {
	if err != nil {
		return []byte{byte(StatusOf(err))}
	}
	if _, ok := resp.(*Empty); ok || resp == nil {
		return []byte{byte(OK)}
	}
	out, err := withHead(byte(OK), resp)
	if err != nil {
		return []byte{byte(Other)}
	}
	return out
}

// appendable messages are the same: they lay themselves out.
type appendable interface{ appendTo(out []byte) []byte }

// usualMessage is the room for most of those, in bytes.
const usualMessage = 256

func withHead(head byte, v any) ([]byte, error) {
	if m, ok := v.(appendable); ok {
		return m.appendTo(append(make([]byte, 0, usualMessage), head)), nil
	}
	body, err := canon.Marshal(v)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 1+len(body))
	out[0] = head
	copy(out[1:], body)
	return out, nil
}

// DecodeResponse reads an encoded response into resp, which may share memory with
// it afterwards. A status other than OK comes back as that [Status]; an OK
// response that does not parse, as an error that is no Status.
func DecodeResponse(raw []byte, resp any) error {
	if len(raw) == 0 {
		return errors.New("the authenticator answered with no bytes at all")
	}
	if s := Status(raw[0]); s != OK {
		return s
	}
	if mayBeEmpty(resp) && len(raw) == 1 {
		return nil
	}
	if _, ok := resp.(*Empty); ok {
		return nil
	}
	if err := unmarshalInPlace(raw[1:], resp); err != nil {
		return fmt.Errorf("the authenticator's answer: %w", err)
	}
	if complete, ok := resp.(interface{ complete() error }); ok {
		return complete.complete()
	}
	return nil
}

// mayBeEmpty reports whether some subcommands of resp's command return no data.
func mayBeEmpty(resp any) bool {
	_, ok := resp.(interface{ mayBeEmpty() })
	return ok
}
