package hid

import "fmt"

// Channel is a channel identifier, CID (§11.2.3). Zero is none.
type Channel uint32

// Broadcast is the channel on which others are asked for. It carries nothing
// but CommandInit.
const Broadcast Channel = 0xFFFFFFFF

// Command is that of a message, without the bit that marks initialisation
// packets (§11.2.9). An answer has the command of its request.
type Command byte

// The commands. From 0x40 on they belong to vendors.
const (
	CommandPing      Command = 0x01
	CommandMsg       Command = 0x03 // a U2F message
	CommandLock      Command = 0x04
	CommandInit      Command = 0x06
	CommandWink      Command = 0x08
	CommandCBOR      Command = 0x10 // a CTAP2 message
	CommandCancel    Command = 0x11
	CommandKeepalive Command = 0x3B
	CommandError     Command = 0x3F
)

var commandNames = map[Command]string{
	CommandPing: "CTAPHID_PING", CommandMsg: "CTAPHID_MSG", CommandLock: "CTAPHID_LOCK",
	CommandInit: "CTAPHID_INIT", CommandWink: "CTAPHID_WINK", CommandCBOR: "CTAPHID_CBOR",
	CommandCancel: "CTAPHID_CANCEL", CommandKeepalive: "CTAPHID_KEEPALIVE", CommandError: "CTAPHID_ERROR",
}

// String returns the command's name in the specification.
func (c Command) String() string {
	if name, ok := commandNames[c]; ok {
		return name
	}
	return fmt.Sprintf("CTAPHID command 0x%02X", byte(c))
}

// Error is the code that CommandError carries (§11.2.9.1.6). It says that a
// message did not get through; what a CTAP2 command ended with is a status
// inside the answer.
type Error byte

// The codes.
const (
	InvalidCommand   Error = 0x01
	InvalidParameter Error = 0x02
	InvalidLength    Error = 0x03
	InvalidSequence  Error = 0x04
	MessageTimeout   Error = 0x05
	ChannelBusy      Error = 0x06
	LockRequired     Error = 0x0A
	InvalidChannel   Error = 0x0B
	Other            Error = 0x7F
)

var errorNames = map[Error]string{
	InvalidCommand: "ERR_INVALID_CMD", InvalidParameter: "ERR_INVALID_PAR", InvalidLength: "ERR_INVALID_LEN",
	InvalidSequence: "ERR_INVALID_SEQ", MessageTimeout: "ERR_MSG_TIMEOUT", ChannelBusy: "ERR_CHANNEL_BUSY",
	LockRequired: "ERR_LOCK_REQUIRED", InvalidChannel: "ERR_INVALID_CHANNEL", Other: "ERR_OTHER",
}

func (e Error) Error() string {
	if name, ok := errorNames[e]; ok {
		return "CTAPHID " + name
	}
	return fmt.Sprintf("CTAPHID error 0x%02X", byte(e))
}

// Capability is a set of what a device can do, told in the answer to
// CommandInit.
type Capability byte

// The capabilities.
const (
	CanWink Capability = 0x01
	CanLock Capability = 0x02
	CanCBOR Capability = 0x04
	NoMsg   Capability = 0x08 // CommandMsg is not implemented
)

// KeepaliveStatus says what a device is busy with (§11.2.9.1.7).
type KeepaliveStatus byte

// The statuses.
const (
	Processing KeepaliveStatus = 1
	UserNeeded KeepaliveStatus = 2 // it waits for a touch
)
