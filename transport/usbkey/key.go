package usbkey

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/passkeylab/passkeylab/transport"
)

// Key is a virtual key.
type Key struct {
	// Server is the device behind it. Whoever made it closes it, after the [Bus].
	Server *transport.HIDServer
	// Connect stands for that of Server, which is nil then: something else speaks
	// CTAPHID, and is told of each program that opens the key. send takes the reports
	// for the program, which have 64 bytes; it returns at once. Nothing is sent any
	// more once the program's Close has returned.
	Connect func(send func(report []byte)) (Program, error)
	// Vendor and Product are the IDs on the USB; 0 and 0 stand for those that
	// pid.codes sets aside for tests, 1209:0001.
	Vendor, Product uint16
	// Maker, Name and Serial are what the key says of itself, such as "passkeylab",
	// "Security Key", "1", which they are if empty. Each is one line of at most 100
	// bytes.
	Maker, Name, Serial string
}

// Program is what a device knows of a program that has opened it. A
// [transport.HIDPort] is one. Its methods are called one after the other.
type Program interface {
	// Report takes a report of the program, of 64 bytes.
	Report(report []byte)
	// Close tells that the program has gone.
	Close()
}

var _ Program = (*transport.HIDPort)(nil)

const (
	maxKeys = 16
	maxName = 100 // a HID device's is cut at 127, with the maker's

	testVendor, testProduct = 0x1209, 0x0001
)

// ErrUnavailable is why nothing is started where the system does not allow what
// the keys need. Such errors are of type [*UnavailableError].
var ErrUnavailable = errors.New("no virtual USB key on this machine")

// UnavailableError tells what the system refuses, and what can be done about it.
type UnavailableError struct {
	Cause error
	Mend  string
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("%v: %v: %s", ErrUnavailable, e.Cause, e.Mend)
}

// Unwrap returns [ErrUnavailable] and the cause.
func (e *UnavailableError) Unwrap() []error { return []error{ErrUnavailable, e.Cause} }

// ErrEnded is what plugging and unplugging fails with when the command has
// ended.
var ErrEnded = errors.New("the command has ended")

// filled is the key at a port with its defaults.
func (k Key) filled(port int) (Key, error) {
	if (k.Server == nil) == (k.Connect == nil) {
		return k, fmt.Errorf("key %d: give it either a Server or Connect", port)
	}
	if k.Vendor == 0 && k.Product == 0 {
		k.Vendor, k.Product = testVendor, testProduct
	}
	for _, name := range []struct {
		is           *string
		unless, what string
	}{{&k.Maker, "passkeylab", "Maker"}, {&k.Name, "Security Key", "Name"}, {&k.Serial, fmt.Sprint(port), "Serial"}} {
		if *name.is == "" {
			*name.is = name.unless
		}
		if len(*name.is) > maxName || strings.ContainsFunc(*name.is, unicode.IsControl) {
			return k, fmt.Errorf("key %d: %s is not one line of at most %d bytes: %q", port, name.what, maxName, *name.is)
		}
	}
	return k, nil
}

// connect adds a program.
func (k Key) connect(send func(report []byte)) (Program, error) {
	if k.Connect != nil {
		return k.Connect(send)
	}
	port, err := k.Server.Connect(send)
	if err != nil {
		return nil, err
	}
	return port, nil
}

// filledKeys are the keys of a bus.
func filledKeys(keys []Key) ([]Key, error) {
	if len(keys) == 0 || len(keys) > maxKeys {
		return nil, fmt.Errorf("%d keys: give 1 to %d", len(keys), maxKeys)
	}
	filled := make([]Key, len(keys))
	for i, k := range keys {
		var err error
		if filled[i], err = k.filled(i + 1); err != nil {
			return nil, err
		}
	}
	return filled, nil
}
