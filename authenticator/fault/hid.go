package fault

import (
	"slices"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// Where things are in a report (CTAP 2.3 §11.2.4), and in an answer to CTAPHID_INIT
// (§11.2.9.1.3).
const (
	reportCommand = 4
	reportCount   = 5
	reportData    = 7
	initial       = 0x80

	initNonce        = reportData
	initChannel      = reportData + 8
	initProtocol     = reportData + 12
	initCapabilities = reportData + 16
	initEnd          = reportData + 17
)

// commandOf returns the command of a report that begins a message, 0 for any other.
func commandOf(report []byte) hid.Command {
	if len(report) < reportData || report[reportCommand]&initial == 0 {
		return 0
	}
	return hid.Command(report[reportCommand] &^ initial)
}

// isContinuation reports whether a report goes on with a message.
func isContinuation(report []byte) bool {
	return len(report) > reportCommand && report[reportCommand]&initial == 0
}

// isAnswer reports whether a report begins what answers a request.
func isAnswer(report []byte) bool {
	command := commandOf(report)
	return command != 0 && command != hid.CommandKeepalive && command != hid.CommandError
}

// onReports makes a seam of a change to a copy of each report. Of nil, nothing is
// sent.
func onReports(change func(report []byte) []byte) hid.Seams {
	return hid.Seams{Said: func(reports [][]byte) [][]byte {
		spoiled := make([][]byte, 0, len(reports))
		for _, report := range reports {
			if len(report) < reportData {
				spoiled = append(spoiled, report)
			} else if report = change(slices.Clone(report)); report != nil {
				spoiled = append(spoiled, report)
			}
		}
		return spoiled
	}}
}

// onCommand is onReports for those that begin a message of a command.
func onCommand(command hid.Command, change func(report []byte) []byte) hid.Seams {
	return onReports(func(report []byte) []byte {
		if commandOf(report) != command {
			return report
		}
		return change(report)
	})
}

// silentOn does not send messages of a command.
func silentOn(command hid.Command) hid.Seams {
	return onCommand(command, func([]byte) []byte { return nil })
}

// beginning has messages of a command begin with another byte.
func beginning(command hid.Command, data byte) hid.Seams {
	return onCommand(command, func(report []byte) []byte {
		report[reportData] = data
		return report
	})
}

// emptied takes the data of messages of a command away.
func emptied(command hid.Command) hid.Seams {
	return onCommand(command, func(report []byte) []byte {
		clear(report[reportCount:])
		return report
	})
}

// onAnswers makes a seam of a change to whole answers to CTAP2 requests.
func onAnswers(change func(reports [][]byte) [][]byte) hid.Seams {
	return hid.Seams{Said: func(reports [][]byte) [][]byte {
		if len(reports) == 0 || commandOf(reports[0]) != hid.CommandCBOR {
			return reports
		}
		return change(slices.Clone(reports))
	}}
}

// onOpening is onCommand for answers to CTAPHID_INIT, whole ones.
func onOpening(change func(report []byte)) hid.Seams {
	return onCommand(hid.CommandInit, func(report []byte) []byte {
		if len(report) >= initEnd {
			change(report)
		}
		return report
	})
}

// deafTo does not hear messages of a command.
func deafTo(is func(report []byte) bool) hid.Seams {
	return hid.Seams{Heard: func(report []byte) []byte {
		if is(report) {
			return nil
		}
		return report
	}}
}

func reportOf(size int, channel hid.Channel, command hid.Command, payload ...byte) []byte {
	reports, err := hid.Split(size, channel, command, payload)
	if err != nil {
		return nil
	}
	return reports[0]
}

func hidFaults() []Fault {
	return slices.Concat(packetFaults(), channelFaults(), capabilityFaults(), messageFaults(), transactionFaults(), lockFaults())
}

func packetFaults() []Fault {
	const packets = "CTAP 2.3 §11.2.4"
	return []Fault{
		{
			ID: "hid/sequence-from-one", Spec: packets,
			Doc: "The sequence numbers of an answer begin with 1.",
			HID: onReports(func(report []byte) []byte {
				if isContinuation(report) {
					report[reportCommand] = (report[reportCommand] + 1) &^ initial
				}
				return report
			}),
		}, {
			ID: "hid/sequence-zero", Spec: packets,
			Doc: "Every packet that goes on with an answer has sequence number 0.",
			HID: onReports(func(report []byte) []byte {
				if isContinuation(report) {
					report[reportCommand] = 0
				}
				return report
			}),
		}, {
			ID: "hid/out-of-order", Spec: packets,
			Doc: "The packets that go on with an answer come in the opposite order.",
			HID: hid.Seams{Said: func(reports [][]byte) [][]byte {
				if len(reports) < 3 {
					return reports
				}
				spoiled := slices.Clone(reports)
				slices.Reverse(spoiled[1:])
				return spoiled
			}},
		}, {
			ID: "hid/last-packet-lost", Spec: packets,
			Doc: "The last packet of an answer that takes several is not sent.",
			HID: hid.Seams{Said: func(reports [][]byte) [][]byte {
				if len(reports) < 2 {
					return reports
				}
				return reports[:len(reports)-1]
			}},
		}, {
			ID: "hid/other-channel", Spec: packets,
			Doc: "Answers come on another channel than their requests.",
			HID: onReports(func(report []byte) []byte {
				if channel := hid.ChannelOf(report); channel != hid.Broadcast {
					setChannel(report, channel^0x80000000)
				}
				return report
			}),
		}, {
			ID: "hid/count-short", Spec: packets,
			Doc: "The length of an answer is one less than what is sent.",
			HID: onReports(recounted(-1)),
		}, {
			ID: "hid/count-long", Spec: packets,
			Doc: "The length of an answer is one more than what is sent.",
			HID: onReports(recounted(1)),
		}, {
			ID: "hid/count-huge", Spec: packets,
			Doc: "The length of an answer is more than CTAPHID can carry.",
			HID: onReports(func(report []byte) []byte {
				if isAnswer(report) {
					setCount(report, 0xFFFF)
				}
				return report
			}),
		}, {
			ID: "hid/count-little-endian", Spec: packets,
			Doc: "The length of an answer has its lower byte first.",
			HID: onReports(func(report []byte) []byte {
				if isAnswer(report) {
					report[reportCount], report[reportCount+1] = report[reportCount+1], report[reportCount]
				}
				return report
			}),
		}, {
			ID: "hid/short-report", Spec: "CTAP 2.3 §11.2.2, §11.2.4",
			Doc: "A report of a short answer ends with its data, and not after 64 bytes.",
			HID: onReports(func(report []byte) []byte {
				if end := reportData + countOf(report); commandOf(report) != 0 && end < len(report) {
					return report[:end]
				}
				return report
			}),
		}, {
			ID: "hid/dirty-padding", Spec: packets,
			Doc: "What a short answer leaves free of its report is not zero.",
			HID: onReports(func(report []byte) []byte {
				if commandOf(report) == 0 {
					return report
				}
				for i := reportData + countOf(report); i < len(report); i++ {
					report[i] = 0xAA
				}
				return report
			}),
		},
	}
}

// recounted moves the length of answers that have data.
func recounted(by int) func([]byte) []byte {
	return func(report []byte) []byte {
		if count := countOf(report); isAnswer(report) && count > 0 {
			setCount(report, count+by)
		}
		return report
	}
}
