package fault

import (
	"slices"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

func lockFaults() []Fault {
	const locking = "CTAP 2.3 §11.2.9.2.2"
	locked := func(report []byte) []byte { return reportOf(len(report), hid.ChannelOf(report), hid.CommandLock) }
	return []Fault{
		{
			ID: "hid/lock-ignored", Spec: locking,
			Doc: "CTAPHID_LOCK is answered and keeps nobody out.",
			HID: replying(func(report []byte) []byte {
				if commandOf(report) != hid.CommandLock {
					return nil
				}
				return locked(report)
			}),
		}, {
			ID: "hid/lock-for-good", Spec: locking,
			Doc: "CTAPHID_LOCK for 0 seconds is answered and lets nobody in.",
			HID: replying(func(report []byte) []byte {
				if commandOf(report) != hid.CommandLock || countOf(report) != 1 || report[reportData] != 0 {
					return nil
				}
				return locked(report)
			}),
		}, {
			ID: "hid/lock-unbounded", Spec: locking,
			Doc: "CTAPHID_LOCK for more than 10 seconds locks for 10.",
			HID: hearingCommand(hid.CommandLock, func(report []byte) { report[reportData] = min(report[reportData], longestLock) }),
		}, {
			ID: "hid/lock-for-longer", Spec: locking,
			Doc: "Every lock holds for 10 seconds.",
			HID: hearingCommand(hid.CommandLock, func(report []byte) {
				if report[reportData] > 0 {
					report[reportData] = max(report[reportData], longestLock)
				}
			}),
		}, {
			ID: "hid/lock-length-unchecked", Spec: locking,
			Doc: "CTAPHID_LOCK is served whatever its length is.",
			HID: hearingCommand(hid.CommandLock, func(report []byte) { setCount(report, 1) }),
		},
		lockReleased(),
		lockNotExtended(),
	}
}

// longestLock is how long a channel may have the device for itself, in seconds.
const longestLock = 10

// lockNotExtended remembers who has locked the device until that is released, or
// somebody else locks it.
func lockNotExtended() Fault {
	var owner hid.Channel
	return Fault{
		ID: "hid/lock-not-extended", Spec: "CTAP 2.3 §11.2.9.2.2",
		Doc: "CTAPHID_LOCK by the channel that has the lock is answered, and its seconds are not counted.",
		HID: replying(func(report []byte) []byte {
			if commandOf(report) != hid.CommandLock || countOf(report) != 1 {
				return nil
			}
			channel, seconds := hid.ChannelOf(report), report[reportData]
			if seconds > longestLock {
				return nil
			}
			again := owner == channel && seconds > 0
			if owner = channel; seconds == 0 {
				owner = 0
			}
			if !again {
				return nil
			}
			return reportOf(len(report), channel, hid.CommandLock)
		}),
	}
}

// lockReleased takes a release for the owner's, and hands the answer to who asked.
func lockReleased() Fault {
	var owner, asked hid.Channel
	mapped := false
	return Fault{
		ID: "hid/lock-released-by-anybody", Spec: "CTAP 2.3 §11.2.9.2.2",
		Doc: "Every channel can end the lock of another.",
		HID: hid.Seams{
			Heard: func(report []byte) []byte {
				if mapped = false; commandOf(report) != hid.CommandLock || countOf(report) != 1 {
					return report
				}
				asked = hid.ChannelOf(report)
				if report[reportData] != 0 {
					owner = asked
				} else if owner != 0 && owner != asked {
					mapped = true
					report = slices.Clone(report)
					setChannel(report, owner)
				}
				return report
			},
			Said: func(reports [][]byte) [][]byte {
				if !mapped || len(reports) == 0 {
					return reports
				}
				mapped = false
				reports = slices.Clone(reports)
				reports[0] = slices.Clone(reports[0])
				setChannel(reports[0], asked)
				return reports
			},
		},
	}
}
