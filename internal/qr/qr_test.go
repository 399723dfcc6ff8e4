package qr_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/qr"
)

// text is as long as those that Chromium shows.
const text = "FIDO:/162870791865632382552704231438327900152302540348097243854039966655366469794954476199158014113179232779520163209900691930075274801398564434658077048963842109321447142660"

func drawn(t testing.TB, text string, scale int) image.Image {
	t.Helper()
	picture, err := qr.Draw(text, scale)
	require.NoError(t, err)
	return picture
}

// onScreen puts pictures on a grey screen.
func onScreen(size image.Point, at map[image.Point]image.Image) *image.RGBA {
	screen := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(screen, screen.Rect, image.NewUniform(color.Gray{Y: 0xd0}), image.Point{}, draw.Src)
	for corner, picture := range at {
		draw.Draw(screen, picture.Bounds().Add(corner), picture, image.Point{}, draw.Src)
	}
	return screen
}

// turned is a picture turned by an angle and scaled by a factor, on white.
func turned(picture image.Image, degrees, factor float64) image.Image {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	half := float64(picture.Bounds().Dx()) / 2
	size := int(half * 2 * factor * (math.Abs(sin) + math.Abs(cos)))
	out := image.NewGray(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			dx, dy := (float64(x)-float64(size)/2)/factor, (float64(y)-float64(size)/2)/factor
			from := image.Pt(int(half+cos*dx+sin*dy), int(half-sin*dx+cos*dy))
			out.SetGray(x, y, color.Gray{Y: 0xff})
			if from.In(picture.Bounds()) {
				out.Set(x, y, picture.At(from.X, from.Y))
			}
		}
	}
	return out
}

// noisy is a picture in which each pixel is off by up to an amount.
func noisy(picture image.Image, amount int) image.Image {
	random := rand.New(rand.NewPCG(1, 2))
	out := image.NewGray(picture.Bounds())
	for i := range out.Pix {
		at := color.GrayModel.Convert(picture.At(i%out.Stride, i/out.Stride)).(color.Gray)
		out.Pix[i] = uint8(min(max(int(at.Y)+random.IntN(2*amount+1)-amount, 0), 255))
	}
	return out
}

func inverted(picture image.Image) image.Image {
	out := image.NewGray(picture.Bounds())
	for i := range out.Pix {
		out.Pix[i] = 255 - color.GrayModel.Convert(picture.At(i%out.Stride, i/out.Stride)).(color.Gray).Y
	}
	return out
}

func asJPEG(t testing.TB, picture image.Image) image.Image {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, jpeg.Encode(&file, picture, &jpeg.Options{Quality: 40}))
	out, err := qr.Decode(&file)
	require.NoError(t, err)
	return out
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, picture := range map[string]image.Image{
		"by itself":            drawn(t, text, 3),
		"a pixel each":         drawn(t, text, 1),
		"large":                drawn(t, text, 12),
		"on a screen":          onScreen(image.Pt(1280, 900), map[image.Point]image.Image{{700, 310}: drawn(t, text, 4)}),
		"beside another":       onScreen(image.Pt(900, 400), map[image.Point]image.Image{{10, 10}: drawn(t, "https://example.com/", 5), {400, 60}: drawn(t, text, 4)}),
		"upside down":          turned(drawn(t, text, 4), 180, 1),
		"turned a little":      turned(drawn(t, text, 6), 12, 1),
		"turned a quarter":     turned(drawn(t, text, 4), 90, 1),
		"scaled":               turned(drawn(t, text, 4), 0, 1.37),
		"turned and scaled":    turned(drawn(t, text, 6), 33, 0.81),
		"noisy":                noisy(drawn(t, text, 5), 90),
		"turned, noisy":        noisy(turned(drawn(t, text, 6), -8, 1.2), 60),
		"light on dark":        inverted(drawn(t, text, 4)),
		"a photograph's noise": asJPEG(t, noisy(turned(drawn(t, text, 5), 3, 1.1), 30)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := qr.Find(picture, "fido:/")
			require.NoError(t, err)
			assert.Equal(t, text, got)
		})
	}
}

