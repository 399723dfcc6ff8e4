package fault

import (
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// replying answers some reports of the host in place of the device, which does not hear
// them. reply returns nil for all others.
func replying(reply func(report []byte) (answer []byte)) hid.Seams {
	var due []byte
	return hid.Seams{
		Heard: func(report []byte) []byte {
			if len(report) < reportData {
				return report
			}
			if due = reply(report); due != nil {
				return nil
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
	}
}

// refusingCommand has commands refused that the device knows.
func refusingCommand(command hid.Command) hid.Seams {
	return replying(func(report []byte) []byte {
		if commandOf(report) != command {
			return nil
		}
		return errorOf(report, hid.InvalidCommand)
	})
}

func errorOf(report []byte, code hid.Error) []byte {
	return reportOf(len(report), hid.ChannelOf(report), hid.CommandError, byte(code))
}

// hearing makes a seam of a change to a copy of reports that the host sends. Of nil,
// the device hears nothing.
func hearing(change func(report []byte) []byte) hid.Seams {
	return hid.Seams{Heard: func(report []byte) []byte {
		if len(report) < reportData {
			return report
		}
		return change(slices.Clone(report))
	}}
}

// hearingCommand is hearing for reports that begin a message of a command.
func hearingCommand(command hid.Command, change func(report []byte)) hid.Seams {
	return hearing(func(report []byte) []byte {
		if commandOf(report) == command {
			change(report)
		}
		return report
	})
}

func countOf(report []byte) int { return int(binary.BigEndian.Uint16(report[reportCount:])) }

func setCount(report []byte, count int) {
	binary.BigEndian.PutUint16(report[reportCount:], uint16(count))
}

func setChannel(report []byte, channel hid.Channel) {
	binary.BigEndian.PutUint32(report, uint32(channel))
}

// bothHID acts as several seams at once.
func bothHID(first, second hid.Seams) hid.Seams {
	return hid.Seams{
		Heard: func(report []byte) []byte {
			for _, s := range []hid.Seams{first, second} {
				if s.Heard != nil && report != nil {
					report = s.Heard(report)
				}
			}
			return report
		},
		Said: func(reports [][]byte) [][]byte {
			for _, s := range []hid.Seams{first, second} {
				if s.Said != nil {
					reports = s.Said(reports)
				}
			}
			return reports
		},
	}
}

// incoming is the message that a host sends, packet by packet.
type incoming struct {
	channel hid.Channel
	left    int // bytes that are to come
	next    byte
}

// take notes a report, and tells whether it goes on with the message.
func (m *incoming) take(report []byte) (goesOn bool) {
	switch {
	case commandOf(report) == hid.CommandCancel:
	case !isContinuation(report):
		*m = incoming{channel: hid.ChannelOf(report), left: countOf(report) - (len(report) - reportData)}
	case m.left > 0 && hid.ChannelOf(report) == m.channel:
		m.left -= len(report) - reportCommand - 1
		m.next++
		return true
	}
	return false
}
