package authenticators

import (
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/ctaphid"
	"github.com/passkeylab/passkeylab/ctap"
)

// waits are the needs of a case in which the device waits for its user.
func waits(more ...need) []need { return overHID(append([]need{atLeast21, person}, more...)...) }

// hidTransactionCases are of one channel while another is served (§11.2.5.1), and of
// giving up (§11.2.5.3).
func hidTransactionCases() []testCase {
	const whole, waiting = "hid/ping/176-bytes", "hid/keepalive/comes"
	return []testCase{
		{
			ID: "hid/busy/message-of-another", Spec: at("11.2.5.1", ""), Level: conformance.Must, Needs: overHID(), Twin: whole,
			Doc:     "While a message comes in on one channel, one on another is refused at once with ERR_CHANNEL_BUSY.",
			Catches: []string{"hid/busy-silent", "hid/error-other", "hid/errors-silent", "hid/error-on-broadcast"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				l.begin(one, 1, 3)
				l.say(other, ctaphid.Ping, l.draw(4))
				l.fails(other, ctaphid.ErrBusy)
			}),
		},
		{
			ID: "hid/busy/message-goes-on", Spec: at("11.2.5.1", ""), Level: conformance.Must, Needs: overHID(), Twin: whole,
			Doc:     "A message that another channel wanted to interrupt goes on.",
			Catches: []string{"hid/busy-breaks"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				h := l.begin(one, 2, 4)
				l.say(other, ctaphid.Ping, l.draw(4))
				l.fails(other, ctaphid.ErrBusy)
				l.finish(h)
				l.alive(other, one)
			}),
		},
		{
			ID: "hid/busy/packet-of-another", Spec: at("11.2.4", ""), Level: conformance.MustNot, Needs: overHID(), Twin: whole,
			Doc:     "A continuation packet of another channel does not get into a message; it is passed over, or refused with ERR_CHANNEL_BUSY.",
			Catches: []string{"hid/channels-mixed"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				h := l.begin(one, 1, 3)
				l.send(ctaphid.Continuation(other, 0, l.draw(ctaphid.LaterData)))
				l.send(h.left...)
				p := l.nextAnswer(one, "the answer to CTAPHID_PING")
				if p.Channel == other && isError(p, ctaphid.ErrBusy) {
					p = l.nextAnswer(one, "the answer to CTAPHID_PING")
				}
				if p.Channel != one || p.Command != ctaphid.Ping {
					l.Differ(fmt.Sprintf("channel %08x, CTAPHID_PING", one), p.String(), "something else came")
					l.FailNow()
				}
				if got := l.rest(p); string(got) != string(h.payload) {
					l.Differ(fmt.Sprintf("%x", h.payload), fmt.Sprintf("%x", got), "the echo is another")
				}
			}),
		},
		{
			ID: "hid/busy/init-of-another", Spec: at("11.2.5.1", ""), Level: conformance.Should, Needs: overHID(), Twin: whole,
			Doc:     "While a message comes in, CTAPHID_INIT on the broadcast channel is answered, or refused with ERR_CHANNEL_BUSY.",
			Catches: []string{"hid/busy-silent", "hid/error-other"},
			Run: onChannel(func(l *line, channel uint32) {
				l.begin(channel, 1, 3)
				l.say(ctaphid.Broadcast, ctaphid.Init, l.draw(8))
				p := l.next("CTAPHID_INIT or ERR_CHANNEL_BUSY")
				if p.Channel != ctaphid.Broadcast || p.Command != ctaphid.Init && !isError(p, ctaphid.ErrBusy) {
					l.Differ("channel ffffffff, CTAPHID_INIT or ERR_CHANNEL_BUSY", p.String(), "something else came")
				}
			}),
		},
		{
			ID: "hid/busy/while-waiting", Spec: at("11.2.5.1", ""), Level: conformance.Must, Needs: waits(), Twin: waiting,
			Doc:     "While the device waits for its user, messages on other channels are refused at once with ERR_CHANNEL_BUSY, and the request is answered in the end.",
			Catches: []string{"hid/busy-silent", "hid/error-other", "hid/errors-silent"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				r := l.waiting(one)
				for _, command := range []byte{ctaphid.Ping, ctaphid.CBOR} {
					l.say(other, command, []byte{byte(ctap.CommandGetInfo)})
					l.busyBeside(one, other)
				}
				l.touch()
				l.expect(l.cborAnswer(one, r), ctap.OK)
				l.alive(other)
			}),
		},
		{
			ID: "hid/busy/own-channel", Spec: at("11.2.5.1", ""), Level: conformance.Should, Needs: waits(), Twin: waiting,
			Doc:     "While the device waits for its user, another message on the same channel is refused, with ERR_CHANNEL_BUSY or ERR_INVALID_SEQ.",
			Catches: []string{"hid/busy-silent", "hid/error-other"},
			Run: onChannel(func(l *line, channel uint32) {
				l.waiting(channel)
				l.say(channel, ctaphid.Ping, l.draw(4))
				l.fails(channel, ctaphid.ErrBusy, ctaphid.ErrSequence)
			}),
		},
		{
			ID: "hid/abort/message", Spec: at("11.2.5.3", ""), Level: conformance.Must, Needs: overHID(), Twin: "hid/init/resynchronises",
			Doc:     "CTAPHID_INIT within a message drops it and is answered; what would have followed of the message is passed over.",
			Catches: []string{"hid/init-no-resync"},
			Run: onChannel(func(l *line, channel uint32) {
				h := l.begin(channel, 2, 4)
				l.initialize(channel, l.draw(8))
				l.send(h.left...)
				l.alive(channel)
			}),
		},
		{
			ID: "hid/abort/request", Spec: at("11.2.5.3", ""), Level: conformance.Must, Needs: waits(), Twin: waiting,
			Doc:     "CTAPHID_INIT on the channel of a request that waits for the user gives the request up, which is never answered.",
			Catches: []string{"hid/aborted-answered", "hid/init-no-resync"},
			Run: onChannel(func(l *line, channel uint32) {
				l.waiting(channel)
				nonce := l.draw(8)
				l.say(channel, ctaphid.Init, nonce)
				l.hello(channel, nonce)
				l.alive(channel)
				l.touch()
				l.expect(l.cbor(channel, selectionRequest()), ctap.OK)
				l.alive(channel)
			}),
		},
	}
}

