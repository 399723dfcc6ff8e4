package subject

import (
	"context"
	"errors"
	"sync"

	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// port is where the judge's authenticator is plugged in. To the browser it is always
// the same key.
type port struct {
	mu     sync.Mutex
	device *clients.Device // nil: nobody answers
	pulse  *pulse
}

// put has programs that open the key from now on meet another device.
func (p *port) put(device *clients.Device) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.device = device
}

// connect serves a program that has opened the key, in a goroutine that ends when it
// has gone.
func (p *port) connect(send func(report []byte)) (usbkey.Program, error) {
	p.mu.Lock()
	device := p.device
	p.mu.Unlock()
	line := &line{send: send, pulse: p.pulse, heard: make(chan []byte, reportsUnderWay)}
	if device != nil {
		line.serving.Go(func() { _ = device.Serve(context.Background(), line) }) // which ends with the line
	}
	return line, nil
}

// reportsUnderWay is how many reports of a program wait for the device: more than the
// longest message has.
const reportsUnderWay = 512

// line is one program's way to the device.
type line struct {
	send    func(report []byte)
	pulse   *pulse
	heard   chan []byte // closed when the program has gone
	serving sync.WaitGroup
}

var (
	_ usbkey.Program  = (*line)(nil)
	_ clients.Reports = (*line)(nil)
)

var errGone = errors.New("the program has closed the key")

// Report implements [usbkey.Program]. What is too much is lost, as on a real line.
func (l *line) Report(report []byte) {
	l.pulse.beat(true)
	select {
	case l.heard <- append([]byte(nil), report...):
	default:
	}
}

// Close implements [usbkey.Program]. The device still hears what was said before, such as
// CTAPHID_CANCEL, with which browsers go.
func (l *line) Close() {
	close(l.heard)
	l.serving.Wait()
}

// Receive implements [clients.Reports].
func (l *line) Receive() ([]byte, error) {
	report, there := <-l.heard
	if !there {
		return nil, errGone
	}
	return report, nil
}

// Send implements [clients.Reports].
func (l *line) Send(report []byte) error {
	l.pulse.beat(false)
	l.send(report)
	return nil
}
