package ble

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// DeviceConfig says what a [Device] is like. Zero fields have the usual values.
type DeviceConfig struct {
	ControlPoint ControlPointLength // 512
	Revisions    Revision           // FIDO2
	MaxMessage   int                // that is taken, in bytes; [MaxMessage]
	Patience     time.Duration      // with the next fragment of a message; 1500 ms
	Keepalive    time.Duration      // between two of them; 500 ms
}

func (c DeviceConfig) filled() (DeviceConfig, error) {
	c.ControlPoint = cmp.Or(c.ControlPoint, MaxControlPoint)
	c.Revisions = cmp.Or(c.Revisions, FIDO2)
	c.MaxMessage = cmp.Or(c.MaxMessage, MaxMessage)
	c.Patience = cmp.Or(c.Patience, 1500*time.Millisecond)
	c.Keepalive = cmp.Or(c.Keepalive, 500*time.Millisecond)
	if c.Patience < 0 || c.Keepalive < 0 || c.MaxMessage < 0 || c.MaxMessage > MaxMessage {
		return c, fmt.Errorf("ble: Patience and Keepalive are counted from 1, MaxMessage to %d", MaxMessage)
	}
	if c.Revisions.Newest() == 0 {
		return c, errors.New("ble: Revisions has none that is known")
	}
	return c, c.ControlPoint.check()
}

// Device is the authenticator's side of one connection. It serves one request at a
// time. It is not safe for concurrent use.
//
// An answer counts as sent when it is handed out: whoever moves the fragments keeps
// them in order.
type Device struct {
	config   DeviceConfig
	out      int // size of notifications
	revision Revision
	phase    phase
	message  assembly  // the request in progress
	deadline time.Time // of the next fragment, or for the next keepalive
	request  uint64    // ID of the request that was handed out last
	status   KeepaliveStatus
}

// phase is how far the request has come.
type phase int

const (
	idle phase = iota
	assembling
	processing
)

// Request is a message that somebody has to answer.
type Request struct {
	ID       uint64
	Revision Revision // what the payload is a message of
	Payload  []byte
}

// Outcome is what there is to do after an event.
type Outcome struct {
	Fragments [][]byte // to notify, in this order
	Request   *Request // to process: tell [Device.Answer] or [Device.Fail]
	Stop      bool     // the request in processing should end as soon as it can
}

// NewDevice returns a device that nobody has written to.
func NewDevice(config DeviceConfig) (*Device, error) {
	config, err := config.filled()
	if err != nil {
		return nil, err
	}
	return &Device{config: config, out: MinControlPoint, revision: config.Revisions.Newest()}, nil
}

// SetMTU notes the ATT_MTU, of which the size of notifications follows. Until it is
// told the smallest is taken.
func (d *Device) SetMTU(mtu int) { d.out = NotificationSize(mtu) }

// ReadControlPointLength returns the value of the characteristic.
func (d *Device) ReadControlPointLength() []byte { return d.config.ControlPoint.Encode() }

// ReadRevisions returns the value of the revision bitfield.
func (d *Device) ReadRevisions() []byte { return []byte{byte(d.config.Revisions)} }

// WriteRevision takes what the client writes to the revision bitfield. One that has
// not written is taken to speak the newest. The error wraps [ErrRevision].
func (d *Device) WriteRevision(value []byte) error {
	chosen, err := d.config.Revisions.choose(value)
	if err == nil {
		d.revision = chosen
	}
	return err
}

// Deadline is when [Device.Tick] should be called if nothing comes before; zero for
// never.
func (d *Device) Deadline() time.Time {
	if d.phase == idle {
		return time.Time{}
	}
	return d.deadline
}

// Tick does what is due at a time: it gives up a message of which the next fragment
// did not come, or says that a request is still in processing.
func (d *Device) Tick(now time.Time) Outcome {
	var out Outcome
	if due := d.Deadline(); due.IsZero() || now.Before(due) {
		return out
	}
	if d.phase == assembling {
		d.fail(RequestTimeout, &out)
		return out
	}
	d.keepalive(now, &out)
	return out
}

// Write takes what is written to the control point.
func (d *Device) Write(now time.Time, value []byte) Outcome {
	out := d.Tick(now)
	f, ok := parse(value, int(d.config.ControlPoint))
	switch {
	case f.initial:
		d.initial(now, f, ok, &out)
	default:
		d.continuation(now, f, ok, &out)
	}
	return out
}

