package fault

import (
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// What is wrong with how messages of the host are taken.
func messageFaults() []Fault {
	return slices.Concat(lengthFaults(), sequenceFaults(), unknownFaults())
}

func lengthFaults() []Fault {
	const lengths = "CTAP 2.3 §11.2.4"
	return []Fault{
		{
			ID: "hid/padding-counted", Spec: lengths,
			Doc: "A message that does not fill its first packet is taken to have the padding too.",
			HID: hearingCommand(hid.CommandPing, func(report []byte) {
				if room := len(report) - reportData; countOf(report) > 0 && countOf(report) < room {
					setCount(report, room)
				}
			}),
		}, {
			ID: "hid/long-refused", Spec: lengths,
			Doc: "Messages of more than 1024 bytes are refused, though there is room for 7609.",
			HID: replying(func(report []byte) []byte {
				if commandOf(report) == 0 || countOf(report) <= 1024 {
					return nil
				}
				return errorOf(report, hid.InvalidLength)
			}),
		}, {
			ID: "hid/too-long-begun", Spec: lengths,
			Doc: "A message that is longer than packets can carry is not refused: the device waits for the rest.",
			HID: deafTo(func(report []byte) bool {
				return commandOf(report) != 0 && countOf(report) > hid.Capacity(len(report))
			}),
		}, {
			ID: "hid/init-length-unchecked", Spec: "CTAP 2.3 §11.2.9.1.3",
			Doc: "CTAPHID_INIT is answered whatever its length is.",
			HID: hearingCommand(hid.CommandInit, func(report []byte) { setCount(report, len(hid.Nonce{})) }),
		}, {
			ID: "hid/empty-cbor-answered", Spec: "CTAP 2.3 §11.2.9.1.2",
			Doc: "CTAPHID_CBOR without a command is answered with a status of CTAP2.",
			HID: replying(emptyAnswered(hid.CommandCBOR, 0x03)),
		}, {
			ID: "hid/empty-msg-answered", Spec: "CTAP 2.3 §11.2.9.1.1",
			Doc: "CTAPHID_MSG without a command is answered with a status word.",
			HID: replying(emptyAnswered(hid.CommandMsg, 0x67, 0x00)),
		}, {
			ID: "hid/wink-length-unchecked", Spec: "CTAP 2.3 §11.2.9.2.1",
			Doc: "CTAPHID_WINK with data is served.",
			HID: hearingCommand(hid.CommandWink, func(report []byte) { setCount(report, 0) }),
		},
	}
}

// emptyAnswered answers messages of a command that have no data.
func emptyAnswered(command hid.Command, answer ...byte) func(report []byte) []byte {
	return func(report []byte) []byte {
		if commandOf(report) != command || countOf(report) != 0 {
			return nil
		}
		return reportOf(len(report), hid.ChannelOf(report), command, answer...)
	}
}

func sequenceFaults() []Fault {
	return []Fault{
		sequenceUnchecked(), continuationAnswered(), busyBreaks(), channelsMixed(), cancelAborts(),
		{
			ID: "hid/timeout-silent", Spec: "CTAP 2.3 §11.2.5.2",
			Doc: "That a message was given up because the rest did not come is not told.",
			HID: withoutError(hid.MessageTimeout),
		}, {
			ID: "hid/timeout-hasty", Spec: "CTAP 2.3 §11.2.5.2",
			Doc: "A message that takes several packets is given up at once.",
			HID: replying(func(report []byte) []byte {
				if commandOf(report) == 0 || countOf(report) <= len(report)-reportData {
					return nil
				}
				return errorOf(report, hid.MessageTimeout)
			}),
		},
	}
}

func sequenceUnchecked() Fault {
	var m incoming
	return Fault{
		ID: "hid/sequence-unchecked", Spec: "CTAP 2.3 §11.2.9.1.6",
		Doc: "Packets are taken in the order in which they come, whatever their numbers are.",
		HID: hearing(func(report []byte) []byte {
			if next := m.next; m.take(report) {
				report[reportCommand] = next
			}
			return report
		}),
	}
}

func continuationAnswered() Fault {
	var m incoming
	return Fault{
		ID: "hid/continuation-answered", Spec: "CTAP 2.3 §11.2.5.4",
		Doc: "A continuation packet of no message is refused, and not passed over.",
		HID: replying(func(report []byte) []byte {
			if m.take(report) || !isContinuation(report) {
				return nil
			}
			return errorOf(report, hid.InvalidSequence)
		}),
	}
}

// busyBreaks loses the message that another channel wanted to interrupt.
func busyBreaks() Fault {
	var m incoming
	lost := false
	return Fault{
		ID: "hid/busy-breaks", Spec: "CTAP 2.3 §11.2.5.1",
		Doc: "Who is refused because another channel is at a message breaks that message all the same.",
		HID: hearing(func(report []byte) []byte {
			if !isContinuation(report) {
				if m.left > 0 && hid.ChannelOf(report) != m.channel {
					lost = true
					return report
				}
				lost = false
			}
			m.take(report)
			if lost && isContinuation(report) {
				return nil
			}
			return report
		}),
	}
}

func channelsMixed() Fault {
	var m incoming
	return Fault{
		ID: "hid/channels-mixed", Spec: "CTAP 2.3 §11.2.4",
		Doc: "A continuation packet goes on with the message that is coming in, whatever its channel is.",
		HID: hearing(func(report []byte) []byte {
			if isContinuation(report) && m.left > 0 {
				setChannel(report, m.channel)
			}
			m.take(report)
			return report
		}),
	}
}

func cancelAborts() Fault {
	var m incoming
	dropped := false
	return Fault{
		ID: "hid/cancel-aborts", Spec: "CTAP 2.3 §11.2.9.1.5",
		Doc: "CTAPHID_CANCEL within a message drops it.",
		HID: hearing(func(report []byte) []byte {
			if commandOf(report) == hid.CommandCancel && m.left > 0 {
				dropped = true
			} else if !isContinuation(report) {
				dropped = false
			}
			m.take(report)
			if dropped && isContinuation(report) {
				return nil
			}
			return report
		}),
	}
}

func isUnknown(command hid.Command) bool {
	switch command {
	case 0, hid.CommandPing, hid.CommandMsg, hid.CommandLock, hid.CommandInit, hid.CommandWink, hid.CommandCBOR, hid.CommandCancel:
		return false
	}
	return true
}

func unknownFaults() []Fault {
	const codes = "CTAP 2.3 §11.2.9.1.6"
	return []Fault{
		{
			ID: "hid/unknown-command-answered", Spec: codes,
			Doc: "Commands that there are not are answered by themselves, without data.",
			HID: replying(func(report []byte) []byte {
				if command := commandOf(report); isUnknown(command) {
					return reportOf(len(report), hid.ChannelOf(report), command)
				}
				return nil
			}),
		}, {
			ID: "hid/unknown-command-silent", Spec: codes,
			Doc: "Commands that there are not are passed over.",
			HID: deafTo(func(report []byte) bool { return isUnknown(commandOf(report)) }),
		},
		anyChannel(),
		{
			ID: "hid/error-on-broadcast", Spec: codes,
			Doc: "Errors are sent on the broadcast channel.",
			HID: onCommand(hid.CommandError, func(report []byte) []byte {
				setChannel(report, hid.Broadcast)
				return report
			}),
		},
	}
}

// anyChannel has messages on any channel served as if they were on the last one that
// was given out.
func anyChannel() Fault {
	var given []hid.Channel
	var asked hid.Channel
	mapped := false
	return Fault{
		ID: "hid/any-channel", Spec: "CTAP 2.3 §11.2.3",
		Doc: "Messages are answered on channels that were never given out, on channel 0 and on the broadcast channel.",
		HID: hid.Seams{
			Heard: func(report []byte) []byte {
				if mapped = false; commandOf(report) == 0 || commandOf(report) == hid.CommandInit || len(given) == 0 {
					return report
				}
				if asked = hid.ChannelOf(report); slices.Contains(given, asked) {
					return report
				}
				mapped = true
				report = slices.Clone(report)
				setChannel(report, given[len(given)-1])
				return report
			},
			Said: func(reports [][]byte) [][]byte {
				said := make([][]byte, len(reports))
				for i, report := range reports {
					if commandOf(report) == hid.CommandInit && len(report) >= initEnd {
						given = append(given, hid.Channel(binary.BigEndian.Uint32(report[initChannel:])))
						given = given[max(0, len(given)-16):]
					}
					if mapped && len(report) >= reportData {
						report = slices.Clone(report)
						setChannel(report, asked)
					}
					said[i] = report
				}
				return said
			},
		},
	}
}
