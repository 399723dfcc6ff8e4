package nfc

import "errors"

// ATR returns the answer to reset of a card that says no more of itself than
// that it takes chains and extended lengths, as PC/SC makes one for a card
// without contacts (PC/SC part 3 §3.1.3.2.3.1).
func ATR() []byte {
	historical := append([]byte{0x80, 0x73, 0xC0, 0x21, canChain | canExtend, 0x54}, "FIDO"...)
	atr := append([]byte{0x3B, 0x80 | byte(len(historical)), 0x80, 0x01}, historical...)
	return append(atr, checksum(atr[1:]))
}

// checksum is TCK (ISO 7816-3 §8.2.5).
func checksum(bytes []byte) (sum byte) {
	for _, b := range bytes {
		sum ^= b
	}
	return sum
}

// MaxATR is the length of the longest answer to reset, in bytes.
const MaxATR = 33

// Abilities are what a card announces in its historical bytes.
type Abilities struct{ Chaining, Extended bool }

// Bits of the third byte of the card capabilities, and the tag of those (ISO
// 7816-4 §8.1.1.2.7).
const (
	canChain        = 0x80
	canExtend       = 0x40
	tagCapabilities = 0x7
)

// ReadATR reads an answer to reset. A card that announces nothing has no
// abilities as far as can be told.
func ReadATR(atr []byte) (Abilities, error) {
	historical, err := historicalBytes(atr)
	if err != nil || len(historical) == 0 {
		return Abilities{}, err
	}
	objects := historical[1:]
	switch historical[0] {
	case 0x80:
	case 0x00: // three bytes of status follow the objects
		objects = objects[:max(0, len(objects)-3)]
	default: // the card's maker says something of his own
		return Abilities{}, nil
	}
	for len(objects) > 0 {
		tag, size := objects[0]>>4, int(objects[0]&0x0F)
		if objects = objects[1:]; size > len(objects) {
			return Abilities{}, errors.New("an ATR with historical bytes that break off")
		}
		if tag == tagCapabilities && size == 3 {
			return Abilities{Chaining: objects[2]&canChain != 0, Extended: objects[2]&canExtend != 0}, nil
		}
		objects = objects[size:]
	}
	return Abilities{}, nil
}

// historicalBytes passes over the interface bytes, of which T0 and each TD say
// how many follow (ISO 7816-3 §8.2).
func historicalBytes(atr []byte) ([]byte, error) {
	short := errors.New("an ATR that breaks off")
	if len(atr) < 2 || len(atr) > MaxATR {
		return nil, errors.New("an ATR has 2 to 33 bytes")
	}
	size, follows := int(atr[1]&0x0F), atr[1]>>4
	rest := atr[2:]
	for follows != 0 {
		count := 0
		for bits := follows; bits != 0; bits &= bits - 1 {
			count++
		}
		if count > len(rest) {
			return nil, short
		}
		last := rest[count-1]
		if rest = rest[count:]; follows&0x8 == 0 {
			break
		}
		follows = last >> 4
	}
	if size > len(rest) {
		return nil, short
	}
	return rest[:size], nil
}
