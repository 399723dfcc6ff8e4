package pcsc

import (
	"bytes"
	"encoding/binary"
)

// A message to pcscd is a head of its size and command, and a structure of C. The
// answer is the same structure filled in, without a head. Numbers have the byte
// order of the machine.

// command is what a message asks for.
type command uint32

const (
	establishContext command = 0x01
	releaseContext   command = 0x02
	connect          command = 0x04
	reconnect        command = 0x05
	disconnect       command = 0x06
	transmit         command = 0x09
	version          command = 0x11
	getReadersState  command = 0x12
)

// Values of the structures' fields.
const (
	scopeSystem = 2
	shared      = 2
	t0orT1      = 1 | 2
	leaveCard   = 0
	unpowerCard = 2
	cardPresent = 0x0004
)

const (
	maxReaders    = 16
	maxReaderName = 128
	maxATR        = 33
	// maxAPDU is what pcscd has room for, in either direction.
	maxAPDU = 4 + 3 + 1<<16 + 3 + 2
	// pciLength is the size of SCARD_IO_REQUEST. pcscd passes it by.
	pciLength = 16
)

type versionMessage struct {
	Major, Minor int32
	Status       Status
}

type contextMessage struct {
	Scope, Context uint32
	Status         Status
}

type releaseMessage struct {
	Context uint32
	Status  Status
}

type connectMessage struct {
	Context   uint32
	Reader    [maxReaderName]byte
	Sharing   uint32
	Protocols uint32
	Card      int32
	Protocol  uint32
	Status    Status
}

type reconnectMessage struct {
	Card                                  int32
	Sharing, Protocols, Initial, Protocol uint32
	Status                                Status
}

type disconnectMessage struct {
	Card        int32
	Disposition uint32
	Status      Status
}

type transmitMessage struct {
	Card                        int32
	SendProtocol, SendPCI, Send uint32
	RecvProtocol, RecvPCI, Recv uint32
	Status                      Status
}

// readerState is a reader as pcscd publishes it. ATRs are padded.
type readerState struct {
	Name          [maxReaderName]byte
	Events, State uint32
	Sharing       int32
	ATR           [maxATR]byte
	_             [3]byte
	ATRLength     uint32
	Protocol      uint32
}

// encode lays out a message.
func encode(c command, body any) ([]byte, error) {
	size := 0
	if body != nil {
		size = binary.Size(body)
	}
	out := binary.NativeEndian.AppendUint32(nil, uint32(size))
	out = binary.NativeEndian.AppendUint32(out, uint32(c))
	if body == nil {
		return out, nil
	}
	return binary.Append(out, binary.NativeEndian, body)
}

// text is what comes before the zero byte.
func text(padded []byte) string {
	before, _, _ := bytes.Cut(padded, []byte{0})
	return string(before)
}
