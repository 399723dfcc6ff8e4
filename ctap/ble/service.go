package ble

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// UUIDs of the FIDO service, of its characteristics and of what devices tell about
// themselves beside it (§11.4).
const (
	ServiceUUID            = "0000fffd-0000-1000-8000-00805f9b34fb"
	ControlPointUUID       = "f1d0fff1-deaa-ecee-b42f-c9ba7ed623bb" // write: fragments to the device
	StatusUUID             = "f1d0fff2-deaa-ecee-b42f-c9ba7ed623bb" // notify: fragments from the device
	ControlPointLengthUUID = "f1d0fff3-deaa-ecee-b42f-c9ba7ed623bb" // read: [ControlPointLength]
	RevisionBitfieldUUID   = "f1d0fff4-deaa-ecee-b42f-c9ba7ed623bb" // read what there is, write what is used: [Revision]
	RevisionUUID           = "00002a28-0000-1000-8000-00805f9b34fb" // read: a text, of U2F alone

	InformationUUID  = "0000180a-0000-1000-8000-00805f9b34fb"
	ManufacturerUUID = "00002a29-0000-1000-8000-00805f9b34fb"
	ModelUUID        = "00002a24-0000-1000-8000-00805f9b34fb"
)

// Flags of the one byte of service data that a device advertises under
// ServiceUUID.
const (
	PairingMode  = 0x80 // it can be paired with now
	PasskeyEntry = 0x40 // pairing asks for a passkey
)

// Sizes of what is written to the control point, in bytes.
const (
	MinControlPoint = 20
	MaxControlPoint = 512
)

// attHead is what a notification takes of the ATT_MTU, in bytes.
const attHead = 3

// NotificationSize is how many bytes a notification carries under an ATT_MTU.
func NotificationSize(mtu int) int { return min(max(mtu-attHead, MinControlPoint), MaxControlPoint) }

// ControlPointLength is the longest fragment that a device takes, in bytes.
type ControlPointLength uint16

// Encode returns the value of the characteristic.
func (l ControlPointLength) Encode() []byte { return binary.BigEndian.AppendUint16(nil, uint16(l)) }

// DecodeControlPointLength reads the value of the characteristic. The error wraps
// [ErrProtocol].
func DecodeControlPointLength(value []byte) (ControlPointLength, error) {
	if len(value) != 2 {
		return 0, fmt.Errorf("%w: a fidoControlPointLength of %d bytes, want 2", ErrProtocol, len(value))
	}
	l := ControlPointLength(binary.BigEndian.Uint16(value))
	return l, l.check()
}

func (l ControlPointLength) check() error {
	if l < MinControlPoint || l > MaxControlPoint {
		return fmt.Errorf("%w: a fidoControlPointLength of %d, want %d to %d", ErrProtocol, l, MinControlPoint, MaxControlPoint)
	}
	return nil
}

// Revision is a set of what is spoken in CommandMsg: the value of the revision
// bitfield.
type Revision byte

// The revisions.
const (
	U2F11 Revision = 0x80
	U2F12 Revision = 0x40
	FIDO2 Revision = 0x20
)

// byAge is every revision, the newest first.
var byAge = []Revision{FIDO2, U2F12, U2F11}

// Newest returns the newest one of a set, 0 where it has none.
func (r Revision) Newest() Revision {
	for _, known := range byAge {
		if r&known != 0 {
			return known
		}
	}
	return 0
}

// ErrRevision is why a device does not take what was written to the revision
// bitfield.
var ErrRevision = errors.New("one revision that the device has is to be chosen")

// choose reads what a client has written to the bitfield of a device that has r.
func (r Revision) choose(value []byte) (Revision, error) {
	if len(value) != 1 || bits.OnesCount8(value[0]) != 1 || Revision(value[0])&r == 0 {
		return 0, fmt.Errorf("%w: % X of %02X", ErrRevision, value, byte(r))
	}
	return Revision(value[0]), nil
}

// DecodeRevisions reads the value of the revision bitfield of a device. A longer
// one is of a later version, and its first byte counts. The error wraps
// [ErrProtocol].
func DecodeRevisions(value []byte) (Revision, error) {
	if len(value) == 0 {
		return 0, fmt.Errorf("%w: an empty fidoServiceRevisionBitfield", ErrProtocol)
	}
	return Revision(value[0]), nil
}
