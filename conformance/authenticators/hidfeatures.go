package authenticators

import (
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/ctaphid"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// offersMsg is met where CTAPHID_INIT does not say that there is no CTAPHID_MSG.
var offersMsg = need{Name: "CTAPHID_MSG", Met: func(c *conformance.Check) bool {
	return newKey(c).line.greet().capabilities&ctaphid.NoMsg == 0
}}

// locks is met where CTAPHID_LOCK is served, whether that is announced or not.
var locks = need{Name: "CTAPHID_LOCK", Met: func(c *conformance.Check) bool {
	l := newKey(c).line
	served, _ := l.serves(l.allocate(), ctaphid.Lock, []byte{0})
	return served
}}

// serves reports whether a command is answered by one of its kind, and not refused as
// unknown.
func (l *line) serves(channel uint32, command byte, payload []byte) (served bool, answer []byte) {
	l.say(channel, command, payload)
	p := l.nextAnswer(channel, ctaphid.CommandName(command)+" or ERR_INVALID_CMD")
	switch {
	case p.Channel == channel && isError(p, ctaphid.ErrCommand):
		return false, nil
	case p.Channel == channel && p.Initial && p.Command == command:
		return true, l.rest(p)
	}
	l.Differ(fmt.Sprintf("channel %08x, %s or ERR_INVALID_CMD", channel, ctaphid.CommandName(command)), p.String(), "something else came")
	l.FailNow()
	return false, nil
}

// hidCapabilityCases hold what CTAPHID_INIT tells to what commands do (§11.2.9.1.3).
func hidCapabilityCases() []testCase {
	version := apdu(0, byte(u2f.InstructionVersion), 0, 0, nil)
	agrees := func(name string, level conformance.Level, command, bit byte, inverted bool, payload []byte, sound func(answer []byte) bool, catches ...string) testCase {
		return testCase{
			ID: "hid/capability/" + name, Spec: at("11.2.9.1.3", ""), Level: level, Needs: overHID(), Twin: hidOpens, Catches: catches,
			Doc: fmt.Sprintf("Capability 0x%02X says whether %s is served.", bit, ctaphid.CommandName(command)),
			Run: onLine(func(l *line) {
				h := l.greet()
				served, answer := l.serves(h.channel, command, payload)
				if served && !sound(answer) {
					l.Fatalf("%s is answered with %x, which is no answer to it", ctaphid.CommandName(command), answer)
				}
				if told := h.capabilities&bit != 0 != inverted; told != served {
					l.Differ(fmt.Sprint(told), fmt.Sprint(served), "%s is served or not, unlike what capabilities 0x%02X tell", ctaphid.CommandName(command), h.capabilities)
				}
				l.alive(h.channel)
			}),
		}
	}
	isInfo := func(answer []byte) bool { return len(answer) > 1 && answer[0] == 0 }
	isVersion := func(answer []byte) bool { return string(answer) == "U2F_V2\x90\x00" }
	isEmpty := func(answer []byte) bool { return len(answer) == 0 }
	return []testCase{
		agrees("cbor", conformance.Must, ctaphid.CBOR, ctaphid.CanCBOR, false, getInfoRequest().bytes(), isInfo, "hid/cbor-untold", "hid/cbor-refused"),
		agrees("msg", conformance.Must, ctaphid.Msg, ctaphid.NoMsg, true, version, isVersion, "hid/msg-denied", "hid/msg-refused"),
		agrees("wink", conformance.Must, ctaphid.Wink, ctaphid.CanWink, false, nil, isEmpty, "hid/wink-claimed", "hid/wink-untold"),
		agrees("lock", conformance.May, ctaphid.Lock, ctaphid.CanLock, false, []byte{0}, isEmpty, "hid/lock-untold"),
		{
			ID: "hid/wink/plain", Spec: at("11.2.9.2.1", ""), Level: conformance.Must, Needs: append(overHID(), winks), Twin: hidOpens,
			Doc:     "CTAPHID_WINK is answered by one without data.",
			Catches: []string{"hid/wink-claimed", "hid/wink-with-answer"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.Wink, nil)
				if got := l.answer(channel, ctaphid.Wink); len(got) != 0 {
					l.Differ("no bytes", fmt.Sprintf("%x", got), "the answer has data")
				}
			}),
		},
		{
			ID: "hid/wink/with-data", Spec: at("11.2.9.2.1", ""), Level: conformance.May, Needs: append(overHID(), winks), Twin: "hid/wink/plain",
			Doc:     "CTAPHID_WINK with data is refused with ERR_INVALID_LEN.",
			Catches: []string{"hid/wink-length-unchecked"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.Wink, []byte{1})
				l.fails(channel, ctaphid.ErrLength)
			}),
		},
		{
			ID: "hid/msg/version", Spec: at("11.2.9.1.1", ""), Level: conformance.Must, Needs: append(overHID(), offersMsg),
			Doc:     "CTAPHID_MSG carries U2F_VERSION, and is answered by one with U2F_V2 and a status word.",
			Catches: []string{"hid/msg-refused", "hid/msg-word-lost", "u2f/version-other"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.Msg, version)
				if got := string(l.answer(channel, ctaphid.Msg)); got != "U2F_V2\x90\x00" {
					l.Differ("U2F_V2 and 9000", fmt.Sprintf("%x", got), "another answer")
				}
			}),
		},
		{
			ID: "hid/msg/status-word", Spec: at("11.2.9.1.1", ""), Level: conformance.Must, Needs: append(overHID(), offersMsg), Twin: "hid/msg/version",
			Doc:     "A U2F command that fails is answered by CTAPHID_MSG with its status word, and not by an error of CTAPHID.",
			Catches: []string{"hid/status-as-error", "hid/msg-word-lost"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.Msg, apdu(0, 0x05, 0, 0, nil))
				if got := l.answer(channel, ctaphid.Msg); len(got) != 2 || got[0] != 0x6D {
					l.Differ("6d00", fmt.Sprintf("%x", got), "another answer")
				}
			}),
		},
	}
}

