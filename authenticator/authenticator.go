package authenticator

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/passkeylab/passkeylab/ctap"
)

// Authenticator is one device. It serves one request at a time: a second caller
// waits for its turn, or until its context is done. It is safe for concurrent
// use.
type Authenticator struct {
	model Model
	seams seamList
	power supply
	turn  chan struct{} // holds a token while a request or a power cycle is in progress

	// The rest belongs to whoever has the turn.
	env     Env          // as the seams in force have it
	active  *activeSeams // of the request in progress
	session session
	keys    keyCache
}

var _ ctap.Transport = (*Authenticator)(nil)

// ErrPowerCut is what a request fails with when the power goes while it waits
// for the user.
var ErrPowerCut = errors.New("the power was cut")

// New returns a device of a model, just powered up. It reads and writes nothing
// yet: what env.Store holds is what the device remembers.
func New(model Model, env Env, seams ...Seams) (*Authenticator, error) {
	if err := env.check(); err != nil {
		return nil, err
	}
	if err := model.Check(); err != nil {
		return nil, err
	}
	a := &Authenticator{model: model, seams: seamList{bare: env, now: new(activeSeams)}, turn: make(chan struct{}, 1)}
	a.Attach(seams...)
	a.enter(a.seams.snapshot())
	a.session.poweredUp = a.env.Clock.Now()
	return a, nil
}

// Model returns what kind of device this is.
func (a *Authenticator) Model() Model { return a.model }

// Exchange answers an encoded request with an encoded response, status first.
// Every failure is a status; the error is always nil and there because
// [ctap.Transport] has one.
func (a *Authenticator) Exchange(ctx context.Context, request []byte) (response []byte, _ error) {
	defer func() {
		if value := recover(); value != nil { // of a seam that acts outside of any turn
			response = ctap.EncodeResponse(nil, &PanicError{Value: value, Stack: debug.Stack()})
		}
	}()
	seams := a.seams.snapshot()
	req, err := a.decode(seams.heard(request))
	if err != nil {
		seams.refused(nil, err)
		resp, err := seams.result(nil, nil, err)
		return seams.response(ctap.EncodeResponse(resp, err)), nil
	}
	resp, err := a.serve(ctx, req, seams)
	return seams.response(ctap.EncodeResponse(resp, err)), nil
}

func (a *Authenticator) decode(request []byte) (ctap.Request, error) {
	if len(request) > a.model.MaxMsgSize {
		return nil, ctap.Errorf(ctap.RequestTooLarge, "a request of %d bytes, maxMsgSize is %d", len(request), a.model.MaxMsgSize)
	}
	if len(request) > 0 && !a.model.supports(ctap.Command(request[0])) {
		return nil, ctap.Errorf(ctap.InvalidCommand, "this device has no %s", ctap.Command(request[0]))
	}
	return ctap.DecodeRequest(request)
}

// Do serves a decoded request and returns its response, such as a
// *ctap.GetInfoResponse. The error carries the [ctap.Status] to answer with and
// names the step that refused.
func (a *Authenticator) Do(ctx context.Context, req ctap.Request) (any, error) {
	return a.serve(ctx, req, a.seams.snapshot())
}

func (a *Authenticator) serve(ctx context.Context, req ctap.Request, seams *activeSeams) (any, error) {
	return a.inTurn(ctx, req, seams, func() (any, error) {
		resp, err := a.dispatch(ctx, seams.request(req))
		return seams.result(req, resp, err)
	})
}

// inTurn runs the work of a request while no other is in progress. A panic is an
// error too. req is nil for requests that are no CTAP2.
func (a *Authenticator) inTurn(ctx context.Context, req ctap.Request, seams *activeSeams, work func() (any, error)) (resp any, err error) {
	if err := a.take(ctx); err != nil {
		return nil, fmt.Errorf("waiting for the device to be free: %w", err)
	}
	defer a.release()
	defer func() {
		if value := recover(); value != nil {
			resp, err = nil, &PanicError{Value: value, Stack: debug.Stack()}
		}
		if err != nil {
			seams.refused(req, err)
		}
	}()
	a.enter(seams)
	return work()
}

// enter puts seams in force, and the surroundings that they make.
func (a *Authenticator) enter(seams *activeSeams) { a.active, a.env = seams, seams.env }

// PowerCycle cuts the power and restores it: a prompt in progress fails with
// [ErrPowerCut], and only what the Store keeps is remembered.
func (a *Authenticator) PowerCycle() {
	a.power.cut()
	a.turn <- struct{}{}
	defer a.release()
	a.power.restore()
	a.keys.forget()
	a.enter(a.seams.snapshot())
	a.active.powerCycled()
	next := session{poweredUp: a.env.Clock.Now()}
	if !a.active.token(TokenPowerLost, true) {
		next.token = a.session.token
	}
	a.session = next
}

func (a *Authenticator) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case a.turn <- struct{}{}:
		return nil
	default: // somebody else has it
	}
	select {
	case a.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *Authenticator) release() { <-a.turn }

// PanicError is a defect of ours, or of a plug-in, that a request ran into. The
// platform is told ctap.Other; the transcript gets the rest.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("the authenticator panicked: %v", e.Value) }
