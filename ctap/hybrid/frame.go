package hybrid

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// FrameType is the first byte of every message after the Hello.
type FrameType byte

// The types.
const (
	FrameShutdown FrameType = iota // the client is done; it has no payload
	FrameCTAP                      // a CTAP2 request or response
	FrameUpdate                    // linking information, see [Update]
	FrameJSON                      // digital credentials
)

var frameNames = [...]string{FrameShutdown: "shutdown", FrameCTAP: "CTAP", FrameUpdate: "update", FrameJSON: "JSON"}

// String names the type.
func (t FrameType) String() string {
	if int(t) < len(frameNames) {
		return frameNames[t]
	}
	return fmt.Sprintf("type %d", byte(t))
}

// Frame is a message after the Hello.
type Frame struct {
	Type    FrameType
	Payload []byte
}

// EncodeFrame returns the plaintext of a frame. Revision 0 can carry FrameCTAP
// alone.
func (v Revision) EncodeFrame(f Frame) ([]byte, error) {
	if v == Revision1 {
		return append([]byte{byte(f.Type)}, f.Payload...), nil
	}
	if f.Type != FrameCTAP {
		return nil, fmt.Errorf("revision 0 has no %s", f.Type)
	}
	return bytes.Clone(f.Payload), nil
}

// DecodeFrame reads the plaintext of a frame. The error wraps [ErrMessage].
func (v Revision) DecodeFrame(plaintext []byte) (Frame, error) {
	if len(plaintext) == 0 {
		return Frame{}, fmt.Errorf("%w: it is empty", ErrMessage)
	}
	if v != Revision1 {
		return Frame{FrameCTAP, plaintext}, nil
	}
	f := Frame{FrameType(plaintext[0]), plaintext[1:]}
	switch {
	case int(f.Type) >= len(frameNames):
		return Frame{}, fmt.Errorf("%w: a frame of %s", ErrMessage, f.Type)
	case f.Type == FrameCTAP && len(f.Payload) == 0:
		return Frame{}, fmt.Errorf("%w: a CTAP frame with nothing in it", ErrMessage)
	}
	return f, nil
}

// Update is the payload of FrameUpdate.
type Update struct {
	Linking *Linking // nil = none; a phone sends an update all the same, so that nobody can tell from outside
}

// updateSize is the length that an update's plaintext is padded to, in bytes,
// whether there is linking information in it or not.
const updateSize = 512

// Keys of the map of an Update.
const (
	updatePadding = iota
	updateLinking
)

// Encode returns the payload of the frame.
func (u Update) Encode() []byte {
	var linking []byte
	if u.Linking != nil {
		linking = u.Linking.appendTo(canon.AppendInt(nil, updateLinking))
	}
	const around = 1 + 1 + 1 + 3 + 1 // type, map, key, head of the zeros, count of the padding
	zeros := make([]byte, max(0, updateSize-around-len(linking)))
	out := canon.AppendMap(nil, 1)
	if u.Linking != nil {
		out = canon.AppendMap(nil, 2)
	}
	out = canon.AppendBytes(canon.AppendInt(out, updatePadding), zeros)
	return append(out, linking...)
}

// DecodeUpdate reads the payload of the frame. The error wraps [ErrMessage].
func DecodeUpdate(payload []byte) (Update, error) {
	var u Update
	err := canon.Read(payload, func(r *canon.Reader) {
		for key := range r.IntKeys {
			if key == updateLinking {
				u.Linking = new(Linking)
				u.Linking.read(r)
				continue
			}
			r.Skip()
		}
	})
	if err != nil {
		return Update{}, fmt.Errorf("%w: an update: %w", ErrMessage, err)
	}
	return u, nil
}
