package screen

import (
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// typist is a window that has the keyboard of a display.
type typist struct {
	t     *testing.T
	x     *xgb.Conn
	board *keyboard
}

func newTypist(t *testing.T, display string) *typist {
	t.Helper()
	opened, err := Open(display)
	require.NoError(t, err)
	t.Cleanup(opened.Close)
	x := opened.conn
	window, err := xproto.NewWindowId(x)
	require.NoError(t, err)
	root := xproto.Setup(x).DefaultScreen(x)
	require.NoError(t, xproto.CreateWindowChecked(x, root.RootDepth, window, root.Root, 0, 0, 10, 10, 0,
		xproto.WindowClassInputOutput, root.RootVisual, xproto.CwEventMask, []uint32{xproto.EventMaskKeyPress | xproto.EventMaskExposure}).Check())
	require.NoError(t, xproto.MapWindowChecked(x, window).Check())
	_, failure := x.WaitForEvent() // it is there to be seen
	require.Nil(t, failure)
	require.NoError(t, xproto.SetInputFocusChecked(x, xproto.InputFocusPointerRoot, window, xproto.TimeCurrentTime).Check())
	board, err := readKeyboard(x)
	require.NoError(t, err)
	return &typist{t, x, board}
}

// reads returns the characters of so many keys, Shift not counted.
func (w *typist) reads(keys int) (text string) {
	w.t.Helper()
	for len(text) < keys {
		event, failure := w.x.WaitForEvent()
		require.Nil(w.t, failure)
		press, ok := event.(xproto.KeyPressEvent)
		if !ok {
			continue
		}
		for symbol, code := range w.board.codes {
			shifted := press.State&xproto.ModMaskShift != 0
			if code == press.Detail && w.board.upper[symbol] == shifted && symbol < 0x80 {
				text += string(rune(symbol))
			}
		}
	}
	return text
}

func TestType(t *testing.T) {
	t.Parallel()
	display := startDisplay(t)
	w := newTypist(t, display)
	require.NoError(t, Type(display, "Pin-0!"))
	assert.Equal(t, "aPin-0!", w.reads(7), "after all was marked, to be replaced")
	require.NoError(t, PressKey(display, 'x'))
	assert.Equal(t, "x", w.reads(1))
}

func TestTypeWhatNoKeyHas(t *testing.T) {
	t.Parallel()
	display := startDisplay(t)
	require.ErrorContains(t, Type(display, "pin\u3042"), "no key for symbol 0x3042")
	require.ErrorContains(t, PressKey(":no display", KeyEscape), "connect to display")
}
