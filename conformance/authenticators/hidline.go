package authenticators

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/ctaphid"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/report"
)

// patience is how long a device may be silent that has to answer; the text gives no
// number. What waits for its user says so every 100 ms.
const patience = 3 * time.Second

// endurance is how long a device may go on saying that it is at a request which
// nothing keeps from ending.
const endurance = 10 * time.Second

// line is a host at the device of one case, over CTAPHID.
type line struct {
	*key
	reports Reports
}

// carriesReports is met where the device can be spoken to in CTAPHID reports. It comes
// last among the needs of a case: messages may not reach the device any more then.
var carriesReports = need{Name: "CTAPHID reports", Met: func(c *conformance.Check) bool {
	k := newKey(c)
	if k.line != nil {
		return true
	}
	carried, ok := k.device.(Carried)
	if !ok {
		return false
	}
	reports, err := carried.OpenReports(c.Context())
	switch {
	case errors.Is(err, ErrNotCarried):
		return false
	case err != nil:
		c.Brokenf("no way for reports to the device: %v", err)
	}
	k.line = &line{k, reports}
	c.Cleanup(func() { _ = reports.Close() })
	return true
}}

// overHID are the needs of a case that speaks CTAPHID itself.
func overHID(more ...need) []need { return append(slices.Clone(more), carriesReports) }

// onLine makes a case's function of one over lines.
func onLine(run func(*line)) func(*conformance.Check) {
	return func(c *conformance.Check) { run(newKey(c).line) }
}

// onChannel is onLine for cases that begin with a channel of their own.
func onChannel(run func(l *line, channel uint32)) func(*conformance.Check) {
	return onLine(func(l *line) { run(l, l.allocate()) })
}

// send sends reports as they are.
func (l *line) send(reports ...[]byte) {
	for _, r := range reports {
		l.note("judge", "device", r)
		if err := l.reports.Send(l.Context(), r); err != nil {
			l.Brokenf("the report could not be sent: %v", err)
		}
	}
}

// say sends a message.
func (l *line) say(channel uint32, command byte, payload []byte) {
	l.send(ctaphid.Split(channel, command, payload)...)
}

func (l *line) note(from, to string, raw []byte) {
	p, ok := ctaphid.Read(raw)
	m := report.Message{From: from, To: to, Layer: "CTAPHID", Name: "(no report)", Bytes: raw}
	if ok {
		m.Name = "packet"
		if p.Initial {
			m.Name = ctaphid.CommandName(p.Command)
		}
	}
	l.Record(m, func() string { return p.String() })
}

// receive returns the next report of the device, and how long it took; ok is false
// where none came in time.
func (l *line) receive(within time.Duration) (p ctaphid.Packet, after time.Duration, ok bool) {
	raw, after, err := l.reports.Receive(l.Context(), within)
	switch {
	case err != nil && l.Context().Err() != nil:
		l.Brokenf("nothing came within the time of the case: %v", err)
	case err != nil:
		l.Fatalf("the way to the device broke off: %v", err)
	case raw == nil:
		return ctaphid.Packet{}, after, false
	}
	l.note("device", "judge", raw)
	p, whole := ctaphid.Read(raw)
	if !whole {
		l.Differ(fmt.Sprintf("%d bytes", ctaphid.ReportSize), fmt.Sprintf("%d bytes", len(raw)), "a report is not of the full size")
		l.FailNow()
	}
	return p, after, true
}

// next returns the next report, which has to come.
func (l *line) next(what string) ctaphid.Packet {
	p, _ := l.nextWithin(what)
	return p
}

// nextWithin is next, and tells how long it took.
func (l *line) nextWithin(what string) (p ctaphid.Packet, after time.Duration) {
	p, after, ok := l.receive(patience)
	if !ok {
		l.Differ(what, "silence", "nothing came within %v", patience)
		l.FailNow()
	}
	return p, after
}

