package hid

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// What a FIDO device calls itself in its report descriptor (§11.2.8.1).
const (
	usagePage   = 0xF1D0 // of the FIDO alliance
	usageDevice = 0x01   // U2F and CTAP authenticators
)

// maxDescriptor is the size of the longest report descriptor in bytes: no
// operating system takes a longer one.
const maxDescriptor = 4096

// Descriptor returns the report descriptor of a FIDO device with reports of in
// bytes to the host and of out bytes from it (§11.2.8.1).
func Descriptor(in, out int) []byte {
	d := []byte{
		0x06, 0xD0, 0xF1, // usage page: FIDO
		0x09, usageDevice,
		0xA1, 0x01, // collection: application
	}
	d = appendReport(d, 0x20, in, 0x81)
	d = appendReport(d, 0x21, out, 0x91)
	return append(d, 0xC0)
}

// appendReport describes a report of n bytes: its usage, that each byte can have
// any value, and the item that says in or out.
func appendReport(d []byte, usage byte, n int, item byte) []byte {
	d = append(d, 0x09, usage, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 8)
	if n <= 0xFF {
		d = append(d, 0x95, byte(n))
	} else {
		d = append(d, 0x96, byte(n), byte(n>>8))
	}
	return append(d, item, 0x02)
}

// ErrNotFIDO is why a report descriptor is refused that is not one of a FIDO
// device.
var ErrNotFIDO = errors.New("no FIDO device")

// ReadDescriptor returns the sizes in bytes of the reports to and from the host
// of a FIDO device, by its report descriptor. The error wraps [ErrNotFIDO] where
// there is no FIDO device in it.
func ReadDescriptor(descriptor []byte) (in, out int, err error) {
	if len(descriptor) > maxDescriptor {
		return 0, 0, fmt.Errorf("%w: a report descriptor of %d bytes", ErrNotFIDO, len(descriptor))
	}
	var r descriptorReader
	for len(descriptor) > 0 {
		kind, value, rest, ok := nextItem(descriptor)
		if !ok {
			return 0, 0, fmt.Errorf("%w: its report descriptor breaks off", ErrNotFIDO)
		}
		r.item(kind, value)
		descriptor = rest
	}
	if !r.found {
		return 0, 0, fmt.Errorf("%w: its report descriptor has no usage 0x%02X of page 0x%04X", ErrNotFIDO, usageDevice, usagePage)
	}
	in, out = r.bits[0]/8, r.bits[1]/8
	return in, out, errors.Join(checkReport(in), checkReport(out))
}

// longItem marks an item whose length is in the next byte. None is defined.
const longItem = 0xFE

// nextItem takes the first item of a descriptor apart (HID 1.11 §6.2.2.2). kind
// is its first byte without the length.
func nextItem(d []byte) (kind byte, value uint32, rest []byte, ok bool) {
	kind, d = d[0], d[1:]
	if kind == longItem {
		if len(d) < 2 || len(d) < 2+int(d[0]) {
			return 0, 0, nil, false
		}
		return longItem, 0, d[2+int(d[0]):], true
	}
	n := []int{0, 1, 2, 4}[kind&3]
	if len(d) < n {
		return 0, 0, nil, false
	}
	var data [4]byte
	copy(data[:], d[:n])
	return kind &^ 3, binary.LittleEndian.Uint32(data[:]), d[n:], true
}

// The items that matter (HID 1.11 §6.2.2.4 and following), without their length.
const (
	itemInput         = 0x80
	itemOutput        = 0x90
	itemCollection    = 0xA0
	itemEndCollection = 0xC0
	itemUsagePage     = 0x04
	itemReportSize    = 0x74
	itemReportCount   = 0x94
	itemUsage         = 0x08
)

// descriptorReader adds up the reports inside the collection of a FIDO device.
type descriptorReader struct {
	page, usage uint32
	size, count uint64 // of the fields of the next report, in bits and in number
	depth       int    // collections that are open
	within      int    // depth of the FIDO collection, 0 outside
	found       bool
	bits        [2]int // of the reports in and out
}

func (r *descriptorReader) item(kind byte, value uint32) {
	switch kind {
	case itemUsagePage:
		r.page = value
	case itemReportSize:
		r.size = uint64(value)
	case itemReportCount:
		r.count = uint64(value)
	case itemUsage:
		r.usage = value
	case itemCollection:
		r.open()
	case itemEndCollection:
		r.close()
	case itemInput:
		r.add(0)
	case itemOutput:
		r.add(1)
	}
	if kind&0x0C == 0 { // a main item uses up what was said of it
		r.usage = 0
	}
}

// open begins a collection. A usage of four bytes brings its page along.
func (r *descriptorReader) open() {
	r.depth++
	page, usage := r.page, r.usage
	if usage > 0xFFFF {
		page, usage = usage>>16, usage&0xFFFF
	}
	if r.within == 0 && !r.found && page == usagePage && usage == usageDevice {
		r.within, r.found = r.depth, true
	}
}

func (r *descriptorReader) close() {
	if r.depth == r.within {
		r.within = 0
	}
	r.depth = max(0, r.depth-1)
}

// add counts a report's bits, up to more than any report has.
func (r *descriptorReader) add(direction int) {
	if r.within != 0 {
		r.bits[direction] = int(min(uint64(r.bits[direction])+r.size*r.count, 8*(maxReport+1)))
	}
}
