package hybrid

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// Remote is the device of a phone at the other end of a tunnel. It is a
// [ctap.Transport]; requests wait for each other. A goroutine listens to the phone
// until the connection ends, which [Remote.Close] makes sure of.
type Remote struct {
	conn  Conn
	line  line
	info  []byte // getInfo's answer, with its status
	learn func(*protocol.Linking, [32]byte) (*Link, error)

	turn    chan struct{} // holds a token while a request is under way
	answers chan []byte
	waits   chan struct{} // holds a token while an answer is due
	ended   context.Context
	end     context.CancelCauseFunc
	quiet   chan struct{} // closed when the listener has returned

	mu   sync.Mutex
	link *Link
}

var _ ctap.Transport = (*Remote)(nil)

// parting is how long a phone may take to leave once it was told that the computer
// is done.
const parting = 2 * time.Second

// introduced takes the phone's first message.
func (r *Remote) introduced(ctx context.Context) error {
	plaintext, err := r.line.receiveSealed(ctx)
	if err != nil {
		return err
	}
	hello, err := protocol.DecodeHello(plaintext)
	if err != nil {
		return err
	}
	if !hello.Serves(protocol.FeatureCTAP) {
		return fmt.Errorf("%w: the phone serves %q and no CTAP", ErrRules, hello.Features)
	}
	r.line.revision = hello.Revision
	r.info = append([]byte{byte(ctap.OK)}, hello.Info...)
	return r.linked(hello.Linking)
}

// linked keeps linking information that is genuine. In a transaction that began
// with a link there is none to be had.
func (r *Remote) linked(linking *protocol.Linking) error {
	if linking == nil || r.learn == nil {
		return nil
	}
	link, err := r.learn(linking, r.line.session.Hash())
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.link = link
	return nil
}

// Link returns the link that the phone has offered, or nil. A phone that offers
// one has done so before it answers the first request.
func (r *Remote) Link() *Link {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.link
}

// start begins to listen.
func (r *Remote) start() {
	r.turn, r.waits = make(chan struct{}, 1), make(chan struct{}, 1)
	r.answers, r.quiet = make(chan []byte, 1), make(chan struct{})
	r.ended, r.end = context.WithCancelCause(context.Background())
	go func() {
		defer close(r.quiet)
		r.end(r.listen())
	}()
}

// listen returns why the phone is heard no more.
func (r *Remote) listen() error {
	for {
		frame, err := r.line.receive(r.ended)
		if err == nil {
			err = r.heard(frame)
		}
		if err != nil {
			if !errors.Is(err, ErrLost) {
				_ = r.conn.Close(protocol.ClosePolicy) // the reason counts
			}
			return err
		}
	}
}

func (r *Remote) heard(frame protocol.Frame) error {
	switch frame.Type {
	case protocol.FrameUpdate:
		update, err := protocol.DecodeUpdate(frame.Payload)
		if err != nil {
			return err
		}
		return r.linked(update.Linking)
	case protocol.FrameCTAP:
		select {
		case <-r.waits:
			r.answers <- frame.Payload
			return nil
		default:
			return fmt.Errorf("%w: an answer to nothing", ErrRules)
		}
	}
	return fmt.Errorf("%w: a frame of %s", ErrRules, frame.Type)
}

// Exchange sends a request and waits for the answer. getInfo is answered out of
// what the phone has said when it was connected. There is no cancelling: where ctx
// ends before the answer, the connection does too.
func (r *Remote) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	if len(request) == 1 && ctap.Command(request[0]) == ctap.CommandGetInfo {
		return append([]byte(nil), r.info...), nil
	}
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, during("waiting for another request to end", context.Cause(ctx))
	}
	if r.ended.Err() != nil {
		return nil, during("sending a request", context.Cause(r.ended))
	}
	r.waits <- struct{}{}
	if err := r.line.send(ctx, protocol.FrameCTAP, request); err != nil {
		return nil, during("sending a request", r.abandon(because(ctx, err)))
	}
	select {
	case answer := <-r.answers:
		return answer, nil
	case <-r.ended.Done():
		select {
		case answer := <-r.answers: // and then the phone left
			return answer, nil
		default:
			return nil, during("waiting for the answer", context.Cause(r.ended))
		}
	case <-ctx.Done():
		return nil, during("waiting for the answer", r.abandon(context.Cause(ctx)))
	}
}

// abandon ends the connection, because nobody could tell any more what an answer
// belongs to.
func (r *Remote) abandon(why error) error {
	r.end(why)
	_ = r.conn.Close(protocol.CloseNormal) // the reason counts
	return why
}

// Close tells the phone that the computer is done and waits a little while for it
// to leave. A request under way is given up instead. It may be called again.
func (r *Remote) Close() error {
	select {
	case r.turn <- struct{}{}:
		r.part()
		<-r.turn
	default:
	}
	r.end(ErrClosed)
	_ = r.conn.Close(protocol.CloseNormal) // it may be closed already
	<-r.quiet
	return nil
}

// part takes leave of the phone, if it is still there.
func (r *Remote) part() {
	if r.line.revision != protocol.Revision1 || r.ended.Err() != nil {
		return
	}
	leaving, cancel := context.WithTimeout(context.Background(), parting)
	defer cancel()
	if r.line.send(leaving, protocol.FrameShutdown, nil) != nil {
		return
	}
	select {
	case <-r.quiet:
	case <-leaving.Done():
	}
}
