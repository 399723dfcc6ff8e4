// Package qr reads QR codes from pictures and screens, and draws them.
//
// It must never know what a code says.
package qr

import (
	"errors"
	"fmt"
	"image"
	_ "image/gif" // formats of pictures that people have
	_ "image/jpeg"
	_ "image/png"
	"io"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// ErrNone reports that there is no code to be seen.
var ErrNone = errors.New("no QR code in the picture")

const (
	// maxFile is how many bytes a picture may have.
	maxFile = 32 << 20
	// maxPixels is more than any screen has.
	maxPixels = 64 << 20
)

// Decode reads a PNG, JPEG or GIF, of at most 32 MiB and 64 Mi pixels, and then the
// code in it.
func Decode(file io.ReadSeeker) (string, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return "", err
	}
	if size > maxFile {
		return "", fmt.Errorf("a picture of %d bytes: at most %d are read", size, maxFile)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	config, format, err := image.DecodeConfig(file)
	if err != nil {
		return "", fmt.Errorf("no PNG, JPEG or GIF: %w", err)
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height {
		return "", fmt.Errorf("a %s of %d×%d pixels: at most %d are read", format, config.Width, config.Height, maxPixels)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	picture, _, err := image.Decode(file)
	if err != nil {
		return "", fmt.Errorf("a broken %s: %w", format, err)
	}
	return Read(picture)
}

// Read returns what the code in a picture says. The code may be turned, of any size
// from two pixels a module, and light on dark. Where there are several, any one of
// them is read.
func Read(picture image.Image) (text string, err error) {
	defer func() {
		// Pictures come from outside, and the library indexes them by what it
		// reads in them.
		if r := recover(); r != nil {
			text, err = "", fmt.Errorf("%w: it cannot be read: %v", ErrNone, r)
		}
	}()
	light := gozxing.NewLuminanceSourceFromImage(picture)
	for _, source := range []gozxing.LuminanceSource{light, gozxing.NewInvertedLuminanceSource(light)} {
		for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
			if text, err := read(binarizer); err == nil {
				return text, nil
			}
		}
	}
	return "", ErrNone
}

func read(binarizer gozxing.Binarizer) (string, error) {
	bitmap, err := gozxing.NewBinaryBitmap(binarizer)
	if err != nil {
		return "", err
	}
	thorough := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, thorough)
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}
