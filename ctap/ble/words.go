package ble

import "fmt"

// Command is that of a message, without the bit that marks initial fragments
// (§11.4). An answer has the command of its request.
type Command byte

// The commands.
const (
	CommandPing      Command = 0x01
	CommandKeepalive Command = 0x02
	CommandMsg       Command = 0x03 // a CTAP2 or a U2F message, as [Revision] says
	CommandCancel    Command = 0x3E
	CommandError     Command = 0x3F
)

var commandNames = map[Command]string{
	CommandPing: "PING", CommandKeepalive: "KEEPALIVE", CommandMsg: "MSG", CommandCancel: "CANCEL", CommandError: "ERROR",
}

// String returns the command's name in the specification.
func (c Command) String() string {
	if name, ok := commandNames[c]; ok {
		return name
	}
	return fmt.Sprintf("BLE command 0x%02X", byte(c)|initialBit)
}

// Error is the code that CommandError carries. It says that a message did not get
// through; what a CTAP2 command ended with is a status inside the answer.
type Error byte

// The codes. The text has no name for 0x06 in all of its versions, but devices
// send it.
const (
	InvalidCommand   Error = 0x01
	InvalidParameter Error = 0x02
	InvalidLength    Error = 0x03
	InvalidSequence  Error = 0x04
	RequestTimeout   Error = 0x05
	Busy             Error = 0x06
	Other            Error = 0x7F
)

var errorNames = map[Error]string{
	InvalidCommand: "ERR_INVALID_CMD", InvalidParameter: "ERR_INVALID_PAR", InvalidLength: "ERR_INVALID_LEN",
	InvalidSequence: "ERR_INVALID_SEQ", RequestTimeout: "ERR_REQ_TIMEOUT", Busy: "ERR_BUSY", Other: "ERR_OTHER",
}

func (e Error) Error() string {
	if name, ok := errorNames[e]; ok {
		return "BLE " + name
	}
	return fmt.Sprintf("BLE error 0x%02X", byte(e))
}

// KeepaliveStatus says what a device is busy with.
type KeepaliveStatus byte

// The statuses.
const (
	Processing KeepaliveStatus = 1
	UserNeeded KeepaliveStatus = 2 // it waits for a touch
)
