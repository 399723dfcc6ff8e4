package fault

import (
	"slices"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

func waitingFaults() []Fault {
	const cancelling = "CTAP 2.3 §11.2.9.1.5"
	const waiting = "CTAP 2.3 §11.2.9.1.7"
	return []Fault{
		{
			ID: "hid/no-keepalive", Spec: waiting,
			Doc: "While it waits for its user, the device says nothing.",
			HID: silentOn(hid.CommandKeepalive),
		}, {
			ID: "hid/keepalive-status", Spec: waiting,
			Doc: "While it waits for its user, the device says that it is processing.",
			HID: beginning(hid.CommandKeepalive, byte(hid.Processing)),
		}, {
			ID: "hid/keepalive-unknown", Spec: waiting,
			Doc: "Keepalives have a status that nobody knows.",
			HID: beginning(hid.CommandKeepalive, 0x7F),
		}, {
			ID: "hid/keepalive-broadcast", Spec: waiting,
			Doc: "Keepalives are sent on the broadcast channel.",
			HID: onCommand(hid.CommandKeepalive, func(report []byte) []byte {
				setChannel(report, hid.Broadcast)
				return report
			}),
		}, {
			ID: "hid/ignores-cancel", Spec: cancelling,
			Doc: "CTAPHID_CANCEL is ignored: the request goes on until the user acts.",
			HID: deafTo(func(report []byte) bool { return commandOf(report) == hid.CommandCancel }),
		},
		answersCancel(),
	}
}

// everyNth lets the first keepalive pass, and each nth after it.
func everyNth(n int) hid.Seams {
	seen := 0
	return onCommand(hid.CommandKeepalive, func(report []byte) []byte {
		if seen++; seen%n != 1 {
			return nil
		}
		return report
	})
}

// firstLost takes the first keepalive of each request away.
func firstLost() hid.Seams {
	begun := false
	return onReports(func(report []byte) []byte {
		waits := commandOf(report) == hid.CommandKeepalive
		first := waits && !begun
		begun = waits
		if first {
			return nil
		}
		return report
	})
}

func keepaliveFaults() []Fault {
	const waiting = "CTAP 2.3 §11.2.9.1.7"
	return []Fault{
		{
			ID: "hid/keepalive-rare", Spec: waiting,
			Doc: "Keepalives come every 500 ms and not every 100.",
			HID: everyNth(5),
		}, {
			ID: "hid/keepalive-late", Spec: waiting,
			Doc: "That the user is needed is told 100 ms late, when a keepalive is due.",
			HID: firstLost(),
		}, {
			ID: "hid/keepalive-empty", Spec: waiting,
			Doc: "Keepalives have no status.",
			HID: emptied(hid.CommandKeepalive),
		}, {
			ID: "hid/keepalive-after-answer", Spec: waiting,
			Doc: "After the answer to a CTAP2 request the device says once more that it is at it.",
			HID: onAnswers(func(reports [][]byte) [][]byte {
				more := reportOf(len(reports[0]), hid.ChannelOf(reports[0]), hid.CommandKeepalive, byte(hid.Processing))
				return append(reports, more)
			}),
		},
	}
}

func cancelFaults() []Fault {
	const cancelling = "CTAP 2.3 §11.2.9.1.5"
	return []Fault{
		{
			ID: "hid/cancel-as-error", Spec: cancelling,
			Doc: "A request that is cancelled ends with an error of CTAPHID, and not with its status.",
			HID: onCommand(hid.CommandCBOR, func(report []byte) []byte {
				if countOf(report) == 1 && report[reportData] == keepaliveCancel {
					return errorOf(report, hid.Other)
				}
				return report
			}),
		}, {
			ID: "hid/cancel-refused", Spec: cancelling,
			Doc: "CTAPHID_CANCEL while nothing is in processing is refused, and not passed over.",
			HID: cancelRefused(),
		},
		cancelRemembered(), cancelOfAnybody(), abortedAnswered(),
	}
}

// keepaliveCancel is CTAP2_ERR_KEEPALIVE_CANCEL.
const keepaliveCancel = 0x2D

// underway follows whether a CTAP2 request waits for its answer, and on which channel.
type underway struct {
	channel hid.Channel
	open    bool
}

func (u *underway) heard(report []byte) {
	if commandOf(report) == hid.CommandCBOR {
		*u = underway{hid.ChannelOf(report), true}
	}
}

func (u *underway) said(reports [][]byte) [][]byte {
	for _, report := range reports {
		if commandOf(report) == hid.CommandCBOR {
			u.open = false
		}
	}
	return reports
}

func cancelRefused() hid.Seams {
	var u underway
	return bothHID(replying(func(report []byte) []byte {
		u.heard(report)
		if commandOf(report) != hid.CommandCancel || u.open {
			return nil
		}
		return errorOf(report, hid.InvalidCommand)
	}), hid.Seams{Said: u.said})
}

func cancelRemembered() Fault {
	var u underway
	cancelled := false
	seams := replying(func(report []byte) []byte {
		switch {
		case commandOf(report) == hid.CommandCancel:
			cancelled = !u.open
		case commandOf(report) == hid.CommandCBOR && cancelled:
			cancelled = false
			return reportOf(len(report), hid.ChannelOf(report), hid.CommandCBOR, keepaliveCancel)
		}
		u.heard(report)
		return nil
	})
	return Fault{
		ID: "hid/cancel-remembered", Spec: "CTAP 2.3 §11.2.9.1.5",
		Doc: "CTAPHID_CANCEL while nothing is in processing ends the next request.",
		HID: bothHID(seams, hid.Seams{Said: u.said}),
	}
}

func cancelOfAnybody() Fault {
	var u underway
	return Fault{
		ID: "hid/cancel-of-anybody", Spec: "CTAP 2.3 §11.2.9.1.5",
		Doc: "CTAPHID_CANCEL on any channel ends the request in processing.",
		HID: hearing(func(report []byte) []byte {
			u.heard(report)
			if commandOf(report) == hid.CommandCancel && u.open {
				setChannel(report, u.channel)
			}
			return report
		}),
	}
}

// abortedAnswered sends the answer that there must not be after the one to CTAPHID_INIT.
func abortedAnswered() Fault {
	var u underway
	return Fault{
		ID: "hid/aborted-answered", Spec: "CTAP 2.3 §11.2.5.3",
		Doc: "A request that CTAPHID_INIT gave up is answered all the same.",
		HID: hid.Seams{
			Heard: func(report []byte) []byte {
				u.heard(report)
				return report
			},
			Said: func(reports [][]byte) [][]byte {
				u.said(reports)
				if !u.open || len(reports) == 0 || commandOf(reports[0]) != hid.CommandInit || hid.ChannelOf(reports[0]) != u.channel {
					return reports
				}
				u.open = false
				return append(slices.Clone(reports), reportOf(len(reports[0]), u.channel, hid.CommandCBOR, keepaliveCancel))
			},
		},
	}
}

func answersCancel() Fault {
	var due []byte
	return Fault{
		ID: "hid/answers-cancel", Spec: "CTAP 2.3 §11.2.9.1.5",
		Doc: "CTAPHID_CANCEL is answered by a message of its own, besides the answer to what it cancels.",
		HID: hid.Seams{
			Heard: func(report []byte) []byte {
				if commandOf(report) == hid.CommandCancel {
					due = reportOf(len(report), hid.ChannelOf(report), hid.CommandCancel)
				}
				return report
			},
			Said: func(reports [][]byte) [][]byte {
				if due == nil {
					return reports
				}
				reports, due = append(slices.Clone(reports), due), nil
				return reports
			},
		},
	}
}
