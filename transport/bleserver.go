package transport

import (
	"context"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/ble"
	"github.com/passkeylab/passkeylab/webauthn"
)

// BLEServer is a device behind the FIDO service of Bluetooth (CTAP 2.3 §11.4). It
// serves one request at a time, whoever makes it; others hear that it is busy. It
// is safe for concurrent use.
type BLEServer struct {
	device   ctap.Transport
	config   ble.DeviceConfig
	life     context.Context
	end      context.CancelFunc
	requests sync.WaitGroup

	mu      sync.Mutex
	ports   map[*BLEPort]bool
	serving *BLEPort // whose request is in processing, nil for nobody's
}

// NewBLEServer puts a device behind the FIDO service. It speaks U2F 1.2 if device is a
// [u2f.Transport] that knows U2F_VERSION, and CTAP2 unless it knows nothing else. Requests are served in
// goroutines of the server, until [BLEServer.Close].
func NewBLEServer(device ctap.Transport) (*BLEServer, error) {
	config := ble.DeviceConfig{Revisions: ble.FIDO2}
	if speaksU2F(device) {
		config.Revisions = ble.U2F12
		if speaksCTAP2(device) {
			config.Revisions |= ble.FIDO2
		}
	}
	s := &BLEServer{device: device, config: config, ports: map[*BLEPort]bool{}}
	s.life, s.end = context.WithCancel(context.Background())
	return s, nil
}

// Close ends the request in processing and waits until the device has let go of it.
// What is written later is ignored.
func (s *BLEServer) Close() {
	s.mu.Lock()
	s.end()
	for p := range s.ports {
		p.timer.Stop()
	}
	s.mu.Unlock()
	s.requests.Wait()
}

// BLEPort is one connection to a [BLEServer].
type BLEPort struct {
	server  *BLEServer
	notify  func(fragment []byte)
	machine *ble.Device
	stop    context.CancelFunc // of the request in processing
	timer   *time.Timer        // fires when the machine is due
}

// Connect adds a connection. notify takes the fragments for the status
// characteristic, in their order; it must return at once and not call back.
func (s *BLEServer) Connect(notify func(fragment []byte)) (*BLEPort, error) {
	machine, err := ble.NewDevice(s.config)
	if err != nil {
		return nil, err
	}
	p := &BLEPort{server: s, notify: notify, machine: machine}
	p.timer = time.AfterFunc(time.Hour, p.tick)
	p.timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ports) >= maxPorts {
		return nil, ErrTooManyClients
	}
	s.ports[p] = true
	return p, nil
}

// Close removes the connection. Nothing is notified any more.
func (p *BLEPort) Close() {
	p.do(func() ble.Outcome { return p.machine.Disconnect() })
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	p.timer.Stop()
	delete(p.server.ports, p)
}

// SetMTU notes the ATT_MTU of the connection, in bytes.
func (p *BLEPort) SetMTU(mtu int) {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	p.machine.SetMTU(mtu)
}

// Write takes what is written to the control point.
func (p *BLEPort) Write(value []byte) {
	p.do(func() ble.Outcome { return p.machine.Write(time.Now(), value) })
}

// WriteRevision takes what is written to the revision bitfield. The error wraps
// [ble.ErrRevision].
func (p *BLEPort) WriteRevision(value []byte) error {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	return p.machine.WriteRevision(value)
}

// ReadRevisions returns the value of the revision bitfield.
func (p *BLEPort) ReadRevisions() []byte { return p.machine.ReadRevisions() }

// ReadControlPointLength returns the value of that characteristic.
func (p *BLEPort) ReadControlPointLength() []byte { return p.machine.ReadControlPointLength() }

// tick is called when something is due.
func (p *BLEPort) tick() { p.do(func() ble.Outcome { return p.machine.Tick(time.Now()) }) }

// do lets something happen to a connection that there is, and does what comes of
// it.
func (p *BLEPort) do(happen func() ble.Outcome) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ports[p] || s.life.Err() != nil {
		return
	}
	out := happen()
	if out.Request != nil && s.serving != nil {
		busy := p.machine.Fail(out.Request.ID, ble.Busy)
		out.Fragments, out.Request = append(out.Fragments, busy.Fragments...), nil
	}
	if out.Stop {
		p.stop()
	}
	for _, fragment := range out.Fragments {
		p.notify(fragment)
	}
	if out.Request != nil {
		s.begin(p, out.Request)
	}
	if due := p.machine.Deadline(); due.IsZero() {
		p.timer.Stop()
	} else {
		p.timer.Reset(time.Until(due))
	}
}

// begin serves a request beside what goes on being written.
func (s *BLEServer) begin(p *BLEPort, r *ble.Request) {
	ctx, stop := context.WithCancel(s.life)
	s.serving, p.stop = p, stop
	s.requests.Go(func() {
		defer stop()
		answer, err := s.serve(ctx, p, r)
		s.mu.Lock()
		s.serving = nil
		s.mu.Unlock()
		p.do(func() ble.Outcome {
			if err != nil {
				return p.machine.Fail(r.ID, ble.Other)
			}
			return p.machine.Answer(r.ID, answer)
		})
	})
}

func (s *BLEServer) serve(ctx context.Context, p *BLEPort, r *ble.Request) ([]byte, error) {
	ctx = authenticator.Over(ctx, webauthn.TransportBLE)
	ctx = withWaiting(ctx, func(waiting bool) { p.show(r.ID, waiting) })
	return serve(ctx, s.device, r.Revision != ble.FIDO2, r.Payload)
}

// show tells the client what its request is waiting for.
func (p *BLEPort) show(request uint64, waiting bool) {
	status := ble.Processing
	if waiting {
		status = ble.UserNeeded
	}
	p.do(func() ble.Outcome { return p.machine.SetStatus(time.Now(), request, status) })
}
