// Package apdu is the command and response units of smart cards (ISO 7816-4
// §5.1), in short and in extended form.
//
// It owns where lengths and data stand in them. It must never know what an
// instruction means: U2F and NFC bring their own words.
package apdu

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Bounds in bytes.
const (
	HeadSize    = 4 // class, instruction, P1, P2
	MaxShort    = 255
	MaxExtended = 65535
	// AllShort and AllExtended are the largest values of [Command.Expected] in
	// each form: whatever there is.
	AllShort    = 256
	AllExtended = 65536
)

// ErrLength says that the bytes do not add up to a command.
var ErrLength = errors.New("the lengths of the APDU do not add up")

// Command is a command APDU.
type Command struct {
	Class, Instruction, P1, P2 byte
	Data                       []byte
	// Expected is Le: the most bytes of data that the response may have, 0 for
	// none.
	Expected int
	// Extended tells the form: lengths of two bytes after a zero byte.
	Extended bool
}

// Parse reads a command. Data is part of raw. The error wraps [ErrLength]; the
// command then still has its head, where there was one, because a card judges
// class and instruction first.
func Parse(raw []byte) (Command, error) {
	if len(raw) < HeadSize {
		return Command{}, fmt.Errorf("%w: %d bytes, a head has %d", ErrLength, len(raw), HeadSize)
	}
	c := Command{Class: raw[0], Instruction: raw[1], P1: raw[2], P2: raw[3]}
	body := raw[HeadSize:]
	if len(body) >= 3 && body[0] == 0 {
		c.Extended = true
		return c, c.parseExtended(body[1:])
	}
	return c, c.parseShort(body)
}

// parseShort reads [Lc data] [Le], each length of one byte.
func (c *Command) parseShort(body []byte) error {
	if len(body) == 0 {
		return nil
	}
	n := int(body[0])
	if len(body) == 1 {
		c.Expected = orAll(n, AllShort)
		return nil
	}
	return c.split(body[1:], n, 1, AllShort)
}

// parseExtended reads [Lc data] [Le], each length of two bytes; the zero byte
// before them is gone. A length of data that says zero is no ISO form, but
// clients send it.
func (c *Command) parseExtended(body []byte) error {
	n := int(binary.BigEndian.Uint16(body))
	if len(body) == 2 {
		c.Expected = orAll(n, AllExtended)
		return nil
	}
	return c.split(body[2:], n, 2, AllExtended)
}

// split cuts rest into n bytes of data and, if there are more, Le.
func (c *Command) split(rest []byte, n, width, all int) error {
	switch len(rest) {
	case n:
	case n + width:
		expected := 0
		for _, b := range rest[n:] {
			expected = expected<<8 | int(b)
		}
		c.Expected = orAll(expected, all)
	default:
		return fmt.Errorf("%w: %d bytes follow a length of %d", ErrLength, len(rest), n)
	}
	c.Data = rest[:n:n]
	return nil
}

// orAll reads the length 0 as the largest one.
func orAll(n, all int) int {
	if n == 0 {
		return all
	}
	return n
}

// Encode lays the command out. It fails where a length does not fit the form.
func (c Command) Encode() ([]byte, error) {
	longest, all := MaxShort, AllShort
	if c.Extended {
		longest, all = MaxExtended, AllExtended
	}
	if len(c.Data) > longest || c.Expected < 0 || c.Expected > all {
		return nil, fmt.Errorf("%w: %d bytes of data and %d expected, the form has room for %d and %d", ErrLength, len(c.Data), c.Expected, longest, all)
	}
	out := []byte{c.Class, c.Instruction, c.P1, c.P2}
	if c.Extended && (len(c.Data) > 0 || c.Expected > 0) {
		out = append(out, 0)
	}
	if len(c.Data) > 0 {
		out = c.appendLength(out, len(c.Data))
		out = append(out, c.Data...)
	}
	if c.Expected > 0 {
		out = c.appendLength(out, c.Expected) // the largest overflows to 0, as it should
	}
	return out, nil
}

func (c Command) appendLength(out []byte, n int) []byte {
	if c.Extended {
		return binary.BigEndian.AppendUint16(out, uint16(n))
	}
	return append(out, byte(n))
}

// Response appends the status word to the data of a response.
func Response(data []byte, status uint16) []byte {
	return binary.BigEndian.AppendUint16(data[:len(data):len(data)], status)
}

// Split takes a response apart again.
func Split(response []byte) (data []byte, status uint16, err error) {
	n := len(response) - 2
	if n < 0 {
		return nil, 0, fmt.Errorf("%w: a response of %d bytes has no status word", ErrLength, len(response))
	}
	return response[:n:n], binary.BigEndian.Uint16(response[n:]), nil
}
