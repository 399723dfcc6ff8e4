package screen

import (
	"fmt"
	"slices"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// Keys that no character stands for, as the symbols of X11 (X11/keysymdef.h).
const (
	KeyBackspace xproto.Keysym = 0xff08
	KeyReturn    xproto.Keysym = 0xff0d
	KeyEscape    xproto.Keysym = 0xff1b
)

// Modifiers, the left ones.
const (
	shift   xproto.Keysym = 0xffe1
	control xproto.Keysym = 0xffe3
)

// stroke is a key with what is held down meanwhile.
type stroke struct {
	held, key xproto.Keysym // held is 0 for nothing
}

// Type replaces the text of the field that has the focus of the display. A
// character that the keyboard does not have is an error; it has those of ASCII.
func Type(display, text string) error {
	strokes := []stroke{{control, 'a'}, {0, KeyBackspace}}
	for _, r := range text {
		strokes = append(strokes, stroke{0, xproto.Keysym(r)}) // the symbols of Latin-1 have its numbers
	}
	return strike(display, strokes...)
}

// PressKey presses and releases a key.
func PressKey(display string, key xproto.Keysym) error { return strike(display, stroke{0, key}) }

// strike presses and releases keys, one after the other.
func strike(display string, strokes ...stroke) error {
	opened, err := Open(display)
	if err != nil {
		return err
	}
	defer opened.Close()
	x := opened.conn
	if err := xtest.Init(x); err != nil {
		return fmt.Errorf("display %s takes no keys from programs: %w", display, err)
	}
	board, err := readKeyboard(x)
	if err != nil {
		return fmt.Errorf("keyboard of display %s: %w", display, err)
	}
	for _, s := range strokes {
		if err := board.strike(x, s); err != nil {
			return err
		}
	}
	return nil
}

// keyboard tells which key has which symbols: without Shift and with.
type keyboard struct {
	codes map[xproto.Keysym]xproto.Keycode
	upper map[xproto.Keysym]bool
}

func readKeyboard(x *xgb.Conn) (*keyboard, error) {
	setup := xproto.Setup(x)
	count := byte(setup.MaxKeycode - setup.MinKeycode + 1)
	got, err := xproto.GetKeyboardMapping(x, setup.MinKeycode, count).Reply()
	if err != nil {
		return nil, err
	}
	board := &keyboard{codes: map[xproto.Keysym]xproto.Keycode{}, upper: map[xproto.Keysym]bool{}}
	width := int(got.KeysymsPerKeycode)
	for level := range min(width, 2) {
		for i := range int(count) {
			symbol := got.Keysyms[i*width+level]
			if _, known := board.codes[symbol]; !known && symbol != 0 {
				board.codes[symbol], board.upper[symbol] = setup.MinKeycode+xproto.Keycode(i), level == 1
			}
		}
	}
	return board, nil
}

// strike presses and releases one key, with Shift where that takes it.
func (b *keyboard) strike(x *xgb.Conn, s stroke) error {
	code, found := b.codes[s.key]
	if !found {
		return fmt.Errorf("the keyboard has no key for symbol %#x", s.key)
	}
	if b.upper[s.key] {
		s.held = shift
	}
	codes := []xproto.Keycode{code}
	if s.held != 0 {
		codes = []xproto.Keycode{b.codes[s.held], code}
	}
	for _, code := range codes {
		if err := fake(x, xproto.KeyPress, code); err != nil {
			return err
		}
	}
	for _, code := range slices.Backward(codes) {
		if err := fake(x, xproto.KeyRelease, code); err != nil {
			return err
		}
	}
	return nil
}

func fake(x *xgb.Conn, kind byte, code xproto.Keycode) error {
	return xtest.FakeInputChecked(x, kind, byte(code), 0, xproto.WindowNone, 0, 0, 0).Check()
}
