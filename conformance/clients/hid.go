package clients

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/internal/report"
)

// Reports carry CTAPHID reports of 64 bytes between a client and the device.
type Reports interface {
	Receive() (report []byte, err error)
	Send(report []byte) error
}

// CTAPHID by its numbers (CTAP 2.3 §11.2).
const (
	reportSize  = 64
	firstData   = reportSize - 7
	laterData   = reportSize - 5
	maxMessage  = firstData + 128*laterData
	broadcast   = 0xFFFFFFFF
	initBit     = 0x80
	hidPing     = 0x01
	hidMsg      = 0x03
	hidInit     = 0x06
	hidWink     = 0x08
	hidCBOR     = 0x10
	hidCancel   = 0x11
	hidAlive    = 0x3B
	hidError    = 0x3F
	capWink     = 0x01
	capCBOR     = 0x04
	capNoMsg    = 0x08
	errCommand  = 0x01
	errSequence = 0x04
	errBusy     = 0x06
	errChannel  = 0x0B
)

// keepalivePeriod is how often a device that waits says so (§11.2.9.1.7).
const keepalivePeriod = 100 * time.Millisecond

// hidScript is what a case changes of CTAPHID.
type hidScript struct {
	// reports change the reports of an answer; n counts those to one command, from 1.
	reports func(command byte, n int, honest [][]byte) [][]byte
	// capabilities are told instead of those of a CTAP2 key.
	capabilities byte
}

// packet is a report that the client sent.
type packet struct {
	raw     []byte
	channel uint32
	initial bool
	command byte
	length  int
	seq     byte
	wrong   string // what CTAPHID forbids about it
}

// line is one client's side of the device over CTAPHID.
type line struct {
	device  *Device
	link    Reports
	given   uint32 // the last channel that was given out
	answers map[byte]int

	channel uint32 // of the message that is assembled
	command byte
	length  int
	next    byte
	payload []byte
	open    bool

	running context.CancelFunc // ends the command in processing
	done    chan struct{}
}

// Serve speaks CTAPHID with a client until the link or ctx ends.
func (d *Device) Serve(ctx context.Context, link Reports) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &line{device: d, link: link, answers: map[byte]int{}}
	defer l.finish()
	for {
		raw, err := link.Receive()
		if err != nil || ctx.Err() != nil {
			return err
		}
		if err := l.report(ctx, raw); err != nil {
			return err
		}
	}
}

func (l *line) finish() {
	if l.running != nil {
		l.running()
		<-l.done
		l.running = nil
	}
}

func (l *line) report(ctx context.Context, raw []byte) error {
	p := readPacket(raw)
	if p.wrong == "" {
		p.wrong = l.misplaced(&p)
	}
	l.device.mu.Lock()
	l.device.packets = append(l.device.packets, p)
	l.device.mu.Unlock()
	switch {
	case len(raw) != reportSize:
		return nil
	case !p.initial:
		if !l.open || p.channel != l.channel {
			return nil
		}
		if p.seq != l.next {
			l.open = false
			return l.fail(p.channel, errSequence)
		}
		l.next++
		l.payload = append(l.payload, raw[5:]...)
	case p.command == hidCancel:
		if l.running != nil && p.channel == l.given {
			l.running()
		}
		return nil
	case p.channel != broadcast && p.channel != l.given:
		return l.fail(p.channel, errChannel)
	default:
		l.open, l.channel, l.command, l.length, l.next = true, p.channel, p.command, p.length, 0
		l.payload = append([]byte(nil), raw[7:]...)
	}
	if len(l.payload) < l.length {
		return nil
	}
	l.open = false
	return l.message(ctx, l.command, l.payload[:l.length])
}

func readPacket(raw []byte) packet {
	p := packet{raw: raw}
	if len(raw) != reportSize {
		p.wrong = fmt.Sprintf("a report of %d bytes, not %d", len(raw), reportSize)
		return p
	}
	p.channel = binary.BigEndian.Uint32(raw)
	p.initial = raw[4]&initBit != 0
	if !p.initial {
		p.seq = raw[4]
		return p
	}
	p.command, p.length = raw[4]&^initBit, int(binary.BigEndian.Uint16(raw[5:]))
	return p
}

