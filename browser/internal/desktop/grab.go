package desktop

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Screenshot is a PNG of the whole display, windows of the browser's own
// interface included.
func (d *Desktop) Screenshot() ([]byte, error) {
	x, err := d.dial()
	if err != nil {
		return nil, err
	}
	defer x.Close()
	screen := xproto.Setup(x).DefaultScreen(x)
	width, height := screen.WidthInPixels, screen.HeightInPixels
	got, err := xproto.GetImage(x, xproto.ImageFormatZPixmap, xproto.Drawable(screen.Root), 0, 0, width, height, ^uint32(0)).Reply()
	if err != nil {
		return nil, fmt.Errorf("read display %s: %w", d.Display, err)
	}
	picture, err := fromZPixmap(got.Data, int(width), int(height))
	if err != nil {
		return nil, fmt.Errorf("read display %s: %w", d.Display, err)
	}
	var encoded bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&encoded, picture); err != nil {
		return nil, fmt.Errorf("encode screenshot: %w", err)
	}
	return encoded.Bytes(), nil
}

// dial connects to the display.
func (d *Desktop) dial() (*xgb.Conn, error) {
	// The library tells standard error that a display needs no authority file.
	xgb.Logger.SetOutput(io.Discard)
	x, err := xgb.NewConnDisplay(d.Display)
	if err != nil {
		return nil, fmt.Errorf("connect to display %s: %w", d.Display, err)
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
