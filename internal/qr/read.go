package qr

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // pictures of cameras
	_ "image/png"  // pictures of screens
	"io"
	"strings"

	"github.com/makiuchi-d/gozxing"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// Limits of pictures.
const (
	MaxPixels = 16 << 20 // a screen of 5120×2880 has 14.7 million
	MaxBytes  = 32 << 20 // of a file
)

// ErrNone is that a picture has no code that can be read, or none that says what is
// looked for.
var ErrNone = errors.New("no QR code in the picture that can be read")

// Decode reads a PNG or JPEG of at most MaxBytes and MaxPixels.
func Decode(from io.Reader) (image.Image, error) {
	data, err := io.ReadAll(io.LimitReader(from, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the picture: %w", err)
	}
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("the picture has more than %d bytes", MaxBytes)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("the picture: %w; give it as PNG or JPEG", err)
	}
	if err := checkSize(config.Width, config.Height); err != nil {
		return nil, err
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("the picture: %w; give it as PNG or JPEG", err)
	}
	return picture, nil
}

func checkSize(width, height int) error {
	if width < 1 || height < 1 || width > MaxPixels/height {
		return fmt.Errorf("a picture of %d×%d pixels; at most %d in all are looked at", width, height, MaxPixels)
	}
	return nil
}

// Find returns what a code in the picture says that begins with prefix, in whatever
// case. Codes may be anywhere in the picture, of any size, turned, a little skewed,
// and light on dark. It fails with [ErrNone] where there is none.
func Find(picture image.Image, prefix string) (string, error) {
	size := picture.Bounds().Size()
	if err := checkSize(size.X, size.Y); err != nil {
		return "", err
	}
	source := gozxing.NewLuminanceSourceFromImage(picture)
	for _, s := range []gozxing.LuminanceSource{source, source.Invert()} {
		for _, found := range codesIn(s) {
			if len(found) >= len(prefix) && strings.EqualFold(found[:len(prefix)], prefix) {
				return found, nil
			}
		}
	}
	return "", ErrNone
}

// codesIn returns what the codes say that can be read. Errors of the library say no
// more than that there is none.
func codesIn(source gozxing.LuminanceSource) (texts []string) {
	for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
		bitmap, err := gozxing.NewBinaryBitmap(binarizer)
		if err != nil {
			continue
		}
		texts = append(texts, attempt(manyCorners, func(hints hints) ([]*gozxing.Result, error) {
			return multi.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints)
		})...)
		texts = append(texts, attempt(tooManyCorners, func(hints hints) ([]*gozxing.Result, error) {
			one, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
			return []*gozxing.Result{one}, err
		})...)
	}
	return texts
}

type hints = map[gozxing.DecodeHintType]any

// How many things may look like the corner of a code. The library tries every three
// of them, so on a picture of noise it would try for hours. Where several codes are
// looked for it also tries to read each three that fit.
const (
	manyCorners    = 60
	tooManyCorners = 250
)

// attempt looks for codes until there are more corners than that.
func attempt(corners int, read func(hints) ([]*gozxing.Result, error)) (texts []string) {
	// The only way out of the library, from which panics on odd pictures are also to
	// be feared.
	defer func() {
		if recover() != nil {
			texts = nil
		}
	}()
	results, err := read(hints{
		gozxing.DecodeHintType_TRY_HARDER: true,
		gozxing.DecodeHintType_NEED_RESULT_POINT_CALLBACK: gozxing.ResultPointCallback(func(gozxing.ResultPoint) {
			if corners--; corners < 0 {
				panic("too many corners")
			}
		}),
	})
	if err != nil {
		return nil
	}
	for _, result := range results {
		texts = append(texts, result.GetText())
	}
	return texts
}
