package authenticators

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/ctaphid"
	"github.com/passkeylab/passkeylab/ctap"
)

// pingSizes are around every number at which a message takes one packet more.
var pingSizes = []int{0, 1, 56, 57, 58, 115, 116, 117, 175, 176, 1000, 1024, 1025, 2048, 4096, 7550, 7551, 7608, 7609}

// orRefused adds to a sentence what becomes of messages that are longer than some devices
// have room for.
func orRefused(n int) string {
	if n <= defaultMaxMsgSize {
		return ""
	}
	return "; what is longer than maxMsgSize may be refused with ERR_INVALID_LEN"
}

// tooLong reports whether the device says that it has no room for messages of n bytes.
// CTAPHID could carry 7609.
func (l *line) tooLong(n int) bool {
	return l.known != nil && uint64(n) > max(defaultMaxMsgSize, l.known.uint(infoMaxMsgSize, defaultMaxMsgSize))
}

// pingSized is ping for a message that the device may have no room for.
func (l *line) pingSized(channel uint32, n int) {
	if !l.tooLong(n) {
		l.ping(channel, l.draw(n))
		return
	}
	payload := l.draw(n)
	l.say(channel, ctaphid.Ping, payload)
	p := l.next("the echo, or ERR_INVALID_LEN")
	if p.Channel == channel && isError(p, ctaphid.ErrLength) {
		l.alive(channel)
		return
	}
	if p.Channel != channel || p.Command != ctaphid.Ping {
		l.Differ("the echo, or ERR_INVALID_LEN", p.String(), "something else came")
		l.FailNow()
	}
	if got := l.rest(p); !bytes.Equal(got, payload) {
		l.Differ(fmt.Sprintf("%d bytes: %x", n, payload), fmt.Sprintf("%d bytes: %x", len(got), got), "the echo is another")
	}
}

// hidPingCases are those of CTAPHID_PING (§11.2.9.1.4), which shows how messages lie in
// packets (§11.2.4).
func hidPingCases() (cases []testCase) {
	for _, n := range pingSizes {
		c := testCase{
			ID: fmt.Sprintf("hid/ping/%d-bytes", n), Spec: at("11.2.9.1.4", ""), Level: conformance.Must, Needs: overHID(sized),
			Doc:     fmt.Sprintf("CTAPHID_PING with %d bytes is answered with the same bytes, in packets of the channel that are numbered from 0"+orRefused(n)+".", n),
			Catches: []string{"hid/ping-silent"},
			Run:     onChannel(func(l *line, channel uint32) { l.pingSized(channel, n) }),
		}
		if n > 0 {
			c.Catches = append(c.Catches, "hid/ping-garbled", "hid/count-short", "hid/count-long")
		} else {
			c.Catches = append(c.Catches, "hid/ping-empty")
		}
		if n > 0 && n < ctaphid.FirstData {
			c.Catches = append(c.Catches, "hid/padding-counted")
		}
		if n > ctaphid.FirstData {
			c.Catches = append(c.Catches, "hid/sequence-from-one", "hid/last-packet-lost")
		}
		if n > ctaphid.FirstData+ctaphid.LaterData {
			c.Catches = append(c.Catches, "hid/sequence-zero", "hid/out-of-order")
		}
		if n == defaultMaxMsgSize+1 { // the others are more than the faulty keys say that they bear
			c.Catches = append(c.Catches, "hid/long-refused")
		}
		cases = append(cases, c)
	}
	return append(cases, testCase{
		ID: "hid/ping/padding", Spec: at("11.2.4", ""), Level: conformance.Must, Needs: overHID(), Twin: hidEchoes,
		Doc:     "What follows the message in its last packet is no part of it.",
		Catches: []string{"hid/padding-counted"},
		Run: onChannel(func(l *line, channel uint32) {
			full := l.draw(ctaphid.FirstData)
			l.send(ctaphid.Initial(channel, ctaphid.Ping, 10, full))
			l.echoes(channel, full[:10])
			l.send(ctaphid.Initial(channel, ctaphid.Ping, 60, full))
			more := l.draw(ctaphid.LaterData)
			l.send(ctaphid.Continuation(channel, 0, more))
			l.echoes(channel, append(full, more[:3]...))
		}),
	})
}

