package fault

import (
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

func channelFaults() []Fault {
	const opening = "CTAP 2.3 §11.2.9.1.3"
	return []Fault{
		{
			ID: "hid/nonce-wrong", Spec: opening,
			Doc: "The answer to CTAPHID_INIT has another nonce than was sent.",
			HID: onOpening(func(report []byte) { report[initNonce] ^= 1 }),
		}, {
			ID: "hid/channel-zero", Spec: "CTAP 2.3 §11.2.3",
			Doc: "CTAPHID_INIT gives out channel 0, which is reserved.",
			HID: onOpening(func(report []byte) { clear(report[initChannel:initProtocol]) }),
		}, {
			ID: "hid/channel-broadcast", Spec: "CTAP 2.3 §11.2.3",
			Doc: "CTAPHID_INIT gives out the broadcast channel.",
			HID: onOpening(func(report []byte) { binary.BigEndian.PutUint32(report[initChannel:], uint32(hid.Broadcast)) }),
		},
		sharedChannel(), channelByNonce(),
		{
			ID: "hid/init-off-broadcast", Spec: opening,
			Doc: "CTAPHID_INIT on the broadcast channel is answered on the channel that it gives out.",
			HID: onOpening(func(report []byte) { copy(report[:4], report[initChannel:initProtocol]) }),
		}, {
			ID: "hid/init-short", Spec: opening,
			Doc: "The answer to CTAPHID_INIT lacks its last byte, the capabilities.",
			HID: onOpening(func(report []byte) {
				report[reportCount+1]--
				report[initCapabilities] = 0
			}),
		}, {
			ID: "hid/init-long", Spec: opening,
			Doc: "The answer to CTAPHID_INIT has one byte more than the 17 that there are clients to insist on.",
			HID: onOpening(func(report []byte) { report[reportCount+1]++ }),
		}, {
			ID: "hid/init-new-channel", Spec: "CTAP 2.3 §11.2.5.3",
			Doc: "CTAPHID_INIT on a channel tells another one.",
			HID: onOpening(func(report []byte) {
				if hid.ChannelOf(report) != hid.Broadcast {
					report[initChannel] ^= 1
				}
			}),
		}, {
			ID: "hid/resync-on-broadcast", Spec: "CTAP 2.3 §11.2.5.3",
			Doc: "CTAPHID_INIT on a channel is answered on the broadcast channel.",
			HID: onOpening(func(report []byte) { setChannel(report, hid.Broadcast) }),
		}, {
			ID: "hid/init-no-resync", Spec: "CTAP 2.3 §11.2.5.3",
			Doc: "CTAPHID_INIT on a channel that is in use is ignored, so that nobody can recover it.",
			HID: deafTo(func(report []byte) bool {
				return commandOf(report) == hid.CommandInit && hid.ChannelOf(report) != hid.Broadcast
			}),
		}, {
			ID: "hid/init-silent", Spec: opening,
			Doc: "CTAPHID_INIT is never answered.",
			HID: silentOn(hid.CommandInit),
		},
	}
}

// sharedChannel gives out the first channel again and again. What is said on it
// reaches the device as it is.
func sharedChannel() Fault {
	var first []byte
	return Fault{
		ID: "hid/channel-shared", Spec: "CTAP 2.3 §11.2.3, §11.2.9.1.3",
		Doc: "Every client is given the same channel.",
		HID: onOpening(func(report []byte) {
			if first == nil {
				first = slices.Clone(report[initChannel:initProtocol])
			}
			copy(report[initChannel:], first)
		}),
	}
}

// channelByNonce gives out a channel again to whoever draws the same nonce.
func channelByNonce() Fault {
	given := map[hid.Nonce][]byte{}
	return Fault{
		ID: "hid/channel-by-nonce", Spec: "CTAP 2.3 §11.2.9.1.3",
		Doc: "Who draws the nonce of another is given the channel of the other.",
		HID: onOpening(func(report []byte) {
			nonce := hid.Nonce(report[initNonce:])
			if channel, ok := given[nonce]; ok {
				copy(report[initChannel:], channel)
			} else if len(given) < 16 {
				given[nonce] = slices.Clone(report[initChannel:initProtocol])
			}
		}),
	}
}

func capabilityFaults() []Fault {
	const told = "CTAP 2.3 §11.2.9.1.3 (capability flags)"
	capabilities := func(change func(hid.Capability) hid.Capability) hid.Seams {
		return onOpening(func(report []byte) {
			report[initCapabilities] = byte(change(hid.Capability(report[initCapabilities])))
		})
	}
	return []Fault{
		{
			ID: "hid/cbor-untold", Spec: told,
			Doc: "The device does not say that it has CTAPHID_CBOR, and so hides CTAP2.",
			HID: capabilities(func(c hid.Capability) hid.Capability { return c &^ hid.CanCBOR }),
		}, {
			ID: "hid/msg-denied", Spec: told,
			Doc: "The device says that it has no CTAPHID_MSG, though it has.",
			HID: capabilities(func(c hid.Capability) hid.Capability { return c | hid.NoMsg }),
		}, {
			ID: "hid/wink-claimed", Spec: told,
			Doc: "The device says that it can wink, and cannot.",
			HID: bothHID(capabilities(func(c hid.Capability) hid.Capability { return c | hid.CanWink }), refusingCommand(hid.CommandWink)),
		}, {
			ID: "hid/wink-untold", Spec: told,
			Doc: "The device can wink, and does not say so.",
			HID: bothHID(capabilities(func(c hid.Capability) hid.Capability { return c &^ hid.CanWink }), replying(func(report []byte) []byte {
				if commandOf(report) != hid.CommandWink || countOf(report) != 0 {
					return nil
				}
				return reportOf(len(report), hid.ChannelOf(report), hid.CommandWink)
			})),
		}, {
			ID: "hid/wink-with-answer", Spec: "CTAP 2.3 §11.2.9.2.1",
			Doc: "The answer to CTAPHID_WINK has data.",
			HID: onCommand(hid.CommandWink, func(report []byte) []byte {
				setCount(report, 1)
				return report
			}),
		}, {
			ID: "hid/lock-untold", Spec: told,
			Doc: "The device has CTAPHID_LOCK, and does not say so.",
			HID: capabilities(func(c hid.Capability) hid.Capability { return c &^ hid.CanLock }),
		}, {
			ID: "hid/cbor-refused", Spec: told,
			Doc: "The device says that it has CTAPHID_CBOR, and refuses it.",
			HID: refusingCommand(hid.CommandCBOR),
		}, {
			ID: "hid/msg-refused", Spec: told,
			Doc: "The device does not say that it has no CTAPHID_MSG, and refuses it.",
			HID: refusingCommand(hid.CommandMsg),
		},
		capabilitiesVary(),
		{
			ID: "hid/protocol-version", Spec: "CTAP 2.3 §11.2.9.1.3",
			Doc: "The device says that it speaks version 1 of CTAPHID, which is 2.",
			HID: onOpening(func(report []byte) { report[initProtocol] = 1 }),
		},
	}
}

// capabilitiesVary tells the version of the device anew each time.
func capabilitiesVary() Fault {
	times := byte(0)
	return Fault{
		ID: "hid/capabilities-vary", Spec: "CTAP 2.3 §11.2.9.1.3",
		Doc: "Every answer to CTAPHID_INIT tells another version of the device.",
		HID: onOpening(func(report []byte) {
			times++
			report[initProtocol+1] += times
		}),
	}
}
