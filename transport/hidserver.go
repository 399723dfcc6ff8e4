package transport

import (
	"context"
	"errors"
	"sync"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// Winker is what a device has that can show its user which one it is. Wink
// returns at once.
type Winker interface{ Wink() }

// HIDServer is a device behind CTAPHID (CTAP 2.3 §11.2). Any number of clients
// share it, as the programs of one machine share a key on the USB. It is safe
// for concurrent use.
type HIDServer struct {
	device   ctap.Transport
	in, out  int // sizes of reports to and from clients, in bytes
	clock    Clock
	life     context.Context
	end      context.CancelFunc
	requests sync.WaitGroup

	mu      sync.Mutex
	off     bool // there is no power
	machine *hid.Device
	ports   map[*HIDPort]bool
	owners  map[hid.Channel]*HIDPort
	stop    context.CancelFunc // of the request in processing
	timer   Timer              // fires when the machine is due
}

// Bounds on what clients can make a server keep. Together they are within what
// the state machine can give out, so that no client costs another its channel.
const (
	maxPorts        = 64
	channelsPerPort = 16
)

// ErrTooManyClients is why a client is turned away.
var ErrTooManyClients = errors.New("too many clients at one device")

// NewHIDServer puts a device behind CTAPHID. It serves CommandMsg if device is a
// [u2f.Transport] that knows U2F_VERSION, CommandCBOR unless it knows nothing else,
// and CommandWink if it is a [Winker].
// Requests are served in goroutines of the server, until [HIDServer.Close].
// Reports have 64 bytes unless an option says otherwise.
func NewHIDServer(device ctap.Transport, options ...HIDOption) (*HIDServer, error) {
	capabilities := hid.CanLock
	if _, ok := device.(Winker); ok {
		capabilities |= hid.CanWink
	}
	capabilities |= languages(device)
	config := hidConfig{
		DeviceConfig: hid.DeviceConfig{In: hid.DefaultReport, Out: hid.DefaultReport, Capabilities: capabilities, Channels: maxPorts * channelsPerPort},
		clock:        systemClock{},
	}
	for _, option := range options {
		option(&config)
	}
	machine, err := hid.NewDevice(config.DeviceConfig)
	if err != nil {
		return nil, err
	}
	s := &HIDServer{device: device, machine: machine, in: config.In, out: config.Out, clock: config.clock, ports: map[*HIDPort]bool{}, owners: map[hid.Channel]*HIDPort{}}
	s.life, s.end = context.WithCancel(context.Background())
	s.timer = alarm(s.clock, s.tick)
	return s, nil
}

// hidConfig is what a [HIDServer] is like.
type hidConfig struct {
	hid.DeviceConfig
	clock Clock
}

// HIDOption changes what a [HIDServer] is like.
type HIDOption func(*hidConfig)

// Reports sets the sizes of reports to and from the host, 8 to 1024 bytes
// (CTAP 2.3 §11.2.4).
func Reports(in, out int) HIDOption {
	return func(c *hidConfig) { c.In, c.Out = in, out }
}

// Speaking adds seams to how the device speaks.
func Speaking(seams ...hid.Seams) HIDOption {
	return func(c *hidConfig) { c.Seams = append(c.Seams, seams...) }
}

// Timed has the server live in the time of a clock, and not in the machine's.
func Timed(clock Clock) HIDOption {
	return func(c *hidConfig) { c.clock = clock }
}

// ReportSizes returns the sizes of reports to and from clients, in bytes.
func (s *HIDServer) ReportSizes() (in, out int) { return s.in, s.out }

// languages are CTAP2 and U2F, as far as the device speaks them. One that knows U2F
// is asked whether it knows anything else.
func languages(device ctap.Transport) hid.Capability {
	switch u2fSpoken := speaksU2F(device); {
	case !u2fSpoken:
		return hid.CanCBOR | hid.NoMsg
	case speaksCTAP2(device):
		return hid.CanCBOR
	}
	return 0
}

// speaksCTAP2 is false for a device to which getInfo is no command.
func speaksCTAP2(device ctap.Transport) bool {
	_, err := ctap.Call(context.Background(), device, new(ctap.GetInfoRequest))
	return !errors.Is(err, ctap.InvalidCommand)
}

// speaksU2F asks the device itself: what it is not set up for, it may have all the
// same.
func speaksU2F(device ctap.Transport) bool {
	t, ok := device.(u2f.Transport)
	if !ok {
		return false
	}
	_, err := u2f.Call(context.Background(), t, new(u2f.VersionRequest))
	return err == nil
}

// Close ends the request in processing and waits until the device has let go of
// it. Reports that come later are ignored.
func (s *HIDServer) Close() {
	s.mu.Lock()
	s.timer.Stop()
	s.end()
	s.mu.Unlock()
	s.requests.Wait()
}

// HIDPort is one client of a [HIDServer].
type HIDPort struct {
	server   *HIDServer
	send     func(report []byte)
	channels []hid.Channel // oldest first
}

// Connect adds a client. send takes the reports for it, in their order; it must
// return at once and not call back.
func (s *HIDServer) Connect(send func(report []byte)) (*HIDPort, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ports) >= maxPorts {
		return nil, ErrTooManyClients
	}
	p := &HIDPort{server: s, send: send}
	s.ports[p] = true
	return p, nil
}

