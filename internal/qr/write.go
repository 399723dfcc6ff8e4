package qr

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// border is the light frame that a code needs, in modules.
const border = 4

// modules lays a code out, one pixel for each module, with its border.
func modules(text string) (*gozxing.BitMatrix, error) {
	code, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 0, 0, map[gozxing.EncodeHintType]any{
		gozxing.EncodeHintType_MARGIN: border, gozxing.EncodeHintType_ERROR_CORRECTION: "L",
	})
	if err != nil {
		return nil, fmt.Errorf("a QR code of %d characters: %w", len(text), err)
	}
	return code, nil
}

// Draw returns a picture of a code in which each module has scale×scale pixels.
func Draw(text string, scale int) (image.Image, error) {
	code, err := modules(text)
	if err != nil {
		return nil, err
	}
	if err := checkSize(code.GetWidth()*scale, code.GetHeight()*scale); err != nil {
		return nil, err
	}
	picture := image.NewGray(image.Rect(0, 0, code.GetWidth()*scale, code.GetHeight()*scale))
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			if !code.Get(x/scale, y/scale) {
				picture.SetGray(x, y, color.Gray{Y: 0xff})
			}
		}
	}
	return picture, nil
}

// Terminal returns a code in characters, two modules in each, for a terminal that
// writes light on dark.
func Terminal(text string) (string, error) {
	code, err := modules(text)
	if err != nil {
		return "", err
	}
	light := func(x, y int) bool { return y < code.GetHeight() && !code.Get(x, y) }
	var out strings.Builder
	for y := 0; y < code.GetHeight(); y += 2 {
		for x := range code.GetWidth() {
			switch up, down := light(x, y), light(x, y+1); {
			case up && down:
				out.WriteRune('█')
			case up:
				out.WriteRune('▀')
			case down:
				out.WriteRune('▄')
			default:
				out.WriteRune(' ')
			}
		}
		out.WriteByte('\n')
	}
	return out.String(), nil
}
