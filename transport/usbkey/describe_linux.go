//go:build amd64 || arm64

package usbkey

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/passkeylab/passkeylab/transport/usbkey/internal/sysfs"
)

// Numbers of the requests to a hidraw node, of type 'H'
// (linux/Documentation/hid/hidraw.rst).
const (
	descriptorSize = 1
	descriptor     = 2
	rawInfo        = 3
	rawName        = 4
	rawPhys        = 5
	setFeature     = 6
	getFeature     = 7
	rawUniq        = 8
)

// busUSB is the kind of bus, as HIDIOCGRAWINFO tells it.
const busUSB = 3

// description is the answer to a request.
type description struct {
	data   []byte
	offset uintptr // of data, from where the caller wants the answer
	result int
	errno  unix.Errno // 0 if there is an answer
}

// describe answers a request of a program about a key. room is the length in
// the structure of HIDIOCGRDESC, which only that request has.
func describe(d sysfs.Device, request, room uint32) description {
	switch request & 0xff {
	case descriptorSize:
		return description{data: binary.NativeEndian.AppendUint32(nil, uint32(len(sysfs.ReportDescriptor)))}
	case descriptor:
		// As the kernel does it: no byte more than there is, and the length stays.
		return description{data: sysfs.ReportDescriptor[:min(room, uint32(len(sysfs.ReportDescriptor)))], offset: 4}
	case rawInfo:
		data := binary.NativeEndian.AppendUint32(nil, busUSB)
		data = binary.NativeEndian.AppendUint16(data, d.Vendor)
		return description{data: binary.NativeEndian.AppendUint16(data, d.Product)}
	case rawName:
		return text(d.FullName(), request)
	case rawPhys:
		return text(d.Phys(), request)
	case rawUniq:
		return text(d.Serial, request)
	case setFeature, getFeature:
		return description{errno: unix.EPIPE} // a key has no such reports: its endpoint stalls
	}
	return description{errno: unix.ENOTTY}
}

// text is a string with its final zero, as much as fits into the size that the
// number of the request tells.
func text(s string, request uint32) description {
	data := append([]byte(s), 0)
	data = data[:min(uint32(len(data)), request>>16&0x3fff)]
	return description{data: data, result: len(data)}
}
