package authenticators

import (
	"context"
	"errors"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// Device is what a target of these cases makes: a device that can be asked. A user
// touches it whenever it asks for that. What else the bench can do it shows by
// implementing the interfaces below.
type Device interface {
	conformance.Subject
	ctap.Transport
}

// Power is a [Device] whose power can be cut. When PowerCycle returns the device
// has power again, and can be asked.
type Power interface {
	PowerCycle(ctx context.Context) error
}

// Person is a [Device] whose user does what the judge says.
type Person interface {
	// Act says what the user does from now on. The error wraps [errors.ErrUnsupported]
	// where the device gives its user no way to do that; so does that of Miss.
	Act(ctx context.Context, act Act) error
	// Miss lets the next n verifications of the user fail.
	Miss(ctx context.Context, n int) error
	// AwaitPrompt waits until the device has asked for its user since Act was last
	// called.
	AwaitPrompt(ctx context.Context) error
}

// Act is what the user does when the device asks for a touch.
type Act int

// The acts.
const (
	Approve Act = iota // touches at once, with the right finger
	Decline            // refuses
	Ignore             // does nothing
)

// Clock is a [Device] that can be told that time has passed.
type Clock interface {
	Pass(ctx context.Context, d time.Duration) error
}

// Legacy is a [Device] that can be asked in U2F.
type Legacy = u2f.Transport

// Carried is a [Device] that can be spoken to below the messages of CTAP. After one of
// its methods was called the device may not be had by Exchange and ExchangeAPDU any
// more: there may be one way to it at a time.
type Carried interface {
	// OpenReports opens a way for CTAPHID reports (CTAP 2.3 §11.2). The error wraps
	// [ErrNotCarried] where the device has no such transport, or the bench none to it.
	OpenReports(ctx context.Context) (Reports, error)
	// OpenCard does so for APDUs (CTAP 2.3 §11.3), with nothing selected yet.
	OpenCard(ctx context.Context) (Card, error)
}

// ErrNotCarried is why a device is not judged by what a transport does.
var ErrNotCarried = errors.New("there is no way to the device by this transport")

// Reports carries CTAPHID reports of 64 bytes to a device and back, as the host has
// them to whom it is attached.
type Reports interface {
	Send(ctx context.Context, report []byte) error
	// Receive returns the next report, and how long it took to come; nil where none
	// came within a time, by the clock of the device. The report is as it came, whatever
	// its size.
	Receive(ctx context.Context, within time.Duration) (report []byte, after time.Duration, err error)
	Close() error
}

// Card takes command APDUs to a device and brings its response APDUs back, as they
// are.
type Card interface {
	Transmit(ctx context.Context, command []byte) (response []byte, err error)
	Close() error
}
