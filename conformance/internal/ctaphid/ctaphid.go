// Package ctaphid is the judge's own CTAPHID (CTAP 2.3 §11.2): numbers, and how a
// message lies in reports of 64 bytes.
//
// It owns the layout alone. It must never know what may follow what: that is for
// whoever judges by it.
package ctaphid

import (
	"encoding/binary"
	"fmt"
)

// Sizes in bytes (§11.2.4).
const (
	ReportSize = 64
	FirstData  = ReportSize - 7 // of a message in its first packet
	LaterData  = ReportSize - 5 // in each of the others
	MaxMessage = FirstData + 128*LaterData
)

// Broadcast is the channel for CTAPHID_INIT.
const Broadcast = 0xFFFFFFFF

// InitialBit marks initialization packets.
const InitialBit = 0x80

// Commands (§11.2.9), without the bit.
const (
	Ping      = 0x01
	Msg       = 0x03
	Lock      = 0x04
	Init      = 0x06
	Wink      = 0x08
	CBOR      = 0x10
	Cancel    = 0x11
	Keepalive = 0x3B
	Error     = 0x3F
)

var commandNames = map[byte]string{
	Ping: "PING", Msg: "MSG", Lock: "LOCK", Init: "INIT", Wink: "WINK", CBOR: "CBOR", Cancel: "CANCEL", Keepalive: "KEEPALIVE", Error: "ERROR",
}

// CommandName is what a command is called in the specification.
func CommandName(command byte) string {
	if name, ok := commandNames[command]; ok {
		return "CTAPHID_" + name
	}
	return fmt.Sprintf("CTAPHID command 0x%02X", command)
}

// Capabilities (§11.2.9.1.3).
const (
	CanWink = 0x01
	CanLock = 0x02
	CanCBOR = 0x04
	NoMsg   = 0x08
)

// Errors (§11.2.9.1.6).
const (
	ErrCommand   = 0x01
	ErrParameter = 0x02
	ErrLength    = 0x03
	ErrSequence  = 0x04
	ErrTimeout   = 0x05
	ErrBusy      = 0x06
	ErrChannel   = 0x0B
	ErrOther     = 0x7F
)

var errorNames = map[byte]string{
	ErrCommand: "INVALID_CMD", ErrParameter: "INVALID_PAR", ErrLength: "INVALID_LEN", ErrSequence: "INVALID_SEQ",
	ErrTimeout: "MSG_TIMEOUT", ErrBusy: "CHANNEL_BUSY", ErrChannel: "INVALID_CHANNEL", ErrOther: "OTHER",
}

// ErrorName is what a code is called in the specification.
func ErrorName(code byte) string {
	if name, ok := errorNames[code]; ok {
		return "ERR_" + name
	}
	return fmt.Sprintf("error 0x%02X", code)
}

// Statuses of CTAPHID_KEEPALIVE (§11.2.9.1.7).
const (
	Processing = 1
	UserNeeded = 2
)

// Packet is a report taken apart.
type Packet struct {
	Channel  uint32
	Initial  bool
	Command  byte   // of an initialization packet
	Length   int    // of its message
	Sequence byte   // of a continuation packet
	Data     []byte // with the padding
}

// Read takes a report of [ReportSize] bytes apart; ok is false for one of another size.
func Read(report []byte) (p Packet, ok bool) {
	if len(report) != ReportSize {
		return Packet{}, false
	}
	p.Channel = binary.BigEndian.Uint32(report)
	if report[4]&InitialBit == 0 {
		p.Sequence, p.Data = report[4], report[5:]
		return p, true
	}
	p.Initial, p.Command = true, report[4]&^InitialBit
	p.Length, p.Data = int(binary.BigEndian.Uint16(report[5:])), report[7:]
	return p, true
}

// String tells what a packet is.
func (p Packet) String() string {
	if !p.Initial {
		return fmt.Sprintf("channel %08x, packet %d of a message", p.Channel, p.Sequence)
	}
	text := fmt.Sprintf("channel %08x, %s, %d bytes", p.Channel, CommandName(p.Command), p.Length)
	if p.Command == Error && p.Length > 0 {
		text += ", " + ErrorName(p.Data[0])
	}
	return text
}

// Initial is an initialization packet, whatever length it tells.
func Initial(channel uint32, command byte, length int, data []byte) []byte {
	report := make([]byte, ReportSize)
	binary.BigEndian.PutUint32(report, channel)
	report[4] = command | InitialBit
	binary.BigEndian.PutUint16(report[5:], uint16(length))
	copy(report[7:], data)
	return report
}

// Continuation is a continuation packet.
func Continuation(channel uint32, sequence byte, data []byte) []byte {
	report := make([]byte, ReportSize)
	binary.BigEndian.PutUint32(report, channel)
	report[4] = sequence &^ InitialBit
	copy(report[5:], data)
	return report
}

// Split lays a message of at most [MaxMessage] bytes out in reports.
func Split(channel uint32, command byte, payload []byte) [][]byte {
	reports := [][]byte{Initial(channel, command, len(payload), payload)}
	for sequence := 0; FirstData+sequence*LaterData < len(payload); sequence++ {
		reports = append(reports, Continuation(channel, byte(sequence), payload[FirstData+sequence*LaterData:]))
	}
	return reports
}
