package authenticators

import (
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/ctaphid"
	"github.com/passkeylab/passkeylab/ctap"
)

// What a device says while it waits for its user (§11.2.9.1.7).
const (
	keepalivePeriod = 100 * time.Millisecond
	jitter          = 100 * time.Millisecond // of what is between the device and the judge
)

// keepalive returns the next report while the device waits, which has to be one.
func (l *line) keepalive() (p ctaphid.Packet, after time.Duration) {
	p, after = l.nextWithin("CTAPHID_KEEPALIVE")
	if !isKeepalive(p) {
		l.Differ("CTAPHID_KEEPALIVE", p.String(), "something else came while the device has to wait for its user")
		l.FailNow()
	}
	return p, after
}

// keepaliveBeside is keepalive where something was sent on another channel too, which a
// device may answer that it is busy.
func (l *line) keepaliveBeside(other uint32) {
	p := l.next("CTAPHID_KEEPALIVE")
	if p.Channel == other && isError(p, ctaphid.ErrBusy) {
		l.keepalive()
		return
	}
	if !isKeepalive(p) {
		l.Differ("CTAPHID_KEEPALIVE", p.String(), "something else came while the device has to wait for its user")
		l.FailNow()
	}
}

// selection sends authenticatorSelection to a user who does nothing.
func (l *line) selection(channel uint32) request {
	l.user(Ignore)
	r := selectionRequest()
	l.say(channel, ctaphid.CBOR, r.bytes())
	return r
}

func hidKeepaliveCases() []testCase {
	const comes = "hid/keepalive/comes"
	return []testCase{
		{
			ID: comes, Spec: at("11.2.9.1.7", ""), Level: conformance.Must, Needs: waits(),
			Doc:     "While a request waits for the user, CTAPHID_KEEPALIVE is sent on its channel.",
			Catches: []string{"hid/no-keepalive", "hid/keepalive-broadcast"},
			Run: onChannel(func(l *line, channel uint32) {
				l.selection(channel)
				for range 3 {
					if p, _ := l.keepalive(); p.Channel != channel {
						l.Differ(fmt.Sprintf("channel %08x", channel), p.String(), "a keepalive on another channel")
					}
				}
			}),
		},
		{
			ID: "hid/keepalive/form", Spec: at("11.2.9.1.7", ""), Level: conformance.Must, Needs: waits(), Twin: comes,
			Doc:     "Keepalives have one byte, 1 (PROCESSING) or 2 (UPNEEDED).",
			Catches: []string{"hid/keepalive-empty", "hid/keepalive-unknown"},
			Run: onChannel(func(l *line, channel uint32) {
				l.selection(channel)
				for range 2 {
					p, _ := l.keepalive()
					if p.Length != 1 || p.Data[0] != ctaphid.Processing && p.Data[0] != ctaphid.UserNeeded {
						l.Differ("1 byte, 01 or 02", fmt.Sprintf("%d bytes, %02x", p.Length, p.Data[0]), "a keepalive of another form")
					}
				}
			}),
		},
		{
			ID: "hid/keepalive/status", Spec: at("11.2.9.1.7", ""), Level: conformance.Must, Needs: waits(), Twin: comes,
			Doc:     "While the device waits for its user, it says UPNEEDED.",
			Catches: []string{"hid/keepalive-status"},
			Run:     onChannel(func(l *line, channel uint32) { l.waiting(channel) }),
		},
		{
			ID: "hid/keepalive/period", Spec: at("11.2.9.1.7", ""), Level: conformance.Should, Needs: waits(), Twin: comes,
			Doc:     "Keepalives come at least every 100 milliseconds.",
			Catches: []string{"hid/keepalive-rare"},
			Run: onChannel(func(l *line, channel uint32) {
				l.selection(channel)
				for range 4 {
					if _, after := l.keepalive(); after > keepalivePeriod+jitter {
						l.Differ("at most 100 ms", after.String(), "a keepalive is late")
					}
				}
			}),
		},
		{
			ID: "hid/keepalive/at-once", Spec: at("11.2.9.1.7", ""), Level: conformance.Should, Needs: waits(), Twin: comes,
			Doc:     "That the user is needed is told when it is so, and not with the next keepalive that is due.",
			Catches: []string{"hid/keepalive-late"},
			Run: onChannel(func(l *line, channel uint32) {
				l.selection(channel)
				if _, after := l.keepalive(); after > keepalivePeriod-keepalivePeriod/10 {
					l.Differ("at once", after.String(), "the first keepalive comes late")
				}
			}),
		},
		{
			ID: "hid/keepalive/answer-follows", Spec: at("11.2.9.1.7", ""), Level: conformance.Must, Needs: waits(), Twin: comes,
			Doc:     "After keepalives the request is answered, and no keepalive follows.",
			Catches: []string{"hid/answer-lost", "hid/keepalive-after-answer"},
			Run: onChannel(func(l *line, channel uint32) {
				r := l.selection(channel)
				l.keepalive()
				l.touch()
				l.expect(l.cborAnswer(channel, r), ctap.OK)
				l.say(channel, ctaphid.Ping, []byte{1})
				if p := l.next("the answer to CTAPHID_PING"); p.Command != ctaphid.Ping {
					l.Differ("the answer to CTAPHID_PING", p.String(), "something follows the answer")
				}
			}),
		},
	}
}