// busyBeside expects ERR_CHANNEL_BUSY on one channel, while another may have keepalives.
func (l *line) busyBeside(waiting, channel uint32) {
	want := fmt.Sprintf("channel %08x, CTAPHID_ERROR, 1 bytes, ERR_CHANNEL_BUSY", channel)
	if p := l.nextAnswer(waiting, want); p.Channel != channel || !isError(p, ctaphid.ErrBusy) {
		l.Differ(want, p.String(), "something else came")
		l.FailNow()
	}
}

// soon is sooner than any device gives a message up that is known (§11.2.5.2 has no
// number).
const soon = 20 * time.Millisecond

// hidTimeoutCases are of messages of which the rest does not come (§11.2.5.2).
func hidTimeoutCases() []testCase {
	const whole = "hid/ping/176-bytes"
	return []testCase{
		{
			ID: "hid/timeout/told", Spec: at("11.2.5.2", ""), Level: conformance.Must, Needs: overHID(), Twin: whole,
			Doc:     "A message that does not go on is given up within 3 seconds, with ERR_MSG_TIMEOUT: then, or once it goes on too late.",
			Catches: []string{"hid/timeout-silent", "hid/error-other", "hid/errors-silent"},
			Run: onChannel(func(l *line, channel uint32) {
				h := l.begin(channel, 2, 4)
				p, _, told := l.receive(patience)
				if told && (p.Channel != channel || !isError(p, ctaphid.ErrTimeout)) {
					l.Differ("ERR_MSG_TIMEOUT, or silence", p.String(), "something else came")
					l.FailNow()
				}
				l.send(h.left...)
				if !told {
					l.fails(channel, ctaphid.ErrTimeout)
				}
				l.alive(channel)
			}),
		},
		{
			ID: "hid/timeout/not-at-once", Spec: at("11.2.5.2", ""), Level: conformance.MustNot, Needs: overHID(), Twin: whole,
			Doc:     "A message that is slow by some milliseconds is not given up.",
			Catches: []string{"hid/timeout-hasty"},
			Run: onChannel(func(l *line, channel uint32) {
				h := l.begin(channel, 1, 3)
				if p, _, ok := l.receive(soon); ok {
					l.Differ("silence", p.String(), "something came while the message was incomplete")
					l.FailNow()
				}
				l.finish(h)
			}),
		},
	}
}
