package authenticators

import (
	"context"
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
	// Act says what the user does from now on.
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
