package transport

import (
	"context"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/webauthn"
)

// waitingKey marks the function that a transport wants to be told by, when a
// device begins and ends to wait for its user.
type waitingKey struct{}

func withWaiting(ctx context.Context, tell func(waiting bool)) context.Context {
	return context.WithValue(ctx, waitingKey{}, tell)
}

// attended is a [authenticator.User] seen by a transport.
type attended struct{ authenticator.User }

// Attend returns u for a device behind a transport: whoever made the request
// hears that a touch is needed, as KEEPALIVE can say it (CTAP 2.3 §11.2.9.1.7).
func Attend(u authenticator.User) authenticator.User { return attended{u} }

// Answer implements [authenticator.User].
func (u attended) Answer(ctx context.Context, p authenticator.Prompt) (authenticator.Gesture, error) {
	if tell, ok := ctx.Value(waitingKey{}).(func(bool)); ok {
		tell(true)
		defer tell(false)
	}
	return u.User.Answer(ctx, p)
}

// overUSB says how the device is reached: CTAPHID is the USB's framing, whatever
// carries it here.
func overUSB(ctx context.Context) context.Context {
	return authenticator.Over(ctx, webauthn.TransportUSB)
}

// fieldKey marks the function that uses up the user presence of a field.
type fieldKey struct{}

func overNFC(ctx context.Context, present func() bool) context.Context {
	return context.WithValue(authenticator.Over(ctx, webauthn.TransportNFC), fieldKey{}, present)
}

// tapped is a [authenticator.User] of a card that is held to a reader.
type tapped struct{ authenticator.User }

// Tap returns u for a device without a button: over NFC, bringing it to the reader
// is the gesture, once within 120 s. After that a user who does not take it away
// and bring it back does nothing (CTAP 2.3 §5, evidence of user interaction). What
// a gesture cannot say, such as whose finger it was, u is asked for; and
// everything that comes by other transports.
func Tap(u authenticator.User) authenticator.User { return tapped{u} }

// Answer implements [authenticator.User].
func (u tapped) Answer(ctx context.Context, p authenticator.Prompt) (authenticator.Gesture, error) {
	present, ok := ctx.Value(fieldKey{}).(func() bool)
	if !ok || p.Verify || p.Kind == authenticator.ChooseAccount || p.Kind == authenticator.CaptureFinger {
		return u.User.Answer(ctx, p)
	}
	if !present() {
		return authenticator.Gesture{}, authenticator.ErrTimedOut
	}
	return authenticator.Gesture{Present: true}, nil
}
