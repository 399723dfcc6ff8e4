package hid

import (
	"errors"
	"time"
)

// DeviceConfig says what a [Device] is like. Zero fields have the usual values.
type DeviceConfig struct {
	In, Out      int     // sizes of reports to and from the host, in bytes; 64
	Version      [3]byte // of the device: major, minor, build
	Capabilities Capability
	Channels     int           // that are in use at once; 256
	Patience     time.Duration // with the next packet of a message; 600 ms, the text gives no number
	Keepalive    time.Duration // between two of them; 100 ms (§11.2.9.1.7)
	Seams        []Seams
}

const (
	defaultChannels  = 256
	defaultPatience  = 600 * time.Millisecond
	defaultKeepalive = 100 * time.Millisecond
)

func (c DeviceConfig) filled() (DeviceConfig, error) {
	setDefault(&c.In, DefaultReport)
	setDefault(&c.Out, DefaultReport)
	setDefault(&c.Channels, defaultChannels)
	setDefault(&c.Patience, defaultPatience)
	setDefault(&c.Keepalive, defaultKeepalive)
	if c.Channels < 0 || c.Patience < 0 || c.Keepalive < 0 {
		return c, errors.New("hid: Channels, Patience and Keepalive are counted from 1")
	}
	return c, errors.Join(checkReport(c.In), checkReport(c.Out))
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Device is the authenticator's side. It serves one transaction at a time, on
// whatever channel (§11.2.5.1). It is not safe for concurrent use.
//
// An answer counts as sent when it is handed out: whoever moves the reports
// keeps them in order.
type Device struct {
	config   DeviceConfig
	known    map[Command]lengths
	channels channels
	phase    phase
	message  assembly  // the request of the transaction in progress
	deadline time.Time // of the next packet, or for the next keepalive
	request  uint64    // ID of the request that was handed out last
	status   KeepaliveStatus

	lockedBy    Channel
	lockedUntil time.Time
}

// phase is how far the transaction has come.
type phase int

const (
	idle phase = iota
	assembling
	processing
)

// Request is a message that somebody has to answer.
type Request struct {
	ID      uint64
	Channel Channel
	Command Command // CommandMsg or CommandCBOR
	Payload []byte
}

// Outcome is what there is to do after an event.
type Outcome struct {
	Reports [][]byte // to send, in this order
	Request *Request // to process: tell [Device.Answer] or [Device.Fail]
	Stop    bool     // the request in processing should end as soon as it can
	Wink    bool     // show the user which device this is
	Opened  Channel  // was given out, 0 for none
}

// NewDevice returns a device without channels.
func NewDevice(config DeviceConfig) (*Device, error) {
	config, err := config.filled()
	if err != nil {
		return nil, err
	}
	return &Device{
		config: config, known: knownCommands(config),
		channels: channels{limit: config.Channels, used: map[Channel]uint64{}},
	}, nil
}

// Deadline is when [Device.Tick] should be called if nothing comes before; zero
// for never.
func (d *Device) Deadline() time.Time {
	if d.phase == assembling || d.keepsAlive() {
		return d.deadline
	}
	return time.Time{}
}

// keepsAlive tells whether keepalives are due. During CommandMsg they may be
// left out, and are: U2F asks again instead of waiting.
func (d *Device) keepsAlive() bool {
	return d.phase == processing && d.message.command == CommandCBOR
}

// Tick does what is due at a time: it gives up a message of which the next
// packet did not come (§11.2.5.2), or says that a request is still in
// processing.
func (d *Device) Tick(now time.Time) Outcome {
	var out Outcome
	d.tick(now, &out)
	return d.said(out)
}

func (d *Device) tick(now time.Time, out *Outcome) {
	due := d.Deadline()
	switch {
	case due.IsZero() || now.Before(due):
	case d.phase == assembling:
		d.fail(MessageTimeout, out)
	default:
		d.keepalive(now, out)
	}
}

// Report takes a report of the host. One of another size is none.
func (d *Device) Report(now time.Time, report []byte) Outcome {
	var out Outcome
	d.tick(now, &out)
	p, ok := parsePacket(d.heard(report), d.config.Out)
	switch {
	case !ok:
	case p.initial:
		d.initial(now, p, &out)
	default:
		d.continuation(now, p, &out)
	}
	return d.said(out)
}

// Foreign takes a report of a host that has not been given the report's channel,
// though another one has. It is as if nobody had.
func (d *Device) Foreign(report []byte) Outcome {
	var out Outcome
	if p, ok := parsePacket(d.heard(report), d.config.Out); ok && p.initial {
		d.refuse(p.channel, InvalidChannel, &out)
	}
	return d.said(out)
}

// Answer ends the transaction of a request. One that was given up meanwhile is
// not answered any more.
func (d *Device) Answer(id uint64, payload []byte) Outcome {
	var out Outcome
	if d.isProcessing(id) {
		d.reply(payload, &out)
	}
	return d.said(out)
}

// Fail ends the transaction of a request with an error.
func (d *Device) Fail(id uint64, code Error) Outcome {
	var out Outcome
	if d.isProcessing(id) {
		d.fail(code, &out)
	}
	return d.said(out)
}

// SetStatus says what a request is waiting for. The host is told at once.
func (d *Device) SetStatus(now time.Time, id uint64, status KeepaliveStatus) Outcome {
	var out Outcome
	if d.isProcessing(id) && d.keepsAlive() && d.status != status {
		d.status = status
		d.keepalive(now, &out)
	}
	return d.said(out)
}

// Status is what the request in processing waits for, 0 where there is none.
func (d *Device) Status() KeepaliveStatus {
	if d.phase != processing {
		return 0
	}
	return d.status
}

// Release takes a channel back, because whoever had it is gone.
func (d *Device) Release(channel Channel) Outcome {
	var out Outcome
	if d.phase != idle && d.message.channel == channel {
		d.abort(&out)
	}
	if d.lockedBy == channel {
		d.lockedBy = 0
	}
	delete(d.channels.used, channel)
	return out
}

// PowerCycle forgets channels, lock and transaction, as a device does whose power
// goes. Channels from before are not given out again.
func (d *Device) PowerCycle() Outcome {
	out := d.Restart()
	clear(d.channels.used)
	return out
}

// Restart forgets lock and transaction, and keeps the channels: for hosts that cannot
// see that a device was away, as datagrams do not show it.
func (d *Device) Restart() Outcome {
	var out Outcome
	if d.phase != idle {
		d.abort(&out)
	}
	d.lockedBy = 0
	return out
}

func (d *Device) isProcessing(id uint64) bool { return d.phase == processing && d.request == id }

// abort ends the transaction in progress without an answer.
func (d *Device) abort(out *Outcome) {
	out.Stop = out.Stop || d.phase == processing
	d.phase = idle
}

// fail ends the transaction in progress with an error.
func (d *Device) fail(code Error, out *Outcome) {
	d.phase = idle
	d.refuse(d.message.channel, code, out)
}

// refuse sends an error that leaves a transaction in progress alone.
func (d *Device) refuse(channel Channel, code Error, out *Outcome) {
	d.send(channel, CommandError, []byte{byte(code)}, out)
}

// reply ends the transaction in progress with its answer.
func (d *Device) reply(payload []byte, out *Outcome) {
	d.phase = idle
	d.send(d.message.channel, d.message.command, payload, out)
}

func (d *Device) keepalive(now time.Time, out *Outcome) {
	d.deadline = now.Add(d.config.Keepalive)
	d.send(d.message.channel, CommandKeepalive, []byte{byte(d.status)}, out)
}

// send hands out a message. The host hears Other where reports cannot carry it.
func (d *Device) send(channel Channel, command Command, payload []byte, out *Outcome) {
	reports, err := Split(d.config.In, channel, command, payload)
	if err != nil {
		d.refuse(channel, Other, out)
		return
	}
	out.Reports = append(out.Reports, reports...)
}