// Report takes a report of the client.
func (p *HIDPort) Report(report []byte) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ports[p] || s.off {
		return
	}
	if owner := s.owners[hid.ChannelOf(report)]; owner != nil && owner != p {
		for _, refusal := range s.machine.Foreign(report).Reports {
			p.send(refusal)
		}
		return
	}
	s.act(p, s.machine.Report(s.clock.Now(), report))
}

// Close removes the client with its channels. Nothing is sent to it any more.
func (p *HIDPort) Close() {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ports, p)
	for len(p.channels) > 0 {
		s.release(p)
	}
}

// release takes back a client's oldest channel.
func (s *HIDServer) release(p *HIDPort) {
	channel := p.channels[0]
	p.channels = p.channels[1:]
	delete(s.owners, channel)
	s.act(nil, s.machine.Release(channel))
}

// tick is called when something is due.
func (s *HIDServer) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.act(nil, s.machine.Tick(s.clock.Now()))
}

// act does what came of an event, from is the client that caused it, if one did.
func (s *HIDServer) act(from *HIDPort, out hid.Outcome) {
	if s.life.Err() != nil {
		return
	}
	if out.Stop {
		s.stop()
	}
	for _, report := range out.Reports {
		if to := s.receiver(from, report); to != nil {
			to.send(report)
		}
	}
	if out.Opened != 0 {
		s.give(from, out.Opened)
	}
	if out.Wink {
		s.device.(Winker).Wink()
	}
	if out.Request != nil {
		s.begin(out.Request)
	}
	if due := s.machine.Deadline(); due.IsZero() {
		s.timer.Stop()
	} else {
		s.timer.Reset(due.Sub(s.clock.Now()))
	}
}

// receiver is the client that has the report's channel. What is said on the
// broadcast channel, or on one that nobody has, is for the one that asked.
func (s *HIDServer) receiver(from *HIDPort, report []byte) *HIDPort {
	if owner := s.owners[hid.ChannelOf(report)]; owner != nil {
		return owner
	}
	return from
}

// give notes whose a new channel is. Who asks for many loses the oldest.
func (s *HIDServer) give(p *HIDPort, channel hid.Channel) {
	s.owners[channel] = p
	p.channels = append(p.channels, channel)
	if len(p.channels) > channelsPerPort {
		s.release(p)
	}
}

// begin serves a request beside the reports that go on coming.
func (s *HIDServer) begin(r *hid.Request) {
	ctx, stop := context.WithCancel(s.life)
	s.stop = stop
	s.requests.Go(func() {
		defer stop()
		answer, err := s.serve(ctx, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil {
			s.act(nil, s.machine.Fail(r.ID, hid.Other))
			return
		}
		s.act(nil, s.machine.Answer(r.ID, answer))
	})
}

func (s *HIDServer) serve(ctx context.Context, r *hid.Request) ([]byte, error) {
	ctx = overUSB(withWaiting(ctx, func(waiting bool) { s.show(r.ID, waiting) }))
	return serve(ctx, s.device, r.Command == hid.CommandMsg, r.Payload)
}

// show tells the client what its request is waiting for.
func (s *HIDServer) show(request uint64, waiting bool) {
	status := hid.Processing
	if waiting {
		status = hid.UserNeeded
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.act(nil, s.machine.SetStatus(s.clock.Now(), request, status))
}

// Status is what the request in processing waits for, 0 where there is none.
func (s *HIDServer) Status() hid.KeepaliveStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.Status()
}

// Device returns what is served.
func (s *HIDServer) Device() ctap.Transport { return s.device }
