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
	"strings"

	"github.com/makiuchi-d/gozxing"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"
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
func Read(picture image.Image) (string, error) { return Find(picture, "") }

// Find is [Read] for a code that begins with prefix, in either case, where others
// may be in the picture too.
func Find(picture image.Image, prefix string) (string, error) {
	size := picture.Bounds().Size()
	if size.X <= 0 || size.Y <= 0 || size.X > maxPixels/size.Y {
		return "", fmt.Errorf("%w: %d×%d pixels, at most %d are read", ErrNone, size.X, size.Y, maxPixels)
	}
	light := gozxing.NewLuminanceSourceFromImage(picture)
	for _, source := range []gozxing.LuminanceSource{light, gozxing.NewInvertedLuminanceSource(light)} {
		for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
			bitmap, err := gozxing.NewBinaryBitmap(binarizer)
			if err != nil {
				return "", err
			}
			for _, text := range append(read(bitmap), readSeveral(bitmap)...) {
				if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
					return text, nil
				}
			}
		}
	}
	return "", ErrNone
}

// How many things in a picture may look like the corner of a code. The library
// tries every three of them, which on a picture of noise would take hours; where it
// looks for several codes, it also tries to read every three that fit.
const (
	tooManyCorners = 250
	severalCorners = 60
)

// read returns what the clearest code says.
func read(bitmap *gozxing.BinaryBitmap) []string {
	return attempt(tooManyCorners, func(hints hints) ([]*gozxing.Result, error) {
		result, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
		return []*gozxing.Result{result}, err
	})
}

// readSeveral returns what all codes say.
func readSeveral(bitmap *gozxing.BinaryBitmap) []string {
	return attempt(severalCorners, func(hints hints) ([]*gozxing.Result, error) {
		return multi.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints)
	})
}

type hints = map[gozxing.DecodeHintType]any

// attempt looks for codes until there are more corners than that.
func attempt(corners int, find func(hints) ([]*gozxing.Result, error)) (texts []string) {
	// Pictures come from outside, and the library indexes them by what it reads in
	// them. A panic is also the only way to stop it.
	defer func() {
		if recover() != nil {
			texts = nil
		}
	}()
	results, err := find(hints{
		gozxing.DecodeHintType_TRY_HARDER: true,
		gozxing.DecodeHintType_NEED_RESULT_POINT_CALLBACK: gozxing.ResultPointCallback(func(gozxing.ResultPoint) {
			if corners--; corners < 0 {
				panic("too many corners")
			}
		}),
	})
	if err != nil {
		return nil // there is none
	}
	for _, result := range results {
		texts = append(texts, result.GetText())
	}
	return texts
}
