package ble

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	initialBit   = 0x80
	initialHead  = 1 + 2 // command, length of the whole message
	continueHead = 1     // sequence number
	maxSequence  = 0x7F  // 0 comes after it
)

// MaxMessage is the length of the longest message, in bytes.
const MaxMessage = 0xFFFF

// ErrProtocol is wrapped by the errors that say that the device broke the rules of
// the framing.
var ErrProtocol = errors.New("the device does not keep to the FIDO service of Bluetooth")

// fragment is what was written or notified, taken apart. Command and count are
// those of an initial fragment, sequence that of a continuation.
type fragment struct {
	initial  bool
	command  Command
	count    int
	sequence byte
	data     []byte
}

// parse reads a fragment of at most size bytes. One that is too short still tells
// whether it is an initial fragment.
func parse(value []byte, size int) (f fragment, ok bool) {
	f.initial = len(value) > 0 && value[0]&initialBit != 0
	if len(value) > size {
		return f, false
	}
	if !f.initial {
		if len(value) <= continueHead {
			return f, false
		}
		f.sequence, f.data = value[0], value[continueHead:]
		return f, true
	}
	if len(value) < initialHead {
		return f, false
	}
	f.command, f.count = Command(value[0]&^initialBit), int(binary.BigEndian.Uint16(value[1:]))
	f.data = value[initialHead:]
	return f, true
}

// Split cuts a message into fragments of at most size bytes. It fails for a message
// that is longer than [MaxMessage] or a size that fragments cannot have.
func Split(size int, command Command, payload []byte) ([][]byte, error) {
	if size < MinControlPoint || size > MaxControlPoint {
		return nil, fmt.Errorf("fragments of %d bytes, want %d to %d", size, MinControlPoint, MaxControlPoint)
	}
	if len(payload) > MaxMessage {
		return nil, fmt.Errorf("a message of %d bytes, at most %d are carried", len(payload), MaxMessage)
	}
	first := min(len(payload), size-initialHead)
	head := binary.BigEndian.AppendUint16([]byte{byte(command) | initialBit}, uint16(len(payload)))
	fragments := [][]byte{append(head, payload[:first]...)}
	payload = payload[first:]
	for sequence := byte(0); len(payload) > 0; sequence = (sequence + 1) & maxSequence {
		n := min(len(payload), size-continueHead)
		fragments = append(fragments, append([]byte{sequence}, payload[:n]...))
		payload = payload[n:]
	}
	return fragments, nil
}

// assembly is a message of which fragments are still to come.
type assembly struct {
	command Command
	count   int
	next    byte // sequence number
	payload []byte
}

// begin starts a message with its initial fragment. Memory is taken as the message
// comes, for its length is only a claim.
func begin(f fragment) assembly {
	return assembly{command: f.command, count: f.count, payload: append([]byte(nil), f.data...)}
}

func (a *assembly) complete() bool { return len(a.payload) == a.count }

// overfull tells whether there was more than was announced.
func (a *assembly) overfull() bool { return len(a.payload) > a.count }

// goOn takes a continuation. It reports whether that was the next one.
func (a *assembly) goOn(f fragment) bool {
	if f.sequence != a.next {
		return false
	}
	a.next = (a.next + 1) & maxSequence
	a.payload = append(a.payload, f.data...)
	return true
}