// nextAnswer is next for what may take a while: keepalives of a channel before it are
// passed over.
func (l *line) nextAnswer(channel uint32, what string) ctaphid.Packet {
	for waited := time.Duration(0); waited < endurance; {
		p, after := l.nextWithin(what)
		if !isKeepalive(p) || p.Channel != channel {
			return p
		}
		waited += max(after, time.Millisecond)
	}
	l.Differ(what, "CTAPHID_KEEPALIVE without end", "nothing else came within %v", endurance)
	l.FailNow()
	return ctaphid.Packet{}
}

func isKeepalive(p ctaphid.Packet) bool { return p.Initial && p.Command == ctaphid.Keepalive }

// answer returns the message that answers a command: it has to come next, on the
// channel, in whole and in order.
func (l *line) answer(channel uint32, command byte) []byte {
	what := fmt.Sprintf("%s on channel %08x", ctaphid.CommandName(command), channel)
	p := l.nextAnswer(channel, what)
	if !p.Initial || p.Command != command || p.Channel != channel {
		l.Differ(what, p.String(), "something else came")
		l.FailNow()
	}
	return l.rest(p)
}

// rest receives the packets that a message has after its first (§11.2.4).
func (l *line) rest(first ctaphid.Packet) []byte {
	if first.Length > ctaphid.MaxMessage {
		l.Differ(fmt.Sprintf("at most %d", ctaphid.MaxMessage), fmt.Sprint(first.Length), "the length of the message is more than packets can carry")
		l.FailNow()
	}
	payload := append([]byte(nil), first.Data[:min(len(first.Data), first.Length)]...)
	for sequence := 0; len(payload) < first.Length; sequence++ {
		what := fmt.Sprintf("channel %08x, packet %d of a message", first.Channel, sequence)
		p := l.next(what)
		if p.Initial || p.Channel != first.Channel || int(p.Sequence) != sequence {
			l.Differ(what, p.String(), "another packet came")
			l.FailNow()
		}
		payload = append(payload, p.Data[:min(len(p.Data), first.Length-len(payload))]...)
	}
	return payload
}

// fails expects one of some errors on a channel, and nothing else.
func (l *line) fails(channel uint32, codes ...byte) {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = ctaphid.ErrorName(code)
	}
	want := fmt.Sprintf("channel %08x, CTAPHID_ERROR, 1 bytes, %s", channel, strings.Join(names, " or "))
	p := l.nextAnswer(channel, want)
	if !p.Initial || p.Command != ctaphid.Error || p.Channel != channel || p.Length != 1 || !slices.Contains(codes, p.Data[0]) {
		l.Differ(want, p.String(), "something else came")
		l.FailNow()
	}
}

// ping sends bytes and expects them back. Nothing else may come before: what a device
// passes over in silence is found out by it.
func (l *line) ping(channel uint32, payload []byte) {
	l.say(channel, ctaphid.Ping, payload)
	l.echoes(channel, payload)
}

func (l *line) echoes(channel uint32, payload []byte) {
	if got := l.answer(channel, ctaphid.Ping); !bytes.Equal(got, payload) {
		l.Differ(fmt.Sprintf("%d bytes: %x", len(payload), payload), fmt.Sprintf("%d bytes: %x", len(got), got), "the echo is another")
		l.FailNow()
	}
}

// alive is a ping that finds out whether a channel can be used, and nothing is left over.
func (l *line) alive(channels ...uint32) {
	for _, channel := range channels {
		l.ping(channel, l.draw(4))
	}
}

// hello is the answer to CTAPHID_INIT (§11.2.9.1.3).
type hello struct {
	channel      uint32
	protocol     byte
	version      [3]byte
	capabilities byte
	length       int
}

// initialize sends CTAPHID_INIT on a channel and reads the answer on it.
func (l *line) initialize(on uint32, nonce []byte) hello {
	l.say(on, ctaphid.Init, nonce)
	return l.hello(on, nonce)
}

