package hid

import (
	"errors"
	"fmt"
)

// ErrProtocol is wrapped by the errors that say that the device broke the rules
// of CTAPHID.
var ErrProtocol = errors.New("the device does not keep to CTAPHID")

// HostConfig says what the reports are like. Zero fields are 64.
type HostConfig struct {
	In, Out int // sizes of reports from and to the device, in bytes
}

// Host is the client's side: one channel, one transaction at a time. It knows no
// time: its user gives up when nothing was heard for as long as is bearable. It
// is not safe for concurrent use.
type Host struct {
	config  HostConfig
	info    Info
	nonce   Nonce   // of the CommandInit in progress
	channel Channel // of the transaction in progress
	expects Command // the command of its answer, 0 for none
	message *assembly
}

// NewHost returns a host without a channel; [Host.Open] is the first thing to
// do.
func NewHost(config HostConfig) (*Host, error) {
	setDefault(&config.In, DefaultReport)
	setDefault(&config.Out, DefaultReport)
	return &Host{config: config}, errors.Join(checkReport(config.In), checkReport(config.Out))
}

// Info is what the device told about itself when the channel was opened.
func (h *Host) Info() Info { return h.info }

// Open returns the reports that ask for a channel, or that synchronise the one
// there is and abort what it was at (§11.2.9.1.3).
func (h *Host) Open(nonce Nonce) [][]byte {
	channel := h.info.Channel
	if channel == 0 {
		channel = Broadcast
	}
	h.nonce = nonce
	reports, _ := h.begin(channel, CommandInit, nonce[:]) // always short enough
	return reports
}

// Forget drops the channel, as when the device says that it is none of its own.
func (h *Host) Forget() { *h = Host{config: h.config} }

// Send returns the reports of a request. It fails where the request is too long
// or there is no channel.
func (h *Host) Send(command Command, payload []byte) ([][]byte, error) {
	if h.info.Channel == 0 {
		return nil, errors.New("hid: no channel was opened")
	}
	return h.begin(h.info.Channel, command, payload)
}

func (h *Host) begin(channel Channel, command Command, payload []byte) ([][]byte, error) {
	reports, err := Split(h.config.Out, channel, command, payload)
	if err != nil {
		return nil, err
	}
	h.channel, h.expects, h.message = channel, command, nil
	return reports, nil
}

// Cancel returns the reports that ask the device to end the request in progress.
// The answer to that request is still to come (§11.2.9.1.5).
func (h *Host) Cancel() [][]byte {
	reports, _ := Split(h.config.Out, h.info.Channel, CommandCancel, nil) // always short enough
	return reports
}

// Event is what a report brought.
type Event struct {
	Heard     bool            // it belongs to the transaction: the device is alive
	Keepalive KeepaliveStatus // the device is still at it
	Done      bool            // the transaction has ended, with Payload or an error
	Payload   []byte
}

// Report takes a report of the device. What belongs to other channels or to no
// transaction is passed over. The error is an [Error] of the device or wraps
// [ErrProtocol]; both end the transaction.
func (h *Host) Report(report []byte) (Event, error) {
	p, ok := parsePacket(report, h.config.In)
	if !ok || h.expects == 0 || p.channel != h.channel {
		return Event{}, nil
	}
	event, err := h.packet(p)
	if event.Done || err != nil {
		h.expects, h.message = 0, nil
		event.Heard, event.Done = true, true
	}
	return event, err
}

func (h *Host) packet(p packet) (Event, error) {
	switch {
	case p.initial:
		if err := h.initial(p); err != nil || h.message == nil {
			return Event{}, err
		}
	case h.message == nil:
		return Event{}, nil
	case !h.message.goOn(p):
		return Event{}, h.broken("packet %d where %d was due", p.sequence, h.message.next)
	}
	if !h.message.complete() {
		return Event{Heard: true}, nil
	}
	return h.complete()
}

// initial begins a message of the device.
func (h *Host) initial(p packet) error {
	if h.message != nil {
		if err := h.broken("%s in the middle of a message", p.command); err != nil {
			return err
		}
	}
	if p.count > Capacity(h.config.In) {
		return h.broken("%s announces %d bytes", p.command, p.count)
	}
	message := begin(p)
	h.message = &message
	return nil
}

// broken is a message that the device did not lay out as it must. While a
// channel is being opened that is no fault of the device: others may be talking
// on the broadcast channel, and what a channel was at before it was synchronised
// breaks off.
func (h *Host) broken(format string, args ...any) error {
	if h.message = nil; h.expects == CommandInit {
		return nil
	}
	return fmt.Errorf("%w: "+format, append([]any{ErrProtocol}, args...)...)
}

// complete acts on a whole message of the device.
func (h *Host) complete() (Event, error) {
	m := h.message
	h.message = nil
	switch {
	case m.command == CommandError && len(m.payload) > 0:
		return Event{}, Error(m.payload[0])
	case h.expects == CommandInit && m.command == CommandInit:
		return h.opened(m.payload)
	case h.expects == CommandInit:
		return Event{}, nil
	case m.command == CommandKeepalive && len(m.payload) > 0:
		return Event{Heard: true, Keepalive: KeepaliveStatus(m.payload[0])}, nil
	case m.command == h.expects:
		return Event{Done: true, Payload: m.payload}, nil
	}
	return Event{}, h.broken("%s with %d bytes in answer to %s", m.command, len(m.payload), h.expects)
}

// opened takes the answer to CommandInit, if it is the one to ours.
func (h *Host) opened(payload []byte) (Event, error) {
	info, err := decodeInfo(payload)
	switch {
	case err != nil:
		return Event{}, err
	case info.Nonce != h.nonce:
		return Event{}, nil
	case info.Channel == 0 || info.Channel == Broadcast:
		return Event{}, fmt.Errorf("%w: it gave out channel 0x%08X", ErrProtocol, uint32(info.Channel))
	case h.channel != Broadcast && info.Channel != h.channel:
		return Event{}, fmt.Errorf("%w: channel 0x%08X became 0x%08X", ErrProtocol, uint32(h.channel), uint32(info.Channel))
	}
	h.info = info
	return Event{Done: true, Payload: payload}, nil
}
