package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/ctaphid"
)

// hidLengthCases are of lengths that a message must not have (§11.2.9.1.6).
func hidLengthCases() (cases []testCase) {
	for _, n := range []int{ctaphid.MaxMessage + 1, 0x7FFF, 0xFFFF} {
		cases = append(cases, testCase{
			ID: fmt.Sprintf("hid/length/%d-bytes", n), Spec: at("11.2.4", ""), Level: conformance.Must, Needs: overHID(), Twin: hidEchoes,
			Doc:     fmt.Sprintf("A message of %d bytes, more than packets can carry, is refused with ERR_INVALID_LEN at its first packet.", n),
			Catches: []string{"hid/too-long-begun", "hid/error-other"},
			Run: onChannel(func(l *line, channel uint32) {
				l.send(ctaphid.Initial(channel, ctaphid.Ping, n, l.draw(ctaphid.FirstData)))
				l.fails(channel, ctaphid.ErrLength)
				l.alive(channel)
			}),
		})
	}
	return append(cases,
		testCase{
			ID: "hid/length/empty-cbor", Spec: at("11.2.9.1.2", ""), Level: conformance.Should, Needs: overHID(ctap2), Twin: "hid/answer/plain",
			Doc:     "CTAPHID_CBOR without a command is refused with ERR_INVALID_LEN.",
			Catches: []string{"hid/empty-cbor-answered"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.CBOR, nil)
				l.fails(channel, ctaphid.ErrLength)
				l.alive(channel)
			}),
		},
		testCase{
			ID: "hid/length/empty-msg", Spec: at("11.2.9.1.1", ""), Level: conformance.Should, Needs: append(overHID(), offersMsg), Twin: "hid/msg/version",
			Doc:     "CTAPHID_MSG without a command is refused with ERR_INVALID_LEN.",
			Catches: []string{"hid/empty-msg-answered"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, ctaphid.Msg, nil)
				l.fails(channel, ctaphid.ErrLength)
				l.alive(channel)
			}),
		},
	)
}

// hidSequenceCases are of packets that do not follow from each other (§11.2.4, §11.2.5.4).
func hidSequenceCases() []testCase {
	const numbered = "hid/ping/176-bytes" // three packets
	wrong := func(id, doc string, first, second byte) testCase {
		return testCase{
			ID: id, Spec: at("11.2.9.1.6", ""), Level: conformance.Must, Needs: overHID(), Twin: numbered,
			Doc:     doc + " is refused with ERR_INVALID_SEQ, and the message is dropped.",
			Catches: []string{"hid/sequence-unchecked", "hid/errors-silent"},
			Run: onChannel(func(l *line, channel uint32) {
				h := l.begin(channel, 1, 4)
				l.send(ctaphid.Continuation(channel, first, h.left[0][5:]))
				if first == 0 {
					l.send(ctaphid.Continuation(channel, second, h.left[1][5:]))
				}
				l.fails(channel, ctaphid.ErrSequence)
				l.alive(channel)
			}),
		}
	}
	return []testCase{
		wrong("hid/sequence/from-one", "A message that goes on with packet 1", 1, 0),
		wrong("hid/sequence/from-last", "A message that goes on with packet 127", 127, 0),
		wrong("hid/sequence/skipped", "A message of which packet 1 is missing", 0, 2),
		wrong("hid/sequence/repeated", "A packet that comes twice", 0, 0),
		{
			ID: "hid/sequence/lone", Spec: at("11.2.5.4", ""), Level: conformance.Must, Needs: overHID(), Twin: hidEchoes,
			Doc:     "A continuation packet of no message is passed over in silence.",
			Catches: []string{"hid/continuation-answered"},
			Run: onChannel(func(l *line, channel uint32) {
				for _, sequence := range []byte{0, 1, 127} {
					l.send(ctaphid.Continuation(channel, sequence, l.draw(ctaphid.LaterData)))
				}
				l.alive(channel)
			}),
		},
		{
			ID: "hid/sequence/after-the-last", Spec: at("11.2.5.4", ""), Level: conformance.Must, Needs: overHID(), Twin: numbered,
			Doc:     "A continuation packet after the last of a message is passed over in silence.",
			Catches: []string{"hid/continuation-answered"},
			Run: onChannel(func(l *line, channel uint32) {
				l.finish(l.begin(channel, 2, 3))
				l.send(ctaphid.Continuation(channel, 2, l.draw(ctaphid.LaterData)))
				l.alive(channel)
			}),
		},
		{
			ID: "hid/sequence/lone-strange", Spec: at("11.2.5.4", ""), Level: conformance.Should, Needs: overHID(), Twin: hidEchoes,
			Doc:     "A continuation packet on a channel that was not given out is passed over in silence.",
			Catches: []string{"hid/continuation-answered"},
			Run: onChannel(func(l *line, channel uint32) {
				l.send(ctaphid.Continuation(l.strange(channel), 0, l.draw(ctaphid.LaterData)))
				l.alive(channel)
			}),
		},
		{
			ID: "hid/sequence/message-in-message", Spec: at("11.2.9.1.6", ""), Level: conformance.Should, Needs: overHID(), Twin: numbered,
			Doc:     "A message that begins within another on the same channel is refused, with ERR_INVALID_SEQ or ERR_CHANNEL_BUSY.",
			Catches: []string{"hid/errors-silent", "hid/error-other"},
			Run: onChannel(func(l *line, channel uint32) {
				l.begin(channel, 1, 3)
				l.say(channel, ctaphid.Ping, l.draw(4))
				l.fails(channel, ctaphid.ErrSequence, ctaphid.ErrBusy)
				l.initialize(channel, l.draw(8))
				l.alive(channel)
			}),
		},
	}
}

// hidCommandCases are of commands that there are not (§11.2.9.1.6).
func hidCommandCases() (cases []testCase) {
	for _, c := range []struct {
		command byte
		name    string
	}{
		{0x02, "0x02"}, {0x05, "0x05"}, {0x07, "0x07"}, {0x12, "0x12"}, {0x2A, "0x2a"},
		{ctaphid.Keepalive, "keepalive"}, {ctaphid.Error, "error"},
	} {
		cases = append(cases, testCase{
			ID: "hid/command/" + c.name, Spec: at("11.2.9.1.6", ""), Level: conformance.Must, Needs: overHID(), Twin: hidEchoes,
			Doc:     fmt.Sprintf("%s, which no host sends, is refused with ERR_INVALID_CMD.", ctaphid.CommandName(c.command)),
			Catches: []string{"hid/unknown-command-answered", "hid/unknown-command-silent", "hid/error-other", "hid/error-without-code", "hid/error-on-broadcast"},
			Run: onChannel(func(l *line, channel uint32) {
				l.say(channel, c.command, []byte{0x55})
				l.fails(channel, ctaphid.ErrCommand)
				l.alive(channel)
			}),
		})
	}
	return append(cases, testCase{
		ID: "hid/command/unknown-long", Spec: at("11.2.9.1.6", ""), Level: conformance.Must, Needs: overHID(), Twin: "hid/command/0x2a",
		Doc:     "An unknown command that takes several packets is refused with ERR_INVALID_CMD once, at its first packet or its last.",
		Catches: []string{"hid/unknown-command-answered", "hid/unknown-command-silent"},
		Run: onChannel(func(l *line, channel uint32) {
			l.say(channel, 0x2A, l.draw(150))
			l.fails(channel, ctaphid.ErrCommand)
			l.alive(channel)
		}),
	})
}
