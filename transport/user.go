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
