package qr

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
)

// quiet is how many modules of light a code has around it (ISO/IEC 18004).
const quiet = 4

// Code is a QR code of square modules, true for dark, its light margin included.
type Code [][]bool

// Encode makes the smallest code that says text.
func Encode(text string) (Code, error) {
	made, err := encoder.Encoder_encode(text, decoder.ErrorCorrectionLevel_L, map[gozxing.EncodeHintType]any{})
	if err != nil {
		return nil, fmt.Errorf("%d characters in a QR code: %w", len(text), err)
	}
	matrix := made.GetMatrix()
	size := matrix.GetWidth() + 2*quiet
	code := make(Code, size)
	for y := range code {
		code[y] = make([]bool, size)
		for x := range code[y] {
			inside := x >= quiet && x < size-quiet && y >= quiet && y < size-quiet
			code[y][x] = inside && matrix.Get(x-quiet, y-quiet) == 1
		}
	}
	return code, nil
}

// Image draws the code with modules of so many pixels.
func (c Code) Image(module int) *image.Gray {
	picture := image.NewGray(image.Rect(0, 0, len(c)*module, len(c)*module))
	for y := range picture.Rect.Max.Y {
		for x := range picture.Rect.Max.X {
			if !c[y/module][x/module] {
				picture.SetGray(x, y, color.Gray{Y: 0xff})
			}
		}
	}
	return picture
}

// String draws the code for a terminal, two modules above each other in a
// character. It says by itself what is light, so that it can be scanned on dark
// terminals, too.
func (c Code) String() string {
	const light, dark = "47", "40"
	shade := func(x, y int) string {
		if y < len(c) && c[y][x] {
			return dark
		}
		return light
	}
	var b strings.Builder
	for y := 0; y < len(c); y += 2 {
		for x := range c[y] {
			upper := "3" + shade(x, y)[1:]
			fmt.Fprintf(&b, "\x1b[%s;%sm▀", upper, shade(x, y+1))
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}
