package screen

import (
	"fmt"
	"image"
	"io"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Screen is a connection to a display. It is safe for concurrent use.
type Screen struct {
	name string
	conn *xgb.Conn
	root xproto.Drawable
	area image.Rectangle
}

// Open connects to a display, such as ":7". It starts goroutines that end with
// Close.
func Open(display string) (*Screen, error) {
	// The library tells standard error that a display needs no authority file.
	xgb.Logger.SetOutput(io.Discard)
	conn, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, fmt.Errorf("connect to display %s: %w", display, err)
	}
	of := xproto.Setup(conn).DefaultScreen(conn)
	return &Screen{
		name: display, conn: conn, root: xproto.Drawable(of.Root),
		area: image.Rect(0, 0, int(of.WidthInPixels), int(of.HeightInPixels)),
	}, nil
}

// Close ends the connection.
func (s *Screen) Close() { s.conn.Close() }

// Area is all of the screen, in pixels.
func (s *Screen) Area() image.Rectangle { return s.area }

// Grab is a picture of the part of the screen that is in an area, all windows
// included.
func (s *Screen) Grab(area image.Rectangle) (*image.RGBA, error) {
	area = area.Intersect(s.area)
	if area.Empty() {
		return nil, fmt.Errorf("read display %s: nothing of what was asked for is on it", s.name)
	}
	size := area.Size()
	got, err := xproto.GetImage(s.conn, xproto.ImageFormatZPixmap, s.root,
		int16(area.Min.X), int16(area.Min.Y), uint16(size.X), uint16(size.Y), ^uint32(0)).Reply()
	if err != nil {
		return nil, fmt.Errorf("read display %s: %w", s.name, err)
	}
	picture, err := fromZPixmap(got.Data, size.X, size.Y)
	if err != nil {
		return nil, fmt.Errorf("read display %s: %w", s.name, err)
	}
	return picture, nil
}

// fromZPixmap converts 32 bits per pixel in the order blue, green, red, unused,
// which is what a little-endian display of depth 24 has.
func fromZPixmap(data []byte, width, height int) (*image.RGBA, error) {
	if len(data) != width*height*4 {
		return nil, fmt.Errorf("%d bytes for %d×%d pixels; only displays of depth 24 can be read", len(data), width, height)
	}
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := 0; i < len(data); i += 4 {
		picture.Pix[i], picture.Pix[i+1], picture.Pix[i+2], picture.Pix[i+3] = data[i+2], data[i+1], data[i], 0xff
	}
	return picture, nil
}
