package uhid

import (
	"encoding/binary"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// kind says what an event is about (Linux, include/uapi/linux/uhid.h).
type kind uint32

// Events from the kernel, and from us.
const (
	opened    kind = 4  // a first program has opened the device
	closed    kind = 5  // the last one has closed it
	output    kind = 6  // a report for the device
	getReport kind = 9  // somebody wants a report by control transfer
	setReport kind = 13 // somebody has a report for the device by control transfer

	getReportReply kind = 10
	create         kind = 11 // the second version: UHID_CREATE2
	input          kind = 12 // the second version: UHID_INPUT2
	setReportReply kind = 14
)

// Sizes in bytes. All fields lie one after the other, with no room between, in
// the byte order of the machine.
const (
	maxData = 4096 // what a report or a descriptor has room for

	nameSize, physSize, uniqueSize = 128, 64, 64

	createSize = 4 + nameSize + physSize + uniqueSize + 2 + 2 + 4*4 + maxData
	outputSize = 4 + maxData + 2 + 1
	// maxEvent is the longest event.
	maxEvent = createSize
)

const (
	busUSB = 3
	// ioError is what is answered to those who want a report by control transfer:
	// FIDO devices have no such reports.
	ioError = 5
)

// identity is what the device tells of itself. The IDs are those that pid.codes
// sets aside for tests.
var identity = struct {
	name, phys      string
	vendor, product uint32
}{"passkeylab security key", "passkeylab", 0x1209, 0x0001}

var order = binary.NativeEndian

// createEvent asks the kernel for a device with reports of these sizes.
func createEvent(in, out int) []byte {
	descriptor := hid.Descriptor(in, out)
	e := order.AppendUint32(make([]byte, 0, createSize), uint32(create))
	e = appendText(e, identity.name, nameSize)
	e = appendText(e, identity.phys, physSize)
	e = appendText(e, "", uniqueSize)
	e = order.AppendUint16(e, uint16(len(descriptor)))
	e = order.AppendUint16(e, busUSB)
	e = order.AppendUint32(e, identity.vendor)
	e = order.AppendUint32(e, identity.product)
	e = order.AppendUint32(e, 0) // version
	e = order.AppendUint32(e, 0) // country
	return append(append(e, descriptor...), make([]byte, maxData-len(descriptor))...)
}

// appendText appends a text of less than size bytes, with zeros after it.
func appendText(e []byte, text string, size int) []byte {
	return append(append(e, text...), make([]byte, size-len(text))...)
}

// inputEvent brings a report to the host. What an event leaves free may be left
// out.
func inputEvent(report []byte) []byte {
	e := order.AppendUint32(make([]byte, 0, 6+len(report)), uint32(input))
	return append(order.AppendUint16(e, uint16(len(report))), report...)
}

// refusal answers a request for a control transfer.
func refusal(reply kind, id uint32) []byte {
	e := order.AppendUint32(nil, uint32(reply))
	e = order.AppendUint32(e, id)
	e = order.AppendUint16(e, ioError)
	return order.AppendUint16(e, 0) // bytes of a report; a reply to setReport ends before
}

// event is one from the kernel.
type event struct {
	kind   kind
	report []byte // of output
	id     uint32 // of getReport and setReport
}

// parseEvent reads an event. One that is too short for what it says is none.
func parseEvent(raw []byte) (e event, ok bool) {
	if len(raw) < 4 {
		return event{}, false
	}
	e.kind = kind(order.Uint32(raw))
	switch e.kind {
	case getReport, setReport:
		if len(raw) < 8 {
			return event{}, false
		}
		e.id = order.Uint32(raw[4:])
	case output:
		if len(raw) < outputSize {
			return event{}, false
		}
		size := int(order.Uint16(raw[4+maxData:]))
		if size > maxData {
			return event{}, false
		}
		e.report = raw[4 : 4+size]
	}
	return e, true
}

// unnumbered takes the number off a report from the host. The kernel hands out
// what a program wrote, which begins with zero where reports have no numbers.
func unnumbered(report []byte, size int) []byte {
	if len(report) == size+1 && report[0] == 0 {
		return report[1:]
	}
	return report
}
