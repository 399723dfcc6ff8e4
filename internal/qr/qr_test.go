package qr_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/qr"
)

// text is as long as what a computer shows for a phone.
var text = "FIDO:/" + strings.Repeat("0123456789", 17)

func drawn(t testing.TB, module int) *image.Gray {
	t.Helper()
	code, err := qr.Encode(text)
	require.NoError(t, err)
	return code.Image(module)
}

// onScreen puts a picture somewhere on a grey screen.
func onScreen(picture image.Image, width, height int) *image.RGBA {
	screen := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(screen, screen.Bounds(), image.NewUniform(color.Gray{Y: 0xc0}), image.Point{}, draw.Src)
	draw.Draw(screen, picture.Bounds().Add(image.Pt(60, 90)), picture, image.Point{}, draw.Src)
	return screen
}

// turned looks at a picture from an angle, in radians.
func turned(picture image.Image, angle float64) *image.RGBA {
	size := picture.Bounds().Dx() * 3 / 2
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	sin, cos := math.Sincos(angle)
	for y := range size {
		for x := range size {
			dx, dy := float64(x-size/2), float64(y-size/2)
			from := image.Pt(int(cos*dx+sin*dy), int(cos*dy-sin*dx)).Add(picture.Bounds().Max.Div(2))
			out.Set(x, y, color.White)
			if from.In(picture.Bounds()) {
				out.Set(x, y, picture.At(from.X, from.Y))
			}
		}
	}
	return out
}

func noisy(picture *image.Gray) *image.Gray {
	random := rand.New(rand.NewPCG(1, 2))
	for i, lightness := range picture.Pix {
		picture.Pix[i] = uint8(min(255, max(0, int(lightness)+random.IntN(120)-60)))
	}
	return picture
}

func inverted(picture *image.Gray) *image.Gray {
	for i := range picture.Pix {
		picture.Pix[i] ^= 0xff
	}
	return picture
}

func TestRead(t *testing.T) {
	t.Parallel()
	cases := map[string]image.Image{
		"small":         drawn(t, 2),
		"large":         drawn(t, 9),
		"on a screen":   onScreen(drawn(t, 3), 800, 720),
		"light on dark": inverted(drawn(t, 4)),
		"noisy":         noisy(drawn(t, 6)),
		"turned":        turned(drawn(t, 6), 0.3),
		"upside down":   turned(drawn(t, 5), math.Pi),
	}
	for name, picture := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := qr.Read(picture)
			require.NoError(t, err)
			assert.Equal(t, text, got)
		})
	}
}

// Of several codes the one that is meant is found.
func TestFind(t *testing.T) {
	t.Parallel()
	other, err := qr.Encode("https://example.com/")
	require.NoError(t, err)
	both := onScreen(drawn(t, 3), 900, 700)
	draw.Draw(both, image.Rect(500, 200, 900, 600), other.Image(8), image.Point{}, draw.Src)
	for prefix, want := range map[string]string{"fido:/": text, "HTTPS:": "https://example.com/"} {
		got, err := qr.Find(both, prefix)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err = qr.Find(both, "otpauth:")
	require.ErrorIs(t, err, qr.ErrNone)
	_, err = qr.Find(other.Image(4), text)
	require.ErrorIs(t, err, qr.ErrNone, "shorter than the prefix")
}

// A picture full of what looks like corners of codes is given up, and soon.
func TestTooManyCorners(t *testing.T) {
	t.Parallel()
	picture := image.NewGray(image.Rect(0, 0, 1200, 1200))
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)
	for i := range 40 * 40 {
		at := image.Pt(i%40*30, i/40*30)
		for ring, shade := range []image.Image{image.Black, image.White, image.Black} {
			square := image.Rect(3*ring, 3*ring, 21-3*ring, 21-3*ring)
			draw.Draw(picture, square.Add(at), shade, image.Point{}, draw.Src)
		}
	}
	start := time.Now()
	_, err := qr.Read(picture)
	require.ErrorIs(t, err, qr.ErrNone)
	assert.Less(t, time.Since(start), 20*time.Second, "minutes without a limit")
}

func TestDecode(t *testing.T) {
	t.Parallel()
	picture := drawn(t, 4)
	cases := map[string]func(*bytes.Buffer) error{
		"PNG":  func(b *bytes.Buffer) error { return png.Encode(b, picture) },
		"JPEG": func(b *bytes.Buffer) error { return jpeg.Encode(b, picture, nil) },
		"GIF":  func(b *bytes.Buffer) error { return gif.Encode(b, picture, nil) },
	}
	for name, encode := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			require.NoError(t, encode(&b))
			got, err := qr.Decode(bytes.NewReader(b.Bytes()))
			require.NoError(t, err)
			assert.Equal(t, text, got)
		})
	}
}

func TestWhatIsNoCode(t *testing.T) {
	t.Parallel()
	var blank, huge bytes.Buffer
	require.NoError(t, png.Encode(&blank, image.NewGray(image.Rect(0, 0, 200, 200))))
	require.NoError(t, png.Encode(&huge, image.NewGray(image.Rect(0, 0, 1, 1))))
	binary.BigEndian.PutUint32(huge.Bytes()[16:], 1<<20)
	binary.BigEndian.PutUint32(huge.Bytes()[20:], 1<<20)
	for name, file := range map[string][]byte{"blank": blank.Bytes(), "empty": nil, "text": []byte("FIDO:/1"), "half": blank.Bytes()[:60], "huge": huge.Bytes()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := qr.Decode(bytes.NewReader(file))
			require.Error(t, err)
		})
	}
	_, err := qr.Read(image.NewGray(image.Rect(0, 0, 0, 0)))
	require.ErrorIs(t, err, qr.ErrNone)
}

func TestTooLongForACode(t *testing.T) {
	t.Parallel()
	_, err := qr.Encode(strings.Repeat("x", 3000))
	require.ErrorContains(t, err, "3000 characters")
}

func TestDrawnForATerminal(t *testing.T) {
	t.Parallel()
	code, err := qr.Encode(text)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(code.String(), "\n"), "\n")
	assert.Len(t, lines, (len(code)+1)/2)
	assert.Equal(t, strings.Repeat("\x1b[37;47m▀", len(code))+"\x1b[0m", lines[0], "the margin")
	assert.Contains(t, lines[2], "\x1b[30;47m▀", "the upper edge of the corners")
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, png.Encode(&b, drawn(f, 2)))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _ = qr.Decode(bytes.NewReader(file))
	})
}

func FuzzRead(f *testing.F) {
	f.Add(uint8(64), drawn(f, 1).Pix)
	f.Fuzz(func(t *testing.T, width uint8, pixels []byte) {
		if width == 0 {
			return
		}
		height := len(pixels) / int(width)
		picture := &image.Gray{Pix: pixels, Stride: int(width), Rect: image.Rect(0, 0, int(width), height)}
		_, _ = qr.Read(picture)
	})
}