// initial takes the fragment that begins a message. State, form, command and length
// are judged in this order.
func (d *Device) initial(now time.Time, f fragment, ok bool, out *Outcome) {
	switch {
	case ok && f.command == CommandCancel: // is never answered and disturbs nothing
		out.Stop = d.phase == processing && f.count == 0
		return
	case d.phase == processing:
		d.refuse(Busy, out)
		return
	case d.phase == assembling:
		d.fail(InvalidSequence, out)
		return
	}
	if code := d.check(f, ok); code != 0 {
		d.refuse(code, out)
		return
	}
	d.message, d.phase = begin(f), assembling
	d.advance(now, out)
}

// check refuses a message by what its first fragment says.
func (d *Device) check(f fragment, ok bool) Error {
	switch {
	case !ok:
		return InvalidLength
	case f.command != CommandPing && f.command != CommandMsg:
		return InvalidCommand
	case f.count > d.config.MaxMessage || f.command == CommandMsg && f.count == 0:
		return InvalidLength
	}
	return 0
}

// continuation takes a fragment that goes on with a message. One that goes on with
// nothing is ignored.
func (d *Device) continuation(now time.Time, f fragment, ok bool, out *Outcome) {
	switch {
	case d.phase != assembling:
	case !ok:
		d.fail(InvalidLength, out)
	case !d.message.goOn(f):
		d.fail(InvalidSequence, out)
	default:
		d.advance(now, out)
	}
}

// advance waits for the next fragment, or acts on the message if there is none.
func (d *Device) advance(now time.Time, out *Outcome) {
	switch {
	case d.message.overfull():
		d.fail(InvalidLength, out)
	case !d.message.complete():
		d.deadline = now.Add(d.config.Patience)
	case d.message.command == CommandPing:
		d.reply(d.message.payload, out)
	default:
		d.request++
		d.phase, d.status, d.deadline = processing, Processing, now.Add(d.config.Keepalive)
		out.Request = &Request{ID: d.request, Revision: d.revision, Payload: d.message.payload}
	}
}

// Answer ends a request. One that was given up meanwhile is not answered any more.
func (d *Device) Answer(id uint64, payload []byte) Outcome {
	var out Outcome
	if d.isProcessing(id) {
		d.reply(payload, &out)
	}
	return out
}

// Fail ends a request with an error.
func (d *Device) Fail(id uint64, code Error) Outcome {
	var out Outcome
	if d.isProcessing(id) {
		d.fail(code, &out)
	}
	return out
}

// SetStatus says what a request is waiting for. The client is told at once.
func (d *Device) SetStatus(now time.Time, id uint64, status KeepaliveStatus) Outcome {
	var out Outcome
	if d.isProcessing(id) && d.status != status {
		d.status = status
		d.keepalive(now, &out)
	}
	return out
}

// Disconnect forgets what the client that has gone was at and what it chose.
func (d *Device) Disconnect() Outcome {
	out := Outcome{Stop: d.phase == processing}
	d.phase, d.message = idle, assembly{}
	d.out, d.revision = MinControlPoint, d.config.Revisions.Newest()
	return out
}

func (d *Device) isProcessing(id uint64) bool { return d.phase == processing && d.request == id }

// fail ends what is in progress with an error.
func (d *Device) fail(code Error, out *Outcome) {
	d.phase, d.message = idle, assembly{}
	d.refuse(code, out)
}

// refuse sends an error that leaves what is in progress alone.
func (d *Device) refuse(code Error, out *Outcome) {
	d.send(CommandError, []byte{byte(code)}, out)
}

// reply ends what is in progress with its answer.
func (d *Device) reply(payload []byte, out *Outcome) {
	command := d.message.command
	d.phase, d.message = idle, assembly{}
	d.send(command, payload, out)
}

func (d *Device) keepalive(now time.Time, out *Outcome) {
	d.deadline = now.Add(d.config.Keepalive)
	d.send(CommandKeepalive, []byte{byte(d.status)}, out)
}

// send hands out a message. The client hears Other where fragments cannot carry it.
func (d *Device) send(command Command, payload []byte, out *Outcome) {
	fragments, err := Split(d.out, command, payload)
	if err != nil {
		d.refuse(Other, out)
		return
	}
	out.Fragments = append(out.Fragments, fragments...)
}
