package ble

import "fmt"

// Host is the client's side of a connection: one request at a time. It knows no
// time: its user gives up when nothing was heard for as long as is bearable. It is
// not safe for concurrent use.
type Host struct {
	out     int     // size of what is written
	expects Command // the command of the answer, 0 for none
	message *assembly
}

// NewHost returns a host that writes fragments of a device's control point length.
func NewHost(length ControlPointLength) (*Host, error) {
	return &Host{out: int(length)}, length.check()
}

// Send returns the fragments of a request. It fails where the request is too long.
func (h *Host) Send(command Command, payload []byte) ([][]byte, error) {
	fragments, err := Split(h.out, command, payload)
	if err != nil {
		return nil, err
	}
	h.expects, h.message = command, nil
	return fragments, nil
}

// Cancel returns the fragment that asks the device to end the request in progress.
// The answer to that request is still to come.
func (h *Host) Cancel() []byte { return []byte{byte(CommandCancel) | initialBit, 0, 0} }

// Event is what a notification brought.
type Event struct {
	Heard     bool            // it belongs to the request: the device is alive
	Keepalive KeepaliveStatus // the device is still at it
	Done      bool            // the request has ended, with Payload or an error
	Payload   []byte
}

// Notified takes a notification of the device. What belongs to no request is passed
// over. The error is an [Error] of the device or wraps [ErrProtocol]; both end the
// request.
func (h *Host) Notified(value []byte) (Event, error) {
	if h.expects == 0 {
		return Event{}, nil
	}
	event, err := h.fragment(value)
	if event.Done || err != nil {
		h.expects, h.message = 0, nil
		event.Heard, event.Done = true, true
	}
	return event, err
}

func (h *Host) fragment(value []byte) (Event, error) {
	f, ok := parse(value, MaxControlPoint)
	switch {
	case !ok:
		return Event{}, broken("a fragment of %d bytes", len(value))
	case f.initial && h.message != nil:
		return Event{}, broken("%s in the middle of a message", f.command)
	case f.initial:
		message := begin(f)
		h.message = &message
	case h.message == nil: // the rest of what was given up
		return Event{}, nil
	case !h.message.goOn(f):
		return Event{}, broken("fragment %d where %d was due", f.sequence, h.message.next)
	}
	switch {
	case h.message.overfull():
		return Event{}, broken("more than the %d bytes that were announced", h.message.count)
	case !h.message.complete():
		return Event{Heard: true}, nil
	}
	return h.complete()
}

// complete acts on a whole message of the device.
func (h *Host) complete() (Event, error) {
	m := h.message
	h.message = nil
	switch {
	case m.command == CommandError && len(m.payload) == 1:
		return Event{}, Error(m.payload[0])
	case m.command == CommandKeepalive && len(m.payload) == 1:
		return Event{Heard: true, Keepalive: KeepaliveStatus(m.payload[0])}, nil
	case m.command == h.expects:
		return Event{Done: true, Payload: m.payload}, nil
	}
	return Event{}, broken("%s with %d bytes in answer to %s", m.command, len(m.payload), h.expects)
}

// broken is a message that the device did not lay out as it must.
func broken(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrProtocol}, args...)...)
}