func (l *line) hello(on uint32, nonce []byte) hello {
	a := l.answer(on, ctaphid.Init)
	if len(a) < 17 {
		l.Differ("17 bytes", fmt.Sprintf("%d bytes", len(a)), "the answer to CTAPHID_INIT is too short")
		l.FailNow()
	}
	if !bytes.Equal(a[:8], nonce) {
		l.Differ(fmt.Sprintf("%x", nonce), fmt.Sprintf("%x", a[:8]), "the answer to CTAPHID_INIT has another nonce")
		l.FailNow()
	}
	return hello{binary.BigEndian.Uint32(a[8:]), a[12], [3]byte(a[13:]), a[16], len(a)}
}

// greet asks for a channel.
func (l *line) greet() hello {
	h := l.initialize(ctaphid.Broadcast, l.draw(8))
	if h.channel == 0 || h.channel == ctaphid.Broadcast {
		l.Differ("another channel than 00000000 and ffffffff", fmt.Sprintf("%08x", h.channel), "a reserved channel is given out")
		l.FailNow()
	}
	return h
}

func (l *line) allocate() uint32 { return l.greet().channel }

// two returns two channels.
func (l *line) two() (one, other uint32) {
	one, other = l.allocate(), l.allocate()
	if one == other {
		l.Fatalf("the same channel %08x is given out twice", one)
	}
	return one, other
}

// strange returns a channel that was not given out.
func (l *line) strange(known ...uint32) uint32 {
	for {
		if channel := binary.BigEndian.Uint32(l.draw(4)); channel != 0 && channel != ctaphid.Broadcast && !slices.Contains(known, channel) {
			return channel
		}
	}
}

// half is a message of which only the first packet was sent, and what is left of it.
type half struct {
	channel uint32
	payload []byte
	left    [][]byte
}

// begin sends the first packets of a PING that takes more.
func (l *line) begin(channel uint32, packets, of int) half {
	h := half{channel: channel, payload: l.draw(ctaphid.FirstData + (of-1)*ctaphid.LaterData)}
	all := ctaphid.Split(channel, ctaphid.Ping, h.payload)
	l.send(all[:packets]...)
	h.left = all[packets:]
	return h
}

// finish sends the rest, and expects the echo of the whole.
func (l *line) finish(h half) {
	l.send(h.left...)
	l.echoes(h.channel, h.payload)
}

// cbor sends a CTAP2 request, and returns what answers it.
func (l *line) cbor(channel uint32, r request) answer {
	l.say(channel, ctaphid.CBOR, r.bytes())
	return l.cborAnswer(channel, r)
}

func (l *line) cborAnswer(channel uint32, r request) answer {
	got := l.answer(channel, ctaphid.CBOR)
	if len(got) == 0 {
		l.Fatalf("the answer has no bytes, not even a status")
	}
	return read(r.bytes(), got)
}

// selectionRequest is a request that does nothing but wait for a touch (§6.9).
func selectionRequest() request { return request{command: ctap.CommandSelection, bare: true} }

// waiting sends a request to a user who does nothing, and returns once the device says
// that it waits.
func (l *line) waiting(channel uint32) request {
	l.user(Ignore)
	r := selectionRequest()
	l.say(channel, ctaphid.CBOR, r.bytes())
	for begun := time.Duration(0); begun < patience; {
		p, after, ok := l.receive(patience)
		if !ok {
			break
		}
		if !isKeepalive(p) || p.Channel != channel || p.Length != 1 {
			l.Differ(fmt.Sprintf("channel %08x, CTAPHID_KEEPALIVE, 1 bytes", channel), p.String(), "something else came while the device has to wait for its user")
			l.FailNow()
		}
		if p.Data[0] == ctaphid.UserNeeded {
			return r
		}
		begun += max(after, time.Millisecond)
	}
	l.Differ("CTAPHID_KEEPALIVE with UPNEEDED", "none", "the device does not tell that it waits for its user")
	l.FailNow()
	return r
}
