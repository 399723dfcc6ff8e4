package sysfs

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strings"
)

// Action is what has become of a device.
type Action string

// Actions.
const (
	Added   Action = "add"
	Removed Action = "remove"
)

// Events are the messages in which udev would tell its listeners that a device has
// come or gone: one for each part of it, as libudev reads them.
func (d Device) Events(action Action) [][]byte {
	var events [][]byte
	for _, part := range []func() []Entry{d.usb, d.usbInterface, d.hid, d.hidraw} {
		events = append(events, event(action, part()))
	}
	if action == Removed {
		slices.Reverse(events)
	}
	return events
}

// event tells of one part, from what /sys says of it.
func event(action Action, part []Entry) []byte {
	properties := []string{"ACTION=" + string(action), "SEQNUM=1", "USEC_INITIALIZED=1"}
	var subsystem, kind string
	for _, e := range part {
		switch path.Base(e.Path) {
		case "subsystem":
			subsystem = path.Base(e.Link)
			properties = append(properties, "SUBSYSTEM="+subsystem)
		case "uevent":
			properties = append(properties, "DEVPATH=/"+path.Dir(e.Path))
			for line := range strings.Lines(string(e.Content)) {
				name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
				switch name {
				case "DEVNAME":
					value = "/dev/" + value
				case "DEVTYPE":
					kind = value
				}
				properties = append(properties, name+"="+value)
			}
		}
	}
	return frame(subsystem, kind, strings.Join(properties, "\x00")+"\x00")
}

// frame puts the head of libudev's messages before properties: where they are, and
// hashes by which listeners have the kernel choose.
func frame(subsystem, kind, properties string) []byte {
	const magic, head = 0xfeedcafe, 40
	b := bytes.NewBufferString("libudev\x00")
	put := func(order binary.ByteOrder, n uint32) {
		word := make([]byte, 4)
		order.PutUint32(word, n)
		b.Write(word)
	}
	put(binary.BigEndian, magic)
	for _, n := range []uint32{head, head, uint32(len(properties))} {
		put(binary.LittleEndian, n)
	}
	for _, n := range []uint32{hash(subsystem), hash(kind), 0, 0} { // no tags
		put(binary.BigEndian, n)
	}
	b.WriteString(properties)
	return b.Bytes()
}

// hash is MurmurHash2 with seed 0, and 0 of nothing.
func hash(s string) uint32 {
	const factor, shift = 0x5bd1e995, 24
	if s == "" {
		return 0
	}
	h := uint32(len(s))
	for ; len(s) >= 4; s = s[4:] {
		k := binary.LittleEndian.Uint32([]byte(s)) * factor
		h = h*factor ^ (k^k>>shift)*factor
	}
	if len(s) > 0 {
		for i := len(s) - 1; i >= 0; i-- {
			h ^= uint32(s[i]) << (8 * i)
		}
		h *= factor
	}
	h = (h ^ h>>13) * factor
	return h ^ h>>15
}
