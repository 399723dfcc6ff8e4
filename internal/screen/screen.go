// Package screen takes pictures of X displays, and types on their keyboards.
//
// It owns the conversation with the X server and the form of its pixels. It must
// never know what is on the display.
package screen

import (
	"fmt"
	"image"
	"io"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Grab returns a picture of the whole display, such as ":7", with the windows of
// every program on it.
func Grab(display string) (*image.RGBA, error) {
	x, err := dial(display)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	screen := xproto.Setup(x).DefaultScreen(x)
	width, height := screen.WidthInPixels, screen.HeightInPixels
	got, err := xproto.GetImage(x, xproto.ImageFormatZPixmap, xproto.Drawable(screen.Root), 0, 0, width, height, ^uint32(0)).Reply()
	if err != nil {
		return nil, fmt.Errorf("read display %s: %w", display, err)
	}
	picture, err := fromZPixmap(got.Data, int(width), int(height))
	if err != nil {
		return nil, fmt.Errorf("read display %s: %w", display, err)
	}
	return picture, nil
}

func dial(display string) (*xgb.Conn, error) {
	// The library tells standard error that a display needs no authority file.
	xgb.Logger.SetOutput(io.Discard)
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, fmt.Errorf("connect to display %s: %w", display, err)
	}
	return x, nil
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