// misplaced tells what is wrong with a packet where it stands.
func (l *line) misplaced(p *packet) string {
	switch {
	case !p.initial && l.open && p.channel == l.channel && p.seq != l.next:
		return fmt.Sprintf("packet %d where %d was due", p.seq, l.next)
	case !p.initial && (!l.open || p.channel != l.channel):
		return "a continuation packet of no message"
	case p.initial && p.channel == broadcast && p.command != hidInit:
		return fmt.Sprintf("command 0x%02x on the broadcast channel", p.command)
	case p.initial && p.channel != broadcast && p.channel != l.given:
		return fmt.Sprintf("channel 0x%08x, which was not given out", p.channel)
	case p.initial && p.length > maxMessage:
		return fmt.Sprintf("a message of %d bytes", p.length)
	case p.initial && p.command == hidInit && p.length != 8:
		return fmt.Sprintf("CTAPHID_INIT with %d bytes", p.length)
	case p.initial && p.command == hidCancel && p.length != 0:
		return fmt.Sprintf("CTAPHID_CANCEL with %d bytes", p.length)
	}
	return ""
}

// message acts on a whole message.
func (l *line) message(ctx context.Context, command byte, payload []byte) error {
	l.finish()
	switch command {
	case hidInit:
		return l.send(l.channel, hidInit, l.initAnswer(payload))
	case hidPing, hidWink:
		return l.send(l.channel, command, payload)
	case hidCBOR:
		if l.capabilities()&capCBOR == 0 {
			return l.fail(l.channel, errCommand)
		}
		l.process(ctx, payload)
		return nil
	case hidMsg:
		if l.capabilities()&capNoMsg != 0 {
			return l.fail(l.channel, errCommand)
		}
		return l.send(l.channel, hidMsg, l.device.exchangeAPDU(payload))
	}
	return l.fail(l.channel, errCommand)
}

// initAnswer gives out a channel (§11.2.9.1.3).
func (l *line) initAnswer(nonce []byte) []byte {
	if l.channel == broadcast {
		l.given = 0x01020300 + uint32(l.answers[hidInit]) + 1
	}
	out := binary.BigEndian.AppendUint32(append([]byte(nil), nonce...), l.given)
	return append(out, 2, 1, 0, 0, l.capabilities())
}

// capabilities are those of a CTAP2 key, unless the case has others.
func (l *line) capabilities() byte {
	l.device.mu.Lock()
	defer l.device.mu.Unlock()
	if c := l.device.script.hid.capabilities; c != 0 {
		return c
	}
	return capCBOR | capNoMsg
}

// process carries a CTAP2 command out, while it is told that the device is at it.
func (l *line) process(ctx context.Context, request []byte) {
	running, cancel := context.WithCancel(ctx)
	l.running, l.done = cancel, make(chan struct{})
	channel, done := l.channel, l.done
	answered := make(chan []byte, 1)
	go func() {
		answer, _ := l.device.Exchange(running, request) // which has no errors
		answered <- answer
	}()
	go func() {
		defer close(done)
		alive := time.NewTicker(keepalivePeriod)
		defer alive.Stop()
		for {
			select {
			case answer := <-answered:
				_ = l.send(channel, hidCBOR, answer) // where it fails the link is gone, as Serve sees
				return
			case <-alive.C:
				if l.sendReports(split(channel, hidAlive, []byte{2})) != nil {
					cancel()
				}
			}
		}
	}()
}

func (l *line) fail(channel uint32, code byte) error {
	return l.sendReports(split(channel, hidError, []byte{code}))
}

// send sends an answer as the script wants it.
func (l *line) send(channel uint32, command byte, payload []byte) error {
	if len(payload) > maxMessage {
		return errors.New("the scripted answer is longer than CTAPHID allows")
	}
	reports := split(channel, command, payload)
	d := l.device
	d.mu.Lock()
	l.answers[command]++
	change, n := d.script.hid.reports, l.answers[command]
	d.mu.Unlock()
	if change != nil {
		reports = change(command, n, reports)
		d.record(report.Message{From: "authenticator", To: "client", Layer: "CTAPHID", Name: "reports as the case changes them", Bytes: flat(reports)}, func() string { return "" })
	}
	return l.sendReports(reports)
}

func flat(reports [][]byte) (out []byte) {
	for _, r := range reports[:min(len(reports), 8)] {
		out = append(out, r...)
	}
	return out
}

func (l *line) sendReports(reports [][]byte) error {
	for _, r := range reports {
		if err := l.link.Send(r); err != nil {
			return err
		}
	}
	return nil
}

// split lays a message out in packets.
func split(channel uint32, command byte, payload []byte) [][]byte {
	first := make([]byte, reportSize)
	binary.BigEndian.PutUint32(first, channel)
	first[4] = command | initBit
	binary.BigEndian.PutUint16(first[5:], uint16(len(payload)))
	payload = payload[copy(first[7:], payload):]
	reports := [][]byte{first}
	for seq := byte(0); len(payload) > 0; seq++ {
		next := make([]byte, reportSize)
		binary.BigEndian.PutUint32(next, channel)
		next[4] = seq
		payload = payload[copy(next[5:], payload):]
		reports = append(reports, next)
	}
	return reports
}
