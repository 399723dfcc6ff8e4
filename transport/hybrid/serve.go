package hybrid

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/webauthn"
)

// incoming is what the computer sent, or why it sends no more.
type incoming struct {
	frame protocol.Frame
	err   error
}

// serve answers the computer's requests until it is done. It goes on listening
// while the device is at a request, so that a computer that leaves ends it.
func (t *transaction) serve(ctx context.Context) error {
	work, cancel := context.WithCancel(ctx)
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer cancel()

	arrivals := make(chan incoming)
	helpers.Go(func() { t.listen(work, arrivals) })
	idle := time.NewTimer(t.phone.config.Patience)
	defer idle.Stop()
	var answers chan []byte // nil while the device is at nothing
	for {
		select {
		case in := <-arrivals:
			if in.err != nil || in.frame.Type == protocol.FrameShutdown {
				return t.ended(ctx, in.err, answers != nil)
			}
			request, err := t.request(in.frame, answers != nil)
			if err != nil {
				return err
			}
			if request == nil || ctx.Err() != nil { // who walked away asks its user nothing
				continue
			}
			idle.Stop()
			answers = make(chan []byte, 1)
			helpers.Go(func() { answers <- t.exchange(work, request) })
		case answer := <-answers:
			if err := t.answer(ctx, answer); err != nil {
				return err
			}
			answers = nil
			idle.Reset(t.phone.config.Patience)
		case <-idle.C:
			return t.ended(ctx, ErrSilent, false)
		case <-ctx.Done():
			return t.ended(ctx, nil, answers != nil)
		}
	}
}

// request takes the request out of a frame, nil for an update, which there is no
// use for yet.
func (t *transaction) request(frame protocol.Frame, busy bool) ([]byte, error) {
	switch {
	case frame.Type == protocol.FrameUpdate:
		_, err := protocol.DecodeUpdate(frame.Payload)
		return nil, during("reading an update", err)
	case frame.Type != protocol.FrameCTAP:
		return nil, during("waiting for a request", fmt.Errorf("%w: a frame of %s, which was not offered", ErrRules, frame.Type))
	case busy:
		return nil, during("serving a request", fmt.Errorf("%w: a second request before the answer to the first", ErrRules))
	}
	t.phone.tell(StepRequest, "the computer sends %s", ctap.Command(frame.Payload[0]))
	return frame.Payload, nil
}

// listen hands on what arrives, until nothing can any more.
func (t *transaction) listen(ctx context.Context, arrivals chan<- incoming) {
	for {
		frame, err := t.line.receive(ctx)
		select {
		case arrivals <- incoming{frame, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// ended is how the transaction ends when the computer says no more. A computer
// that was answered may leave in any way.
func (t *transaction) ended(ctx context.Context, err error, busy bool) error {
	left := err == nil || errors.Is(err, ErrLost) || errors.Is(err, ErrSilent)
	switch {
	case ctx.Err() != nil:
		return during("serving the computer", context.Cause(ctx))
	case busy:
		return during("serving a request that the computer has given up", cmp.Or(err, ErrLost))
	case left && t.answered:
		t.phone.tell(StepDone, "the computer is done")
		return nil
	}
	return during("waiting for a request", cmp.Or(err, errUnasked))
}

// errUnasked is a computer that was done before it asked for anything.
var errUnasked = fmt.Errorf("%w: the computer has asked for nothing", ErrLost)

// exchange has the device answer a request. Every failure is a status.
func (t *transaction) exchange(ctx context.Context, request []byte) []byte {
	if ctap.Command(request[0]) == ctap.CommandGetInfo {
		return append([]byte{byte(ctap.OK)}, t.info...)
	}
	if err := serves(request); err != nil {
		return ctap.EncodeResponse(nil, err)
	}
	answer, err := t.phone.config.Device.Exchange(authenticator.Over(ctx, webauthn.TransportHybrid), request)
	if err == nil && len(answer) == 0 {
		err = errors.New("the device answered with no bytes at all")
	}
	if err != nil {
		return ctap.EncodeResponse(nil, err)
	}
	return answer
}

func (t *transaction) answer(ctx context.Context, answer []byte) error {
	if err := t.line.send(ctx, protocol.FrameCTAP, answer); err != nil {
		return during("sending an answer", because(ctx, err))
	}
	t.answered = true
	if status := ctap.Status(answer[0]); status != ctap.OK {
		t.phone.tell(StepRefusal, "the device refused: %s", status)
		return nil
	}
	t.phone.tell(StepAnswer, "the device answered, %d bytes", len(answer))
	return nil
}