// hidAnswerCases are of how requests are answered (§11.2.4, §11.2.5).
func hidAnswerCases() []testCase {
	return []testCase{
		{
			ID: "hid/answer/plain", Spec: at("11.2.9.1.2", ""), Level: conformance.Must, Needs: overHID(ctap2),
			Doc:     "A CTAP2 request is answered by one CTAPHID_CBOR on its channel, with a status and one well-formed map.",
			Catches: []string{"hid/answer-lost", "hid/command-other", "hid/other-channel", "hid/busy-although-free"},
			Run:     onChannel(func(l *line, channel uint32) { l.expectOK(l.cbor(channel, getInfoRequest())) }),
		},
		{
			ID: "hid/answer/count", Spec: at("11.2.4", ""), Level: conformance.Must, Needs: overHID(ctap2), Twin: "hid/answer/plain",
			Doc:     "The length of an answer is that of what is sent.",
			Catches: []string{"hid/count-short", "hid/count-long", "hid/count-huge", "hid/count-little-endian"},
			Run: onChannel(func(l *line, channel uint32) {
				first, again := l.cbor(channel, getInfoRequest()), l.cbor(channel, getInfoRequest())
				l.expectOK(first)
				if len(first.raw) != len(again.raw) {
					l.Differ(fmt.Sprint(len(first.raw)), fmt.Sprint(len(again.raw)), "the same answer has another length")
				}
			}),
		},
		{
			ID: "hid/answer/once", Spec: at("11.2.5", ""), Level: conformance.MustNot, Needs: overHID(ctap2), Twin: "hid/answer/plain",
			Doc:     "Nothing follows the answer to a request.",
			Catches: []string{"hid/answers-twice", "hid/packet-after-answer", "hid/keepalive-after-answer"},
			Run: onChannel(func(l *line, channel uint32) {
				for range 2 {
					l.expectOK(l.cbor(channel, getInfoRequest()))
					l.say(channel, ctaphid.Ping, []byte{1})
					p := l.next("the answer to CTAPHID_PING")
					if p.Command != ctaphid.Ping {
						l.Differ("the answer to CTAPHID_PING", p.String(), "something follows the answer")
						l.FailNow()
					}
				}
			}),
		},
		{
			ID: "hid/answer/report-size", Spec: at("11.2.4", ""), Level: conformance.Must, Needs: overHID(),
			Doc:     "Every report has its full size.",
			Catches: []string{"hid/short-report"},
			Run:     onChannel(func(l *line, channel uint32) { l.alive(channel) }),
		},
		{
			ID: "hid/answer/padding", Spec: at("11.2.4", ""), Level: conformance.Should, Needs: overHID(), Twin: "hid/answer/report-size",
			Doc:     "What a message leaves free of its last packet is zero.",
			Catches: []string{"hid/dirty-padding"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.Ping, l.draw(5))
				p := l.next("the answer to CTAPHID_PING")
				if p.Command != ctaphid.Ping || p.Length != 5 {
					l.Differ("CTAPHID_PING, 5 bytes", p.String(), "something else came")
					l.FailNow()
				}
				if free := p.Data[5:]; !bytes.Equal(free, make([]byte, len(free))) {
					l.Differ("zeros", fmt.Sprintf("%x", free), "something follows the message")
				}
			}),
		},
		{
			ID: "hid/answer/status", Spec: at("11.2.9.1.2", ""), Level: conformance.Must, Needs: overHID(ctap2), Twin: "hid/answer/plain",
			Doc:     "A CTAP2 request that fails is answered by a CTAPHID_CBOR with its status, and not by an error of CTAPHID.",
			Catches: []string{"hid/status-as-error"},
			Run: onChannel(func(l *line, channel uint32) {
				for _, raw := range [][]byte{{0x0F}, {byte(ctap.CommandMakeCredential)}} {
					l.say(channel, ctaphid.CBOR, raw)
					if got := l.answer(channel, ctaphid.CBOR); len(got) != 1 || got[0] == 0 {
						l.Differ("one byte, a status", fmt.Sprintf("%x", got), "a request that fails is answered in another way")
					}
				}
				l.alive(channel)
			}),
		},
		{
			ID: "hid/answer/to-the-longest", Spec: at("11.2.4", ""), Level: conformance.Must, Needs: overHID(ctap2), Twin: "hid/ping/7609-bytes",
			Doc:     "A CTAP2 request of 7609 bytes is answered by a CTAPHID_CBOR, whatever becomes of it; if it is longer than maxMsgSize it may be refused with ERR_INVALID_LEN.",
			Catches: []string{"hid/command-other", "hid/status-as-error"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.CBOR, append([]byte{byte(ctap.CommandMakeCredential)}, make([]byte, ctaphid.MaxMessage-1)...))
				p := l.nextAnswer(channel, "the answer to CTAPHID_CBOR")
				if l.tooLong(ctaphid.MaxMessage) && p.Channel == channel && isError(p, ctaphid.ErrLength) {
					l.alive(channel)
					return
				}
				if p.Channel != channel || p.Command != ctaphid.CBOR {
					l.Differ("CTAPHID_CBOR on channel "+fmt.Sprintf("%08x", channel), p.String(), "something else came")
					l.FailNow()
				}
				if got := l.rest(p); len(got) == 0 || got[0] == 0 {
					l.Differ("a status that says that it failed", fmt.Sprintf("%x", got), "a request of zeros is answered in another way")
				}
				l.alive(channel)
			}),
		},
	}
}