func TestFindNothing(t *testing.T) {
	t.Parallel()
	for name, picture := range map[string]image.Image{
		"another code": drawn(t, "https://example.com/", 4),
		"a short code": drawn(t, "FID", 4),
		"grey":         onScreen(image.Pt(300, 200), nil),
		"noise":        noisy(image.NewGray(image.Rect(0, 0, 300, 300)), 255),
		"half of it":   drawn(t, text, 4).(*image.Gray).SubImage(image.Rect(0, 0, 100, 1000)),
		"one pixel":    image.NewGray(image.Rect(0, 0, 1, 1)),
	} {
		_, err := qr.Find(picture, "FIDO:/")
		require.ErrorIs(t, err, qr.ErrNone, name)
	}
	for _, size := range []image.Rectangle{{}, image.Rect(0, 0, 1<<20, 17)} {
		_, err := qr.Find(&image.Uniform{C: color.White}, "")
		require.Error(t, err)
		_, err = qr.Find(sized{size}, "")
		require.ErrorContains(t, err, "pixels")
	}
}

// sized is a picture of any size.
type sized struct{ image.Rectangle }

func (s sized) Bounds() image.Rectangle { return s.Rectangle }

func TestDecode(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, drawn(t, text, 2)))
	whole := file.Bytes()
	picture, err := qr.Decode(bytes.NewReader(whole))
	require.NoError(t, err)
	got, err := qr.Find(picture, "FIDO:/")
	require.NoError(t, err)
	assert.Equal(t, text, got)

	_, err = qr.Decode(strings.NewReader("GIF89a"))
	require.ErrorContains(t, err, "give it as PNG or JPEG")
	_, err = qr.Decode(bytes.NewReader(whole[:len(whole)/2]))
	require.ErrorContains(t, err, "give it as PNG or JPEG")
	_, err = qr.Decode(bytes.NewReader(make([]byte, qr.MaxBytes+1)))
	require.ErrorContains(t, err, "more than")
	huge := bytes.Clone(whole)
	copy(huge[16:], []byte{0, 0x10, 0, 0, 0, 0x10, 0, 0}) // width and height, with a checksum that is wrong now
	_, err = qr.Decode(bytes.NewReader(huge))
	require.Error(t, err)
}

func TestDrawRefuses(t *testing.T) {
	t.Parallel()
	_, err := qr.Draw(strings.Repeat("x", 5000), 1)
	require.ErrorContains(t, err, "5000 characters")
	_, err = qr.Terminal(strings.Repeat("x", 5000))
	require.ErrorContains(t, err, "5000 characters")
	for _, scale := range []int{0, -1, 100000} {
		_, err = qr.Draw("x", scale)
		require.ErrorContains(t, err, "pixels")
	}
}

// What a terminal shows can be read.
func TestTerminal(t *testing.T) {
	t.Parallel()
	shown, err := qr.Terminal(text)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(shown, "\n"), "\n")
	const scale = 4
	picture := image.NewGray(image.Rect(0, 0, scale*len([]rune(lines[0])), 2*scale*len(lines)))
	for row, line := range lines {
		for column, r := range []rune(line) {
			for half, lit := range []bool{r == '█' || r == '▀', r == '█' || r == '▄'} {
				if lit {
					at := image.Pt(column*scale, (2*row+half)*scale)
					draw.Draw(picture, image.Rectangle{at, at.Add(image.Pt(scale, scale))}, image.White, image.Point{}, draw.Src)
				}
			}
		}
	}
	got, err := qr.Find(picture, "FIDO:/")
	require.NoError(t, err)
	assert.Equal(t, text, got)
}

func FuzzFind(f *testing.F) {
	for _, picture := range []image.Image{drawn(f, text, 1), noisy(drawn(f, "FIDO:/1", 2), 100), image.NewGray(image.Rect(0, 0, 30, 30))} {
		var file bytes.Buffer
		require.NoError(f, png.Encode(&file, picture))
		f.Add(file.Bytes())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		picture, err := qr.Decode(bytes.NewReader(file))
		if err != nil {
			return
		}
		if size := picture.Bounds().Size(); size.X*size.Y > 1<<16 {
			return // as good as any, only slower
		}
		got, err := qr.Find(picture, "FIDO:/")
		require.Equal(t, err != nil, got == "")
	})
}

// A picture of noise alone cannot make the reader fail in another way.
func FuzzPixels(f *testing.F) {
	f.Add(uint8(21), drawn(f, "F", 1).(*image.Gray).Pix)
	f.Add(uint8(40), make([]byte, 1600))
	f.Fuzz(func(t *testing.T, width uint8, pixels []byte) {
		if width == 0 || len(pixels) < int(width) || len(pixels) > 1<<14 {
			return
		}
		height := len(pixels) / int(width)
		picture := &image.Gray{Pix: pixels, Stride: int(width), Rect: image.Rect(0, 0, int(width), height)}
		got, err := qr.Find(picture, "")
		require.True(t, err == nil || got == "")
	})
}
