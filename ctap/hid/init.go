package hid

import (
	"encoding/binary"
	"fmt"
)

// Nonce tells the answer to one CommandInit from those to others.
type Nonce [8]byte

// protocolVersion is that of CTAPHID (§11.2.9.1.3).
const protocolVersion = 2

// initAnswer is the size of an answer to CommandInit in bytes.
const initAnswer = 8 + 4 + 5

// Info is the answer to CommandInit (§11.2.9.1.3).
type Info struct {
	Nonce           Nonce
	Channel         Channel
	ProtocolVersion byte
	Version         [3]byte // of the device: major, minor, build
	Capabilities    Capability
}

func (i Info) encode() []byte {
	out := binary.BigEndian.AppendUint32(i.Nonce[:], uint32(i.Channel))
	out = append(out, i.ProtocolVersion, i.Version[0], i.Version[1], i.Version[2])
	return append(out, byte(i.Capabilities))
}

// decodeInfo reads an answer, which a later version may have made longer.
func decodeInfo(payload []byte) (Info, error) {
	if len(payload) < initAnswer {
		return Info{}, fmt.Errorf("%w: an answer to CTAPHID_INIT of %d bytes, want %d", ErrProtocol, len(payload), initAnswer)
	}
	return Info{
		Nonce:           Nonce(payload),
		Channel:         Channel(binary.BigEndian.Uint32(payload[8:])),
		ProtocolVersion: payload[12],
		Version:         [3]byte(payload[13:]),
		Capabilities:    Capability(payload[16]),
	}, nil
}
