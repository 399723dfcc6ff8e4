package hybrid

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// Revision is how an authenticator lays out messages, which its first one shows.
type Revision int

// The revisions. With revision 0 a frame is a CTAP message without a type, and
// the first message is padded: to a multiple of 512 bytes with a count of two
// bytes, or, as it was at first, of 256 with a count of one.
const (
	Revision1 Revision = iota
	Revision0
	Revision0Short
)

// Features that an authenticator serves in a tunnel.
const (
	FeatureCTAP    = "ctap"
	FeatureDigital = "dc" // digital credentials, as JSON
)

// Hello is the authenticator's first message after the handshake.
type Hello struct {
	Revision Revision
	Info     []byte   // getInfo's answer, CBOR without a status; not looked at here
	Linking  *Linking // nil = none, or it follows in an update
	Features []string // nil = FeatureCTAP alone
}

// Keys of the map of a Hello.
const (
	helloPadding = iota
	helloInfo
	helloLinking
	helloFeatures
)

// maxFeatures bounds the list of features.
const maxFeatures = 16

// errNoInfo says that an authenticator does not tell what it can.
var errNoInfo = errors.New("the answer of getInfo (1) is missing")

// Serves reports whether the authenticator serves a feature.
func (h *Hello) Serves(feature string) bool {
	return h.Features == nil && feature == FeatureCTAP || slices.Contains(h.Features, feature)
}

// Encode returns the plaintext of the message.
func (h *Hello) Encode() []byte {
	out, pairs := canon.OpenMap(nil)
	if h.Info != nil {
		out = canon.AppendBytes(pairs.IntKey(out, helloInfo), h.Info)
	}
	if h.Linking != nil {
		out = h.Linking.appendTo(pairs.IntKey(out, helloLinking))
	}
	if h.Features != nil {
		out = canon.AppendArray(pairs.IntKey(out, helloFeatures), len(h.Features))
		for _, feature := range h.Features {
			out = canon.AppendText(out, feature)
		}
	}
	switch h.Revision {
	case Revision0:
		return padMap(out, 512, 2)
	case Revision0Short:
		return padMap(out, 256, 1)
	}
	return out
}

// padMap appends zeros up to a multiple of size, and how many they are in a
// little-endian number of so many bytes.
func padMap(pairs []byte, size, count int) []byte {
	whole := (len(pairs) + count + size - 1) / size * size
	out := make([]byte, whole)
	copy(out, pairs)
	var number [2]byte
	binary.LittleEndian.PutUint16(number[:], uint16(whole-len(pairs)-count))
	copy(out[whole-count:], number[:count])
	return out
}

// DecodeHello reads the plaintext of the message. The error wraps [ErrMessage].
func DecodeHello(plaintext []byte) (*Hello, error) {
	candidates := [...]struct {
		revision Revision
		body     []byte
	}{
		{Revision1, plaintext}, {Revision0, withoutPadding(plaintext, 2)}, {Revision0Short, withoutPadding(plaintext, 1)},
	}
	var first error
	for _, c := range candidates {
		if c.body == nil {
			continue
		}
		h := &Hello{Revision: c.revision}
		err := canon.Read(c.body, h.read)
		if err == nil {
			return h, nil
		}
		if broken := (*canon.FormError)(nil); !errors.As(err, &broken) {
			return nil, fmt.Errorf("%w: the first one: %w", ErrMessage, err)
		}
		if first == nil {
			first = err
		}
	}
	return nil, fmt.Errorf("%w: the first one: %w", ErrMessage, first)
}

// withoutPadding cuts off zeros that are counted in the last bytes, or returns nil
// where the count cannot be one.
func withoutPadding(message []byte, count int) []byte {
	if len(message) < count {
		return nil
	}
	end := len(message) - count
	var word [2]byte
	copy(word[:], message[end:])
	if end -= int(binary.LittleEndian.Uint16(word[:])); end <= 0 {
		return nil
	}
	return message[:end]
}

func (h *Hello) read(r *canon.Reader) {
	for key := range r.IntKeys {
		switch key {
		case helloInfo:
			h.Info = r.Bytes()
		case helloLinking:
			h.Linking = new(Linking)
			h.Linking.read(r)
		case helloFeatures:
			h.Features = []string{}
			for range r.Elements {
				if h.Features = append(h.Features, r.Text()); len(h.Features) > maxFeatures {
					r.Fail(fmt.Errorf("more than %d features", maxFeatures))
				}
			}
		default: // helloPadding, and what is unknown
			r.Skip()
		}
	}
	if h.Serves(FeatureCTAP) && h.Info == nil {
		r.Fail(errNoInfo)
	}
}