// winks is met where CTAPHID_INIT says so.
var winks = need{Name: "CTAPHID_WINK", Met: func(c *conformance.Check) bool {
	return newKey(c).line.greet().capabilities&ctaphid.CanWink != 0
}}

// lock locks the device for some seconds.
func (l *line) lock(channel uint32, seconds byte) {
	l.say(channel, ctaphid.Lock, []byte{seconds})
	if got := l.answer(channel, ctaphid.Lock); len(got) != 0 {
		l.Differ("no bytes", fmt.Sprintf("%x", got), "the answer to CTAPHID_LOCK has data")
	}
}

// shut expects a channel to be locked out.
func (l *line) shut(channel uint32) {
	l.say(channel, ctaphid.Ping, l.draw(4))
	l.fails(channel, ctaphid.ErrBusy)
}

// hidLockCases are those of CTAPHID_LOCK (§11.2.9.2.2).
func hidLockCases() []testCase {
	const plain = "hid/lock/plain"
	needs := func(more ...need) []need { return append(overHID(more...), locks) }
	cases := []testCase{
		{
			ID: plain, Spec: at("11.2.9.2.2", ""), Level: conformance.Must, Needs: needs(),
			Doc:     "CTAPHID_LOCK keeps other channels out with ERR_CHANNEL_BUSY, and not its own.",
			Catches: []string{"hid/lock-ignored", "hid/busy-silent"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				l.lock(one, 10)
				l.shut(other)
				l.alive(one)
				l.lock(one, 0)
			}),
		},
		{
			ID: "hid/lock/release", Spec: at("11.2.9.2.2", ""), Level: conformance.Must, Needs: needs(), Twin: plain,
			Doc:     "CTAPHID_LOCK for 0 seconds lets other channels in again.",
			Catches: []string{"hid/lock-for-good"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				l.lock(one, 10)
				l.lock(one, 0)
				l.alive(other)
			}),
		},
		{
			ID: "hid/lock/release-by-another", Spec: at("11.2.9.2.2", ""), Level: conformance.MustNot, Needs: needs(), Twin: "hid/lock/release",
			Doc:     "A channel does not end the lock of another.",
			Catches: []string{"hid/lock-released-by-anybody"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				l.lock(one, 10)
				l.say(other, ctaphid.Lock, []byte{0})
				l.fails(other, ctaphid.ErrBusy)
				l.shut(other)
				l.lock(one, 0)
			}),
		},
		{
			ID: "hid/lock/expires", Spec: at("11.2.9.2.2", ""), Level: conformance.Must, Needs: needs(clock), Twin: plain,
			Doc:     "A lock ends when its seconds have passed.",
			Catches: []string{"hid/lock-for-longer"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				l.lock(one, 2)
				l.wait(1500 * time.Millisecond)
				l.shut(other)
				l.wait(time.Second)
				l.alive(other)
			}),
		},
		{
			ID: "hid/lock/again", Spec: at("11.2.9.2.2", ""), Level: conformance.Must, Needs: needs(clock), Twin: "hid/lock/expires",
			Doc:     "The seconds of CTAPHID_LOCK are counted anew where the channel that has the lock sends it again.",
			Catches: []string{"hid/lock-not-extended"},
			Run: onLine(func(l *line) {
				one, other := l.two()
				for range 2 {
					l.lock(one, 2)
					l.wait(1500 * time.Millisecond)
				}
				l.shut(other)
				l.wait(time.Second)
				l.alive(other)
			}),
		},
		{
			ID: "hid/lock/too-long", Spec: at("11.2.9.2.2", ""), Level: conformance.Must, Needs: needs(), Twin: plain,
			Doc:     "CTAPHID_LOCK for more than 10 seconds is refused with ERR_INVALID_PAR.",
			Catches: []string{"hid/lock-unbounded", "hid/error-other"},
			Run: onChannel(func(l *line, channel uint32) {
				for _, seconds := range []byte{11, 255} {
					l.say(channel, ctaphid.Lock, []byte{seconds})
					l.fails(channel, ctaphid.ErrParameter)
				}
			}),
		},
	}
	for _, n := range []int{0, 2} {
		cases = append(cases, testCase{
			ID: fmt.Sprintf("hid/lock/%d-bytes", n), Spec: at("11.2.9.2.2", ""), Level: conformance.Must, Needs: needs(), Twin: plain,
			Doc:     fmt.Sprintf("CTAPHID_LOCK with %d bytes in place of 1 is refused with ERR_INVALID_LEN.", n),
			Catches: []string{"hid/lock-length-unchecked"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.Lock, make([]byte, n))
				l.fails(channel, ctaphid.ErrLength)
				l.alive(channel)
			}),
		})
	}
	return cases
}
