package fault

import (
	"slices"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

func transactionFaults() []Fault {
	return slices.Concat(errorFaults(), answerFaults(), waitingFaults(), keepaliveFaults(), cancelFaults())
}

func errorFaults() []Fault {
	const codes = "CTAP 2.3 §11.2.9.1.6"
	return []Fault{
		{
			ID: "hid/error-other", Spec: codes,
			Doc: "Every error of CTAPHID has the code ERR_OTHER.",
			HID: beginning(hid.CommandError, byte(hid.Other)),
		}, {
			ID: "hid/error-without-code", Spec: codes,
			Doc: "Errors of CTAPHID come without a code.",
			HID: emptied(hid.CommandError),
		}, {
			ID: "hid/errors-silent", Spec: codes,
			Doc: "What is wrong with a message is never told.",
			HID: silentOn(hid.CommandError),
		}, {
			ID: "hid/busy-silent", Spec: "CTAP 2.3 §11.2.5.1",
			Doc: "A client that comes while another is served hears nothing, and not that the device is busy.",
			HID: withoutError(hid.ChannelBusy),
		},
		busyAlthoughFree(),
	}
}

// withoutError does not tell an error of one code.
func withoutError(code hid.Error) hid.Seams {
	return onCommand(hid.CommandError, func(report []byte) []byte {
		if len(report) > reportData && hid.Error(report[reportData]) == code {
			return nil
		}
		return report
	})
}

// busyAlthoughFree refuses every other request before the device hears of it.
func busyAlthoughFree() Fault {
	requests := 0
	return Fault{
		ID: "hid/busy-although-free", Spec: "CTAP 2.3 §11.2.5.1",
		Doc: "Every other CTAP2 request is refused because the device is busy, though it is not.",
		HID: replying(func(report []byte) []byte {
			if commandOf(report) != hid.CommandCBOR {
				return nil
			}
			if requests++; requests%2 == 0 {
				return nil
			}
			return errorOf(report, hid.ChannelBusy)
		}),
	}
}

func answerFaults() []Fault {
	const commands = "CTAP 2.3 §11.2.9"
	return []Fault{
		{
			ID: "hid/command-other", Spec: commands,
			Doc: "CTAP2 requests are answered by CTAPHID_MSG.",
			HID: onCommand(hid.CommandCBOR, func(report []byte) []byte {
				report[reportCommand] = byte(hid.CommandMsg) | initial
				return report
			}),
		}, {
			ID: "hid/answers-twice", Spec: "CTAP 2.3 §11.2.5",
			Doc: "Every answer to a CTAP2 request is sent twice.",
			HID: onAnswers(func(reports [][]byte) [][]byte { return append(reports, reports...) }),
		}, {
			ID: "hid/packet-after-answer", Spec: "CTAP 2.3 §11.2.4",
			Doc: "One more packet follows every answer to a CTAP2 request.",
			HID: onAnswers(func(reports [][]byte) [][]byte {
				more := make([]byte, len(reports[0]))
				copy(more, reports[0][:4])
				more[reportCommand] = byte(len(reports)-1) &^ initial
				return append(reports, more)
			}),
		}, {
			ID: "hid/answer-lost", Spec: "CTAP 2.3 §11.2.5",
			Doc: "CTAP2 requests are never answered.",
			HID: onAnswers(func([][]byte) [][]byte { return nil }),
		}, {
			ID: "hid/ping-garbled", Spec: "CTAP 2.3 §11.2.9.1.4",
			Doc: "CTAPHID_PING is answered by other bytes than were sent.",
			HID: onCommand(hid.CommandPing, func(report []byte) []byte {
				if countOf(report) > 0 && len(report) > reportData {
					report[reportData] ^= 1
				}
				return report
			}),
		}, {
			ID: "hid/ping-empty", Spec: "CTAP 2.3 §11.2.9.1.4",
			Doc: "CTAPHID_PING without data is answered with a byte.",
			HID: onCommand(hid.CommandPing, func(report []byte) []byte {
				if countOf(report) == 0 {
					setCount(report, 1)
				}
				return report
			}),
		}, {
			ID: "hid/status-as-error", Spec: "CTAP 2.3 §11.2.9.1.2",
			Doc: "A request that fails is answered by an error of CTAPHID, and not by its status.",
			HID: onReports(func(report []byte) []byte {
				command := commandOf(report)
				failed := command == hid.CommandCBOR && countOf(report) == 1 && report[reportData] != 0
				if failed || command == hid.CommandMsg && countOf(report) == 2 && report[reportData] != 0x90 {
					return errorOf(report, hid.Other)
				}
				return report
			}),
		}, {
			ID: "hid/msg-word-lost", Spec: "CTAP 2.3 §11.2.9.1.1",
			Doc: "Answers to U2F commands come without their status word.",
			HID: onCommand(hid.CommandMsg, func(report []byte) []byte {
				if count := countOf(report); count >= 2 && count <= len(report)-reportData {
					setCount(report, count-2)
					clear(report[reportData+count-2 : reportData+count])
				}
				return report
			}),
		}, {
			ID: "hid/ping-silent", Spec: "CTAP 2.3 §11.2.9.1.4",
			Doc: "CTAPHID_PING is never answered.",
			HID: deafTo(func(report []byte) bool { return commandOf(report) == hid.CommandPing }),
		},
	}
}
