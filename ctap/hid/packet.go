package hid

import (
	"encoding/binary"
	"fmt"
)

// Sizes in bytes (§11.2.4). A report is one packet; what the packet leaves free
// is zero.
const (
	DefaultReport = 64
	minReport     = initHead + 1
	maxReport     = 1024 // the longest interrupt transfer of USB

	initHead     = 4 + 1 + 2 // channel, command, length of the whole message
	continueHead = 4 + 1     // channel, sequence number
	initBit      = 0x80      // marks an initialisation packet
	maxSequence  = 0x7F
	maxCount     = 0xFFFF // what the length can say
)

// Capacity is the size of the longest message that reports of a size can carry:
// 7609 bytes for the usual 64.
func Capacity(report int) int {
	return min(report-initHead+(maxSequence+1)*(report-continueHead), maxCount)
}

// ChannelOf returns the channel of a report, 0 where it is too short to have one.
func ChannelOf(report []byte) Channel {
	if len(report) < 4 {
		return 0
	}
	return Channel(binary.BigEndian.Uint32(report))
}

// packet is a report taken apart. Command and count are those of an
// initialisation packet, sequence that of a continuation packet.
type packet struct {
	channel  Channel
	initial  bool
	command  Command
	count    int
	sequence byte
	data     []byte // with the padding
}

// parsePacket reads a report. It has to be of the full size.
func parsePacket(report []byte, size int) (p packet, ok bool) {
	if len(report) != size {
		return packet{}, false
	}
	p.channel = ChannelOf(report)
	p.initial = report[4]&initBit != 0
	if !p.initial {
		p.sequence, p.data = report[4], report[continueHead:]
		return p, true
	}
	p.command, p.count = Command(report[4]&^initBit), int(binary.BigEndian.Uint16(report[5:]))
	p.data = report[initHead:]
	return p, true
}

// Split cuts a message into reports of a size. It fails for a message that is
// longer than [Capacity].
func Split(size int, channel Channel, command Command, payload []byte) ([][]byte, error) {
	if len(payload) > Capacity(size) {
		return nil, fmt.Errorf("a message of %d bytes, reports of %d bytes carry at most %d", len(payload), size, Capacity(size))
	}
	first := min(len(payload), size-initHead)
	more := (len(payload) - first + size - continueHead - 1) / (size - continueHead)
	all := make([]byte, (1+more)*size)
	reports := make([][]byte, 0, 1+more)

	report := all[:size:size]
	binary.BigEndian.PutUint32(report, uint32(channel))
	report[4] = byte(command) | initBit
	binary.BigEndian.PutUint16(report[5:], uint16(len(payload)))
	copy(report[initHead:], payload)
	reports = append(reports, report)

	payload = payload[first:]
	for sequence := range more {
		report := all[(1+sequence)*size:][:size:size]
		binary.BigEndian.PutUint32(report, uint32(channel))
		report[4] = byte(sequence)
		payload = payload[copy(report[continueHead:], payload):]
		reports = append(reports, report)
	}
	return reports, nil
}

// assembly is a message of which packets are still to come.
type assembly struct {
	channel Channel
	command Command
	count   int
	next    byte // sequence number
	payload []byte
}

// begin starts a message with its initialisation packet.
func begin(p packet) assembly {
	a := assembly{channel: p.channel, command: p.command, count: p.count, payload: make([]byte, 0, p.count)}
	a.append(p.data)
	return a
}

func (a *assembly) append(data []byte) {
	a.payload = append(a.payload, data[:min(len(data), a.count-len(a.payload))]...)
}

func (a *assembly) complete() bool { return len(a.payload) == a.count }

// goOn takes a continuation packet. It reports whether that was the next one.
func (a *assembly) goOn(p packet) bool {
	if p.sequence != a.next {
		return false
	}
	a.next++
	a.append(p.data)
	return true
}

// checkReport refuses report sizes that no device has.
func checkReport(size int) error {
	if size < minReport || size > maxReport {
		return fmt.Errorf("hid: reports of %d bytes, want %d to %d", size, minReport, maxReport)
	}
	return nil
}