// hidCancelCases are those of CTAPHID_CANCEL (§11.2.9.1.5).
func hidCancelCases() []testCase {
	const comes, waiting = "hid/keepalive/comes", "hid/cancel/waiting"
	return []testCase{
		{
			ID: waiting, Spec: at("11.2.9.1.5", ""), Level: conformance.Must, Needs: waits(), Twin: comes,
			Doc:     "CTAPHID_CANCEL ends a request that waits for the user: CTAPHID_CBOR has the status CTAP2_ERR_KEEPALIVE_CANCEL.",
			Catches: []string{"hid/ignores-cancel", "hid/cancel-as-error"},
			Run: onChannel(func(l *line, channel uint32) {
				r := l.waiting(channel)
				l.say(channel, ctaphid.Cancel, nil)
				l.expect(l.cborAnswer(channel, r), ctap.KeepaliveCancel)
			}),
		},
		{
			ID: "hid/cancel/no-answer", Spec: at("11.2.9.1.5", ""), Level: conformance.MustNot, Needs: waits(), Twin: waiting,
			Doc:     "CTAPHID_CANCEL has no answer besides that of the request that it ends.",
			Catches: []string{"hid/answers-cancel"},
			Run: onChannel(func(l *line, channel uint32) {
				r := l.waiting(channel)
				l.say(channel, ctaphid.Cancel, nil)
				l.expect(l.cborAnswer(channel, r), ctap.KeepaliveCancel)
				l.alive(channel)
			}),
		},
		{
			ID: "hid/cancel/idle", Spec: at("11.2.9.1.5", ""), Level: conformance.MustNot, Needs: overHID(), Twin: hidEchoes,
			Doc:     "CTAPHID_CANCEL while nothing is in processing is passed over in silence.",
			Catches: []string{"hid/answers-cancel", "hid/cancel-refused"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.Cancel, nil)
				l.alive(channel)
			}),
		},
		{
			ID: "hid/cancel/not-kept", Spec: at("11.2.9.1.5", ""), Level: conformance.MustNot, Needs: overHID(ctap2), Twin: "hid/answer/plain",
			Doc:     "CTAPHID_CANCEL while nothing is in processing does not end the next request.",
			Catches: []string{"hid/cancel-remembered"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.Cancel, nil)
				l.expectOK(l.cbor(channel, getInfoRequest()))
			}),
		},
		{
			ID: "hid/cancel/works-after", Spec: at("11.2.9.1.5", ""), Level: conformance.Must, Needs: waits(), Twin: waiting,
			Doc:     "After a request was cancelled the next one is served.",
			Catches: []string{"hid/busy-although-free"},
			Run: onChannel(func(l *line, channel uint32) {
				r := l.waiting(channel)
				l.say(channel, ctaphid.Cancel, nil)
				l.expect(l.cborAnswer(channel, r), ctap.KeepaliveCancel)
				l.touch()
				l.expect(l.cbor(channel, selectionRequest()), ctap.OK)
				l.expectOK(l.cbor(channel, getInfoRequest()))
			}),
		},
		{
			ID: "hid/cancel/of-another", Spec: at("11.2.9.1.5", ""), Level: conformance.MustNot, Needs: waits(), Twin: waiting,
			Doc:     "CTAPHID_CANCEL on one channel does not end the request of another.",
			Catches: []string{"hid/cancel-of-anybody"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				r := l.waiting(one)
				l.say(other, ctaphid.Cancel, nil)
				for range 2 {
					l.keepaliveBeside(other)
				}
				l.touch()
				l.expect(l.cborAnswer(one, r), ctap.OK)
			}),
		},
		{
			ID: "hid/cancel/within-message", Spec: at("11.2.9.1.5", ""), Level: conformance.Should, Needs: overHID(), Twin: "hid/ping/176-bytes",
			Doc:     "CTAPHID_CANCEL within a message is passed over, and the message goes on.",
			Catches: []string{"hid/cancel-aborts"},
			Run: onChannel(func(l *line, channel uint32) {
				h := l.begin(channel, 1, 3)
				l.say(channel, ctaphid.Cancel, nil)
				l.finish(h)
			}),
		},
	}
}
