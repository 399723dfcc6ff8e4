package transport

import (
	"context"
	"errors"
	"sync"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// NFCServer is a device as a card without contacts (CTAP 2.3 §11.3), out of the
// field to begin with. One reader at a time has it. It is safe for concurrent
// use, and a [Card] of one's own process.
type NFCServer struct {
	device   ctap.Transport
	powered  bool // other than by the field
	clock    Clock
	life     context.Context
	end      context.CancelFunc
	requests sync.WaitGroup

	mu      sync.Mutex
	machine *nfc.Card
	stop    context.CancelFunc // of the request in processing
	reply   chan []byte        // to the reader that waits; closed when the field goes
	timer   Timer              // fires when the machine is due
}

// NFCServerConfig says what a card is like.
type NFCServerConfig struct {
	// Powered is for a device with power of its own, as one that is on the USB at
	// the same time: coming into a field is nothing new to it.
	Powered bool
	Clock   Clock // nil = the machine's
	Seams   []nfc.Seams
}

// PowerCycler is what a device has that forgets, without power, what it does not
// store.
type PowerCycler interface{ PowerCycle() }

var (
	// ErrNoField is why a card does not answer that is not held to a reader.
	ErrNoField = errors.New("the card is not in the field of a reader")
	errInTurn  = errors.New("the card is at another command")
)

// NewNFCServer makes a card of a device. It has U2F if device is a
// [u2f.Transport] that knows U2F_VERSION, and loses its power with the field if
// it is a [PowerCycler]. Requests are served in goroutines of the server, until
// [NFCServer.Close].
func NewNFCServer(device ctap.Transport, config NFCServerConfig) (*NFCServer, error) {
	machine, err := nfc.NewCard(nfc.CardConfig{U2F: speaksU2F(device), Seams: config.Seams})
	if err != nil {
		return nil, err
	}
	s := &NFCServer{device: device, powered: config.Powered, clock: config.Clock, machine: machine, stop: func() {}}
	if s.clock == nil {
		s.clock = systemClock{}
	}
	s.life, s.end = context.WithCancel(context.Background())
	s.timer = alarm(s.clock, s.tick)
	return s, nil
}

// Close takes the card away for good, and waits until the device has let go of
// the request in processing.
func (s *NFCServer) Close() {
	s.FieldOff()
	s.mu.Lock()
	s.timer.Stop()
	s.end()
	s.mu.Unlock()
	s.requests.Wait()
}

// FieldOn holds the card to a reader, or has a reader switch its field off and on
// again.
func (s *NFCServer) FieldOn() {
	s.FieldOff()
	if cycler, ok := s.device.(PowerCycler); ok && !s.powered {
		cycler.PowerCycle()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.machine.FieldOn(s.clock.Now())
}

// FieldOff takes the card away: a command that waits for its response fails with
// [ErrNoField], a request in processing is cancelled.
func (s *NFCServer) FieldOff() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.act(s.machine.FieldOff())
	if s.reply != nil {
		close(s.reply)
		s.reply = nil
	}
}

// Transmit implements [Card]. Where ctx ends first, nobody gets the response. A
// request that can be asked after goes on then, any other is cancelled.
func (s *NFCServer) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	reply, err := s.begin(command)
	if err != nil {
		return nil, err
	}
	select {
	case response, ok := <-reply:
		if !ok {
			return nil, ErrNoField
		}
		return response, nil
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.reply == reply {
			s.reply = nil
			s.act(s.machine.Withdraw())
		}
		return nil, ctx.Err()
	}
}

// begin gives a command to the card and returns where the response will be.
func (s *NFCServer) begin(command []byte) (<-chan []byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.life.Err() != nil || !s.machine.Powered():
		return nil, ErrNoField
	case s.reply != nil:
		return nil, errInTurn
	}
	reply := make(chan []byte, 1)
	s.reply = reply
	s.act(s.machine.Command(s.clock.Now(), command))
	return reply, nil
}

// tick is called when something is due.
func (s *NFCServer) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.act(s.machine.Tick(s.clock.Now()))
}

// act does what came of an event.
func (s *NFCServer) act(out nfc.Outcome) {
	if s.life.Err() != nil {
		return
	}
	if out.Stop {
		s.stop()
	}
	if out.Response != nil {
		s.reply <- out.Response // has room for it
		s.reply = nil
	}
	if out.Request != nil {
		s.process(out.Request)
	}
	if due := s.machine.Deadline(); due.IsZero() {
		s.timer.Stop()
	} else {
		s.timer.Reset(due.Sub(s.clock.Now()))
	}
}

// process serves a request beside the commands that go on coming.
func (s *NFCServer) process(r *nfc.Request) {
	ctx, stop := context.WithCancel(s.life)
	s.stop = stop
	s.requests.Go(func() {
		defer stop()
		answer, err := s.serve(ctx, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil {
			s.act(s.machine.Fail(r.ID))
			return
		}
		s.act(s.machine.Answer(r.ID, answer))
	})
}

func (s *NFCServer) serve(ctx context.Context, r *nfc.Request) ([]byte, error) {
	ctx = overNFC(withWaiting(ctx, func(waiting bool) { s.show(r.ID, waiting) }), s.present)
	return serve(ctx, s.device, r.U2F, r.Payload)
}

// show tells the reader what its request is waiting for.
func (s *NFCServer) show(request uint64, waiting bool) {
	status := nfc.Processing
	if waiting {
		status = nfc.UserNeeded
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.act(s.machine.SetStatus(request, status))
}

// Status is what the request in processing waits for, 0 where there is none.
func (s *NFCServer) Status() nfc.KeepaliveStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.Status()
}

// present uses up that the card was held to the reader.
func (s *NFCServer) present() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.UserPresent(s.clock.Now())
}
